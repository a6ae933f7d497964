"""Pictures: how risk rises with coverage, how confidence compares with precision, and how long contenders take.

This module needs matplotlib, which the extra ``plots`` installs. It draws without a display and without pyplot, whose
state belongs to the whole process.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsqa.errors import InputError, NewsQAError
from newsqa.evaluation.metrics import Judged, reliability, risk_coverage

try:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, NullFormatter, PercentFormatter
except ImportError as error:
    raise NewsQAError('plots need matplotlib; install it with: pip install "newsqa[plots]"') from error

RISK_COVERAGE = "risk_coverage.png"
RELIABILITY = "reliability.png"
_DPI = 150
_COLUMNS = 4
_BIN_AREA = 250.0
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_OWN, _OTHER = "#b3261e", "#9aa0a6"


@dataclass(frozen=True, slots=True)
class Curve:
    """The questions of one file."""

    name: str
    judged: Sequence[Judged]


def write_plots(curves: Sequence[Curve], folder: Path) -> tuple[Path, Path]:
    """Draw ``RISK_COVERAGE`` and ``RELIABILITY`` into ``folder``, which is made if need be.

    Args:
        curves: at least one; several are shown together as well, every question counting the same.
        folder: pictures of these names in it are replaced.

    Returns:
        The two pictures.

    Raises:
        InputError: the folder cannot be written.
    """
    if len(curves) > 1:
        together = [one for curve in curves for one in curve.judged]
        curves = [Curve(f"all {len(curves)} files", together), *curves]
    paths = folder / RISK_COVERAGE, folder / RELIABILITY
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, figure in zip(paths, (draw_risk_coverage(curves), draw_reliability(curves)), strict=True):
            FigureCanvasAgg(figure)  # which the figure then draws itself with
            figure.savefig(path)
    except OSError as error:
        raise InputError(f"cannot write plots to {folder}: {error.strerror}") from error
    return paths


def write_bars(milliseconds: Mapping[str, float], path: Path) -> None:
    """Draw ``draw_bars`` into the file ``path``.

    Raises:
        InputError: it cannot be written.
    """
    figure = draw_bars(milliseconds)
    FigureCanvasAgg(figure)
    try:
        figure.savefig(path)
    except OSError as error:
        raise InputError(f"cannot write the picture {path}: {error.strerror}") from error


def draw_bars(milliseconds: Mapping[str, float]) -> Figure:
    """A bar for each contender, the first on top and in colour, as long as the logarithm of its time a question."""
    names = list(milliseconds)
    times = list(milliseconds.values())
    figure = Figure(figsize=(7, 0.9 + 0.42 * len(names)), dpi=_DPI, layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(names, times, height=0.62, color=[_OWN] + [_OTHER] * (len(names) - 1))
    axes.bar_label(bars, [f"{time:,.0f} ms" for time in times], padding=4, fontsize=9)
    axes.invert_yaxis()
    axes.set_xscale("log")
    # From the power of ten below the shortest to a place where the longest label still fits.
    axes.set_xlim(10 ** math.floor(math.log10(min(times))), 2 * max(times))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("milliseconds a question, median, logarithmic")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    return figure


def draw_risk_coverage(curves: Sequence[Curve]) -> Figure:
    """One line for each of ``curves``, the first of them the thickest."""
    figure = Figure(figsize=(9, 5), dpi=_DPI, layout="constrained")
    axes = figure.subplots()
    for position, curve in enumerate(curves):
        coverage, risk = zip(*risk_coverage(curve.judged), strict=True)
        style = {"color": "black", "linewidth": 2.5} if position == 0 else {"linewidth": 1.2}
        axes.plot(coverage, risk, label=f"{curve.name} ({len(curve.judged)})", zorder=3 - position / 100, **style)
    axes.set(
        title="Risk and coverage",
        xlabel="questions kept, those with the highest confidence",
        ylabel="wrong among them",
        xlim=(0, 1),
        ylim=(0, None),
    )
    _in_percent(axes)
    figure.legend(loc="outside right upper", frameon=False, title="file (questions)", alignment="left")
    return figure


def draw_reliability(curves: Sequence[Curve]) -> Figure:
    """A panel for each of ``curves``: precision by confidence, a dot's area being its share of the questions."""
    columns = min(_COLUMNS, len(curves))
    rows = math.ceil(len(curves) / columns)
    figure = Figure(figsize=(max(3.2 * columns, 5), 3.4 * rows + 0.6), dpi=_DPI, layout="constrained")
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes in panels[len(curves) :]:
        axes.set_axis_off()
    for axes, curve in zip(panels, curves, strict=False):
        bins = reliability(curve.judged)
        confidence, accuracy = [one.confidence for one in bins], [one.accuracy for one in bins]
        axes.plot([0, 1], [0, 1], color="0.6", linestyle="dashed", linewidth=1)
        axes.plot(confidence, accuracy, color="C0", linewidth=1)
        areas = [10 + _BIN_AREA * one.count / len(curve.judged) for one in bins]
        axes.scatter(confidence, accuracy, s=areas, color="C0", alpha=0.8, zorder=3, clip_on=False)
        axes.set_title(f"{curve.name} ({len(curve.judged)})", fontsize=9)
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xticks=_TICKS, yticks=_TICKS)
        axes.tick_params(labelsize=8)
        _in_percent(axes)
    figure.suptitle("Reliability (larger dots: more questions)")
    figure.supxlabel("confidence")
    figure.supylabel("right")
    return figure


def _in_percent(axes: Axes) -> None:
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
