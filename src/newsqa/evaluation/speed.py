"""What the engines cost, side by side: ``python -m newsqa.evaluation.speed``.

Each round asks every question of every engine, one engine after the other, so that whatever else the machine does
falls on all alike; ratios of medians are more reliable than the times themselves. Start-up and memory are those of a
new process of ``newsqa ask``. Each question gets a number, so that nothing is remembered from the round before.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newsqa.embedding import load_encoder
from newsqa.evaluation.timing import LatencyReport, TimedNewsQA
from newsqa.index import Index
from newsqa.models.engine import ENGINES
from newsqa.reading import load_reader

QUESTIONS = (
    "Who did Putin call?",
    "Siapa yang ditelepon Putin?",
    "How many Israelis were killed?",
    "Kapan serangan dari Gaza dilancarkan?",
    "Why did Putin call Netanyahu?",
    "What is the capital of France?",
)
_ASK = """
import sys
from newsqa.cli import main
from newsqa.evaluation.timing import peak_memory_mb
main(["ask", "--index", sys.argv[1], "--engine", sys.argv[2], "Who did Putin call?"])
sys.stderr.write(f"{peak_memory_mb() or 0:.0f}")
"""


@dataclass(frozen=True, slots=True)
class EngineReport:
    """One engine: its questions, median seconds of ``newsqa ask``, and the memory of that in millions of bytes.

    ``start_seconds`` and ``memory_mb`` are 0 where no process was started.
    """

    engine: str
    latency: LatencyReport
    start_seconds: float
    memory_mb: float


def measure(index: Path, engines: Sequence[str], rounds: int, starts: int) -> list[EngineReport]:
    """Ask every engine ``rounds`` times ``QUESTIONS``, and start ``starts`` processes of each."""
    asked = {}
    for engine in engines:
        encoder = load_encoder("bundled", engine)
        reader = load_reader("bundled", encoder, engine)
        # The first questions bring what is loaded late; they do not count.
        TimedNewsQA(Index.load(index, encoder), encoder, reader).ask(QUESTIONS[0])
        asked[engine] = TimedNewsQA(Index.load(index, encoder), encoder, reader)
    for number in range(rounds):
        for question in QUESTIONS:
            for qa in asked.values():
                qa.ask(f"{question} ({number})")
    cold: dict[str, list[tuple[float, float]]] = {engine: [] for engine in engines}
    for _ in range(starts):
        for engine in engines:
            cold[engine].append(_start(index, engine))
    return [
        EngineReport(
            engine=engine,
            latency=qa.report(),
            start_seconds=statistics.median([seconds for seconds, _ in cold[engine]] or [0.0]),
            memory_mb=statistics.median([memory for _, memory in cold[engine]] or [0.0]),
        )
        for engine, qa in asked.items()
    ]


def _start(index: Path, engine: str) -> tuple[float, float]:
    """Seconds from the start of a process to its answer, and its peak memory."""
    started = time.perf_counter()
    command = [sys.executable, "-c", _ASK, str(index), engine]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.perf_counter() - started, float(done.stderr.split()[-1])


def table(reports: Sequence[EngineReport]) -> str:
    """A line a figure with a column an engine, and the ratio of each to the last."""
    rows = {
        "embed, ms": [report.latency.embed_ms for report in reports],
        "search, ms": [report.latency.search_ms for report in reports],
        "read, ms": [report.latency.read_ms for report in reports],
        "ask p50, ms": [report.latency.p50_ms for report in reports],
        "ask p95, ms": [report.latency.p95_ms for report in reports],
        "newsqa ask, s": [report.start_seconds for report in reports],
        "memory, MB": [report.memory_mb for report in reports],
    }
    names = [report.engine for report in reports]
    lines = [f"{'':14}" + "".join(f"{name:>10}" for name in names) + f"   ratio to {names[-1]}"]
    for name, values in rows.items():
        if any(values):
            ratios = " ".join(f"{value / values[-1]:.2f}" for value in values[:-1] if values[-1])
            lines.append(f"{name:14}" + "".join(f"{value:10.1f}" for value in values) + f"   {ratios}")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--engine", choices=ENGINES, action="append", help="repeatable (default: all)")
    parser.add_argument("--rounds", type=int, default=10, help="times that every question is asked (default: 10)")
    parser.add_argument("--starts", type=int, default=5, help="processes that are started (default: 5)")
    options = parser.parse_args(arguments)
    reports = measure(options.index, options.engine or ENGINES, options.rounds, options.starts)
    sys.stdout.write(table(reports))


if __name__ == "__main__":
    main()
