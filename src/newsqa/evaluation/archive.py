"""Archives of many passages: ``python -m newsqa.evaluation.archive --passages 10000 100000 --work FOLDER FILES…``.

The archives are made of the passages of the question files (``newsqa.evaluation.synthetic``). Each is indexed, saved,
loaded by a process of its own with encoder and reader, and asked. What is embedded and saved stays in ``--work``, so a
run that was interrupted goes on. Passages are embedded only where they are real: the time of embedding is extrapolated.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from newsqa.embedding import Encoder, Vectors, load_encoder
from newsqa.evaluation.neighbours import K, compare, nearest, recall
from newsqa.evaluation.questions import Question, read_questions
from newsqa.evaluation.synthetic import Archive, archive, real_passages
from newsqa.index import Index, searchable_text
from newsqa.journal import JournaledEncoder
from newsqa.qa import NewsQA
from newsqa.reading import Reader, load_reader
from newsqa.reading.history import Exchange
from newsqa.types import Article, Hit, Reading

logger = logging.getLogger(__name__)

_WARM_UP = 5


class KnownVectors:
    """An encoder for passages whose vectors are known; questions go to ``encoder``."""

    def __init__(self, encoder: Encoder, made: Archive) -> None:
        self.name = encoder.name
        self.dimension = encoder.dimension
        self._encoder = encoder
        self._vectors = made.vectors
        self._places = {_searchable(article): place for place, article in enumerate(made.articles)}

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Questions as the encoder embeds them."""
        return self._encoder.encode_questions(questions)

    def encode_passages(self, passages: Sequence[str], *, progress: bool = False) -> Vectors:
        """The known vectors of ``passages``."""
        return self._vectors[[self._places[passage] for passage in passages]]


class TimedReader:
    """A reader that notes how long it reads, in milliseconds."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.times: list[float] = []

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        """As the reader reads."""
        started = time.perf_counter()
        reading = self._reader.read(question, hits, history)
        self.times.append(1000 * (time.perf_counter() - started))
        return reading


@dataclass(frozen=True, slots=True)
class Serving:
    """A process that loads an index and answers from it; memory in MB, times of a question in milliseconds.

    ``models_mb`` is what encoder and reader take, ``memory_mb`` the whole process after the questions, ``peak_mb`` the
    most it ever took. ``finding`` is a question without its reading, ``asking`` with it: p50 and p95.
    """

    load_seconds: float
    models_mb: float
    memory_mb: float
    peak_mb: float
    finding: tuple[float, float]
    asking: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Building:
    """The index of an archive: seconds to build it (without embedding), to add and remove an article; size; recall."""

    passages: int
    exact: bool
    build_seconds: float
    add_seconds: float
    remove_seconds: float
    save_seconds: float
    folder_mb: float
    recall: float


def build(made: Archive, encoder: Encoder, folder: Path, questions: Vectors) -> Building:
    """Index ``made`` and save it to ``folder``; ``questions`` are the vectors to measure recall with."""
    known = KnownVectors(encoder, made)
    started = time.perf_counter()
    index = Index.build(made.articles, known)
    built = time.perf_counter()
    more = index.with_articles([Article("one-more", "", "Satu artikel lagi, yang belum ada.")], encoder)
    added = time.perf_counter()
    more.without(["one-more"])
    removed = time.perf_counter()
    del more
    index.save(folder, encoder)
    saved = time.perf_counter()
    found = np.array([[position for position, _ in index.search(question, K)] for question in questions])
    return Building(
        passages=len(index.passages),
        exact=index.vectors.exact,
        build_seconds=built - started,
        add_seconds=added - built,
        remove_seconds=removed - added,
        save_seconds=saved - removed,
        folder_mb=sum(path.stat().st_size for path in folder.iterdir()) / 1e6,
        recall=recall(found, nearest(made.vectors, questions)),
    )


def serve(folder: Path, questions: Sequence[str], reader: str | None) -> Serving:
    """Load the index in ``folder`` and ask ``questions``; to be called in a process that has done nothing else."""
    encoder = load_encoder()
    timed = TimedReader(load_reader(reader, encoder))
    # One small index first: what models take when they are used belongs to them.
    small = NewsQA.from_articles([Article("a", "", " ".join(questions[:20]))], encoder=encoder, reader=timed)
    for question in questions[:_WARM_UP]:
        small.ask(question)
    models = _memory("VmRSS")
    timed.times.clear()
    started = time.perf_counter()
    qa = NewsQA.load(folder, encoder=encoder, reader=timed)
    loaded = time.perf_counter() - started
    times = []
    for question in questions[_WARM_UP:]:
        started = time.perf_counter()
        qa.ask(question)
        times.append(1000 * (time.perf_counter() - started))
    finding = [whole - reading for whole, reading in zip(times, timed.times, strict=True)]
    return Serving(loaded, models, _memory("VmRSS"), _memory("VmHWM"), _percentiles(finding), _percentiles(times))


def _serve_apart(folder: Path, questions: Sequence[str], reader: str | None) -> Serving:
    """``serve`` in a process of its own."""
    command = [sys.executable, "-m", "newsqa.evaluation.archive", "--serve", str(folder)]
    command += ["--reader", reader] if reader else []
    done = subprocess.run(command, input=json.dumps(questions), stdout=subprocess.PIPE, text=True, check=True)
    values: dict[str, Any] = json.loads(done.stdout)
    values |= {name: tuple(values[name]) for name in ("finding", "asking")}
    return Serving(**values)


def _real_vectors(real: Sequence[Article], encoder: Encoder, work: Path) -> Vectors:
    """The vectors of real passages; what was embedded before is in the journal in ``work``."""
    journal = work / "real.journal"
    journal.touch()
    with journal.open("r+b") as stream:
        journaled = JournaledEncoder(encoder, stream)
        texts = [_searchable(article) for article in real]
        parts = []
        for start in range(0, len(texts), 256):
            parts.append(journaled.encode_passages(texts[start : start + 256]))
            logger.info("%d of %d passages are embedded", min(start + 256, len(texts)), len(texts))
    return np.concatenate(parts)


def _sample(files: Sequence[Path], count: int) -> tuple[tuple[Article, ...], list[str]]:
    """The articles of ``files``, and ``count`` of their questions, drawn with a fixed seed."""
    articles: dict[str, Article] = {}
    questions: list[Question] = []
    for path in files:
        file = read_questions(path)
        articles.update({article.text: article for article in file.articles})
        questions += [question for question in file.questions if question.answerable]
    texts = sorted({question.text for question in questions})
    return tuple(articles.values()), random.Random(0).sample(texts, min(count, len(texts)))


def _memory(name: str) -> float:
    """A figure of this process in MB (Linux); nan elsewhere."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").split("\n") if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:")), float("nan"))


