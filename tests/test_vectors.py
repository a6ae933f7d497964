from __future__ import annotations

import struct

import numpy as np
import pytest

from newsqa import vectors as module
from newsqa.embedding import Vectors
from newsqa.vectors import PassageVectors, lists_for

COUNT = 2_000


def unit(count: int, dimension: int = 16, seed: int = 0) -> Vectors:
    made = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True))


def nearest(among: Vectors, vector: Vectors, k: int) -> list[int]:
    return [int(position) for position in np.argsort(-(among @ vector), kind="stable")[:k]]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a thousand vectors were many."""
    monkeypatch.setattr(module, "EXACT_LIMIT", 1_000)


def test_the_search_is_exact_below_the_limit_and_approximate_from_there(few: None) -> None:
    assert PassageVectors.of(unit(999)).exact
    assert not PassageVectors.of(unit(1_000)).exact


def test_the_number_of_lists_grows_with_the_root() -> None:
    assert [lists_for(count) for count in (10_000, 40_000, 100_000)] == [400, 800, 1265]


@pytest.mark.usefixtures("few")
def test_an_approximate_index_gives_back_its_vectors_and_finds_them() -> None:
    every = unit(COUNT)
    index = PassageVectors.of(every)
    assert (len(index), index.dimension) == (COUNT, 16)
    positions = np.arange(0, COUNT, 40)
    assert np.abs(index.at(positions) - every[positions]).max() < 1e-3
    for position in positions:
        (found, score), *_ = index.search(every[position], 3)
        assert found == position
        assert score == pytest.approx(1.0, abs=2e-3)


@pytest.mark.parametrize("count", [500, COUNT])
@pytest.mark.usefixtures("few")
def test_a_search_among_some_looks_at_all_of_them(count: int) -> None:
    every = unit(count)
    index = PassageVectors.of(every)
    allowed = np.arange(3, count, 50)
    for vector in unit(20, seed=1):
        expected = [int(allowed[place]) for place in nearest(index.at(allowed), vector, 5)]
        assert [position for position, _ in index.search(vector, 5, allowed)] == expected
    assert len(index.search(every[0], 100, allowed)) == len(allowed)


@pytest.mark.parametrize(("count", "kept"), [(500, 400), (COUNT, 1_900), (COUNT, 1_200), (COUNT, 600), (900, 900)])
@pytest.mark.usefixtures("few")
def test_other_vectors_are_these_and_more(count: int, kept: int) -> None:
    index, more = PassageVectors.of(unit(count)), unit(150, seed=2)
    positions = np.random.default_rng(3).permutation(count + 150)[: kept + 100]
    other = index.selected(positions, more)
    expected = np.concatenate([index.at(np.arange(count)), more])[positions]
    assert other.exact == (kept + 100 < 1_000)
    # Half precision of half precision is the same; of float32 it is not.
    assert np.abs(other.at(np.arange(kept + 100)) - expected).max() < 1e-3
    old = np.flatnonzero(positions < count)
    if not index.exact:
        assert other.at(old).tolist() == expected[old].tolist()
    assert len(index) == count
    place = int(old[7])
    assert other.search(expected[place], 1)[0][0] == place


@pytest.mark.parametrize("count", [500, COUNT])
@pytest.mark.usefixtures("few")
def test_bytes_give_the_same_vectors(count: int) -> None:
    index = PassageVectors.of(unit(count))
    again = PassageVectors.from_bytes(index.to_bytes(), 16)
    assert again.to_bytes() == index.to_bytes()
    for vector in unit(5, seed=1):
        assert again.search(vector, 10) == index.search(vector, 10)


def test_bytes_that_are_something_else_are_refused() -> None:
    import faiss

    index = PassageVectors.of(unit(10))
    with pytest.raises(ValueError, match="vectors of another kind"):
        PassageVectors.from_bytes(index.to_bytes(), 17)
    for other in (faiss.IndexFlatL2(16), faiss.IndexHNSWFlat(16, 8, faiss.METRIC_INNER_PRODUCT)):
        with pytest.raises(ValueError, match="vectors of another kind"):
            PassageVectors.from_bytes(faiss.serialize_index(other).tobytes(), 16)


def test_a_file_cannot_ask_for_more_memory_than_it_has_bytes() -> None:
    import faiss

    data = PassageVectors.of(unit(10)).to_bytes()
    size = struct.pack("<Q", 10 * 16)  # the number of floats, before them
    assert data.count(size) == 1
    before = faiss.get_deserialization_vector_byte_limit()
    with pytest.raises(RuntimeError):
        PassageVectors.from_bytes(data.replace(size, struct.pack("<Q", 1 << 34)), 16)
    assert faiss.get_deserialization_vector_byte_limit() == before
