"""A question to the passages that may answer it: dense and lexical scores, fused."""

from __future__ import annotations

import numpy as np

from newsqa.embedding import Encoder
from newsqa.index import Index, searchable_text
from newsqa.lexical import LexicalIndex
from newsqa.types import Hit

# Passages that each side puts forward to be scored by both.
_CANDIDATES = 100
# What a complete match of the question's words is worth in cosine. Chosen on the validation files (README,
# "Retrieval"): the fused order is nowhere worse than the better of the two.
_LEXICAL_WEIGHT = 0.3


class Retriever:
    """Ranks the passages of an index by ``cosine + weight * lexical score``.

    Plain reciprocal rank fusion loses where questions and articles differ in language, because the lexical ranking
    is then noise and weighs as much as ever. Here the lexical score itself fades as the question's vocabulary
    becomes unknown to the index (``LexicalIndex.scores``).
    """

    def __init__(
        self, index: Index, encoder: Encoder, *, dense_weight: float = 1.0, lexical_weight: float = _LEXICAL_WEIGHT
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._dense_weight = dense_weight
        self._lexical_weight = lexical_weight
        self._lexical = LexicalIndex(
            [searchable_text(index.articles[passage.span.article_id].title, passage) for passage in index.passages]
        )

    def retrieve(self, question: str, k: int) -> tuple[Hit, ...]:
        """The ``k`` best passages for ``question``, best first; fewer when the index has fewer."""
        vector = self._encoder.encode_questions([question])[0]
        lexical = self._lexical.scores(question)
        positions = sorted(self._candidates(self._index.search(vector, _CANDIDATES), lexical))
        cosines = self._index.scores(vector, positions)
        scores = self._dense_weight * cosines + self._lexical_weight * lexical[positions]
        best = np.argsort(-scores, kind="stable")[:k]
        return tuple(self._hit(positions[rank], float(scores[rank])) for rank in best)

    def _candidates(self, dense: list[tuple[int, float]], lexical: np.ndarray) -> set[int]:
        count = min(_CANDIDATES, len(lexical))
        by_words = np.argpartition(-lexical, count - 1)[:count]
        return {position for position, _ in dense} | {int(position) for position in by_words if lexical[position] > 0}

    def _hit(self, position: int, score: float) -> Hit:
        passage = self._index.passages[position]
        return Hit(passage, self._index.articles[passage.span.article_id], score)
