"""Passages by the words they share with a question: BM25 over lightly stemmed words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import bm25s
import numpy as np
import numpy.typing as npt

_WORD = re.compile(r"\w+(?:[.,]\d+)*")

# Chosen on the validation files (README, "Retrieval"): passages are short, so neither how often a word occurs nor
# how long the passage is says much.
_K1 = 0.3
_B = 0.5

# The commonest Indonesian affixes, outermost first, taken off words that stay long enough to mean something. Confix
# stripping as in Asian, Williams and Tahaghoghi, "Stemming Indonesian" (2005), without the dictionary.
_PARTICLE = re.compile(r"(?:nya|lah|kah|pun)$")
_SUFFIX = re.compile(r"(?:kan|an|i)$")
_PREFIX = re.compile(r"^(?:meng|meny|mem|men|me|ber|ter|di|peng|pen|pem|pe|per|se|ke)")


def terms(text: str) -> list[str]:
    """The stemmed words and numbers of ``text``, in order; "1.300" is one term."""
    return [_stem(word.lower()) for word in _WORD.findall(text)]


class LexicalIndex:
    """BM25 over the texts of an index."""

    def __init__(self, texts: Sequence[str]) -> None:
        documents = [terms(text) for text in texts]
        frequencies = Counter(term for document in documents for term in set(document))
        count = len(documents)
        self._idf = {term: _idf(count, frequency) for term, frequency in frequencies.items()}
        self._unknown_idf = _idf(count, 0)
        self._count = count
        self._bm25: bm25s.BM25 | None = None
        if frequencies:
            self._bm25 = bm25s.BM25(k1=_K1, b=_B, method="lucene")
            self._bm25.index(documents, show_progress=False)

    def known_share(self, question: str) -> float:
        """The share of the question's distinct terms that any text has, in [0, 1]; 0 without terms."""
        asked = set(terms(question))
        return len(asked & self._idf.keys()) / len(asked) if asked else 0.0

    def scores(self, question: str) -> npt.NDArray[np.float32]:
        """How much of what the question says each text says too.

        Returns:
            float32 of shape ``(number of texts,)``, in [0, 1): the BM25 score (Lucene's form), divided by what the
            question's terms weigh together and multiplied by the share of them that any text has. Terms that no
            text has weigh the most, so a question in another language than the texts scores near 0 everywhere.
        """
        asked = list(dict.fromkeys(terms(question)))
        known = [term for term in asked if term in self._idf]
        if not known or self._bm25 is None:
            return np.zeros(self._count, dtype=np.float32)
        weight = sum(self._idf.get(term, self._unknown_idf) for term in asked)
        scores: npt.NDArray[np.float32] = self._bm25.get_scores(known)
        return scores * np.float32(self.known_share(question) / weight)


def _idf(count: int, frequency: int) -> float:
    return math.log(1 + (count - frequency + 0.5) / (frequency + 0.5))


def _stem(word: str) -> str:
    if len(word) > 5:
        word = _PARTICLE.sub("", word)
    if len(word) > 6:
        word = _SUFFIX.sub("", word)
    if len(word) > 6:
        word = _PREFIX.sub("", word)
    return word
