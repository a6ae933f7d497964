"""The conversation in the terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import cast

import pytest
from rich.console import Console

from fake_chat import SUGGESTED, FakeQA
from newsqa.terminal import TEXTS, Conversation, terminal_language
from newsqa.types import Language


def talk(*lines: str, language: Language = "en") -> tuple[list[str], list[str]]:
    """The lines that are printed, and those about errors, when ``lines`` are typed."""
    typed: Iterator[str] = iter(lines)

    def read() -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    out, errors = (Console(file=io.StringIO(), highlight=False, soft_wrap=True) for _ in range(2))
    Conversation(FakeQA().chat, out, errors, read, language).run()
    return tuple(cast(io.StringIO, console.file).getvalue().splitlines() for console in (out, errors))  # type: ignore[return-value]


def test_an_answer_is_followed_by_its_sources() -> None:
    out, errors = talk("Why is rice dear?")
    assert out[0].startswith("Harga beras <img src=x onerror=alert(1)>")
    assert [line[:3] for line in out[1:]] == ["[1]", "[2]"]
    assert errors == []


def test_a_follow_up_says_how_it_was_understood() -> None:
    out, _ = talk("Why is rice dear?", "When?")
    assert "Understood as: When? (Why is rice dear?)" in out


def test_an_abstention_offers_what_came_near_and_questions() -> None:
    out, _ = talk("Mengapa harga emas naik?")
    assert out[0] == "Artikel ini tidak menyebutkannya."
    assert out[1].startswith("Yang disebutkan artikel ini: “Di pasar <img")
    assert out[2:] == ["Yang bisa dijawab artikel ini:", *(f"  {question}" for question in SUGGESTED)]


def test_sources_shows_those_of_the_last_answer_in_full() -> None:
    assert talk("/sources")[0] == ["There is no answer yet whose source I could show."]
    out = talk("Why is rice dear?", "Why is gold dear?", "/sources")[0][-4:]
    assert out[0] == "[1] Harga <b>beras</b>, 2024-05-01, https://example.com/a"
    assert out[1].startswith("    Harga beras <img")
    assert out[3].startswith("    Di pasar")


def test_new_forgets_and_quit_ends() -> None:
    out, _ = talk("Why is rice dear?", "/new", "When?", "/quit", "Where?")
    assert TEXTS["en"]["new"] in out
    assert not any(line.startswith("Understood as:") for line in out)
    assert sum(line.startswith("[1]") for line in out) == 2


def test_help_and_unknown_commands() -> None:
    out, _ = talk("/help", "/fly away", language="id")
    assert out[0].startswith("Saya menjawab pertanyaan")
    assert out[1] == TEXTS["id"]["commands"]
    assert out[-1] == "Perintah /fly tidak ada; lihat /help."


def test_a_question_without_words_is_an_error_and_the_talk_goes_on() -> None:
    out, errors = talk("", "?!", "Why is rice dear?")
    assert errors == ["newsqa: the question is empty"]
    assert out[0].startswith("Harga beras")


@pytest.mark.parametrize(("value", "language"), [("id_ID.UTF-8", "id"), ("en_GB.UTF-8", "en"), ("C", "en")])
def test_the_language_of_the_environment(monkeypatch: pytest.MonkeyPatch, value: str, language: Language) -> None:
    monkeypatch.setenv("LC_ALL", value)
    assert terminal_language() == language


def test_every_text_exists_in_both_languages() -> None:
    assert set(TEXTS["en"]) == set(TEXTS["id"])
    assert all(TEXTS["en"][key] != TEXTS["id"][key] for key in TEXTS["en"])
