"""Archives of any size, made of the passages of question files, to measure time, memory and recall with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from newsqa.embedding import Vectors
from newsqa.passages import PassageSettings, split_into_passages
from newsqa.sentences import sentence_spans
from newsqa.types import Article

_NEIGHBOURS_MEASURED = 400


@dataclass(frozen=True, slots=True)
class Archive:
    """Articles of one passage each and their vectors, float32 of shape ``(len(articles), dimension)``.

    The first ``real`` are real. ``noise`` is the share of noise in the vectors of the others, and the two nearnesses
    are the deciles (10, 50 and 90 %) of the cosine to the nearest neighbour: of real passages among the real ones, and
    of made ones among all.
    """

    articles: tuple[Article, ...]
    vectors: Vectors
    real: int
    noise: float
    real_nearness: tuple[float, ...]
    made_nearness: tuple[float, ...]


def real_passages(articles: Iterable[Article]) -> tuple[Article, ...]:
    """Every passage of ``articles`` as an article of its own, under its article's title; each text once."""
    found: dict[str, Article] = {}
    for article in articles:
        for passage in split_into_passages(article, PassageSettings()):
            text = passage.span.text.strip()
            if text and text not in found:
                found[text] = Article(f"real-{len(found)}", article.title, text)
    return tuple(found.values())


def archive(real: Sequence[Article], vectors: Vectors, size: int) -> Archive:
    """An archive of ``size`` passages: real ones, and where they do not suffice made ones.

    A made passage is the first half of the sentences of one real passage and the second half of those of another,
    both drawn at random. Its vector is the sum of the two passages' vectors, plus ``noise`` times the difference of the
    vectors of two further passages, normalised: a mixture moved along a direction that real passages differ in. The
    noise is the one, of 0, 0.1, ... 1.5, for which the nearest neighbours of made passages are as near, in the median,
    as those of real ones among the real ones.

    Args:
        real: one passage each.
        vectors: theirs, float32 of shape ``(len(real), dimension)``.
        size: of the archive.
    """
    if size <= len(real):
        nearness = _nearness(vectors[:size], vectors[:size], 0)
        return Archive(tuple(real[:size]), vectors[:size], size, 0.0, nearness, ())
    random = np.random.default_rng(0)
    made = _made_passages(real, size - len(real), random)
    parts = vectors[[pair for _, pair in made]].sum(axis=1)
    others = random.integers(len(real), size=(len(made), 2))
    directions = vectors[others[:, 0]] - vectors[others[:, 1]]
    target = _nearness(vectors, vectors, 0)
    best: tuple[float, float, Vectors, tuple[float, ...]] | None = None
    for noise in np.arange(16) / 10:
        moved = _normalised(parts + np.float32(noise) * directions)
        every = np.concatenate([vectors, moved])
        nearness = _nearness(moved, every, len(real))
        miss = abs(nearness[1] - target[1])
        if best is None or miss < best[0]:
            best = (miss, float(noise), every, nearness)
    assert best is not None
    articles = (*real, *(article for article, _ in made))
    return Archive(articles, best[2], len(real), best[1], target, best[3])


def _made_passages(
    real: Sequence[Article], count: int, random: np.random.Generator
) -> list[tuple[Article, tuple[int, int]]]:
    halves = [_halves(article.text) for article in real]
    texts = {article.text for article in real}
    longest = PassageSettings().max_characters
    made: list[tuple[Article, tuple[int, int]]] = []
    while len(made) < count:
        first, second = (int(number) for number in random.integers(len(real), size=2))
        text = f"{halves[first][0]} {halves[second][1]}"
        # Not longer than a passage may be: it would become two.
        if first != second and text not in texts and len(text) <= longest:
            texts.add(text)
            made.append((Article(f"made-{len(made)}", real[first].title, text), (first, second)))
    return made


def _halves(text: str) -> tuple[str, str]:
    """The first and the second half of the sentences; the words, where there is one sentence only."""
    parts = [text[start:end] for start, end in sentence_spans(text)]
    if len(parts) == 1:
        parts = [f"{word} " for word in text.split()]
    middle = (len(parts) + 1) // 2
    return "".join(parts[:middle]).strip(), "".join(parts[middle:]).strip() or text


def _nearness(vectors: Vectors, among: Vectors, offset: int) -> tuple[float, ...]:
    """Deciles of the cosine of some ``vectors`` to the nearest other ones; ``among`` has them from ``offset`` on."""
    chosen = np.random.default_rng(1).permutation(len(vectors))[:_NEIGHBOURS_MEASURED]
    cosines = vectors[chosen] @ among.T
    cosines[np.arange(len(chosen)), chosen + offset] = -1.0
    return tuple(float(value) for value in np.percentile(cosines.max(axis=1), (10, 50, 90)))


def _normalised(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)
