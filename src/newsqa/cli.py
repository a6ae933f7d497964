"""The command line: ``newsqa index | ask | chat | serve | eval``."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import logging
import math
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table
from rich.text import Text

from newsqa import __version__
from newsqa.errors import InputError, NewsQAError
from newsqa.types import Answer, Citation
from newsqa.wire import answer_to_json

if TYPE_CHECKING:
    from newsqa.evaluation.evaluate import FileReport
    from newsqa.qa import NewsQA
    from newsqa.updating import Update

_INDEX = "index"
_OUT = Console(highlight=False, soft_wrap=True)
_ERR = Console(stderr=True, highlight=False, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; exits with 1 on an error of newsqa, 2 on wrong usage, 130 when interrupted."""
    # Read by the libraries when they are first imported: their bars would come between ours.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    options = _parser().parse_args(arguments)
    # Our own messages only: some of the libraries log at DEBUG whatever the root logger says.
    logger = logging.getLogger("newsqa")
    logger.addHandler(logging.StreamHandler())
    logger.setLevel(logging.INFO if options.verbose else logging.WARNING)
    try:
        options.run(options)
    except NewsQAError as error:
        _ERR.print(f"newsqa: {escape(' '.join(str(error).split()))}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has gone (newsqa ask … | head); nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="newsqa", description="Ask news articles questions; every answer is cited.")
    parser.add_argument("--version", action="version", version=f"newsqa {__version__}")
    models = argparse.ArgumentParser(add_help=False)
    models.add_argument("--encoder", help='"bundled", a folder or a hub id (default: NEWSQA_ENCODER or bundled)')
    models.add_argument("--verbose", action="store_true", help="log what is done to stderr")
    readers = argparse.ArgumentParser(add_help=False)
    readers.add_argument(
        "--reader",
        help='"bundled", "sentence", or a folder or hub id of an extractive model (default: NEWSQA_READER or bundled)',
    )
    indexed = argparse.ArgumentParser(add_help=False)
    indexed.add_argument("--index", default=_INDEX, help="the index folder (default: index)")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    command = commands.add_parser("index", parents=[models], help="index text files and folders")
    command.add_argument("paths", nargs="+", metavar="PATH", help="a .txt file, or a folder of them")
    command.add_argument("--output", default=_INDEX, help="the index folder to write (default: index)")
    command.set_defaults(run=_index)

    command = commands.add_parser("ask", parents=[indexed, models, readers], help="ask one question")
    command.add_argument("question")
    command.add_argument("--json", action="store_true", help="print the answer as JSON")
    command.add_argument("--article", action="append", metavar="ID", help="ask only this article; repeatable")
    command.add_argument("--from", dest="published_from", metavar="DATE", help="ask only articles from 2024-03-01 on")
    command.add_argument("--to", dest="published_to", metavar="DATE", help="... and until then, that day included")
    command.set_defaults(run=_ask)

    command = commands.add_parser("chat", parents=[indexed, models, readers], help="ask questions one after another")
    command.set_defaults(run=_chat)

    command = commands.add_parser("serve", parents=[indexed, models, readers], help="serve the web page")
    command.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    command.add_argument("--port", type=_port, help="port (default: the first free one from 7860)")
    command.add_argument("--example", action="append", default=[], help="a question that the page offers; repeatable")
    command.set_defaults(run=_serve)

    command = commands.add_parser("eval", parents=[models, readers], help="measure quality and speed on question files")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="JSON Lines with passages and questions")
    command.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    command.add_argument("--limit", type=_positive, help="ask only so many questions of each file")
    command.set_defaults(run=_eval)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a number from 1 upwards")
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is not a port from 1 to 65535")
    return number


def _index(options: argparse.Namespace) -> None:
    from newsqa.articles import load_articles

    articles = load_articles(options.paths)
    with _waiting("loading the encoder"):
        from newsqa.embedding import load_encoder
        from newsqa.updating import update_index

        encoder = load_encoder(options.encoder)
    # Encoding a handful of articles takes no time that is worth a bar.
    update = update_index(options.output, articles, encoder, progress=_ERR.is_terminal and len(articles) > 20)
    index = update.index
    made = f"{len(index.articles)} article(s), {len(index.passages)} passages"
    _OUT.print(f"{made} -> {escape(options.output)}{_what_changed(update)}")


def _what_changed(update: Update) -> str:
    counts = {"new": update.added, "changed": update.changed, "removed": update.removed}
    parts = (
        [] if update.fresh else [f"{count} {name}" for name, count in counts.items() if count] or ["nothing changed"]
    )
    if update.repeated:
        parts.append(f"{update.repeated} left out: the same text as another")
    return f" ({', '.join(parts)})" if parts else ""


def _ask(options: argparse.Namespace) -> None:
    published = (
        (options.published_from, options.published_to) if options.published_from or options.published_to else None
    )
    answer = _load(options).ask(options.question, articles=options.article, published=published)
    if options.json:
        sys.stdout.write(json.dumps(answer_to_json(answer), ensure_ascii=False, indent=2) + "\n")
    else:
        _print_answer(answer)


