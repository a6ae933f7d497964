"""A question to the passages that may answer it: dense and lexical scores, fused."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from newsqa.balance import LanguageBalance
from newsqa.embedding import Encoder
from newsqa.index import Index
from newsqa.language import own_language
from newsqa.types import Hit
from newsqa.vectors import Positions

Scores = npt.NDArray[np.float32]

# Passages that each side puts forward to be scored by both.
_CANDIDATES = 100
# What a complete match of the question's words is worth in cosine. Chosen on the validation files (README,
# "Retrieval"): the fused order is nowhere worse than the better of the two.
_LEXICAL_WEIGHT = 0.3
# Few of the question's words say less than their share: they are the common ones, and in an index of several languages
# they speak for passages in the question's own.
_LEXICAL_POWER = 1.5


def fused(cosines: Scores, words: Scores, dense_weight: float = 1.0, lexical_weight: float = _LEXICAL_WEIGHT) -> Scores:
    """The scores of passages, ``(n,)``, from their cosines and their lexical scores, both ``(n,)``."""
    return dense_weight * cosines + lexical_weight * words**_LEXICAL_POWER


class Retriever:
    """Ranks the passages of an index by ``cosine + weight * lexical score ** power + language bonus``.

    Plain reciprocal rank fusion loses where questions and articles differ in language, because the lexical ranking
    is then noise and weighs as much as ever. Here the lexical score itself fades as the question's vocabulary
    becomes unknown to the index (``LexicalIndex.scores``).

    Args:
        index: what is searched.
        encoder: embeds questions; the index was made with it.
        balance: what passages in another language than the question get; by default nothing.
        dense_weight: of the cosine.
        lexical_weight: of the lexical score.
    """

    def __init__(
        self,
        index: Index,
        encoder: Encoder,
        balance: LanguageBalance | None = None,
        *,
        dense_weight: float = 1.0,
        lexical_weight: float = _LEXICAL_WEIGHT,
    ) -> None:
        self.index = index
        self._encoder = encoder
        self._balance = balance
        self._dense_weight = dense_weight
        self._lexical_weight = lexical_weight

    def retrieve(self, question: str, k: int, articles: Collection[str] | None = None) -> tuple[Hit, ...]:
        """The ``k`` best passages for ``question``, best first; fewer when there are fewer.

        Args:
            question: stands alone.
            k: how many passages.
            articles: ids of the articles to look in; by default all.
        """
        allowed = self._positions(articles) if articles is not None else None
        if allowed is not None and not len(allowed):
            return ()
        vector = self._encoder.encode_questions([question])[0]
        words = self.index.words.scores(question)
        if allowed is not None:
            inside = np.zeros_like(words)
            inside[allowed] = words[allowed]
            words = inside
        language = own_language(question)
        towards = self._balance.leaned(language, vector) if self._balance else vector
        positions = sorted(self._candidates(self.index.search(towards, _CANDIDATES, allowed), words))
        passages = self.index.vectors.at(np.array(positions))
        scores = fused(passages @ vector, words[positions], self._dense_weight, self._lexical_weight)
        if self._balance:
            scores += self._balance.bonuses(language, passages)
        best = np.argsort(-scores, kind="stable")[:k]
        return tuple(self._hit(positions[rank], float(scores[rank])) for rank in best)

    def _positions(self, articles: Collection[str]) -> Positions:
        """The positions of the passages of these articles, rising."""
        ranges = sorted((self.index.passages.positions(article_id) for article_id in articles), key=lambda r: r.start)
        return np.concatenate([np.arange(r.start, r.stop) for r in ranges] or [np.arange(0)])

    def _candidates(self, dense: list[tuple[int, float]], words: np.ndarray) -> set[int]:
        count = min(_CANDIDATES, len(words))
        by_words = np.argpartition(-words, count - 1)[:count]
        return {position for position, _ in dense} | {int(position) for position in by_words if words[position] > 0}

    def _hit(self, position: int, score: float) -> Hit:
        return Hit(self.index.passages[position], self.index.passages.article(position), score)
