"""The figures of an evaluation as tables for a terminal, at most 110 columns wide."""

from __future__ import annotations

import math

from rich.console import RenderableType
from rich.table import Table

from newsqa.evaluation.evaluate import ConfidenceReport
from newsqa.evaluation.run import Evaluation

WIDTH = 110

_WORDS = ("file", "asked in", "turns", "history")


def tables(evaluation: Evaluation) -> list[RenderableType]:
    """What is to be printed, one after the other; formats that no file had are left out."""
    shown: list[RenderableType] = []
    if evaluation.questions:
        shown += [_retrieval(evaluation), _reading(evaluation), _confidence(evaluation)]
        shown += [_citations(evaluation), _latency(evaluation)]
    if evaluation.yes_no:
        shown.append(_yes_no(evaluation))
    if evaluation.conversations:
        shown.append(_conversations(evaluation))
    if evaluation.peak_memory_mb is not None:
        shown.append(f"Peak memory of the process: {evaluation.peak_memory_mb:,.0f} MB")
    return shown


def _retrieval(evaluation: Evaluation) -> Table:
    columns = ("file", "articles", "questions", "dense", "lexical", "R@1", "R@5", "MRR@10")
    table = _table("Retrieval (archive)", columns)
    for report in evaluation.questions:
        found = report.retrieval
        shares = (found.dense, found.lexical, found.recall_at_1, found.recall_at_5, found.reciprocal_rank_at_10)
        table.add_row(report.name, str(report.articles), str(report.answerable), *map(_percent, shares))
    return table


def _reading(evaluation: Evaluation) -> Table:
    table = _table(
        "Reading (own article)",
        ("file", "questions", "EM", "F1", "F1 ans.", "answered", "refused", "verdicts", "ECE"),
        "F1 ans., answered: of the answerable questions; refused: of the unanswerable ones; verdicts: taken for yes/no "
        "questions; ECE: of the answers given, right where they cite a gold sentence.",
    )
    for report in evaluation.questions:
        read = report.reading
        shares = (read.exact_match, read.f1, read.f1_answerable, read.answered, read.refused, read.verdicts)
        table.add_row(report.name, str(report.questions), *map(_percent, (*shares, read.calibration_error)))
    return table


def _confidence(evaluation: Evaluation) -> Table:
    table = _table(
        "Confidence (own article)",
        ("file", "questions", "precision at 100 %", "precision at 80 %", "ECE"),
        "Of the best candidate of each question, given or not; right: token F1 of 0.5 or more with a gold answer, "
        "never on an unanswerable question. At 80 %: on the 80 % of all questions, answerable or not, with the "
        "highest confidence.",
    )

    def add(name: str, report: ConfidenceReport) -> None:
        shares = (report.precision, report.precision_at_80, report.calibration_error)
        table.add_row(name, str(report.questions), *map(_percent, shares))

    for report in evaluation.questions:
        add(report.name, report.confidence)
    if len(evaluation.questions) > 1:
        add("all", evaluation.pooled())
    return table


def _citations(evaluation: Evaluation) -> Table:
    table = _table("Citations (archive)", ("file", "questions", "precision", "recall", "article"))
    for report in evaluation.questions:
        cited = report.citation
        shares = (cited.precision, cited.recall, cited.first)
        table.add_row(report.name, str(report.answerable), *map(_percent, shares))
    return table


def _latency(evaluation: Evaluation) -> Table:
    columns = ("file", "articles", "p50", "p95", "embed", "search", "read")
    table = _table("Milliseconds a question (archive)", columns, "embed, search, read: medians of the parts.")
    for report in evaluation.questions:
        times = report.latency
        parts = (times.p50_ms, times.p95_ms, times.embed_ms, times.search_ms, times.read_ms)
        table.add_row(report.name, str(report.articles), *(f"{part:.1f}" for part in parts))
    return table


def _yes_no(evaluation: Evaluation) -> Table:
    table = _table(
        "Yes/no questions (own article)",
        ("file", "asked in", "questions", "right", "verdicts", "wrong", "unknown", "no verdict", "no answer"),
        "right: of the questions whose answer is yes or no; wrong: of the verdicts given; no verdict, no answer of any "
        "kind: of the unknown ones.",
    )
    for report in evaluation.yes_no:
        for part in report.languages:
            table.add_row(
                report.name,
                part.language,
                str(part.questions),
                _percent(part.right),
                str(part.verdicts),
                _percent(part.wrong),
                str(part.unknown),
                _percent(part.unknown_withheld),
                _percent(part.unknown_declined),
            )
    return table


def _conversations(evaluation: Evaluation) -> Table:
    table = _table(
        "Conversations (own article)",
        ("file", "asked in", "turns", "history", "questions", "EM", "F1", "F1 ans.", "refused", "right"),
        "later: from the second on; alone: of these the ones that change the topic. History: gold answers; never any; "
        "always newsqa's own answers; chat: newsqa decides. right: declined or answered as it should be, from the gold "
        "sentence.",
    )
    for report in evaluation.conversations:
        for part in report.scores:
            shares = (part.exact_match, part.f1, part.f1_answerable, part.refused, part.right)
            names = (report.name, part.language, part.turns, part.way, str(part.questions))
            # A line under each kind of turns.
            table.add_row(*names, *map(_percent, shares), end_section=part.way == "chat")
    return table


def _table(title: str, columns: tuple[str, ...], caption: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", caption=caption, caption_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column in _WORDS else "right", no_wrap=True)
    return table


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f}"
