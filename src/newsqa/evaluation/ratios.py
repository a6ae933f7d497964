"""The figures of a benchmark, its record as a file, and the guard: no ratio may get much worse.

Times are those of a machine, and of what else it had to do; ratios of times that were measured side by side are
newsqa's, so only ratios are compared with a record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from newsqa.errors import InputError

# The contender that the others are compared with.
SUBJECT = "newsqa"
TOLERANCE = 0.25


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles of ``count`` measurements."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Of ``values``, at least one."""
        low, median, high = (float(value) for value in np.percentile(values, (25, 50, 75)))
        return cls(median, low, high, len(values))


@dataclass(frozen=True, slots=True)
class Quality:
    """Answers of a contender; all in [0, 1], nan where no question counts."""

    exact_match: float
    f1: float
    refused: float


@dataclass(frozen=True, slots=True)
class Recall:
    """The share of questions with a right passage first, and among the first five; in [0, 1]."""

    at_1: float
    at_5: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, by contender. A contender that does not do a thing is missing there.

    Attributes:
        asking: milliseconds a question, to the answer.
        indexing: passages a second.
        retrieving: milliseconds a question, to the passages.
        quality: of the answers.
        recall: of the passages.
    """

    asking: Mapping[str, Spread]
    indexing: Mapping[str, Spread]
    retrieving: Mapping[str, Spread]
    quality: Mapping[str, Quality]
    recall: Mapping[str, Recall]

    def ratios(self) -> dict[str, float]:
        """How many times as fast newsqa is as each of the others, by medians: "asking, LangChain" and so on."""
        found: dict[str, float] = {}
        for what, spreads in (("asking", self.asking), ("retrieving", self.retrieving)):
            found |= {f"{what}, {name}": ratio for name, ratio in times_as_fast(spreads).items()}
        return found | {f"indexing, {name}": 1 / ratio for name, ratio in times_as_fast(self.indexing).items()}


def times_as_fast(spreads: Mapping[str, Spread]) -> dict[str, float]:
    """The medians of all but ``SUBJECT``, divided by that of ``SUBJECT``; none where it was not measured."""
    if SUBJECT not in spreads:
        return {}
    own = spreads[SUBJECT].median
    return {name: spread.median / own for name, spread in spreads.items() if name != SUBJECT}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and with what a benchmark ran. ``versions``: of the packages that matter, as far as they are installed."""

    processor: str
    threads: int
    python: str
    versions: Mapping[str, str]


def write_record(path: Path, figures: Figures, circumstances: Circumstances) -> None:
    """Write ``path`` as JSON: the circumstances, the figures and the ratios, rounded to four digits.

    Raises:
        InputError: it cannot be written.
    """
    record = {**asdict(circumstances), **asdict(figures), "ratios": figures.ratios()}
    try:
        path.write_text(json.dumps(_rounded(record), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write the record {path}: {error.strerror}") from error


def read_ratios(path: Path) -> dict[str, float]:
    """The ratios in the record ``path``.

    Raises:
        InputError: it cannot be read, or is not a record.
    """
    try:
        ratios = json.loads(path.read_text(encoding="utf-8"))["ratios"]
        return {str(name): float(ratio) for name, ratio in ratios.items()}
    except OSError as error:
        raise InputError(f"cannot read the record {path}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path} is not a record of a benchmark; make one with --record") from error


def worse(measured: Mapping[str, float], recorded: Mapping[str, float], tolerance: float = TOLERANCE) -> list[str]:
    """A line for each ratio that is less than ``recorded`` by more than ``tolerance``, a share of it.

    What was measured or recorded only is passed over; see ``not_measured``.
    """
    return [
        f"{name}: {measured[name]:.2f} times as fast, {before:.2f} in the record "
        f"({100 * (1 - measured[name] / before):.0f} % less; {100 * tolerance:.0f} % is tolerated)"
        for name, before in recorded.items()
        if name in measured and measured[name] < before * (1 - tolerance)
    ]


def not_measured(measured: Mapping[str, float], recorded: Mapping[str, float]) -> list[str]:
    """The ratios of the record that cannot be compared."""
    return [name for name in recorded if name not in measured]


def _rounded(value: Any) -> Any:
    """``value`` with its floats rounded to four digits, and None for nan, which JSON does not have."""
    if isinstance(value, Mapping):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, float):
        return None if value != value else float(f"{value:.4g}")
    return value
