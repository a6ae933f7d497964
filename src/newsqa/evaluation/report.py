"""The figures of a benchmark as plain text."""

from __future__ import annotations

import math
from collections.abc import Mapping

from newsqa.evaluation.ratios import Figures, Quality, Recall, Spread, times_as_fast

_NAME = 28


def report(figures: Figures) -> str:
    """A table for each kind of figure that there is, with an empty line between them."""
    tables = [
        _speeds("Asking, ms a question", figures.asking, rate=False),
        _speeds("Indexing, passages a second", figures.indexing, rate=True),
        _speeds("Retrieving, ms a question", figures.retrieving, rate=False),
        _qualities(figures.quality),
        _recalls(figures.recall),
    ]
    return "\n".join(table for table in tables if table)


def _speeds(title: str, spreads: Mapping[str, Spread], *, rate: bool) -> str:
    """``rate``: more is faster. The last column says how many times as fast newsqa is."""
    if not spreads:
        return ""
    ratios = times_as_fast(spreads)
    lines = [f"{title:{_NAME}} {'median':>8} {'quartiles':>17} {'times':>6} {'newsqa is faster':>17}"]
    for name, spread in spreads.items():
        ratio = ratios.get(name)
        shown = "" if ratio is None else f"{1 / ratio if rate else ratio:.2f} x"
        quartiles = f"{spread.low:.1f} - {spread.high:.1f}"
        lines.append(f"{name:{_NAME}} {spread.median:8.1f} {quartiles:>17} {spread.count:6} {shown:>17}".rstrip())
    return "".join(f"{line}\n" for line in lines)


def _qualities(qualities: Mapping[str, Quality]) -> str:
    if not qualities:
        return ""
    lines = [f"{'Answers, %':{_NAME}} {'EM':>8} {'F1':>8} {'refused':>8}"]
    for name, quality in qualities.items():
        shares = (quality.exact_match, quality.f1, quality.refused)
        lines.append(f"{name:{_NAME}} " + " ".join(f"{_percent(share):>8}" for share in shares))
    return "".join(f"{line}\n" for line in lines)


def _recalls(recalls: Mapping[str, Recall]) -> str:
    if not recalls:
        return ""
    lines = [f"{'Right passage found, %':{_NAME}} {'first':>8} {'in five':>8}"]
    lines += [
        f"{name:{_NAME}} {_percent(recall.at_1):>8} {_percent(recall.at_5):>8}" for name, recall in recalls.items()
    ]
    return "".join(f"{line}\n" for line in lines)


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f}"
