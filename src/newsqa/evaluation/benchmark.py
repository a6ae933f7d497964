"""newsqa beside what one would otherwise use, in one run: ``python -m newsqa.evaluation.benchmark``.

The others need ``pip install "newsqa[peers]"``; what is not installed is left out. Everything stays on this machine.

- Asking: ``NewsQA.ask`` against Haystack's extractive pipeline, about the seed article. Haystack reads once with a
  random reader in the size of XLM-RoBERTa base, which is what multilingual readers usually are (only its time means
  anything), and once with newsqa's own reader, exported for transformers.
- Indexing and retrieving: ``Index.build`` and newsqa's retrieval against LangChain with FAISS and against txtai.
- Answers: exact match, F1 and refusals on a question file, each question asked of its own article. Right passage found:
  the passages of all its articles together.

Equal for all: the encoder's weights and prompts, the passages (cut by newsqa), the questions word for word, the
passages given to the reader (up to eight; the seed article has three), the processor's cores. All take turns round by
round, and who begins changes; each question has a number, so that nobody has seen it before.

Not equal: newsqa runs eight-bit graphs on ONNX Runtime where the processor suits them, the others torch in float32
("newsqa, torch" does too). newsqa also counts words when it indexes and retrieves, finds spans within one sentence, and
leaves passages unread where the first one settles the question; the others search vectors alone and read all. Batch
sizes are as each program ships them. Whether Haystack refuses follows from its own scores, newsqa's from a calibrated
threshold.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import newsqa
from newsqa.articles import load_articles
from newsqa.embedding import load_encoder
from newsqa.errors import InputError, NewsQAError
from newsqa.evaluation.asking import drawn
from newsqa.evaluation.contenders import Asker, Finder, NewsQAAsker, NewsQAFinder
from newsqa.evaluation.export import base_size, export_reader, write_random_reader
from newsqa.evaluation.measuring import Rounds, measure
from newsqa.evaluation.peers import HaystackAsker, LangChainFinder, TxtaiFinder, keep_to_this_machine
from newsqa.evaluation.questions import read_questions
from newsqa.evaluation.ratios import (
    SUBJECT,
    TOLERANCE,
    Circumstances,
    not_measured,
    read_ratios,
    worse,
    write_record,
)
from newsqa.evaluation.report import report
from newsqa.evaluation.sample import passages_to_index, read_texts
from newsqa.evaluation.speed import QUESTIONS
from newsqa.models.bundled import bundled_encoder
from newsqa.models.engine import TORCH, engine_name
from newsqa.reading import load_reader

logger = logging.getLogger(__name__)

_PACKAGES = (
    "faiss-cpu haystack-ai langchain-community langchain-core numpy onnxruntime sentence-transformers "
    "sentence-transformers-haystack tokenizers torch transformers transformers-haystack txtai"
).split()


def contenders(work: Path) -> tuple[list[Asker], list[Finder]]:
    """Of newsqa the default engine and torch, and every peer that is installed; models go to the folder ``work``."""
    askers: list[Asker] = []
    finders: list[Finder] = []
    for engine in dict.fromkeys((engine_name(), TORCH)):
        name = f"{SUBJECT}, {engine}" if askers else SUBJECT
        logger.info("loading %s on %s", SUBJECT, engine)
        encoder = load_encoder("bundled", engine)
        askers.append(NewsQAAsker(name, encoder, load_reader("bundled", encoder, engine)))
        finders.append(NewsQAFinder(name, encoder))
    folder = bundled_encoder()
    with _left_out("Haystack"):
        askers += _haystack(folder, work)
    with _left_out("LangChain"):
        logger.info("loading LangChain")
        finders.append(LangChainFinder(folder))
    with _left_out("txtai"):
        logger.info("loading txtai")
        finders.append(TxtaiFinder(folder))
    return askers, finders


def _haystack(encoder: Path, work: Path) -> list[Asker]:
    """Haystack with a reader of the usual size, and with newsqa's."""
    # Where Haystack is not installed this fails, before gigabytes are written; the folders are read when asked.
    askers: list[Asker] = [
        HaystackAsker("Haystack, XLM-R base size", encoder, work / "random", trained=False),
        HaystackAsker("Haystack, newsqa's reader", encoder, work / "reader"),
    ]
    logger.info("writing a random reader of the size of XLM-RoBERTa base")
    write_random_reader(work / "random", base_size(), tokenizer=encoder)
    logger.info("writing newsqa's reader as a model of transformers")
    export_reader(work / "reader")
    return askers


