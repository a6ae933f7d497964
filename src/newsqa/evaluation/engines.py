"""Whether the engines answer alike: ``python -m newsqa.evaluation.engines FILES…``.

Every question of the files is asked with each engine: of the file's articles together, to see which comes first, and
of its own article, for the answer. Speed is measured by ``newsqa.evaluation.speed``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newsqa.balance import LanguageBalance
from newsqa.embedding import Encoder, load_encoder
from newsqa.evaluation import metrics
from newsqa.evaluation.asking import Progress, drawn, silent
from newsqa.evaluation.questions import Question, QuestionFile, read_questions
from newsqa.index import Index
from newsqa.models.engine import ENGINES
from newsqa.qa import NewsQA
from newsqa.reading import Reader, load_reader
from newsqa.retrieval import Retriever

_HEAD = ("file", "questions", "engine", "recall@1", "EM", "F1", "refused", "same answer")


@dataclass(frozen=True, slots=True)
class EngineQuality:
    """One file asked with one engine; shares in [0, 1], nan where no question counts.

    ``recall_at_1`` is over answerable questions, ``same`` the share of all whose answer the last engine gives too.
    """

    file: str
    questions: int
    engine: str
    recall_at_1: float
    exact_match: float
    f1: float
    refused: float
    same: float


@dataclass(frozen=True, slots=True)
class Contender:
    """One engine with what it runs."""

    engine: str
    encoder: Encoder
    reader: Reader


def compare(
    file: QuestionFile, contenders: Sequence[Contender], *, limit: int | None = None, progress: Progress = silent
) -> list[EngineQuality]:
    """Ask the questions of ``file`` with every engine.

    Args:
        file: articles and questions.
        contenders: the engines; the last is what the others are compared with.
        limit: ask only so many questions, drawn with a fixed seed.
        progress: wraps the questions of each engine.
    """
    questions = drawn(file.questions, limit)
    asked = [_asked(file, questions, one, progress) for one in contenders]
    golds = [question.gold for question in questions]
    reference = asked[-1][0]
    reports = []
    for contender, (answers, recall) in zip(contenders, asked, strict=True):
        scores = metrics.answer_scores(answers, golds)
        same = metrics.mean([float(one == other) for one, other in zip(answers, reference, strict=True)])
        quality = (recall, scores.exact_match, scores.f1, scores.refused, same)
        reports.append(EngineQuality(file.name, len(questions), contender.engine, *quality))
    return reports


def _asked(
    file: QuestionFile, questions: Sequence[Question], contender: Contender, progress: Progress
) -> tuple[list[str], float]:
    """The answers of the questions' own articles, and how often these come first of all."""
    index = Index.build(file.articles, contender.encoder)
    qa = NewsQA(index, contender.encoder, contender.reader)
    retriever = Retriever(index, contender.encoder, LanguageBalance.load(contender.encoder))
    answers, first = [], []
    for question in progress(questions, f"{file.name}, {contender.engine}"):
        answers.append(qa.ask(question.text, articles=[question.article_id]).text)
        if question.answerable:
            first.append(float(retriever.retrieve(question.text, 1)[0].article.id == question.article_id))
    return answers, metrics.mean(first)


def table(reports: Sequence[EngineQuality]) -> str:
    """A row of a Markdown table for each report; shares in percent."""
    lines = ["| " + " | ".join(_HEAD) + " |", "|---|--:|---|--:|--:|--:|--:|--:|"]
    for one in reports:
        shares = (one.recall_at_1, one.exact_match, one.f1, one.refused, one.same)
        cells = (
            one.file,
            str(one.questions),
            one.engine,
            *("-" if share != share else f"{100 * share:.1f}" for share in shares),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare the engines on each file and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="question files")
    parser.add_argument("--limit", type=int, help="ask only so many questions of each file")
    options = parser.parse_args(arguments)
    contenders = []
    for engine in ENGINES:
        encoder = load_encoder("bundled", engine)
        contenders.append(Contender(engine, encoder, load_reader("bundled", encoder, engine)))
    reports = []
    for path in options.files:
        reports += compare(read_questions(path), contenders, limit=options.limit)
        sys.stderr.write(f"{path.stem}\n")
    sys.stdout.write(table(reports))


if __name__ == "__main__":
    main()
