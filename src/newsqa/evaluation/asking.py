"""How the questions of a file are asked, whatever its format."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

import numpy as np

from newsqa.embedding import Encoder, Vectors
from newsqa.index import Index
from newsqa.qa import NewsQA
from newsqa.reading import Reader
from newsqa.reading.history import Exchange
from newsqa.types import Article, Hit, Reading

T = TypeVar("T")


class Progress(Protocol):
    """Hands on what is to be asked, one after the other, and may show a bar meanwhile."""

    def __call__(self, items: Sequence[T], name: str, /) -> Iterable[T]:
        """``items`` of the file of this name."""


def silent(items: Sequence[T], _name: str) -> Iterable[T]:
    """The ``Progress`` that shows nothing."""
    return items


def drawn(items: Sequence[T], limit: int | None) -> Sequence[T]:
    """``items``, or where they are more than ``limit`` so many of them, drawn with a fixed seed, in their order."""
    if limit is None or limit >= len(items):
        return items
    return [items[position] for position in sorted(random.Random(0).sample(range(len(items)), limit))]


class OwnArticle:
    """Makes a ``NewsQA`` of one article only; consecutive questions on one article share its index."""

    def __init__(self, encoder: Encoder, reader: Reader) -> None:
        self._encoder = encoder
        self._reader = reader
        self._last: tuple[Article, NewsQA] | None = None

    def about(self, article: Article) -> NewsQA:
        """Answers questions from ``article``."""
        if self._last is None or self._last[0] != article:
            index = Index.build([article], self._encoder)
            self._last = (article, NewsQA(index, self._encoder, self._reader))
        return self._last[1]


class RememberingEncoder:
    """An encoder that embeds no passage twice: the archive, its files and the single articles share most of them."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}

    @property
    def name(self) -> str:
        """The encoder's."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """The encoder's."""
        return self._encoder.dimension

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Questions as the encoder embeds them, every time anew."""
        return self._encoder.encode_questions(questions)

    def encode_passages(self, passages: Sequence[str], *, progress: bool = False) -> Vectors:
        """Passages as the encoder embeds them, float32 of shape ``(len(passages), dimension)``."""
        missing = [passage for passage in dict.fromkeys(passages) if passage not in self._known]
        if missing:
            made = self._encoder.encode_passages(missing, progress=progress)
            self._known.update(zip(missing, made, strict=True))
        return np.stack([self._known[passage] for passage in passages])


class RecordingReader:
    """Reads as ``reader`` does, and keeps what an ``Answer`` leaves out: the candidates of an abstention."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.last = Reading((), (), 0.0, 0.0)

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        """The reading of ``reader``, which is ``last`` from now on."""
        self.last = self._reader.read(question, hits, history)
        return self.last
