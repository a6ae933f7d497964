"""Figures from predictions: exact match and F1 as in SQuAD 2, refusals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from newsqa.evaluation import metrics
from newsqa.evaluation.metrics import exact_match, f1
from newsqa.training.examples import Example


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the reader says of one example.

    ``start`` and ``end``: the best span in the passage; ``score``: its log-odds against "no answer". ``polar``:
    log-odds that a verdict is asked for.
    """

    start: int
    end: int
    score: float
    polar: float


@dataclass(frozen=True, slots=True)
class SpanScores:
    """Percentages over ``count`` questions; ``answerable_f1`` is without a threshold, ``refused`` of the unanswerable.

    ``verdicts``: the share that would be taken for yes/no questions. A share of nothing is None.
    """

    count: int
    exact: float | None
    f1: float | None
    answerable_f1: float | None
    refused: float | None
    answered: float | None
    verdicts: float | None


def span_scores(examples: Sequence[Example], predictions: Sequence[Prediction], threshold: float = 0.0) -> SpanScores:
    """The figures of ordinary questions, answered where the score is above ``threshold``."""
    exact, overlap, best, refused, answered, verdicts = [], [], [], [], [], []
    for example, prediction in zip(examples, predictions, strict=True):
        gold = example.answer_texts()
        span = example.passage.text[prediction.start : prediction.end]
        text = span if prediction.score > threshold else ""
        exact.append(exact_match(text, gold))
        overlap.append(f1(text, gold))
        answered.append(float(bool(text)))
        verdicts.append(float(prediction.polar > 0))
        if gold:
            best.append(f1(span, gold))
        else:
            refused.append(float(not text))
    columns = (exact, overlap, best, refused, answered, verdicts)
    return SpanScores(len(exact), *(_percent(metrics.mean(column)) for column in columns))


def _percent(share: float) -> float | None:
    return None if math.isnan(share) else round(100 * share, 1)
