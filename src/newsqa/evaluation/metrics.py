"""The field's measures, as numbers in [0, 1]."""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class AnswerScores:
    """Answers to questions, "" being an abstention; nan where no question counts.

    ``f1_answerable`` and ``answered`` are over the answerable questions, an abstention counting 0 in both;
    ``refused`` is the share of the unanswerable ones that got no answer.
    """

    exact_match: float
    f1: float
    f1_answerable: float
    answered: float
    refused: float


def answer_scores(answers: Sequence[str], golds: Sequence[Sequence[str]]) -> AnswerScores:
    """The figures of ``answers``, one for each of ``golds``, which is empty where the question is unanswerable."""
    overlaps = [f1(answer, gold) for answer, gold in zip(answers, golds, strict=True)]
    answerable = [position for position, gold in enumerate(golds) if gold]
    return AnswerScores(
        exact_match=mean([exact_match(answer, gold) for answer, gold in zip(answers, golds, strict=True)]),
        f1=mean(overlaps),
        f1_answerable=mean([overlaps[position] for position in answerable]),
        answered=mean([float(bool(answers[position])) for position in answerable]),
        refused=mean([float(not answer) for answer, gold in zip(answers, golds, strict=True) if not gold]),
    )


@dataclass(frozen=True, slots=True)
class VerdictScores:
    """Verdicts on yes/no questions; nan where none counts.

    ``right``: of the questions whose answer is yes or no. ``wrong``: of the verdicts given; every verdict on an unknown
    question is wrong. ``withheld``: the share of the unknown questions without a verdict.
    """

    right: float
    wrong: float
    withheld: float


def verdict_scores(labels: Sequence[str], verdicts: Sequence[str | None]) -> VerdictScores:
    """The figures of ``verdicts`` ("yes", "no" or None), one for each of ``labels`` ("yes", "no" or "unknown")."""
    pairs = list(zip(labels, verdicts, strict=True))
    return VerdictScores(
        right=mean([float(verdict == label) for label, verdict in pairs if label != "unknown"]),
        wrong=mean([float(verdict != label) for label, verdict in pairs if verdict is not None]),
        withheld=mean([float(verdict is None) for label, verdict in pairs if label == "unknown"]),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """The best candidate for one question: how sure the reader was of it, in [0, 1], and whether it was right."""

    confidence: float
    right: bool


def risk_coverage(judged: Sequence[Judged]) -> list[tuple[float, float]]:
    """The curve of (coverage, share of wrong ones): for each k that of the k most confident."""
    wrong, curve = 0, []
    for count, one in enumerate(_most_confident_first(judged), 1):
        wrong += not one.right
        curve.append((count / len(judged), wrong / count))
    return curve


def precision_at(judged: Sequence[Judged], coverage: float) -> float:
    """The share of right ones among the most confident ``coverage`` of ``judged``, rounded up; nan if there is none."""
    # Rounding errors must not add a question: 0.07 * 100 is a little more than 7.
    kept = math.ceil(round(coverage * len(judged), 9))
    return mean([float(one.right) for one in _most_confident_first(judged)[:kept]])


def _most_confident_first(judged: Sequence[Judged]) -> list[Judged]:
    return sorted(judged, key=lambda one: -one.confidence)  # stable: of equal ones the earlier first


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of about the same confidence: its mean, the share of right ones, and how many they are."""

    confidence: float
    accuracy: float
    count: int


def reliability(judged: Sequence[Judged], bins: int = 10) -> list[Bin]:
    """``judged`` in bins of equal width, from the lowest confidence to the highest, empty ones left out."""
    found = []
    for low in range(bins):
        inside = [one for one in judged if min(int(one.confidence * bins), bins - 1) == low]
        if inside:
            confidence = mean([one.confidence for one in inside])
            found.append(Bin(confidence, mean([float(one.right) for one in inside]), len(inside)))
    return found


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """The mean distance of confidence and accuracy over ``bins`` of equal width (Guo et al., 2017)."""
    judged = [Judged(*pair) for pair in zip(confidences, right, strict=True)]
    total = sum(one.count * abs(one.confidence - one.accuracy) for one in reliability(judged, bins))
    return total / len(judged) if judged else 0.0


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