def _chat(options: argparse.Namespace) -> None:
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  (line editing and history for input)
    chat = _load(options).chat()
    while True:
        try:
            question = input("> ")
        except EOFError:
            return
        if not question.strip():
            continue
        try:
            _print_answer(chat.ask(question).answer)
        except InputError as error:
            _ERR.print(f"newsqa: {escape(str(error))}")


def _serve(options: argparse.Namespace) -> None:
    qa = _load(options)
    with _waiting("starting the page"):
        from newsqa.ui import serve

        blocks = serve(qa, host=options.host, port=options.port, examples=options.example, block=False)
    _OUT.print(f"newsqa is at {blocks.local_url} (stop it with Ctrl-C)")
    blocks.block_thread()


def _eval(options: argparse.Namespace) -> None:
    from newsqa.embedding import load_encoder
    from newsqa.evaluation.evaluate import evaluate
    from newsqa.evaluation.questions import Question, read_questions
    from newsqa.reading import load_reader

    files = [read_questions(path) for path in options.files]
    with _waiting("loading the models"):
        encoder = load_encoder(options.encoder)
        reader = load_reader(options.reader, encoder)
    reports = []
    for file in files:

        def progress(questions: Iterable[Question], name: str = file.name) -> Iterable[Question]:
            return track(list(questions), name, console=_ERR, transient=True, disable=not _ERR.is_terminal)

        reports.append(evaluate(file, encoder, reader, limit=options.limit, progress=progress))
    # Wide enough for every column, also where the output goes to a file.
    wide = Console(highlight=False, width=max(_OUT.width, 110))
    for table in _tables(reports):
        wide.print(table)
    if options.json:
        try:
            options.json.write_text(json.dumps([_figures(report) for report in reports], indent=1) + "\n", "utf-8")
        except OSError as error:
            raise InputError(f"cannot write {options.json}: {error.strerror}") from error


def _load(options: argparse.Namespace) -> NewsQA:
    with _waiting("loading the models (the very first time takes longer)"):
        from newsqa.qa import NewsQA

        return NewsQA.load(options.index, encoder=options.encoder, reader=options.reader)


@contextlib.contextmanager
def _waiting(what: str) -> Iterator[None]:
    with _ERR.status(f"{what} …"):
        yield


def _print_answer(answer: Answer) -> None:
    _OUT.print(Text(answer.message, style="bold"))
    for citation in answer.citations:
        _OUT.print(_source(citation))


def _source(citation: Citation) -> Text:
    """``[1] title: sentence``, the answer's span underlined (on paper: between » and «)."""
    sentence = citation.sentence
    span = citation.highlight or sentence
    before, inside, after = (
        " ".join(part.split("\n"))
        for part in (
            sentence.text[: span.start - sentence.start],
            span.text,
            sentence.text[span.end - sentence.start :],
        )
    )
    if not _OUT.is_terminal and citation.highlight:
        inside = f"»{inside}«"
    name = citation.article.title or citation.article.id
    return Text.assemble((f"[{citation.number}] ", "cyan"), (f"{name}: ", "dim"), before, (inside, "reverse"), after)


def _tables(reports: Sequence[FileReport]) -> tuple[Table, Table, Table]:
    retrieval = _table(
        "Retrieval (archive)", "file", "articles", "questions", "dense", "lexical", "R@1", "R@5", "MRR@10"
    )
    reading = _table("Reading (own article)", "file", "questions", "EM", "F1", "F1 ans.", "answered", "refused", "ECE")
    citation = _table("Citations and time (archive)", "file", "precision", "recall", "article", "p50 ms", "p95 ms")
    for report in reports:
        found, read, cited = report.retrieval, report.reading, report.citation
        shares = (found.dense, found.lexical, found.recall_at_1, found.recall_at_5, found.reciprocal_rank_at_10)
        retrieval.add_row(report.name, str(report.articles), str(report.answerable), *map(_percent, shares))
        figures = (read.exact_match, read.f1, read.f1_answerable, read.answered, read.refused, read.calibration_error)
        reading.add_row(report.name, str(report.questions), *map(_percent, figures))
        times = (f"{report.p50_ms:.0f}", f"{report.p95_ms:.0f}")
        citation.add_row(report.name, *map(_percent, (cited.precision, cited.recall, cited.first)), *times)
    return retrieval, reading, citation


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position == 0 else "right", no_wrap=True)
    return table


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f}"


def _figures(report: FileReport) -> dict[str, Any]:
    """``report`` for JSON, which has no nan: a figure without questions is null."""

    def value(figure: Any) -> Any:
        if isinstance(figure, dict):
            return {name: value(inner) for name, inner in figure.items()}
        return None if isinstance(figure, float) and math.isnan(figure) else figure

    figures: dict[str, Any] = value(dataclasses.asdict(report))
    return figures
