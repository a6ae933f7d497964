"""The reader leaves passages out only where the best one has settled the question; a network made by hand counts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fakes import WordEncoder, hits_of
from hand_made import Reads, answers, hits
from newsqa import Article
from newsqa.evaluation.questions import read_questions
from newsqa.evaluation.stopping import measure, table
from newsqa.reading.bundled import READ, ReaderCalibration
from newsqa.reading.history import Exchange
from newsqa.types import Reading

SURE = "Putin menelepon Netanyahu."  # score 8, confidence 0.98
LIKELY = "Putin menelepon Abbas."  # score 4, confidence 0.5
UNLIKELY = "Putin menelepon a."
TWELVE, FIFTEEN = "a b 12 c.", "a b 15 c."  # scores 8 and 6


def test_a_sure_answer_of_the_best_passage_is_enough() -> None:
    passages = hits(SURE, LIKELY, UNLIKELY)
    reading, windows = Reads()("Siapa?", passages)
    everything, all_windows = Reads(sure=1.1)("Siapa?", passages)
    assert (answers(reading), windows, all_windows) == (["Netanyahu"], 1, 3)
    assert (reading.answers, reading.confidence) == (everything.answers, everything.confidence)
    assert reading.confidence == pytest.approx(0.982, abs=0.001)
    assert {candidate.span.article_id for candidate in reading.candidates} == {"0"}


@pytest.mark.parametrize(("sure", "windows"), [(0.49, 1), (0.5, 1), (0.51, 3), (1.1, 3)])
def test_how_sure_is_sure(sure: float, windows: int) -> None:
    assert Reads(sure=sure)("Siapa?", hits(LIKELY, UNLIKELY, UNLIKELY))[1] == windows


def test_a_less_sure_answer_may_be_overtaken() -> None:
    reading, windows = Reads()("Siapa?", hits(LIKELY, UNLIKELY, SURE))
    assert (answers(reading), windows) == (["Netanyahu"], 3)
    assert [candidate.span.text for candidate in reading.candidates[:2]] == ["Netanyahu", "Abbas"]


def test_nothing_is_declined_before_all_is_read() -> None:
    reading, windows = Reads()("Siapa?", hits(UNLIKELY, UNLIKELY, UNLIKELY))
    assert (reading.answers, windows) == ((), 3)
    # Sure of the best span, but it is not good enough to be given.
    strict = ReaderCalibration(
        **{name: 9.0 for name in ("threshold", "english_threshold", "follow_up_threshold")},
        slope=1.0,
        intercept=-4.0,
        verdict_threshold=1.0,
    )
    reading, windows = Reads(calibration=strict)("Siapa?", hits(SURE, UNLIKELY, UNLIKELY))
    assert (reading.answers, windows) == ((), 3)
    assert reading.confidence > 0.95


def test_of_many_passages_the_best_are_read_but_more_where_several_answers_are_asked_for() -> None:
    passages = hits(*[UNLIKELY] * 7, LIKELY)
    assert Reads()("Siapa?", passages)[1] == READ == 3
    reading, windows = Reads()("Siapa saja?", passages)
    assert (answers(reading), windows) == (["Abbas"], 8)


@pytest.mark.parametrize(
    ("behind", "first"), [(0.0, "Netanyahu"), (0.06, "Netanyahu"), (0.07, "Abbas"), (9.0, "Abbas")]
)
def test_a_passage_that_was_retrieved_later_has_to_be_so_much_better(behind: float, first: str) -> None:
    best, other = hits(LIKELY, SURE)
    reading, _ = Reads()("Siapa?", [best, replace(other, score=best.score - behind)])
    assert answers(reading) == [first]
    # What a span has to make up for is no part of its score.
    assert {candidate.span.text: candidate.score for candidate in reading.candidates[:2]} == {
        "Netanyahu": 8,
        "Abbas": 4,
    }


def test_what_it_has_to_make_up_for_has_a_limit() -> None:
    best, other = hits(LIKELY, "Putin menelepon Assad.")  # scores 4 and 10
    assert answers(Reads()("Siapa?", [best, replace(other, score=best.score - 9)])[0]) == ["Assad"]


@pytest.mark.parametrize("question", ["Siapa saja?", "Who else?", "Which leaders?"])
def test_who_asks_for_several_gets_them_from_all_passages(question: str) -> None:
    reading, windows = Reads()(question, hits(SURE, "Putin menelepon Assad.", UNLIKELY))
    assert (answers(reading), windows) == (["Assad", "Netanyahu"], 3)


@pytest.mark.parametrize("question", ["Berapa?", "How many?", "Kapan?", "When?"])
def test_numbers_and_times_of_other_articles_are_read_for_they_may_differ(question: str) -> None:
    reading, windows = Reads()(question, hits(TWELVE, FIFTEEN))
    assert windows == 2
    assert [candidate.span.text for candidate in reading.candidates[:2]] == ["12", "15"]


def test_numbers_of_one_article_are_not_compared() -> None:
    article = Article("0", "", "Putin menelepon 12 orang di Moskow. Putin menelepon 15 orang di Kairo.")
    passages = hits_of(article, max_characters=40)
    assert len(passages) == 2
    assert Reads()("Berapa?", passages)[1] == 1


def test_all_windows_of_the_best_passage_are_read() -> None:
    # The room for the passage is 24 - 1 - 3 tokens, of which 4 are shared: 20 + 16.
    long = " ".join([*"abcdefghijklmnopqrstuvwxyz", "Netanyahu"]) + "."
    reading, windows = Reads()("Siapa", hits(long, UNLIKELY))
    assert (answers(reading), windows) == (["Netanyahu"], 2)


def test_with_a_history_too() -> None:
    history = [Exchange("Siapa?", "Abbas")]
    assert Reads()("Kenapa?", hits(SURE, UNLIKELY), history)[1] == 1
    assert Reads()("Kenapa?", hits(UNLIKELY, SURE), history)[1] == 2


def test_one_passage_or_none() -> None:
    assert Reads()("Siapa?", hits(LIKELY))[1] == 1
    assert Reads()("Siapa?", []) == (Reading((), (), 0.0, 0.0), 0)


def test_what_stopping_costs_is_measured(tmp_path: Path) -> None:
    texts = {"0": "Putin menelepon Assad.", "1": LIKELY, "2": "Putin menelepon Kairo."}
    rows = [
        # The best passage settles it.
        ("0", "Putin menelepon Assad?", ["Assad"]),
        # The best passage would be enough at a low level, but another one has a surer answer, by far.
        ("1", "Putin menelepon Abbas?", ["Abbas"]),
        # Its passage is not good enough: all are read, and a wrong one answers.
        ("2", "Putin menelepon Kairo?", []),
    ]
    path = tmp_path / "made.jsonl"
    lines = []
    for key, question, gold in rows:
        answers = [{"text": text, "start": texts[key].index(text)} for text in gold]
        lines.append(
            {"id": key, "context": texts[key], "questions": [{"id": key, "question": question, "answers": answers}]}
        )
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    reports = measure(read_questions(path), WordEncoder(), Reads(sure=1.1).reader, [0.95, 0.4])
    characters = [len(text) for text in texts.values()]
    assert [(one.sure, one.questions, one.stopped, one.changed) for one in reports] == [
        (0.95, 3, 1 / 3, 0),
        (0.4, 3, 2 / 3, 1),
    ]
    assert reports[0].read == (characters[0] + 2 * sum(characters)) / (3 * sum(characters))
    assert reports[1].read == (sum(characters[:2]) + sum(characters)) / (3 * sum(characters))
    assert [one.f1 for one in reports] == [(1 / 3, 1 / 3), (1 / 3, 2 / 3)]
    assert [one.refused for one in reports] == [(0.0, 0.0), (0.0, 0.0)]
    assert [one.cited for one in reports] == [(0.5, 0.5), (0.5, 1.0)]
    assert table(reports).splitlines()[-1] == (
        "| made | 3 | 0.40 | 66.7 | 55.6 | 1 | 33.3 → 66.7 | 0.0 → 0.0 | 50.0 → 100.0 |"
    )
