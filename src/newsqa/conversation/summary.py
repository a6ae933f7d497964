"""An extractive summary: the sentences that are most like all others of the article.

Degree centrality on sentence vectors (LexRank without its threshold; Erkan and Radev, 2004), with some weight on
being early, as news puts first what matters, and a penalty for repeating what is chosen already (maximal marginal
relevance; Carbonell and Goldstein, 1998).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from newsqa.embedding import Encoder
from newsqa.types import Span

_MIN_WORDS = 5
# Cosines of e5 lie within a tenth of each other, so centrality is compared after scaling to [0, 1].
_EARLY = 0.5
_REPEATED = 0.6
_MAX_SENTENCES = 200


def central_sentences(sentences: Sequence[Span], encoder: Encoder, count: int = 3) -> list[Span]:
    """The ``count`` most central of ``sentences``, in the order of the text; fewer if there are fewer.

    Args:
        sentences: of one article; very short ones (headings, "Baca juga") are passed over where enough others are left.
        encoder: makes their vectors.
        count: how many.
    """
    bare = [sentence.strip() for sentence in sentences[:_MAX_SENTENCES]]
    candidates = [sentence for sentence in bare if len(sentence.text.split()) >= _MIN_WORDS]
    if len(candidates) < count:
        candidates = bare
    if len(candidates) <= count:
        return candidates
    vectors = encoder.encode_passages([sentence.text for sentence in candidates])
    likeness = _scaled(vectors @ vectors.T)
    early = 1 / (1 + np.arange(len(candidates)) / 3)
    scores = _scaled(likeness.mean(axis=1)) + _EARLY * early
    chosen: list[int] = []
    while len(chosen) < count:
        repeated = likeness[:, chosen].max(axis=1) if chosen else np.zeros(len(candidates))
        worth = scores - _REPEATED * repeated
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
    return [candidates[index] for index in sorted(chosen)]


def _scaled(values: np.ndarray) -> np.ndarray:
    low, high = values.min(), values.max()
    return np.asarray((values - low) / (high - low) if high > low else np.zeros_like(values))
