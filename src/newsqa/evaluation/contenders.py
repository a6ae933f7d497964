"""What is compared in a benchmark: programs that answer questions, programs that find passages; newsqa as both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from newsqa.balance import LanguageBalance
from newsqa.embedding import Encoder
from newsqa.evaluation.asking import OwnArticle
from newsqa.index import Index
from newsqa.qa import NewsQA
from newsqa.reading import Reader
from newsqa.retrieval import Retriever
from newsqa.types import Article


class Asker(Protocol):
    """Answers questions about one article at a time. ``trained``: whether its answers mean anything."""

    @property
    def name(self) -> str:
        """What it is called in tables."""

    @property
    def trained(self) -> bool:
        """False where the weights are random, so that only the time counts."""

    def about(self, article: Article) -> None:
        """Index ``article``; what is asked from now on is asked of it."""

    def ask(self, question: str) -> str:
        """The answer, "" where it declines."""


class Finder(Protocol):
    """Finds passages."""

    @property
    def name(self) -> str:
        """What it is called in tables."""

    def index(self, passages: Sequence[Article]) -> None:
        """Index ``passages``, each an article of one passage, in place of what was indexed before."""

    def find(self, question: str, k: int) -> list[int]:
        """The positions of the ``k`` best of the indexed passages, best first."""


class NewsQAAsker:
    """``NewsQA.ask`` as it is."""

    trained = True

    def __init__(self, name: str, encoder: Encoder, reader: Reader) -> None:
        self.name = name
        self._own = OwnArticle(encoder, reader)
        self._qa: NewsQA | None = None

    def about(self, article: Article) -> None:
        """Index ``article``."""
        self._qa = self._own.about(article)

    def ask(self, question: str) -> str:
        """The answer, "" where newsqa abstains."""
        assert self._qa is not None, "call about first"
        return self._qa.ask(question).text


class NewsQAFinder:
    """``Index.build`` and the retrieval of ``NewsQA.ask``, words included."""

    def __init__(self, name: str, encoder: Encoder) -> None:
        self.name = name
        self._encoder = encoder
        self._balance = LanguageBalance.load(encoder)
        self._positions: dict[str, int] = {}
        self._retriever: Retriever | None = None

    def index(self, passages: Sequence[Article]) -> None:
        """Index ``passages``."""
        self._positions = {passage.id: position for position, passage in enumerate(passages)}
        self._retriever = Retriever(Index.build(passages, self._encoder), self._encoder, self._balance)

    def find(self, question: str, k: int) -> list[int]:
        """The positions of the ``k`` best passages, best first."""
        assert self._retriever is not None, "call index first"
        return [self._positions[hit.article.id] for hit in self._retriever.retrieve(question, k)]
