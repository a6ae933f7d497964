"""The command line: ``newsqa index | ask | chat | serve | eval``."""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import track

from newsqa import __version__
from newsqa.errors import InputError, NewsQAError
from newsqa.models.engine import ENGINES
from newsqa.scope import Published
from newsqa.serving import PageLimits
from newsqa.terminal import Conversation, print_answer, prompt, terminal_language, visible
from newsqa.wire import answer_to_json

if TYPE_CHECKING:
    from newsqa.qa import NewsQA
    from newsqa.updating import Update

T = TypeVar("T")

_INDEX = "index"
# Of ``PageLimits``, those with a number.
_LIMITS = {
    "upload_bytes": "most bytes of a reader's file, or behind a link",
    "article_characters": "most characters of a reader's article",
    "session_articles": "most articles of one reader at a time; 0: none can be added",
    "sessions": "most readers with articles of their own at a time",
    "requests": "most requests a minute of all readers together; a question on the page is three",
    "queue": "most requests that wait",
}
_OUT = Console(highlight=False, soft_wrap=True)
_ERR = Console(stderr=True, highlight=False, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; exits with 1 on an error of newsqa, 2 on wrong usage, 130 when interrupted (a page: 0)."""
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
        _print_error(error)
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
    models.add_argument(
        "--engine",
        choices=ENGINES,
        help="what runs the bundled models (default: NEWSQA_ENGINE or what suits the machine)",
    )
    models.add_argument("--verbose", action="store_true", help="log what is done to stderr")
    readers = argparse.ArgumentParser(add_help=False)
    readers.add_argument(
        "--reader",
        help='"bundled", "sentence", or a folder or hub id of an extractive model (default: NEWSQA_READER or bundled)',
    )
    indexed = argparse.ArgumentParser(add_help=False)
    indexed.add_argument("--index", default=_INDEX, help="the index folder (default: index)")
    scope = argparse.ArgumentParser(add_help=False)
    scope.add_argument("--article", action="append", metavar="ID", help="ask only this article; repeatable")
    scope.add_argument("--from", dest="published_from", metavar="DATE", help="ask only articles from 2024-03-01 on")
    scope.add_argument("--to", dest="published_to", metavar="DATE", help="... and until then, that day included")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    command = commands.add_parser("index", parents=[models], help="index files, folders and links")
    command.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a .txt, .md, .html, .pdf, .docx or .jsonl file, a folder, glob or link",
    )
    command.add_argument("--strict", action="store_true", help="stop at what cannot be read instead of skipping it")
    command.add_argument("--output", default=_INDEX, help="the index folder to write (default: index)")
    command.set_defaults(run=_index)

    command = commands.add_parser("ask", parents=[indexed, scope, models, readers], help="ask one question")
    command.add_argument("question")
    command.add_argument("--json", action="store_true", help="print the answer as JSON")
    command.set_defaults(run=_ask)

    command = commands.add_parser(
        "chat", parents=[indexed, scope, models, readers], help="talk about the articles in the terminal"
    )
    command.set_defaults(run=_chat)

    command = commands.add_parser("serve", parents=[indexed, models, readers], help="serve the web page")
    command.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    command.add_argument("--port", type=_port, help="port (default: the first free one from 7860)")
    command.add_argument("--example", action="append", default=[], help="a question that the page offers; repeatable")
    command.add_argument(
        "--feedback",
        metavar="FILE",
        default=os.environ.get("NEWSQA_FEEDBACK"),
        help="append readers' reports on answers to this file, as JSON Lines (default: NEWSQA_FEEDBACK or none)",
    )
    _add_limits(command)
    command.set_defaults(run=_serve)

    command = commands.add_parser("eval", parents=[models, readers], help="measure quality and speed on question files")
    command.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="JSON Lines: passages with questions, with yes/no questions or with conversations",
    )
    command.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    command.add_argument("--limit", type=_positive, help="only so many questions (conversations) of each file")
    command.add_argument("--together", action="store_true", help="search all question files as one archive")
    command.add_argument("--plots", type=Path, metavar="FOLDER", help="draw there how risk and confidence behave")
    command.set_defaults(run=_eval)
    return parser


def _add_limits(command: argparse.ArgumentParser) -> None:
    """The options and environment variables of ``PageLimits``."""
    group = command.add_argument_group("what readers may do")
    group.add_argument(
        "--uploads",
        action=argparse.BooleanOptionalAction,
        help="let readers add files (default: NEWSQA_UPLOADS or yes)",
    )
    group.add_argument(
        "--links",
        action=argparse.BooleanOptionalAction,
        help="let readers add articles by link (default: NEWSQA_LINKS, or yes if the page listens on this machine only "
        "and is no Space)",
    )
    for name, what in _LIMITS.items():
        variable = f"NEWSQA_{name.upper()}"
        group.add_argument(
            f"--{name.replace('_', '-')}",
            type=_positive if name != "session_articles" else _not_negative,
            metavar="N",
            default=os.environ.get(variable),
            help=f"{what} (default: {variable} or {getattr(PageLimits(), name):,})",
        )


def _switch(variable: str) -> bool | None:
    """What an environment variable says: yes, no, or nothing.

    Raises:
        InputError: it says something else.
    """
    value = os.environ.get(variable, "").strip().lower()
    if value not in ("", "0", "1"):
        raise InputError(f"{variable} is {value!r}; set it to 1 or 0")
    return None if value == "" else value == "1"


def _page_limits(options: argparse.Namespace) -> PageLimits:
    given = {name: getattr(options, name) for name in _LIMITS}
    for name in ("uploads", "links"):
        chosen = getattr(options, name)
        given[name] = _switch(f"NEWSQA_{name.upper()}") if chosen is None else chosen
    return PageLimits(**{name: value for name, value in given.items() if value is not None})


def _not_negative(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{number} is not a number from 0 upwards")
    return number


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

    articles = load_articles(options.paths, strict=options.strict, progress=_ERR.is_terminal, on_skip=_skipped)
    with _waiting("loading the encoder"):
        from newsqa.embedding import load_encoder
        from newsqa.updating import update_index

        encoder = load_encoder(options.encoder, options.engine)
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


def _skipped(error: InputError) -> None:
    _print_error(error, "skipped: ")


def _print_error(error: NewsQAError, what: str = "") -> None:
    _ERR.print(f"newsqa: {what}{escape(visible(' '.join(str(error).split())))}")


def _published(options: argparse.Namespace) -> Published | None:
    dates = (options.published_from, options.published_to)
    return dates if any(dates) else None


def _ask(options: argparse.Namespace) -> None:
    answer = _load(options).ask(options.question, articles=options.article, published=_published(options))
    if options.json:
        sys.stdout.write(json.dumps(answer_to_json(answer), ensure_ascii=False, indent=2) + "\n")
    else:
        print_answer(_OUT, answer)


def _chat(options: argparse.Namespace) -> None:
    start = functools.partial(_load(options).chat, articles=options.article, published=_published(options))
    Conversation(start, _OUT, _ERR, prompt, terminal_language()).run()


def _serve(options: argparse.Namespace) -> None:
    # What stops a service, at any moment, is the same as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    qa = _load(options)
    with _waiting("starting the page"):
        from newsqa.ui import serve

        blocks = serve(
            qa,
            host=options.host,
            port=options.port,
            examples=options.example,
            feedback=options.feedback,
            limits=_page_limits(options),
            block=False,
        )
    _OUT.print(f"newsqa is at {blocks.local_url} (stop it with Ctrl-C)")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(1)
    # Not as other commands end: the threads that answer would be cut off within a model's code, which aborts the
    # process, and whatever they still say would come as a traceback.
    os._exit(0)


def _eval(options: argparse.Namespace) -> None:
    from newsqa.evaluation.questions import QuestionFile, read_file, together
    from newsqa.evaluation.run import evaluate_files
    from newsqa.evaluation.tables import WIDTH, tables

    files = [read_file(path) for path in options.files]
    if options.together:
        of_questions = [file for file in files if isinstance(file, QuestionFile)]
        files = [file for file in files if not isinstance(file, QuestionFile)] + together(of_questions)
    if options.plots:
        # Before the questions are asked, for that takes a while: is matplotlib there, and is there something to draw?
        from newsqa.evaluation.plots import Curve, write_plots

        if not any(isinstance(file, QuestionFile) for file in files):
            raise InputError(
                "--plots draws question files, and none is given; yes/no and conversation files are not drawn"
            )
    with _waiting("loading the models"):
        from newsqa.embedding import load_encoder
        from newsqa.reading import load_reader

        encoder = load_encoder(options.encoder, options.engine)
        reader = load_reader(options.reader, encoder, options.engine)
    evaluation = evaluate_files(files, encoder, reader, limit=options.limit, progress=_bar)
    # Wide enough for every column, also where the output goes to a file.
    wide = Console(highlight=False, width=max(_OUT.width, WIDTH))
    for table in tables(evaluation):
        wide.print(table)
    if options.json:
        try:
            options.json.write_text(json.dumps(evaluation.to_json(), indent=1) + "\n", "utf-8")
        except OSError as error:
            raise InputError(f"cannot write {options.json}: {error.strerror}") from error
    if options.plots:
        curves = [Curve(report.name, report.judged) for report in evaluation.questions]
        for path in write_plots(curves, options.plots):
            _OUT.print(escape(str(path)))


def _bar(items: Sequence[T], name: str) -> Iterable[T]:
    return track(items, name, console=_ERR, transient=True, disable=not _ERR.is_terminal)


def _load(options: argparse.Namespace) -> NewsQA:
    with _waiting("loading the models (the very first time takes longer)"):
        from newsqa.qa import NewsQA

        return NewsQA.load(options.index, encoder=options.encoder, reader=options.reader, engine=options.engine)


@contextlib.contextmanager
def _waiting(what: str) -> Iterator[None]:
    with _ERR.status(f"{what} …"):
        yield