@contextlib.contextmanager
def _left_out(peer: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        logger.warning('%s is left out (%s); install it with: pip install "newsqa[peers]"', peer, error)


def _limit_threads(threads: int) -> None:
    """Let this process use so many cores, and each library as many threads."""
    os.environ |= {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    import torch

    torch.set_num_threads(threads)


def circumstances(threads: int) -> Circumstances:
    """This machine and what is installed on it."""
    versions = {"newsqa": newsqa.__version__}
    for package in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    return Circumstances(_processor(), threads, platform.python_version(), versions)


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def compare(measured: Mapping[str, float], recorded: Mapping[str, float], tolerance: float) -> int:
    """Log a line for each ratio that got worse, or could not be compared; the exit code.

    Raises:
        InputError: none can be compared.
    """
    missing = not_measured(measured, recorded)
    if len(missing) == len(recorded):
        raise InputError("nothing in the record was measured now; measure the same contenders")
    for name in missing:
        logger.warning("%s: in the record, not measured now", name)
    lines = worse(measured, recorded, tolerance)
    for line in lines:
        logger.error("%s", line)
    return int(bool(lines))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path("tests/data/seed_questions_en.jsonl")
    parser.add_argument("questions", nargs="?", type=Path, default=default, help=f"question file (default: {default})")
    parser.add_argument("--limit", type=int, default=100, help="ask so many questions of the file (default: 100)")
    parser.add_argument("--article", type=Path, default=Path("seeds"), help="asked about for time (default: seeds)")
    parser.add_argument("--files", nargs="+", type=Path, help="passages to index are made of these texts and question "
                        "files (default: the article and tests/data/articles)")  # fmt: skip
    parser.add_argument("--passages", type=int, default=300, help="passages indexed in all (default: 300)")
    parser.add_argument("--parts", type=int, default=5, help="parts in which they are indexed (default: 5)")
    parser.add_argument("--rounds", type=int, default=10, help="times that each question is asked (default: 10)")
    parser.add_argument("--threads", type=int, default=2, help="cores to use (default: 2)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write the figures to this file")
    parser.add_argument("--against", type=Path, metavar="FILE", help="exit 1 if a ratio is worse than in this record")
    parser.add_argument("--tolerance", type=float, default=100 * TOLERANCE, metavar="PERCENT",
                        help=f"of the ratio in the record (default: {100 * TOLERANCE:.0f})")  # fmt: skip
    parser.add_argument("--plot", type=Path, metavar="FILE", help='draw a picture; needs the extra "plots"')
    return parser


def run(options: argparse.Namespace, make: Callable[[Path], tuple[list[Asker], list[Finder]]] = contenders) -> int:
    """Measure, print, write and compare.

    Args:
        options: of the command line.
        make: gives the contenders, which may write to the folder.

    Returns:
        The exit code.

    Raises:
        NewsQAError: a file cannot be read or written, a model not be loaded, or there is nothing to compare.
    """
    recorded = read_ratios(options.against) if options.against else {}
    if options.plot:
        from newsqa.evaluation.plots import write_bars
    article = load_articles(options.article)[0]
    file = read_questions(options.questions)
    texts = read_texts(options.files or (options.article, Path("tests/data/articles")))
    passages = passages_to_index(texts, options.passages)
    parts = [passages[start :: options.parts] for start in range(options.parts)]
    rounds = Rounds(QUESTIONS, options.rounds, parts)
    with tempfile.TemporaryDirectory() as work:
        askers, finders = make(Path(work))
        figures = measure(askers, finders, article, file, drawn(file.questions, options.limit), rounds)
    sys.stdout.write(report(figures))
    if options.record:
        write_record(options.record, figures, circumstances(options.threads))
    if options.plot:
        write_bars({name: spread.median for name, spread in figures.asking.items()}, options.plot)
    return compare(figures.ratios(), recorded, options.tolerance / 100) if options.against else 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the tables; exit 1 if a ratio got worse or something cannot be done."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="%(message)s")
    for name in (__name__, "newsqa.evaluation"):
        logging.getLogger(name).setLevel(logging.INFO)
    keep_to_this_machine()
    _limit_threads(options.threads)
    try:
        sys.exit(run(options))
    except NewsQAError as error:
        sys.exit(f"newsqa: {error}")


if __name__ == "__main__":
    main()
