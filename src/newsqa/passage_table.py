"""The passages of many articles, kept as numbers: a ``Passage`` is made when it is asked for.

As objects, the passages and sentences of 100,000 passages take several times the memory of their text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self, overload

import numpy as np
import numpy.typing as npt

from newsqa.passages import PassageSettings, split_into_passages
from newsqa.types import Article, Passage, Span

Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Where one article is cut: the ``ends`` of its sentences, and how many of them each passage has (``sizes``)."""

    ends: Numbers
    sizes: Numbers

    @classmethod
    def of(cls, article: Article, settings: PassageSettings) -> Self:
        """The cut of ``article`` by ``settings``."""
        return cls.from_ends(
            [[sentence.end for sentence in passage.sentences] for passage in split_into_passages(article, settings)]
        )

    @classmethod
    def from_ends(cls, passages: Sequence[Sequence[int]]) -> Self:
        """The cut from the ends of the sentences of each passage."""
        ends = np.array([end for passage in passages for end in passage], dtype=np.int32)
        return cls(ends, np.array([len(passage) for passage in passages], dtype=np.int32))

    def check(self, article: Article) -> None:
        """Refuse a cut whose passages do not tile ``article``.

        Raises:
            ValueError: they do not.
        """
        rising = len(self.ends) > 0 and self.ends[0] > 0 and bool((np.diff(self.ends) > 0).all())
        if not (rising and self.ends[-1] == len(article.text) and (self.sizes > 0).all()):
            raise ValueError(f"the passages of the article {article.id!r} do not tile its text")


class PassageTable(Sequence[Passage]):
    """The passages of ``articles``, article by article; ``cuts`` says where each of them is cut."""

    def __init__(self, articles: Iterable[Article], cuts: Sequence[Cut]) -> None:
        self._articles = tuple(articles)
        self._numbers = {article.id: number for number, article in enumerate(self._articles)}
        self._ends = np.concatenate([cut.ends for cut in cuts])
        # Half-open: passage p has the sentences [sentences[p], sentences[p + 1]), article a the passages likewise.
        self._sentences = _bounds(np.concatenate([cut.sizes for cut in cuts]))
        self._passages = _bounds(np.array([len(cut.sizes) for cut in cuts]))

    def __len__(self) -> int:
        return len(self._sentences) - 1

    @overload
    def __getitem__(self, position: int) -> Passage: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, position: int | slice) -> Passage | tuple[Passage, ...]:
        """The passage at ``position``, or those of a slice."""
        if isinstance(position, slice):
            return tuple(self[i] for i in range(*position.indices(len(self))))
        position = range(len(self))[position]
        sentences = self._spans(position, position + 1)
        article = self.article(position)
        return Passage(article.span(sentences[0].start, sentences[-1].end), sentences)

    def article(self, position: int) -> Article:
        """The article of the passage at ``position``."""
        return self._articles[int(np.searchsorted(self._passages, position, side="right")) - 1]

    def positions(self, article_id: str) -> range:
        """Where the passages of an article are."""
        number = self._numbers[article_id]
        return range(int(self._passages[number]), int(self._passages[number + 1]))

    def sentences(self, article_id: str) -> tuple[Span, ...]:
        """The sentences of an article, in order; they tile its text."""
        passages = self.positions(article_id)
        return self._spans(passages.start, passages.stop)

    def cut(self, article_id: str) -> Cut:
        """Where an article is cut."""
        passages = self.positions(article_id)
        bounds = self._sentences[passages.start : passages.stop + 1]
        return Cut(self._ends[bounds[0] : bounds[-1]], np.diff(bounds).astype(np.int32))

    def _spans(self, first: int, stop: int) -> tuple[Span, ...]:
        """The sentences of the passages ``[first, stop)`` of one article."""
        article = self.article(first)
        begin = int(self._sentences[first])
        ends = self._ends[begin : int(self._sentences[stop])].tolist()
        start = 0 if first == self.positions(article.id).start else int(self._ends[begin - 1])
        return tuple(article.span(start, end) for start, end in zip([start, *ends[:-1]], ends, strict=True))


def _bounds(sizes: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
