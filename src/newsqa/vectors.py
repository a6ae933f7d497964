"""Passage vectors in FAISS: exact search while there are few, approximate from ``EXACT_LIMIT`` on."""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from newsqa.embedding import Vectors

if TYPE_CHECKING:
    import faiss

Positions = npt.NDArray[np.int64]

# Passages from which on the search is approximate; and then the vectors are kept in half precision, in lists around
# centres of which those nearest to the question are searched. Chosen with ``python -m newsqa.evaluation.archive``.
EXACT_LIMIT = 20_000
_LISTS_PER_ROOT = 4  # lists, for each of the square root of the number of passages
_SEARCHED = 2 / 3  # of the lists: half of them find 98.7 % of the ten nearest of 100,000, a twelfth 80 %
_TRAINED_ON = 40  # vectors for each list
_PART = 16_384  # vectors that are handled at a time
_LIMITS_LOCK = threading.Lock()


class PassageVectors:
    """Unit vectors, searched by inner product. A value: it is never changed.

    Args:
        index: of faiss, exact or approximate, as made by ``of`` or ``selected``.
    """

    def __init__(self, index: faiss.IndexFlatIP | faiss.IndexIVFScalarQuantizer) -> None:
        self._index = index
        self._lists = int(getattr(index, "nlist", 0))

    @classmethod
    def of(cls, vectors: Vectors) -> PassageVectors:
        """Keep ``vectors``, float32 of shape ``(n, dimension)``, each of length 1."""
        # Here and below faiss comes after the encoder: the other way round crashes on macOS
        # (sentence-transformers #2291).
        import faiss

        if len(vectors) < EXACT_LIMIT:
            index = faiss.IndexFlatIP(vectors.shape[1])
            index.add(vectors)
            return cls(index)
        index = _untrained(vectors.shape[1], lists_for(len(vectors)))
        sample = np.random.default_rng(0).permutation(len(vectors))[: _TRAINED_ON * index.nlist]
        index.train(vectors[np.sort(sample)])
        return cls(_filled(index, (vectors[start : start + _PART] for start in range(0, len(vectors), _PART))))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        return int(self._index.d)

    @property
    def exact(self) -> bool:
        """Whether ``search`` finds the nearest for certain."""
        return self._lists == 0

    def selected(self, positions: Positions, more: Vectors | None = None) -> PassageVectors:
        """Other vectors, most of which are these.

        Args:
            positions: for each vector its position here, or ``len(self)`` plus its position in ``more``.
            more: float32 of shape ``(n, dimension)``.
        """
        lists = lists_for(len(positions))
        if self.exact or len(positions) < EXACT_LIMIT or not lists / 2 <= self._lists <= lists * 2:
            return PassageVectors.of(self._gathered(positions, more))
        # The centres fit still: no need to look for better ones.
        parts = (self._gathered(positions[i : i + _PART], more) for i in range(0, len(positions), _PART))
        return PassageVectors(_filled(_emptied(self._index), parts))

    def at(self, positions: Positions) -> Vectors:
        """The vectors at ``positions``, float32 of shape ``(len(positions), dimension)``."""
        found: Vectors = self._index.reconstruct_batch(positions)
        return found

    def search(self, vector: Vectors, k: int, allowed: Positions | None = None) -> list[tuple[int, float]]:
        """The ``k`` vectors nearest to ``vector`` (float32 of shape ``(dimension,)``), best first.

        Args:
            vector: of length 1.
            k: how many.
            allowed: positions to search among; all of these are looked at. By default all positions.

        Returns:
            Positions and inner products: ``k``, or as many as there are to search among.
        """
        import faiss

        settings: dict[str, Any] = {}
        if allowed is not None:
            inside = np.zeros(len(self), dtype=np.bool_)
            inside[allowed] = True
            settings["sel"] = faiss.IDSelectorBitmap(np.packbits(inside, bitorder="little"))
        if self.exact:
            parameters = faiss.SearchParameters(**settings)
        else:
            searched = self._lists if allowed is not None else max(1, round(self._lists * _SEARCHED))
            parameters = faiss.SearchParametersIVF(nprobe=searched, **settings)
        scores, positions = self._index.search(vector.reshape(1, -1), k, params=parameters)
        # Where fewer are found faiss fills up with position -1.
        return [(p, score) for p, score in zip(positions[0].tolist(), scores[0].tolist(), strict=True) if p >= 0]

    def to_bytes(self) -> bytes:
        """The vectors as faiss writes them, for ``from_bytes``."""
        import faiss

        data: bytes = faiss.serialize_index(self._index).tobytes()
        return data

    @classmethod
    def from_bytes(cls, data: bytes, dimension: int) -> PassageVectors:
        """The vectors that ``to_bytes`` gave. To be called with bytes whose checksum was found right.

        Raises:
            ValueError: they are of another kind or dimension.
            RuntimeError: faiss cannot read them.
        """
        import faiss

        with _limits(len(data)):
            index = faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
        if index.d != dimension or index.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise ValueError("vectors of another kind")
        if isinstance(index, faiss.IndexIVFScalarQuantizer):
            _check_lists(index)
            # Made anew, which also finds numbers of vectors that there are not.
            index.set_direct_map_type(faiss.DirectMap.NoMap)
            index.make_direct_map()
        elif not isinstance(index, faiss.IndexFlatIP):
            raise ValueError("vectors of another kind")
        return cls(index)

    def _gathered(self, positions: Positions, more: Vectors | None) -> Vectors:
        vectors = np.empty((len(positions), self.dimension), dtype=np.float32)
        here = positions < len(self)
        if here.any():
            vectors[here] = self.at(positions[here])
        if more is not None:
            vectors[~here] = more[positions[~here] - len(self)]
        return vectors


