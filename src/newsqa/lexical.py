"""Passages by the words they share with a question: BM25 over lightly stemmed words."""

from __future__ import annotations

import functools
import hashlib
import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Self

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

# English words that say nothing of what a question is about. In an index of several languages they would be rare, and
# would speak for every English passage. (Indonesian question words are few; leaving them out did harm.)
_FUNCTION_WORDS = frozenset(
    "a an and are as at be been by can could did do does for from had has have he her him his how in into is it its no "
    "not of on or she should than that the their them there these they this those to was were what when where which "
    "who whom whose why will with would".split()
)

_MOST_COUNTED = 255
_ARRAYS: Mapping[str, type[np.generic]] = {
    "terms": np.uint64,
    "starts": np.int64,
    "texts": np.int32,
    "counts": np.uint8,
    "lengths": np.int32,
}


def terms(text: str) -> list[str]:
    """The stemmed words and numbers of ``text``, in order; "1.300" is one term."""
    return [_stem(word.lower()) for word in _WORD.findall(text)]


class LexicalIndex:
    """BM25 (Lucene's form) over the texts of an index.

    What depends on all texts together, the weight of a term and the mean length, is worked out when a question comes,
    so texts can be added and taken away without reading the others again (``selected``). A term is kept as the first
    64 bits of its hash: among a million terms the odds that any two are the same are one in forty million.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        vocabulary: dict[str, int] = {}
        found, counts, sizes, lengths = array("i"), array("B"), array("i"), array("i")
        for text in texts:
            words = terms(text)
            frequencies = Counter(words)
            for term, count in frequencies.items():
                found.append(vocabulary.setdefault(term, len(vocabulary)))
                counts.append(min(count, _MOST_COUNTED))
            sizes.append(len(frequencies))
            lengths.append(len(words))
        hashes = np.fromiter(map(_hash, vocabulary), np.uint64, len(vocabulary))
        texts_of = np.repeat(np.arange(len(sizes), dtype=np.int32), np.asarray(sizes))
        self._set(hashes, np.asarray(found), texts_of, np.asarray(counts), np.asarray(lengths))

    def _set(
        self, hashes: np.ndarray, found: np.ndarray, texts: np.ndarray, counts: np.ndarray, lengths: np.ndarray
    ) -> None:
        """Order the entries by term and, within a term, by text.

        ``found`` (positions in ``hashes``, which may repeat itself), ``texts`` and ``counts`` have one value an entry.
        """
        self._terms, rank = np.unique(hashes, return_inverse=True)
        term = rank.astype(np.int32)[found]
        sizes = np.bincount(term, minlength=len(self._terms))
        order = np.argsort(term * np.int64(len(lengths) + 1) + texts)
        self._terms = self._terms[sizes > 0]
        self._starts = np.concatenate([[0], np.cumsum(sizes[sizes > 0])]).astype(np.int64)
        self._texts = texts[order].astype(np.int32)
        self._counts = counts[order].astype(np.uint8)
        self._lengths = lengths.astype(np.int32)
        self._prepare()

    def _prepare(self) -> None:
        mean = self._lengths.mean() if self._lengths.any() else 1.0
        self._norms = (_K1 * (1 - _B + _B * self._lengths / mean)).astype(np.float32)

    def __len__(self) -> int:
        return len(self._lengths)

    def selected(self, positions: npt.NDArray[np.int64], more: LexicalIndex) -> LexicalIndex:
        """An index of other texts, without reading those it shares with this one.

        Args:
            positions: for each text of the new index its position here, or ``len(self)`` plus its position in
                ``more``; no position twice.
            more: the texts that are not in this index.
        """
        place = np.full(len(self) + len(more), -1, dtype=np.int32)
        place[positions] = np.arange(len(positions))
        sizes = np.concatenate([np.diff(self._starts), np.diff(more._starts)])
        found = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        texts = place[np.concatenate([self._texts, more._texts + np.int32(len(self))])]
        kept = texts >= 0
        counts, lengths = (
            np.concatenate(pair) for pair in ((self._counts, more._counts), (self._lengths, more._lengths))
        )
        result = LexicalIndex.__new__(LexicalIndex)
        hashes = np.concatenate([self._terms, more._terms])
        result._set(hashes, found[kept], texts[kept], counts[kept], lengths[positions])
        return result

    def arrays(self) -> dict[str, np.ndarray]:
        """The index as arrays, for ``from_arrays``.

        ``terms``: their hashes, rising; ``starts[i]:starts[i + 1]`` is where term ``i`` has its entries in ``texts``
        (positions of texts, rising) and ``counts`` (how often it occurs, at most 255); ``lengths``: terms of each text.
        """
        return {name: getattr(self, f"_{name}") for name in _ARRAYS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """The index that ``arrays`` gave.

        Raises:
            ValueError: the arrays are of another kind or contradict each other.
        """
        if {name: values.dtype.type for name, values in arrays.items()} != dict(_ARRAYS):
            raise ValueError("words of another kind")
        if any(values.ndim != 1 for values in arrays.values()):
            raise ValueError("words of another shape")
        starts, texts = arrays["starts"], arrays["texts"]
        entries = len(texts)
        if not (
            len(starts) == len(arrays["terms"]) + 1
            and len(arrays["counts"]) == entries
            and (starts[0], starts[-1]) == (0, entries)
            and (np.diff(starts) > 0).all()
            and (arrays["terms"][1:] > arrays["terms"][:-1]).all()
            and (not entries or (texts.min() >= 0 and texts.max() < len(arrays["lengths"])))
        ):
            raise ValueError("words that do not fit the texts")
        result = cls.__new__(cls)
        for name, values in arrays.items():
            setattr(result, f"_{name}", values)
        result._prepare()
        return result

    def known_share(self, question: str) -> float:
        """The share of the question's distinct terms that any text has, in [0, 1]; 0 without terms."""
        asked = set(terms(question))
        return sum(self._find(term) is not None for term in asked) / len(asked) if asked else 0.0

    def scores(self, question: str) -> npt.NDArray[np.float32]:
        """How much of what the question says each text says too; English function words do not count.

        Returns:
            float32 of shape ``(number of texts,)``, in [0, 1): the BM25 score, divided by what the question's terms
            weigh together and multiplied by the share of them that any text has. Terms that no text has weigh the
            most, so a question in another language than the texts scores near 0 everywhere.
        """
        said = dict.fromkeys(terms(question))
        asked = [term for term in said if term not in _FUNCTION_WORDS] or list(said)
        scores = np.zeros(len(self), dtype=np.float32)
        together, known = 0.0, 0
        for entries in map(self._find, asked):
            frequency = 0 if entries is None else entries.stop - entries.start
            weight = math.log(1 + (len(self) - frequency + 0.5) / (frequency + 0.5))
            together += weight
            if entries is not None:
                known += 1
                texts, counts = self._texts[entries], self._counts[entries]
                scores[texts] += np.float32(weight) * counts / (self._norms[texts] + counts)
        if known:
            scores *= np.float32(known / len(asked) / together)
        return scores

    def _find(self, term: str) -> slice | None:
        """Where the entries of ``term`` are, or None if no text has it."""
        hashed = np.uint64(_hash(term))
        place = int(np.searchsorted(self._terms, hashed))
        if place == len(self._terms) or self._terms[place] != hashed:
            return None
        return slice(int(self._starts[place]), int(self._starts[place + 1]))


def _hash(term: str) -> int:
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


@functools.lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    if len(word) > 5:
        word = _PARTICLE.sub("", word)
    if len(word) > 6:
        word = _SUFFIX.sub("", word)
    if len(word) > 6:
        word = _PREFIX.sub("", word)
    return word
