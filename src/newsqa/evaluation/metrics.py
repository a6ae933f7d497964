"""The field's measures, as numbers in [0, 1]."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

# An answer is right from this token F1 with a gold answer on, wherever it is to be right or wrong as a whole.
RIGHT_F1 = 0.5

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """An answer as SQuAD's official script compares it: lower case, no punctuation, no English articles."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(predicted: str, golds: Sequence[str]) -> float:
    """1 if ``predicted`` equals one of ``golds`` after normalisation; without golds, if it is empty."""
    if not golds:
        return float(not predicted)
    return max(float(normalise(predicted) == normalise(gold)) for gold in golds)


def f1(predicted: str, golds: Sequence[str]) -> float:
    """The best token F1 of ``predicted`` against one of ``golds``; without golds, 1 if it is empty."""
    if not golds:
        return float(not predicted)
    return max(_token_f1(normalise(predicted).split(), normalise(gold).split()) for gold in golds)


def recall_at(ranks: Sequence[int | None], k: int) -> float:
    """The share of questions whose gold article is among the first ``k``; ranks count from 1, None: not found."""
    return mean([float(rank is not None and rank <= k) for rank in ranks])


def reciprocal_rank(ranks: Sequence[int | None], k: int = 10) -> float:
    """The mean reciprocal rank of the gold article, 0 where it is not among the first ``k``."""
    return mean([1 / rank if rank is not None and rank <= k else 0.0 for rank in ranks])


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """The mean distance of confidence and accuracy over ``bins`` of equal width (Guo et al., 2017)."""
    total = 0.0
    for low in range(bins):
        inside = [i for i, confidence in enumerate(confidences) if min(int(confidence * bins), bins - 1) == low]
        if inside:
            confidence = mean([confidences[i] for i in inside])
            total += len(inside) * abs(confidence - mean([float(right[i]) for i in inside]))
    return total / len(confidences) if confidences else 0.0


def mean(values: Sequence[float]) -> float:
    """The mean; nan without values, which is shown as a dash."""
    return sum(values) / len(values) if values else float("nan")


def _token_f1(predicted: list[str], gold: list[str]) -> float:
    if not predicted or not gold:
        return float(predicted == gold)
    shared = sum((Counter(predicted) & Counter(gold)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(predicted), shared / len(gold)
    return 2 * precision * recall / (precision + recall)
