"""Sentences merged into chunks by langchain-text-splitters."""

from __future__ import annotations

from langchain_text_splitters import TextSplitter

from newsqa.sentences import sentence_spans


class SentenceMerger(TextSplitter):
    """Merges sentences into chunks; its chunks joined are the text, so offsets are running sums.

    ``add_start_index`` is not used: it searches for the chunk in the text and is wrong when text repeats
    (langchain #29884).

    Args:
        max_characters: a chunk grows up to this length.
    """

    def __init__(self, max_characters: int) -> None:
        super().__init__(chunk_size=max_characters, chunk_overlap=0, strip_whitespace=False)

    def split_text(self, text: str) -> list[str]:
        """The chunks of ``text``: whole sentences, of at most ``max_characters`` where a single one is not longer."""
        sentences = [text[start:end] for start, end in sentence_spans(text)]
        return self._merge_splits(sentences, separator="")
