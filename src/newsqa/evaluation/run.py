"""All files of one evaluation, whatever their formats."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from newsqa.embedding import Encoder
from newsqa.evaluation.asking import Progress, RememberingEncoder, silent
from newsqa.evaluation.conversations import ConversationsReport, evaluate_conversations
from newsqa.evaluation.evaluate import ConfidenceReport, QuestionsReport, confidence_report, evaluate
from newsqa.evaluation.questions import ConversationFile, QuestionFile, YesNoFile
from newsqa.evaluation.timing import peak_memory_mb
from newsqa.evaluation.yes_no import YesNoReport, evaluate_yes_no
from newsqa.reading import Reader


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The reports of all files by their format, and ``timing.peak_memory_mb`` after the last of them."""

    questions: tuple[QuestionsReport, ...]
    yes_no: tuple[YesNoReport, ...]
    conversations: tuple[ConversationsReport, ...]
    peak_memory_mb: float | None

    def pooled(self) -> ConfidenceReport:
        """The confidence on the questions of all question files together, every question counting the same."""
        return confidence_report([one for report in self.questions for one in report.judged])

    def to_json(self) -> dict[str, Any]:
        """The figures by name; one without questions is None, for JSON has no nan."""
        questions = [dataclasses.asdict(report) for report in self.questions]
        for report in questions:
            del report["judged"]
        figures: dict[str, Any] = _without_nan(
            {
                "questions": questions,
                "pooled_confidence": dataclasses.asdict(self.pooled()) if questions else None,
                "yes_no": [dataclasses.asdict(report) for report in self.yes_no],
                "conversations": [dataclasses.asdict(report) for report in self.conversations],
                "peak_memory_mb": self.peak_memory_mb,
            }
        )
        return figures


def evaluate_files(
    files: Sequence[QuestionFile | YesNoFile | ConversationFile],
    encoder: Encoder,
    reader: Reader,
    *,
    limit: int | None = None,
    progress: Progress = silent,
) -> Evaluation:
    """Measure newsqa with ``encoder`` and ``reader`` on each of ``files``.

    Args:
        files: as ``read_file`` gives them.
        encoder: makes the indexes and embeds the questions.
        reader: reads the passages.
        limit: ask only so many questions of each file, or hold so many of its conversations, drawn with a fixed seed.
        progress: wraps the questions or conversations of each file.
    """
    encoder = RememberingEncoder(encoder)
    questions: list[QuestionsReport] = []
    yes_no: list[YesNoReport] = []
    conversations: list[ConversationsReport] = []
    for file in files:
        if isinstance(file, QuestionFile):
            questions.append(evaluate(file, encoder, reader, limit=limit, progress=progress))
        elif isinstance(file, YesNoFile):
            yes_no.append(evaluate_yes_no(file, encoder, reader, limit=limit, progress=progress))
        else:
            conversations.append(evaluate_conversations(file, encoder, reader, limit=limit, progress=progress))
    return Evaluation(tuple(questions), tuple(yes_no), tuple(conversations), peak_memory_mb())


def _without_nan(figure: Any) -> Any:
    if isinstance(figure, dict):
        return {name: _without_nan(inner) for name, inner in figure.items()}
    if isinstance(figure, (list, tuple)):
        return [_without_nan(inner) for inner in figure]
    return None if isinstance(figure, float) and math.isnan(figure) else figure
