"""What reading less costs: ``python -m newsqa.evaluation.stopping --sure 0.7 0.8 0.9 FILES…``.

The bundled reader leaves the other passages out where the best one settles the question (``BundledReader``). Here each
question of a file is asked of all the file's passages, once with all retrieved passages read and once as if the reader
had stopped at each confidence: how often it does, how much is left to read, how often the answer is another one, and
what becomes of the answers.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newsqa.balance import LanguageBalance
from newsqa.citing import compose
from newsqa.embedding import Encoder, load_encoder
from newsqa.errors import InputError
from newsqa.evaluation import metrics
from newsqa.evaluation.asking import Progress, drawn, silent
from newsqa.evaluation.evaluate import cited_right
from newsqa.evaluation.questions import Question, QuestionFile, read_file
from newsqa.index import Index
from newsqa.language import question_language
from newsqa.reading.bundled import READ, SURE, BundledReader, is_settled
from newsqa.retrieval import Retriever
from newsqa.types import Answer

_NEVER = 1.1


@dataclass(frozen=True, slots=True)
class StoppingReport:
    """The questions of one file, read up to one confidence.

    ``stopped`` is the share of questions for which one passage was enough, ``read`` the share of the passages'
    characters that was read, ``changed`` the number of other answers. ``f1``, ``refused`` (of the unanswerable) and
    ``cited`` (of the answerable, those with a right citation) are pairs: all passages read, and stopped. Shares are in
    [0, 1], and nan where no question counts.
    """

    name: str
    sure: float
    questions: int
    stopped: float
    read: float
    changed: int
    f1: tuple[float, float]
    refused: tuple[float, float]
    cited: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, its answers with everything read and from the best passage alone, and what that takes to read."""

    question: Question
    full: Answer
    alone: Answer
    confidence: float
    characters: tuple[int, int]


def measure(
    file: QuestionFile,
    encoder: Encoder,
    reader: BundledReader,
    levels: Sequence[float],
    *,
    limit: int | None = None,
    progress: Progress = silent,
) -> list[StoppingReport]:
    """A report for each of ``levels``.

    Args:
        file: articles and questions.
        encoder: makes the index and embeds the questions.
        reader: one that reads everything.
        levels: the confidences at which reading stops.
        limit: ask only so many questions, drawn with a fixed seed.
        progress: wraps the questions while they are asked.
    """
    index = Index.build(file.articles, encoder)
    retriever = Retriever(index, encoder, LanguageBalance.load(encoder))
    asked = [_ask(question, retriever, reader) for question in progress(drawn(file.questions, limit), file.name)]
    return [_report(file.name, level, asked) for level in levels]


def _ask(question: Question, retriever: Retriever, reader: BundledReader) -> _Asked:
    hits = retriever.retrieve(question.text, READ)
    language = question_language(question.text)
    full, alone = reader.read(question.text, hits), reader.read(question.text, hits[:1])
    settled = is_settled(question.text, alone, hits[1:], 0.0)
    sizes = [len(hit.passage.span.text) for hit in hits]
    return _Asked(
        question,
        compose(question.text, language, full, retriever.index.articles),
        compose(question.text, language, alone, retriever.index.articles),
        alone.confidence if settled else -1.0,
        (sum(sizes), sizes[0]),
    )


def _report(name: str, level: float, asked: Sequence[_Asked]) -> StoppingReport:
    stopped = [one.confidence >= level for one in asked]
    pairs = [(one.full, one.alone if stop else one.full) for one, stop in zip(asked, stopped, strict=True)]
    full, early = ([pair[side] for pair in pairs] for side in (0, 1))
    questions = [one.question for one in asked]
    scores = [
        metrics.answer_scores([answer.text for answer in answers], [question.gold for question in questions])
        for answers in (full, early)
    ]
    cited = [
        metrics.mean([float(any(cited_right(q, a))) for q, a in zip(questions, answers, strict=True) if q.answerable])
        for answers in (full, early)
    ]
    return StoppingReport(
        name=name,
        sure=level,
        questions=len(asked),
        stopped=metrics.mean([float(stop) for stop in stopped]),
        read=sum(one.characters[stop] for one, stop in zip(asked, stopped, strict=True))
        / sum(one.characters[0] for one in asked),
        changed=sum((a.message, a.citations) != (b.message, b.citations) for a, b in pairs),
        f1=(scores[0].f1, scores[1].f1),
        refused=(scores[0].refused, scores[1].refused),
        cited=(cited[0], cited[1]),
    )


def table(reports: Sequence[StoppingReport]) -> str:
    """A Markdown table with a row a report; figures in percent, before and after."""
    rows = [
        "| file | questions | sure from | stopped | read | changed | F1 | refused | cited |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for one in reports:
        pairs = " | ".join(map(_pair, (one.f1, one.refused, one.cited)))
        shares = f"{100 * one.stopped:.1f} | {100 * one.read:.1f} | {one.changed}"
        rows.append(f"| {one.name} | {one.questions} | {one.sure:.2f} | {shares} | {pairs} |")
    return "\n".join(rows) + "\n"


def _pair(shares: tuple[float, float]) -> str:
    before, after = (f"{100 * share:.1f}" for share in shares)
    return "-" if math.isnan(shares[0]) else f"{before} → {after}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the files and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="question files")
    parser.add_argument("--sure", type=float, nargs="+", default=[SURE], help=f"confidences (default: {SURE})")
    parser.add_argument("--limit", type=int, help="questions of a file (default: all)")
    options = parser.parse_args(arguments)
    encoder = load_encoder("bundled")
    reader = BundledReader.load(sure=_NEVER)
    reports: list[StoppingReport] = []
    for path in options.files:
        file = read_file(path)
        if not isinstance(file, QuestionFile):
            raise InputError(f"{path} is not a file of questions with answers")
        reports += measure(file, encoder, reader, options.sure, limit=options.limit)
    sys.stdout.write(table(sorted(reports, key=lambda report: options.sure.index(report.sure))))


if __name__ == "__main__":
    main()
