"""The decoding that looks at few spans finds what looking at all of them finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes import hits_of
from newsqa import Article
from newsqa.reading.decoding import Window, decode
from newsqa.reading.edges import tidy
from newsqa.types import Hit
from plain_decoding import plain_decode

WORDS = (
    "Putin",
    "menelepon",
    "1.300",
    "(Rabu",
    "18/10)",
    "“ya”",
    '"tidak',
    'ya"',
    "–",
    "«",
    "以色列",
    "ok.",
    "Apa?",
    "[3]",
)
# Few values, so that many spans have the same score; and what a model in half precision may give.
LOGITS = st.one_of(
    st.sampled_from([-2.0, 0.0, 0.5, 1.0, 3.0]),
    st.floats(-9, 9, width=32),
    st.sampled_from([float("inf"), float("-inf"), float("nan")]),
)


@st.composite
def articles(draw: st.DrawFn) -> list[Hit]:
    """The passages, short ones, of one or two articles."""
    texts = draw(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14), min_size=1, max_size=2))
    return [hit for number, words in enumerate(texts) for hit in hits_of(Article(str(number), "", " ".join(words)), 40)]


@st.composite
def windows_on(draw: st.DrawFn, hit: Hit) -> Window:
    """A window on a passage: some tokens of a question, then pieces of words, as a tokenizer makes them."""
    text = hit.passage.span.text
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=20)) | {0, len(text)})
    question = draw(st.integers(1, 3))
    offsets = [(0, 1)] * question + list(zip(cuts[:-1], cuts[1:], strict=True)) + [(0, 0)]
    logits = draw(st.lists(st.tuples(LOGITS, LOGITS), min_size=len(offsets), max_size=len(offsets)))
    # Rarely is there nothing to compare with.
    logits[0] = (draw(st.sampled_from([0.0, 1.5, 0.25])), draw(st.sampled_from([0.0, -1.0, float("inf")])))
    start, end = np.array(logits, dtype=np.float32).T
    starts, ends = np.array(offsets, dtype=np.int64).T
    within = np.arange(len(offsets))
    return Window(hit, start, end, (within >= question) & (within < len(offsets) - 1), starts, ends)


@st.composite
def readings(draw: st.DrawFn) -> list[Window]:
    hits = draw(articles())
    return [draw(windows_on(hit)) for hit in draw(st.lists(st.sampled_from(hits), max_size=3))]


@settings(derandomize=True, max_examples=200, deadline=None)
@given(readings(), st.integers(1, 25), st.integers(1, 6))
def test_the_same_spans_with_the_same_scores(given_windows: list[Window], max_tokens: int, limit: int) -> None:
    expected = plain_decode(given_windows, max_tokens=max_tokens, limit=limit)
    assert decode(given_windows, max_tokens=max_tokens, limit=limit) == expected


def test_the_same_spans_where_more_are_as_good_as_are_looked_at() -> None:
    (hit,) = hits_of(Article("a", "", " ".join(f"kata{number:02}" for number in range(60))))
    starts = np.arange(60) * 7
    logits = np.round(np.random.default_rng(0).standard_normal((2, 60)) * 2).astype(np.float32)
    window = Window(hit, logits[0], logits[1], np.arange(60) > 0, starts, starts + 6)
    for limit in (1, 2, 10):
        found = decode([window, window], max_tokens=60, limit=limit)
        assert found == plain_decode([window, window], max_tokens=60, limit=limit)
        assert 0 < len(found) <= limit


@pytest.mark.parametrize("mark", ["“", "”", "‘", "«", "»", "(", ")", "[", "]", "{", "}", '"'])
def test_no_span_keeps_half_of_a_pair_of_marks(mark: str) -> None:
    start, end = tidy(f"satu {mark} dua", 0, 10, (0, 10))
    assert mark not in f"satu {mark} dua"[start:end]
    assert end > start
