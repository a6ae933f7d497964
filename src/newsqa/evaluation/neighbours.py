"""Kinds of FAISS index compared on the same vectors: build time, size, time of a search, recall@10."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import faiss
import numpy as np

from newsqa.embedding import Vectors
from newsqa.vectors import lists_for

K = 10


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of index, as ``faiss.index_factory`` names it, with the setting of its search.

    Times are of one thread that searches; ``recall`` is the share of the exact ten nearest that it finds.
    """

    name: str
    build_seconds: float
    megabytes: float
    p50_ms: float
    p95_ms: float
    recall: float


def nearest(vectors: Vectors, questions: Vectors, k: int = K) -> np.ndarray:
    """The exact ``k`` nearest of ``vectors`` for each of ``questions``: positions of shape ``(len(questions), k)``."""
    parts = [questions[start : start + 50] @ vectors.T for start in range(0, len(questions), 50)]
    return np.concatenate([np.argpartition(-scores, k - 1, axis=1)[:, :k] for scores in parts])


def recall(found: np.ndarray, exact: np.ndarray) -> float:
    """The share of ``exact`` (positions, a row for each question) that is in the same row of ``found``."""
    return float(np.mean([len(set(row) & set(right)) / len(right) for row, right in zip(found, exact, strict=True)]))


def compare(vectors: Vectors, questions: Vectors) -> Iterator[Kind]:
    """Every kind that was considered, on ``vectors`` and ``questions``, float32 of length 1."""
    exact = nearest(vectors, questions)
    lists = lists_for(len(vectors))
    settings: list[tuple[str, list[tuple[str, faiss.SearchParameters | None]]]] = [
        ("Flat", [("", None)]),
        ("SQfp16", [("", None)]),
        ("SQ8", [("", None)]),
        ("HNSW32", [(f"efSearch {ef}", faiss.SearchParametersHNSW(efSearch=ef)) for ef in (64, 128, 256)]),
    ]
    for codes in ("SQfp16", "SQ8"):
        shares = [(f"{lists // part} lists", faiss.SearchParametersIVF(nprobe=lists // part)) for part in (24, 12, 6)]
        settings.append((f"IVF{lists},{codes}", [*shares]))
    for name, searches in settings:
        started = time.perf_counter()
        index = faiss.index_factory(vectors.shape[1], name, faiss.METRIC_INNER_PRODUCT)
        index.train(vectors)
        index.add(vectors)
        seconds = time.perf_counter() - started
        megabytes = len(faiss.serialize_index(index)) / 1e6
        for label, parameters in searches:
            times, found = [], []
            for question in questions:
                started = time.perf_counter()
                _, positions = index.search(question.reshape(1, -1), K, params=parameters)
                times.append(1000 * (time.perf_counter() - started))
                found.append(positions[0])
            p50, p95 = np.percentile(times, (50, 95))
            share = recall(np.stack(found), exact)
            yield Kind(f"{name} {label}".strip(), seconds, megabytes, float(p50), float(p95), share)
