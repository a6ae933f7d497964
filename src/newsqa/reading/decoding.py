"""Start and end logits to spans of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from newsqa.reading.edges import tidy
from newsqa.types import Hit, ScoredSpan

Floats = npt.NDArray[np.float32]
Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

# Scripts that put no space between words, where a token boundary is as good as any: Thai and Lao, Burmese, Khmer,
# then everything from CJK radicals to Hangul, and the supplementary ideographs.
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x2E80, 0xD7FF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


@dataclass(frozen=True, slots=True)
class Window:
    """What an extractive model said of one stretch of tokens of a passage.

    All arrays have one entry a token. ``starts`` and ``ends`` are the tokens' half-open character offsets in the
    passage, and mean something only where ``in_passage`` is true. Position 0 stands for "no answer".
    """

    hit: Hit
    start_logits: Floats
    end_logits: Floats
    in_passage: Booleans
    starts: Integers
    ends: Integers


def decode(windows: Sequence[Window], *, max_tokens: int, limit: int) -> tuple[ScoredSpan, ...]:
    """The best spans of all windows, best first, none overlapping another.

    The score of a span is its start logit plus its end logit, minus the two of position 0 in the same window: the
    log-odds of the span against "no answer" as this window sees it. That makes scores of different windows and
    passages comparable, and 0 the null score (Devlin et al., 2019, section 4.3). A span lies in one sentence, starts
    and ends at word boundaries, has at most ``max_tokens`` tokens, and no half quotation mark or bracket.
    """
    spans = [span for window in windows for span in _window_spans(window, max_tokens, limit)]
    spans.sort(key=lambda span: (-span.score, span.span.start, span.span.end))
    kept: list[ScoredSpan] = []
    for span in spans:
        if len(kept) == limit:
            break
        if not any(_overlap(span, other) for other in kept):
            kept.append(span)
    return tuple(kept)


def _window_spans(window: Window, max_tokens: int, limit: int) -> list[ScoredSpan]:
    passage = window.hit.passage.span
    text = passage.text
    start_logits = window.start_logits.astype(np.float64)
    end_logits = window.end_logits.astype(np.float64)
    null = start_logits[0] + end_logits[0]
    sentences = _sentence_of_token(window)
    usable = window.in_passage & (window.ends > window.starts)
    tokens = np.flatnonzero(usable)
    first = np.array([token for token in tokens if _starts_word(text, window.starts[token])], dtype=np.int64)
    last = np.array([token for token in tokens if _ends_word(text, window.ends[token])], dtype=np.int64)
    if not len(first) or not len(last):
        return []
    length = last[None, :] - first[:, None]
    allowed = (length >= 0) & (length < max_tokens) & (sentences[first][:, None] == sentences[last][None, :])
    with np.errstate(invalid="ignore"):
        scores = start_logits[first][:, None] + end_logits[last][None, :] - null
    # A model in half precision may overflow; what has no finite score is no candidate.
    scores = np.where(allowed & np.isfinite(scores), scores, -np.inf)
    spans = []
    # Overlapping spans are dropped later, so more than the limit are looked at.
    for flat in np.argsort(-scores, axis=None, kind="stable")[: 20 * limit]:
        row, column = np.unravel_index(flat, scores.shape)
        if scores[row, column] == -np.inf:
            break
        sentence = window.hit.passage.sentences[int(sentences[first[row]])]
        limits = (sentence.start - passage.start, sentence.end - passage.start)
        start, end = tidy(text, int(window.starts[first[row]]), int(window.ends[last[column]]), limits)
        if any(character.isalnum() for character in text[start:end]):
            spans.append(ScoredSpan(passage.slice(start, end), sentence, float(scores[row, column])))
    return spans


def _sentence_of_token(window: Window) -> Integers:
    """The position, among the passage's sentences, of the one each token's last character is in."""
    passage = window.hit.passage
    boundaries = np.array([sentence.end - passage.span.start for sentence in passage.sentences], dtype=np.int64)
    return np.searchsorted(boundaries, window.ends - 1, side="right").astype(np.int64)


def _starts_word(text: str, offset: int) -> bool:
    return offset == 0 or not _within_word(text[offset - 1], text[offset])


def _ends_word(text: str, offset: int) -> bool:
    return offset == len(text) or not _within_word(text[offset - 1], text[offset])


def _within_word(before: str, after: str) -> bool:
    return before.isalnum() and after.isalnum() and not (_unspaced(before) or _unspaced(after))


def _unspaced(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _UNSPACED)


def _overlap(first: ScoredSpan, second: ScoredSpan) -> bool:
    one, two = first.span, second.span
    return one.article_id == two.article_id and one.start < two.end and two.start < one.end
