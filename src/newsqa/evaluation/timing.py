"""What newsqa costs: the time of its parts, and its memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from newsqa.embedding import Encoder, Vectors
from newsqa.index import Index
from newsqa.qa import NewsQA
from newsqa.reading import Reader
from newsqa.reading.history import Exchange
from newsqa.types import Answer, Hit, Reading

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class LatencyReport:
    """Milliseconds of ``NewsQA.ask``: median and 95th percentile, and the medians of its three long parts.

    ``embed_ms``: the question's vector; ``search_ms``: the rest of retrieval; ``read_ms``: the reader.
    """

    p50_ms: float
    p95_ms: float
    embed_ms: float
    search_ms: float
    read_ms: float


class TimedNewsQA:
    """A ``NewsQA`` of ``index`` that is asked one question at a time and keeps the times.

    Args:
        index: what is asked.
        encoder: embeds the questions.
        reader: reads the passages.
        clock: tells the time in seconds.
    """

    def __init__(self, index: Index, encoder: Encoder, reader: Reader, clock: Clock = time.perf_counter) -> None:
        self._clock = clock
        self._encoder = _TimedEncoder(encoder, clock)
        self._reader = _TimedReader(reader, clock)
        self._qa = NewsQA(index, self._encoder, self._reader)
        self._times: list[tuple[float, float, float, float]] = []

    def ask(self, question: str) -> Answer:
        """As ``NewsQA.ask``."""
        self._encoder.seconds = self._reader.seconds = self._reader.ended = 0.0
        started = self._clock()
        answer = self._qa.ask(question)
        total = self._clock() - started
        embed, read = self._encoder.seconds, self._reader.seconds
        # What comes after reading, the citations, is not retrieval.
        search = (self._reader.ended or started + total) - started - embed - read
        self._times.append((total, embed, search, read))
        return answer

    def report(self) -> LatencyReport:
        """The figures of all questions so far, of which there is at least one."""
        total, embed, search, read = 1000 * np.array(self._times).T
        return LatencyReport(
            p50_ms=float(np.percentile(total, 50)),
            p95_ms=float(np.percentile(total, 95)),
            embed_ms=float(np.percentile(embed, 50)),
            search_ms=float(np.percentile(search, 50)),
            read_ms=float(np.percentile(read, 50)),
        )


class _TimedEncoder:
    """Embeds as ``encoder`` does and adds up the time of it."""

    def __init__(self, encoder: Encoder, clock: Clock) -> None:
        self._encoder = encoder
        self._clock = clock
        self.seconds = 0.0

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        started = self._clock()
        vectors = self._encoder.encode_questions(questions)
        self.seconds += self._clock() - started
        return vectors

    def encode_passages(self, passages: Sequence[str], *, progress: bool = False) -> Vectors:
        started = self._clock()
        vectors = self._encoder.encode_passages(passages, progress=progress)
        self.seconds += self._clock() - started
        return vectors


class _TimedReader:
    """Reads as ``reader`` does, adds up the time of it and remembers when it was done."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self.seconds = 0.0
        self.ended = 0.0

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        started = self._clock()
        reading = self._reader.read(question, hits, history)
        self.ended = self._clock()
        self.seconds += self.ended - started
        return reading


def peak_memory_mb() -> float | None:
    """The most memory that this process has had, in millions of bytes; None where the system does not tell."""
    try:
        # The figure of ``resource`` begins, in a new process, with what its parent had.
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return float(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    except (OSError, IndexError, ValueError):  # not Linux
        pass
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # in bytes on macOS