def _percentiles(times: Sequence[float]) -> tuple[float, float]:
    p50, p95 = np.percentile(times, (50, 95))
    return float(p50), float(p95)


def _searchable(article: Article) -> str:
    return searchable_text(article.title, article.text)


def _table(rows: Sequence[object]) -> str:
    """``rows``, all of one dataclass, as a table in Markdown."""
    records = [asdict(row) for row in rows]  # type: ignore[call-overload]
    lines = [
        list(records[0]),
        ["---"] * len(records[0]),
        *([_cell(value) for value in record.values()] for record in records),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return " / ".join(map(_cell, value))
    return (
        f"{value:.3g}"
        if isinstance(value, float) and abs(value) < 100
        else f"{value:.0f}"
        if isinstance(value, float)
        else str(value)
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write tables in Markdown to the standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="question files")
    parser.add_argument("--passages", nargs="+", type=int, default=[10_000, 100_000], help="sizes of the archives")
    parser.add_argument("--work", type=Path, help="folder for what is embedded and saved")
    parser.add_argument("--questions", type=int, default=100, help="how many questions are asked")
    parser.add_argument("--reader", help="as of newsqa ask")
    parser.add_argument("--kinds", action="store_true", help="compare kinds of FAISS index as well")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serving = serve(options.serve, json.loads(sys.stdin.read()), options.reader)
        sys.stdout.write(json.dumps(asdict(serving)))
        return
    if not options.files or options.work is None:
        parser.error("give question files and --work")
    logging.basicConfig(format="%(message)s")
    logger.setLevel(logging.INFO)
    options.work.mkdir(parents=True, exist_ok=True)
    articles, questions = _sample(options.files, options.questions)
    encoder = load_encoder()
    real = real_passages(articles)
    started = time.perf_counter()
    vectors = _real_vectors(real, encoder, options.work)
    logger.info("%d real passages, embedded or read in %.0f s", len(real), time.perf_counter() - started)
    asked = encoder.encode_questions(questions)
    for size in options.passages:
        _report(archive(real, vectors, size), encoder, asked, questions, options)


def _report(
    made: Archive, encoder: Encoder, asked: Vectors, questions: Sequence[str], options: argparse.Namespace
) -> None:
    size = len(made.articles)
    logger.info(
        "%d passages, %d of them real; noise %.1f; cosine to the nearest, deciles: real %s, made %s",
        *(size, made.real, made.noise, _cell(made.real_nearness), _cell(made.made_nearness)),
    )
    if options.kinds:
        sys.stdout.write(_table(list(compare(made.vectors, asked))) + "\n")
    folder = options.work / f"index-{size}"
    sys.stdout.write(_table([build(made, encoder, folder, asked)]) + "\n")
    sys.stdout.write(_table([_serve_apart(folder, questions, options.reader)]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
