"""An article to passages: runs of whole sentences, merged to a size by langchain-text-splitters."""

from __future__ import annotations

from dataclasses import dataclass

from langchain_text_splitters import TextSplitter

from newsqa.sentences import sentence_spans
from newsqa.types import Article, Passage


@dataclass(frozen=True, slots=True)
class PassageSettings:
    """How articles are split. ``max_characters``: a passage grows by whole sentences up to this length."""

    max_characters: int = 900


class _SentenceMerger(TextSplitter):
    """Merges sentences into chunks; its chunks joined are the text, so offsets are running sums.

    ``add_start_index`` is not used: it searches for the chunk in the text and is wrong when text repeats
    (langchain #29884).
    """

    def __init__(self, settings: PassageSettings) -> None:
        super().__init__(chunk_size=settings.max_characters, chunk_overlap=0, strip_whitespace=False)

    def split_text(self, text: str) -> list[str]:
        sentences = [text[start:end] for start, end in sentence_spans(text)]
        return self._merge_splits(sentences, separator="")


def split_into_passages(article: Article, settings: PassageSettings) -> tuple[Passage, ...]:
    """Split ``article`` into passages that tile its text, in order.

    A passage is longer than ``settings.max_characters`` only where a single sentence is.
    """
    merger = _SentenceMerger(settings)
    sentences = [article.span(start, end) for start, end in sentence_spans(article.text)]
    passages = []
    start = 0
    for chunk in merger.split_text(article.text):
        span = article.span(start, start + len(chunk))
        inside = tuple(sentence for sentence in sentences if span.contains(sentence))
        passages.append(Passage(span, inside))
        start = span.end
    return tuple(passages)
