"""The page as a person uses it, in Chromium, and its API as a program does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser import browser_test
from newsqa import Article, NewsQA

EXAMPLES = ("Who did Putin call?", "Siapa yang ditelepon Putin?")
TARGET = "newsqa-3030305f37333266643037376334316533336339-64"
CALL = (
    "ERA.id - Presiden Rusia Vladimir Putin melakukan sambungan telepon dengan Perdana Menteri Israel, "
    "Benjamin Netanyahu."
)


@pytest.fixture(scope="module")
def url(seed_qa: NewsQA) -> Iterator[str]:
    from newsqa.ui import serve

    blocks = serve(seed_qa, examples=EXAMPLES, block=False)
    yield blocks.local_url
    blocks.close()


@pytest.fixture(scope="module")
def archive_url(seed_qa: NewsQA, encoder: Any) -> Iterator[str]:
    from newsqa.ui import serve

    rice = Article(
        "beras", "Harga beras naik", "Harga beras naik\n\nHarga beras di Jakarta naik menjadi 15.000 rupiah."
    )
    blocks = serve(NewsQA.from_articles([*seed_qa.index.articles.values(), rice], encoder=encoder), block=False)
    yield blocks.local_url
    blocks.close()


@browser_test
def test_an_answer_is_shown_and_highlighted_in_the_article(visit: Any) -> None:
    visitor = visit(locale="en-US")
    reply = visitor.ask("Who did Putin call?")
    assert reply.endswith("Benjamin Netanyahu [1]")
    assert visitor.page.locator("mark.newsqa-cited").inner_text() == f"{CALL}1"
    assert visitor.page.locator("mark strong.newsqa-span").inner_text() == reply.removesuffix(" [1]")
    assert visitor.page.locator("#newsqa-chat [data-testid=user]").inner_text().strip() == "Who did Putin call?"


@browser_test
def test_a_click_on_a_mark_scrolls_to_its_sentence(visit: Any) -> None:
    visitor = visit(locale="en-US", viewport={"width": 1280, "height": 500})
    visitor.ask("Who did Putin call?")
    visitor.ask("Who is the president of Egypt?")
    assert visitor.page.locator(".newsqa-active").count() == 0
    visitor.page.click(f'#newsqa-chat a[href="#{TARGET}"]')
    active = visitor.page.locator(".newsqa-active")
    assert active.inner_text().startswith("ERA.id - Presiden Rusia")
    visitor.page.wait_for_function(
        "() => { const b = document.querySelector('.newsqa-active').getBoundingClientRect();"
        " return b.top >= 0 && b.bottom <= innerHeight; }"
    )


@browser_test
def test_an_indonesian_reader_gets_an_indonesian_page(visit: Any) -> None:
    visitor = visit(locale="id-ID")
    assert visitor.page.locator("#newsqa-send").inner_text() == "Tanya"
    assert visitor.page.get_by_placeholder("Tanyakan sesuatu tentang artikel ini …").count() == 1
    assert visitor.ask("Siapa yang ditelepon Putin?").endswith("Benjamin Netanyahu [1]")
    assert visitor.ask("Siapa yang memenangkan Piala Dunia?") == "Artikel ini tidak menyebutkannya."
    assert visitor.page.locator("mark").count() == 0


@browser_test
def test_other_readers_get_an_english_page(visit: Any) -> None:
    visitor = visit(locale="de-DE")
    assert visitor.page.locator("#newsqa-send").inner_text() == "Ask"
    assert visitor.ask("What is the capital of France?") == "The article does not say."


@browser_test
def test_markup_in_a_question_stays_text(visit: Any) -> None:
    visitor = visit(locale="en-US")
    question = "<script>alert(1)</script><img src=x onerror=alert(2)> *b* [x](http://x.test) $y$ who?"
    visitor.ask(question)
    bubble = visitor.page.locator("#newsqa-chat [data-testid=user]")
    assert bubble.inner_text().strip() == question
    assert bubble.locator("script, img, em, a, .katex").count() == 0


@browser_test
def test_a_question_without_words_gets_a_hint_and_the_page_stays_usable(visit: Any) -> None:
    visitor = visit(locale="en-US")
    assert visitor.ask("?!") == "I need a question of at most 1000 characters, with words in it."
    assert visitor.ask("Who did Putin call?").endswith("[1]")


@browser_test
def test_examples_fill_the_question(visit: Any) -> None:
    visitor = visit(locale="en-US")
    visitor.page.get_by_text("Siapa yang ditelepon Putin?", exact=True).click()
    visitor.page.wait_for_function(
        "() => document.querySelector('#newsqa-question textarea').value === 'Siapa yang ditelepon Putin?'"
    )


@browser_test
def test_a_new_conversation_is_empty_and_the_article_unmarked(visit: Any) -> None:
    visitor = visit(locale="en-US")
    visitor.ask("Who did Putin call?")
    visitor.page.click("#newsqa-clear")
    visitor.page.wait_for_function("() => !document.querySelector('#newsqa-chat [data-testid=bot], mark')")


@browser_test
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_has_no_sideways_scrolling(visit: Any, scheme: str) -> None:
    visitor = visit(locale="id-ID", viewport={"width": 390, "height": 844}, color_scheme=scheme)
    visitor.ask("Siapa yang ditelepon Putin?")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390
    colour = visitor.page.evaluate("getComputedStyle(document.querySelector('mark')).backgroundColor")
    assert colour == {"light": "rgb(253, 240, 191)", "dark": "rgb(74, 60, 10)"}[scheme]


@browser_test
def test_screen_readers_hear_what_a_message_says(visit: Any) -> None:
    visitor = visit(locale="en-US")
    visitor.ask("Who did Putin call?")
    visitor.page.wait_for_function("() => !document.querySelector('#newsqa-chat [aria-label*=\"message:\"]')")


@browser_test
def test_the_pane_follows_the_cited_article(visit: Any, archive_url: str) -> None:
    visitor = visit(archive_url, locale="id-ID")
    visitor.ask("Siapa yang ditelepon Putin?")
    assert "15.000" in visitor.ask("Berapa harga beras di Jakarta?")
    assert visitor.page.locator("mark").inner_text().startswith("Harga beras di Jakarta naik")
    # The older mark leads to an article that the pane no longer shows.
    visitor.page.click(f'#newsqa-chat a[href="#{TARGET}"]')
    visitor.page.wait_for_selector(f"#{TARGET}.newsqa-active")


@browser_test
@pytest.mark.parametrize(
    ("locale", "questions", "understood", "thanks"),
    [
        (
            "en-US",
            ("Who did Putin call?", "When?", "Thanks!"),
            "Understood as: When? (Who did Putin call?",
            "You're welcome. Is there anything else you would like to know?",
        ),
        (
            "id-ID",
            ("Siapa yang ditelepon Putin?", "Kapan?", "Terima kasih!"),
            "Dipahami sebagai: Kapan? (Siapa yang ditelepon Putin?",
            "Sama-sama. Ada lagi yang ingin Anda ketahui?",
        ),
    ],
)
def test_a_conversation_of_three_turns(
    visit: Any, locale: str, questions: tuple[str, str, str], understood: str, thanks: str
) -> None:
    visitor = visit(locale=locale)
    assert visitor.ask(questions[0]).endswith("Benjamin Netanyahu [1]")
    assert visitor.last.locator(".newsqa-understood").count() == 0
    visitor.ask(questions[1])
    assert visitor.last.locator(".newsqa-understood").inner_text().startswith(understood)
    assert visitor.ask(questions[2]) == thanks
    assert visitor.last.locator(".newsqa-notes").count() == 0
    assert visitor.page.locator("#newsqa-chat [data-testid=user]").count() == 3


@browser_test
def test_the_reply_follows_a_switch_of_language(visit: Any) -> None:
    visitor = visit(locale="en-US")
    visitor.ask("Who did Putin call?")
    assert visitor.last.locator("a.newsqa-mark").get_attribute("title") == "Source 1"
    visitor.ask("Siapa yang ditelepon Putin?")
    assert visitor.last.locator("a.newsqa-mark").get_attribute("title") == "Sumber 1"
    assert visitor.page.locator("#newsqa-send").inner_text() == "Ask"


def ask_as_a_program(url: str, *questions: str) -> subprocess.CompletedProcess[str]:
    """Answers of the API, one JSON line each, by gradio's client in a process of its own.

    The client library calls its makers' hub unless it is told that it is offline, so it does not share our process.
    """
    script = (
        "import json, sys; from gradio_client import Client\n"
        "client = Client(sys.argv[1], verbose=False, analytics_enabled=False)\n"
        "for question in sys.argv[2:]: print(json.dumps(client.predict(question, api_name='/ask')))\n"
        "print(json.dumps(list(client.view_api(print_info=False, return_format='dict')['named_endpoints'])))"
    )
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "GRADIO_ANALYTICS_ENABLED": "False"}
    return subprocess.run(
        [sys.executable, "-c", script, url, *questions], env=environment, capture_output=True, text=True, timeout=120
    )


def test_the_api_answers_with_structured_json(url: str) -> None:
    done = ask_as_a_program(url, "Who did Putin call?", "Siapa yang memenangkan Piala Dunia?")
    answer, abstention, endpoints = map(json.loads, done.stdout.splitlines())
    assert answer["abstained"] is False
    assert answer["citations"][0]["sentence"] == {"start": 64, "end": 181, "text": CALL}
    assert (abstention["text"], abstention["citations"]) == ("", [])
    assert endpoints == ["/ask"]


def test_the_api_names_what_is_wrong_with_a_question(url: str) -> None:
    done = ask_as_a_program(url, "a" * 10_000)
    assert done.returncode == 1
    assert "the question has 10,000 characters, more than 1,000" in done.stderr


def test_files_of_the_machine_are_not_served(url: str) -> None:
    import httpx

    for path in (Path(__file__), Path("/etc/hostname")):
        assert httpx.get(f"{url}gradio_api/file={path}").status_code == 404
    assert httpx.post(f"{url}gradio_api/upload", files={"files": b"x"}).status_code == 404
