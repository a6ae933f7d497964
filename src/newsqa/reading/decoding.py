"""Start and end logits to spans of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from newsqa.reading.edges import tidy
from newsqa.types import Hit, Passage, ScoredSpan, Span

Floats = npt.NDArray[np.float32]
Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

# For each span that is wanted so many are looked at in each window: a good one overlaps many that are nearly as good.
_LOOKED_AT = 20

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
    passage, and mean something only where ``in_passage`` is true. Position 0 stands for "no answer". ``prior`` is added
    to the scores of the window's spans when they are put in order with those of others, but is no part of them.
    """

    hit: Hit
    start_logits: Floats
    end_logits: Floats
    in_passage: Booleans
    starts: Integers
    ends: Integers
    prior: float = 0.0


def decode(windows: Sequence[Window], *, max_tokens: int, limit: int) -> tuple[ScoredSpan, ...]:
    """The best spans of all windows, best first, none overlapping another.

    The score of a span is its start logit plus its end logit, minus the two of position 0 in the same window: the
    log-odds of the span against "no answer" as this window sees it. That makes scores of different windows and
    passages comparable, and 0 the null score (Devlin et al., 2019, section 4.3). A span lies in one sentence, starts
    and ends at word boundaries, has at most ``max_tokens`` tokens, and no half quotation mark or bracket.
    """
    # Overlapping spans are dropped below, so more than the limit are looked at.
    ranked = [(window, _ranked(window, max_tokens, _LOOKED_AT * limit)) for window in windows]
    places = [(window, pairs, row) for window, pairs in ranked for row in range(len(pairs.scores))]
    scores = np.concatenate([pairs.scores for _, pairs in ranked]).tolist() if ranked else []
    ranks = np.concatenate([pairs.scores + window.prior for window, pairs in ranked]).tolist() if ranked else []
    kept: list[ScoredSpan] = []
    # From the best on, and only as far as is needed: most of the time goes into the edges of a span. Spans of one
    # score are told apart by where their edges are, so they are looked at together.
    best_first = sorted(range(len(ranks)), key=lambda i: -ranks[i])
    for _, equals in groupby(best_first, key=ranks.__getitem__):
        found = [(edges, scores[i]) for i in equals if (edges := _edges(*places[i])) is not None]
        for edges, score in sorted(found, key=lambda one: one[0][:2]):
            if len(kept) == limit:
                return tuple(kept)
            if not any(_overlap(edges, other.span) for other in kept):
                kept.append(edges.span(score))
    return tuple(kept)


def undecided(windows: Sequence[Window], *, max_tokens: int, threshold: float, margin: float) -> list[int]:
    """The windows on which the answer hangs by less than ``margin``, in log-odds; none where the answer is clear.

    It is not clear where the best span's score is as near as that to ``threshold``, or, of a span that is given, where
    any other is as near as that to the best.

    Returns:
        Positions in ``windows`` of those that have one of the spans that come into question.
    """
    ranked = [_ranked(window, max_tokens, 2) for window in windows]
    ranks = [(pairs.scores + window.prior).tolist() for window, pairs in zip(windows, ranked, strict=True)]
    if not any(ranks):
        return []
    best = max(range(len(ranks)), key=lambda i: max(ranks[i], default=-np.inf))
    near = [sum(rank > ranks[best][0] - margin for rank in window) for window in ranks]
    score = float(ranked[best].scores[0])
    if abs(score - threshold) < margin or (score > threshold and sum(near) > 1):
        return [i for i, count in enumerate(near) if count]
    return []


class _Edges(NamedTuple):
    """A span before it is one: half-open offsets in the article, its passage, and the position of its sentence."""

    start: int
    end: int
    passage: Passage
    sentence: int

    def span(self, score: float) -> ScoredSpan:
        whole = self.passage.span
        return ScoredSpan(
            whole.slice(self.start - whole.start, self.end - whole.start), self.passage.sentences[self.sentence], score
        )


class _Pairs(NamedTuple):
    """The best pairs of first and last token of a window, best first: their scores, tokens and sentence."""

    scores: npt.NDArray[np.float64]
    first: Integers
    last: Integers
    sentences: Integers


def _ranked(window: Window, max_tokens: int, count: int) -> _Pairs:
    """The ``count`` best pairs, of those with the same score the ones whose first token comes first."""
    text = window.hit.passage.span.text
    start_logits = window.start_logits.astype(np.float64)
    end_logits = window.end_logits.astype(np.float64)
    null = start_logits[0] + end_logits[0]
    sentences = _sentence_of_token(window)
    tokens = np.flatnonzero(window.in_passage & (window.ends > window.starts))
    starts, ends = window.starts[tokens].tolist(), window.ends[tokens].tolist()
    first = tokens[np.array([_starts_word(text, offset) for offset in starts], dtype=bool)]
    last = tokens[np.array([_ends_word(text, offset) for offset in ends], dtype=bool)]
    length = last[None, :] - first[:, None]
    allowed = (length >= 0) & (length < max_tokens) & (sentences[first][:, None] == sentences[last][None, :])
    rows, columns = np.nonzero(allowed)
    with np.errstate(invalid="ignore"):
        scores = start_logits[first[rows]] + end_logits[last[columns]] - null
    # A model in half precision may overflow; what has no finite score is no candidate.
    best = _largest(np.where(np.isfinite(scores), scores, -np.inf), count)
    best = best[np.isfinite(scores[best])]
    return _Pairs(scores[best], first[rows[best]], last[columns[best]], sentences[first[rows[best]]])


def _largest(values: npt.NDArray[np.float64], count: int) -> Integers:
    """Where the ``count`` largest are, the largest first, equal ones in their order."""
    found: Integers
    if len(values) > count:
        bar = np.partition(values, -count)[-count]
        above, at = np.flatnonzero(values > bar), np.flatnonzero(values == bar)
        found = np.sort(np.concatenate([above, at[: count - len(above)]]))
    else:
        found = np.arange(len(values))
    return found[np.argsort(-values[found], kind="stable")]


def _edges(window: Window, pairs: _Pairs, row: int) -> _Edges | None:
    """Where a reader would cut the span of a pair; None if nothing is left to give."""
    passage = window.hit.passage
    text, offset = passage.span.text, passage.span.start
    position = int(pairs.sentences[row])
    sentence = passage.sentences[position]
    limits = (sentence.start - offset, sentence.end - offset)
    start, end = tidy(text, int(window.starts[pairs.first[row]]), int(window.ends[pairs.last[row]]), limits)
    if not any(character.isalnum() for character in text[start:end]):
        return None
    return _Edges(offset + start, offset + end, passage, position)


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


def _overlap(edges: _Edges, other: Span) -> bool:
    return other.start < edges.end and edges.start < other.end and other.article_id == edges.passage.span.article_id
