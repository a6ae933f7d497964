"""Verdicts measured on yes/no files: every question in each language, asked of its own passage."""

from __future__ import annotations

from dataclasses import dataclass

from newsqa.embedding import Encoder
from newsqa.evaluation import metrics
from newsqa.evaluation.asking import OwnArticle, Progress, drawn, silent
from newsqa.evaluation.questions import YesNoFile
from newsqa.evaluation.rows import LANGUAGES, Label
from newsqa.reading import Reader
from newsqa.types import Answer, Language


@dataclass(frozen=True, slots=True)
class VerdictReport:
    """The questions of a file in one language; shares in [0, 1], nan where no question counts.

    ``verdicts`` is how many were given. ``right``: of the questions whose answer is yes or no. ``wrong``: of the
    verdicts given; every verdict on an unknown question is wrong. Of the unknown questions ``unknown_withheld`` got no
    verdict, and ``unknown_declined`` of them no answer of any kind.
    """

    language: Language
    questions: int
    unknown: int
    verdicts: int
    right: float
    wrong: float
    unknown_withheld: float
    unknown_declined: float


@dataclass(frozen=True, slots=True)
class YesNoReport:
    """One yes/no file; ``questions`` counts each once, whatever the languages."""

    name: str
    questions: int
    languages: tuple[VerdictReport, ...]


def evaluate_yes_no(
    file: YesNoFile, encoder: Encoder, reader: Reader, *, limit: int | None = None, progress: Progress = silent
) -> YesNoReport:
    """Measure the verdicts of newsqa with ``encoder`` and ``reader`` on ``file``.

    Args:
        file: passages and questions.
        encoder: makes the index of each passage and embeds the questions.
        reader: reads the passages.
        limit: ask only so many questions, drawn with a fixed seed.
        progress: wraps the questions while they are asked.
    """
    alone = OwnArticle(encoder, reader)
    questions = drawn([(row.article, question) for row in file.rows for question in row.questions], limit)
    asked: dict[Language, list[tuple[Label, Answer]]] = {language: [] for language in LANGUAGES}
    for article, question in progress(questions, file.name):
        for language, replies in asked.items():
            replies.append((question.label, alone.about(article).ask(question.wordings[language])))
    reports = tuple(_report(language, replies) for language, replies in asked.items())
    return YesNoReport(file.name, len(questions), reports)


def _report(language: Language, asked: list[tuple[Label, Answer]]) -> VerdictReport:
    scores = metrics.verdict_scores([label for label, _ in asked], [answer.verdict for _, answer in asked])
    unknown = [answer for label, answer in asked if label == "unknown"]
    return VerdictReport(
        language=language,
        questions=len(asked),
        unknown=len(unknown),
        verdicts=sum(answer.verdict is not None for _, answer in asked),
        right=scores.right,
        wrong=scores.wrong,
        unknown_withheld=scores.withheld,
        unknown_declined=metrics.mean([float(answer.abstained) for answer in unknown]),
    )
