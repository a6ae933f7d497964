"""Text that is made to break something: an answer or a ``NewsQAError``, exact offsets, and no end of time.

The examples of hypothesis are always the same ones (``derandomize``), so that a failure is one for everybody.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from fake_chat import FirstWords
from fakes import WordEncoder, hits_of
from newsqa import Article, NewsQA, NewsQAError
from newsqa.passages import PassageSettings, split_into_passages
from newsqa.reading.decoding import Window, decode
from newsqa.reading.windows import encode_windows
from newsqa.sentences import MAX_SENTENCE_CHARACTERS, sentence_spans
from newsqa.types import Hit

stable = settings(max_examples=40, derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate])

PIECES = (
    "\ufdfa", "\ufdfa" * 300, "\u0301", "a" + "\u0301" * 400, "\u202e", "\u2066", "\u200f", "\u200b", "\u200d", "\ufeff", "\x00", "\x1b[31m",
    "\u05e9\u05dc\u05d5\u05dd ", "\u0645\u0631\u062d\u0628\u0627. ", "\u0e01\u0e33", "\u1112\u1161\u11ab", "\u0130", "\u00df", "\ufb03", "\u2126", "\u00bd", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U000e0041",
    "\uffff", "\u0085", "\u2028", "\u3000", "\r", "\n\n", " " * 50, "Jl. ", "Tbk. ", "[1]", "“", "”", "'", "(", "…", "<b>", "|", "\\", "Siapa ", "Putin ",
    "menelepon ", "Who ", "call ", "?", "1.300 ", "Rabu (18/10/2023) ",
)  # fmt: skip
# Under the name of the bundled encoder, so that the classifiers are loaded and not fitted for each example.
ENCODER = WordEncoder("bundled", 384)
# Text without lone surrogates, as articles have it, and with them, as a question may.
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=30).map("".join)
QUESTIONS = st.lists(st.sampled_from((*PIECES, "\ud800", "\udfff")), max_size=20).map("".join)


def article(text: str) -> Article | None:
    try:
        return Article("a", "", text)
    except NewsQAError:
        return None


@pytest.mark.parametrize(
    "text",
    [
        "Jl. " * 25_000,
        "PT Bank Tbk. naik " * 5_000,
        "“a " * 30_000,
        "\n" * 100_000,
        "a" + "\u0301" * 1_000_000,
        "\ufdfa" * 100_000,
        "\u202e\u05d0 " * 30_000,
        '"' * 100_000,
        ". " * 50_000,
    ],
    ids=["abbreviations", "companies", "quotations", "lines", "marks", "ligatures", "rtl", "quotes", "stops"],
)
def test_long_hostile_text_is_split_into_sentences_that_tile_it(text: str) -> None:
    # The first four took minutes, or hours: the time grew with the square of the length.
    spans = sentence_spans(text)
    assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert spans[-1][1] == len(text)
    assert all(len(text[start:end].strip()) <= MAX_SENTENCE_CHARACTERS for start, end in spans)


def test_a_long_text_without_hostility_is_split_as_its_parts_are() -> None:
    paragraph = "Presiden Ir. H. Joko Widodo tiba. “Kami datang. Kami pulang,” katanya. Saham PT Bank Tbk. naik.\n\n"
    once = [end for _, end in sentence_spans(paragraph)]
    expected = [number * len(paragraph) + end for number in range(500) for end in once]
    assert [end for _, end in sentence_spans(paragraph * 500)] == expected


@stable
@given(TEXTS, st.integers(min_value=1, max_value=300))
def test_passages_of_hostile_text_have_exact_offsets(text: str, size: int) -> None:
    whole = article(text)
    if whole is None:
        return
    passages = split_into_passages(whole, PassageSettings(size))
    assert "".join(passage.span.text for passage in passages) == text
    for passage in passages:
        assert whole.holds(passage.span)
        assert all(whole.holds(sentence) for sentence in passage.sentences)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from newsqa.models.onnx_network import bundled_tokenizer

    return bundled_tokenizer()


@stable
@given(question=QUESTIONS, text=TEXTS)
@example(question="\ufdfa" * 1000, text="\ufdfa" * 5000)
@example(question="a" + "\u0301" * 999, text="a" + "\u0301" * 20_000)
@example(question="\u1112\u1161\u11ab" * 300, text="\ufb03\u2126\u00bd" * 300)
@example(question="x" * 1000, text="x" * 3000)
def test_windows_of_hostile_text_lie_in_their_passage(tokenizer: Any, question: str, text: str) -> None:
    whole = article(text)
    if whole is None:
        return
    for window in encode_windows(tokenizer, question, hits_of(whole), max_length=96, stride=16):
        passage = window.hit.passage.span.text
        starts, ends = window.starts[window.in_passage], window.ends[window.in_passage]
        assert len(window) <= 96
        assert ((starts >= 0) & (starts <= ends) & (ends <= len(passage))).all()
        assert (np.diff(starts) >= 0).all()


@st.composite
def windows(draw: st.DrawFn) -> tuple[Article, list[Window]]:
    """Windows as a mad tokenizer and a mad model might give them: any logits, any offsets inside the passage."""
    text = draw(TEXTS.filter(lambda one: article(one) is not None))
    found = []
    whole = Article("a", "", text)
    for hit in hits_of(whole, 120)[:3]:
        found.append(_window(draw, hit))
    return whole, found


def _window(draw: st.DrawFn, hit: Hit) -> Window:
    size = draw(st.integers(min_value=1, max_value=12))
    length = len(hit.passage.span.text)
    pairs = draw(st.lists(st.tuples(*[st.integers(0, length)] * 2), min_size=size, max_size=size))
    logits = st.lists(
        st.sampled_from([-np.inf, np.inf, np.nan, -1e30, -3.0, 0.0, 2.5, 1e30]), min_size=size, max_size=size
    )
    inside = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    return Window(
        hit,
        np.array(draw(logits), dtype=np.float32),
        np.array(draw(logits), dtype=np.float32),
        np.array([False, *inside[1:]]),
        np.array([min(pair) for pair in pairs], dtype=np.int64),
        np.array([max(pair) for pair in pairs], dtype=np.int64),
    )


@settings(stable, max_examples=100)
@given(windows())
def test_decoded_spans_are_verbatim_and_inside_their_sentence(made: tuple[Article, list[Window]]) -> None:
    whole, given_windows = made
    found = decode(given_windows, max_tokens=8, limit=5)
    assert len(found) <= 5
    for one in found:
        assert whole.holds(one.span)
        assert whole.holds(one.sentence)
        assert one.sentence.contains(one.span)
        assert np.isfinite(one.score)
    for position, one in enumerate(found):
        assert all(one.span.end <= other.span.start or other.span.end <= one.span.start for other in found[:position])


@settings(stable, max_examples=15)
@given(TEXTS, st.lists(QUESTIONS, min_size=1, max_size=3))
@example("\ufdfa" * 5000, ["\ufdfa" * 5000, "\ufdfa" * 900 + "?"])
@example("a" + "\u0301" * 1_000_000, ["a" + "\u0301" * 1_000_000, "\x00", "\ud800"])
def test_hostile_conversations_end_in_answers_or_errors(text: str, questions: list[str]) -> None:
    whole = article(text)
    if whole is None:
        return
    qa = NewsQA.from_articles([whole], encoder=ENCODER, reader=FirstWords())
    chat = qa.chat()
    for question in questions:
        for ask in (qa.ask, lambda one: chat.ask(one).answer):
            try:
                answer = ask(question)
            except NewsQAError:
                continue
            assert all(whole.holds(citation.sentence) for citation in answer.citations)
    chat.suggestions("id")


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("\ufdfa" * 120, "\ufdfa" * 900 + "?"),
        ("Putin menelepon Abbas. " + "a" + "\u0301" * 900, "Who" + "\u0301" * 900 + "?"),
        ("\u202e" + "Putin menelepon Abbas. " * 3, "\u202eSiapa yang ditelepon Putin?\x00"),
        ("\x00Putin menelepon Abbas.\x00", "Who \ud800 did Putin call?"),
    ],
    ids=["ligatures", "marks", "overrides", "nul"],
)
def test_the_real_models_take_hostile_text(seed_qa: NewsQA, text: str, question: str) -> None:
    whole = Article("a", "", text)
    chat = seed_qa.over([whole]).chat()
    for asked in (question, "Kenapa?", "Apa isinya?"):
        answer = chat.ask(asked).answer
        assert all(whole.holds(citation.sentence) for citation in answer.citations)


def test_articles_of_hostile_text_are_saved_and_loaded(tmp_path: Path) -> None:
    text = "".join(piece for piece in PIECES if "\ud800" not in piece)
    NewsQA.from_articles([Article("a", "", text)], encoder=ENCODER, reader=FirstWords()).save(tmp_path / "index")
    loaded = NewsQA.load(tmp_path / "index", encoder=ENCODER, reader=FirstWords())
    assert loaded.index.articles["a"].text == text