def lists_for(count: int) -> int:
    """The number of lists into which an approximate index of ``count`` vectors is divided."""
    return round(_LISTS_PER_ROOT * math.sqrt(count))


def _untrained(dimension: int, lists: int) -> faiss.IndexIVFScalarQuantizer:
    import faiss

    quantizer = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, lists, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT, False
    )
    index.own_fields = True
    quantizer.this.disown()
    return index


def _emptied(index: faiss.IndexIVFScalarQuantizer) -> faiss.IndexIVFScalarQuantizer:
    """An index with the same centres and no vectors."""
    empty = _untrained(index.d, index.nlist)
    empty.quantizer.add(index.quantizer.reconstruct_n(0, index.nlist))
    empty.is_trained = True
    return empty


def _filled(index: faiss.IndexIVFScalarQuantizer, parts: Iterator[Vectors]) -> faiss.IndexIVFScalarQuantizer:
    for part in parts:
        index.add(part)
    index.make_direct_map()
    return index


def _check_lists(index: faiss.IndexIVFScalarQuantizer) -> None:
    import faiss

    quantizer = faiss.downcast_index(index.quantizer)
    whole = (
        isinstance(quantizer, faiss.IndexFlatIP)
        and (quantizer.d, quantizer.ntotal) == (index.d, index.nlist)
        and index.sq.qtype == faiss.ScalarQuantizer.QT_fp16
        and index.code_size == 2 * index.d == index.invlists.code_size
        and index.invlists.nlist == index.nlist
        and index.invlists.compute_ntotal() == index.ntotal
    )
    if not whole:
        raise ValueError("vectors of another kind")


@contextlib.contextmanager
def _limits(size: int) -> Iterator[None]:
    """While it reads, faiss may make nothing that is larger than the ``size`` bytes it reads from.

    The limits are of the whole process, so what was set before is set again. Older versions of faiss have none.
    """
    import faiss

    limits = {"vector_byte_limit": size, "loop_limit": size, "lattice_r2_limit": 1}
    limits = {name: limit for name, limit in limits.items() if hasattr(faiss, f"set_deserialization_{name}")}
    with _LIMITS_LOCK:
        before = {name: getattr(faiss, f"get_deserialization_{name}")() for name in limits}
        try:
            for name, limit in limits.items():
                getattr(faiss, f"set_deserialization_{name}")(limit)
            yield
        finally:
            for name, limit in before.items():
                getattr(faiss, f"set_deserialization_{name}")(limit)
