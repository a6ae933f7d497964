"""What hangs by little in eight bits is read again in float32, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fakes import hits_of
from hand_made import CALIBRATION, Reads, answers, hits
from newsqa import Article
from newsqa.reading.bundled import ReaderCalibration
from newsqa.reading.decoding import Window, undecided

TEXT = "Putin menelepon Netanyahu."


def window(*scores: float, prior: float = 0.0) -> Window:
    """One token a word of ``TEXT`` and "no answer"; a word's score as an answer of its own, all longer ones are bad."""
    (hit,) = hits_of(Article("a", "", TEXT))
    starts, ends = np.array([0, 0, 6, 16]), np.array([0, 5, 15, 25])
    start_logits = np.array([0, *scores], dtype=np.float32)
    end_logits = np.array([0, 0, 0, 0], dtype=np.float32)
    return Window(hit, start_logits, end_logits, np.array([False, True, True, True]), starts, ends, prior)


def near(*windows: Window, threshold: float = 1.0) -> list[int]:
    return undecided(windows, max_tokens=1, threshold=threshold, margin=0.3)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((2.0, 1.0, 0.0), []),
        ((2.0, 1.75, 0.0), [0]),
        ((2.0, 1.5, 1.5), []),
        # About the threshold it does not matter how many there are.
        ((1.25, 0.0, 0.0), [0]),
        ((0.75, 0.0, 0.0), [0]),
        ((0.5, 0.0, 0.0), []),
        # What is declined may be any of several.
        ((0.5, 0.5, 0.0), []),
    ],
)
def test_an_answer_is_clear_or_not(scores: tuple[float, ...], expected: list[int]) -> None:
    assert near(window(*scores)) == expected


def test_all_windows_that_may_have_the_answer_are_undecided() -> None:
    assert near(window(2.0, 0.0, 0.0), window(0.0, 0.0, 0.0), window(0.0, 1.75, 0.0)) == [0, 2]
    assert near(window(2.0, 0.0, 0.0), window(0.0, 0.0, 0.0), window(0.0, 1.75, 0.0, prior=-0.5)) == []
    # The score decides whether it is given, score and prior together which one it is.
    assert near(window(1.25, 0.0, 0.0, prior=-1.0), window(0.0, 0.0, 0.0)) == [0, 1]
    assert near() == []


def at(threshold: float) -> ReaderCalibration:
    return replace(CALIBRATION, threshold=threshold, english_threshold=threshold, follow_up_threshold=threshold)


@pytest.mark.parametrize(("liked", "expected"), [(0.9, []), (1.1, ["Kairo"])])
@pytest.mark.parametrize("threshold", [1.9, 2.1])
def test_a_score_near_the_threshold_is_the_precise_one(threshold: float, liked: float, expected: list[str]) -> None:
    reads = Reads(calibration=at(threshold), precisely={"Kairo": liked})
    reading, windows = reads("Mana?", hits("a Kairo b.", "c d."))
    assert (answers(reading), windows) == (expected, 2)
    assert reading.candidates[0].score == pytest.approx(2 * liked)
    assert reads.precise is not None
    assert reads.precise.windows == 1


def test_of_two_answers_that_are_as_good_the_precise_network_chooses() -> None:
    passages = hits("a Netanyahu b 12 c.", "d e.", "f 12 g.")
    for liked, expected in ((3.9, "Netanyahu"), (4.1, "12")):
        reads = Reads(sure=1.1, precisely={"12": liked})
        reading, windows = reads("Apa?", passages)
        assert (answers(reading), windows) == ([expected], 3)
        assert reads.precise is not None
        assert reads.precise.windows == 2


def test_what_is_clear_is_not_read_again() -> None:
    for texts in (("a Netanyahu b.", "c Kairo d."), ("a b c.", "d e.")):
        reads = Reads(sure=1.1, precisely={"Netanyahu": -9.0, "Kairo": 9.0})
        plain = Reads(sure=1.1)
        assert reads("Siapa?", hits(*texts)) == plain("Siapa?", hits(*texts))
        assert reads.precise is not None
        assert reads.precise.windows == 0


def test_an_answer_that_settles_the_question_is_read_again_too_where_it_is_a_close_call() -> None:
    reads = Reads(precisely={"12": 4.1})
    reading, windows = reads("Apa?", hits("a Netanyahu b 12 c.", "d e.", "f 12 g."))
    assert (answers(reading), windows) == (["12"], 1)
    assert reads.precise is not None
    assert reads.precise.windows == 1
