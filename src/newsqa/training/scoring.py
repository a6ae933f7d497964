"""Figures from predictions: exact match and F1 as in SQuAD 2, refusals, verdicts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from newsqa.evaluation import metrics
from newsqa.evaluation.metrics import exact_match, f1
from newsqa.models.adapter import NO, YES
from newsqa.training.examples import Example, Kind

MAX_WRONG_VERDICTS = 0.10
MIN_RIGHT_VERDICTS = 0.10


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the reader says of one example.

    ``start`` and ``end``: the best span in the passage; ``score``: its log-odds against "no answer". ``polar``:
    log-odds that a verdict is asked for; ``verdict``: probabilities of yes, no and unknown.
    """

    start: int
    end: int
    score: float
    polar: float
    verdict: tuple[float, float, float]


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


@dataclass(frozen=True, slots=True)
class VerdictScores:
    """Percentages over ``count`` yes/no questions; a verdict is given where its probability is at least ``threshold``.

    ``right``: of those whose answer is yes or no. ``wrong``: of the verdicts given, one on an unknown question being
    wrong. ``refused``: of the unknown ones. ``recognised``: those taken for yes/no questions.
    """

    count: int
    threshold: float
    right: float | None
    wrong: float | None
    refused: float | None
    recognised: float | None


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


def verdict_scores(kinds: Sequence[Kind], predictions: Sequence[Prediction], threshold: float) -> VerdictScores:
    """The figures of yes/no questions of these ``kinds``; a verdict is given from a probability of ``threshold`` on."""
    scores = metrics.verdict_scores(kinds, [_verdict(prediction, threshold) for prediction in predictions])
    recognised = metrics.mean([float(prediction.polar > 0) for prediction in predictions])
    shares = (scores.right, scores.wrong, scores.withheld, recognised)
    return VerdictScores(len(predictions), threshold, *(_percent(share) for share in shares))


def verdict_threshold(kinds: Sequence[Kind], predictions: Sequence[Prediction]) -> float:
    """The lowest threshold at which at most ``MAX_WRONG_VERDICTS`` of the given verdicts are wrong.

    1, which gives none, where that leaves fewer than ``MIN_RIGHT_VERDICTS`` of the questions with a right one: a reader
    that gives a verdict once in a hundred questions would only decline the others.
    """
    for step in range(34, 100):
        scores = verdict_scores(kinds, predictions, step / 100)
        if scores.wrong is not None and scores.wrong <= 100 * MAX_WRONG_VERDICTS:
            return step / 100 if (scores.right or 0) >= 100 * MIN_RIGHT_VERDICTS else 1.0
    return 1.0


def _verdict(prediction: Prediction, threshold: float) -> Kind | None:
    kind, best = (Kind.YES, YES) if prediction.verdict[YES] >= prediction.verdict[NO] else (Kind.NO, NO)
    return kind if prediction.polar > 0 and prediction.verdict[best] >= threshold else None


def _percent(share: float) -> float | None:
    return None if math.isnan(share) else round(100 * share, 1)
