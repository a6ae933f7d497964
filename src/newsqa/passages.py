"""An article to passages: runs of whole sentences, merged to a size by langchain-text-splitters."""

from __future__ import annotations

from dataclasses import dataclass

from newsqa.sentences import sentence_spans
from newsqa.types import Article, Passage


@dataclass(frozen=True, slots=True)
class PassageSettings:
    """How articles are split. ``max_characters``: a passage grows by whole sentences up to this length."""

    max_characters: int = 900


def split_into_passages(article: Article, settings: PassageSettings) -> tuple[Passage, ...]:
    """Split ``article`` into passages that tile its text, in order.

    A passage is longer than ``settings.max_characters`` only where a single sentence is.
    """
    # Brings pydantic and more, which whoever only asks an index need not wait for.
    from newsqa.sentence_merger import SentenceMerger

    merger = SentenceMerger(settings.max_characters)
    sentences = [article.span(start, end) for start, end in sentence_spans(article.text)]
    passages = []
    start = 0
    for chunk in merger.split_text(article.text):
        span = article.span(start, start + len(chunk))
        inside = tuple(sentence for sentence in sentences if span.contains(sentence))
        passages.append(Passage(span, inside))
        start = span.end
    return tuple(passages)
