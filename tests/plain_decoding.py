"""``decode`` as its docstring says it, without any haste: what the fast one is compared with."""

from __future__ import annotations

from collections.abc import Sequence

from newsqa.reading.decoding import _LOOKED_AT, Window, _ends_word, _starts_word
from newsqa.reading.edges import tidy
from newsqa.types import ScoredSpan


def plain_decode(windows: Sequence[Window], *, max_tokens: int, limit: int) -> tuple[ScoredSpan, ...]:
    """Every pair of tokens of every window, each with its edges, then the best that do not overlap."""
    spans = [span for window in windows for span in _spans(window, max_tokens, limit)]
    spans.sort(key=lambda span: (-span.score, span.span.start, span.span.end))
    kept: list[ScoredSpan] = []
    for span in spans:
        if len(kept) < limit and not any(_overlap(span, other) for other in kept):
            kept.append(span)
    return tuple(kept)


def _spans(window: Window, max_tokens: int, limit: int) -> list[ScoredSpan]:
    passage = window.hit.passage
    text, offset = passage.span.text, passage.span.start
    starts, ends = window.starts.tolist(), window.ends.tolist()
    null = float(window.start_logits[0]) + float(window.end_logits[0])
    tokens = [token for token in range(len(starts)) if window.in_passage[token] and ends[token] > starts[token]]
    pairs = []
    for first in tokens:
        for last in tokens:
            score = float(window.start_logits[first]) + float(window.end_logits[last]) - null
            if (
                first <= last < first + max_tokens
                and abs(score) < float("inf")
                and _starts_word(text, starts[first])
                and _ends_word(text, ends[last])
                and _sentence(window, ends[first]) == _sentence(window, ends[last])
            ):
                pairs.append((-score, first, last))
    found = []
    for score, first, last in sorted(pairs)[: _LOOKED_AT * limit]:
        sentence = passage.sentences[_sentence(window, ends[first])]
        limits = (sentence.start - offset, sentence.end - offset)
        start, end = tidy(text, starts[first], ends[last], limits)
        if any(character.isalnum() for character in text[start:end]):
            found.append(ScoredSpan(passage.span.slice(start, end), sentence, -score))
    return found


def _sentence(window: Window, end: int) -> int:
    """The position of the sentence that holds the character before ``end``."""
    passage = window.hit.passage
    return next(
        position
        for position, sentence in enumerate(passage.sentences)
        if sentence.start <= passage.span.start + end - 1 < sentence.end
    )


def _overlap(first: ScoredSpan, second: ScoredSpan) -> bool:
    one, two = first.span, second.span
    return one.article_id == two.article_id and one.start < two.end and two.start < one.end
