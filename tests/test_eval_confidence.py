"""Risk and coverage, calibration, and their pictures."""

from __future__ import annotations

import importlib
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from newsqa import Article, InputError, NewsQAError
from newsqa.evaluation.evaluate import confidence_report, judge
from newsqa.evaluation.metrics import Bin, Judged, precision_at, reliability, risk_coverage
from newsqa.evaluation.plots import Curve, draw_reliability, draw_risk_coverage, write_plots
from newsqa.evaluation.questions import Question
from newsqa.types import Reading, ScoredSpan

JUDGED = [Judged(0.25, False), Judged(0.95, True), Judged(0.55, False), Judged(0.85, True), Judged(1.0, True)]


def test_risk_rises_with_coverage() -> None:
    assert risk_coverage(JUDGED) == [(0.2, 0.0), (0.4, 0.0), (0.6, 0.0), (0.8, 0.25), (1.0, 0.4)]


@pytest.mark.parametrize(("coverage", "precision"), [(1.0, 0.6), (0.8, 0.75), (0.6, 1.0), (0.61, 0.75), (0.01, 1.0)])
def test_precision_is_that_of_the_most_confident(coverage: float, precision: float) -> None:
    assert precision_at(JUDGED, coverage) == pytest.approx(precision)


def test_coverage_is_rounded_up_but_not_for_a_rounding_error() -> None:
    hundred = [Judged(1 - step / 100, step < 7) for step in range(100)]
    assert 0.07 * 100 > 7
    assert precision_at(hundred, 0.07) == 1.0
    assert math.isnan(precision_at([], 1.0))


def test_reliability_leaves_empty_bins_out() -> None:
    assert reliability(JUDGED) == [
        Bin(0.25, 0.0, 1),
        Bin(0.55, 0.0, 1),
        Bin(0.85, 1.0, 1),
        Bin(pytest.approx(0.975), 1.0, 2),  # type: ignore[arg-type]
    ]


def test_the_confidence_of_a_file() -> None:
    report = confidence_report(JUDGED)
    assert (report.questions, report.precision, report.precision_at_80) == (5, 0.6, 0.75)
    assert report.calibration_error == pytest.approx((0.25 + 0.55 + 0.15 + 2 * 0.025) / 5)


ARTICLE = Article("0", "", "Putin menelepon Benjamin Netanyahu pada Senin.")
SENTENCE = ARTICLE.span(0, len(ARTICLE.text))
GOLD = (ARTICLE.span(16, 34),)
NAME = ScoredSpan(ARTICLE.span(25, 34), SENTENCE, 2.0)  # F1 of 2/3 with the gold answer
DAY = ScoredSpan(ARTICLE.span(40, 45), SENTENCE, 1.0)


@pytest.mark.parametrize(
    ("answers", "reading", "right"),
    [
        (GOLD, Reading((NAME, DAY), (NAME,), 0.0, 0.75), True),
        (GOLD, Reading((NAME, DAY), (), 3.0, 0.75), True),  # not given, but the best candidate
        (GOLD, Reading((DAY, NAME), (DAY,), 0.0, 0.75), False),
        (GOLD, Reading((NAME,), (NAME,), 0.0, 0.75, "yes"), False),
        (GOLD, Reading((), (), 0.0, 0.75), False),
        ((), Reading((NAME,), (), 3.0, 0.75), False),
        ((), Reading((), (), 0.0, 0.75), False),
    ],
)
def test_the_best_candidate_is_judged_whether_it_is_given_or_not(
    answers: tuple[()], reading: Reading, right: bool
) -> None:
    question = Question("1", "Siapa?", "0", answers, answers)
    assert judge(question, reading) == Judged(0.75, right)


CURVES = [Curve("one", JUDGED), Curve("two", [Judged(0.5, True), Judged(0.4, False)])]


def test_a_line_of_the_picture_is_the_curve() -> None:
    (axes,) = draw_risk_coverage(CURVES).axes
    assert [line.get_label() for line in axes.lines] == ["one (5)", "two (2)"]
    assert np.asarray(axes.lines[0].get_xydata()).tolist() == [list(point) for point in risk_coverage(JUDGED)]
    assert np.asarray(axes.lines[1].get_xydata()).tolist() == [[0.5, 0.0], [1.0, 0.5]]


def test_a_panel_of_the_picture_is_the_reliability() -> None:
    one, two = draw_reliability(CURVES).axes
    assert (one.get_title(), two.get_title()) == ("one (5)", "two (2)")
    dots = np.asarray(one.collections[0].get_offsets())
    assert dots.ravel().tolist() == pytest.approx([0.25, 0, 0.55, 0, 0.85, 1, 0.975, 1])
    areas = np.asarray(one.collections[0].get_sizes())  # type: ignore[attr-defined]
    assert areas.tolist() == [60, 60, 60, 110]


def test_panels_without_a_file_are_not_drawn() -> None:
    panels = draw_reliability([Curve(str(number), JUDGED) for number in range(5)]).axes
    assert [axes.axison for axes in panels] == [True] * 5 + [False] * 3


def test_pictures_are_written(tmp_path: Path) -> None:
    paths = write_plots(CURVES, tmp_path / "new" / "plots")
    assert [path.name for path in paths] == ["risk_coverage.png", "reliability.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG\r\n") for path in paths)


def test_drawing_leaves_pyplot_alone(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from newsqa.evaluation.metrics import Judged; from newsqa.evaluation.plots import Curve, write_plots\n"
        f"write_plots([Curve('one', [Judged(0.5, True)])], Path({str(tmp_path)!r}))\n"
        "print('matplotlib.figure' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out == "True False\n"


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(InputError, match=r"cannot write plots to .*file: File exists"):
        write_plots(CURVES, tmp_path / "file")


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    monkeypatch.delitem(sys.modules, "newsqa.evaluation.plots")
    with pytest.raises(NewsQAError, match=r'pip install "newsqa\[plots\]"'):
        importlib.import_module("newsqa.evaluation.plots")
