"""Verdicts: what they are learned from, when they are given, on which sentence."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fakes import hits_of
from hand_made import CALIBRATION, Reads, answers
from newsqa import Article, InputError
from newsqa.reading.history import Exchange
from newsqa.reading.verdicts import Judgement
from newsqa.training.config import TrainingConfig
from newsqa.training.entailment import EntailmentMixture, polar, read_pairs
from newsqa.training.examples import Kind
from newsqa.training.verdicts import Judged, verdict_threshold

TEXT = "Harga beras naik pada Senin. Presiden Putin menelepon Netanyahu. Hujan turun di Moskow."
EVIDENCE = "menelepon Netanyahu"


def jsonl(path: Path, rows: Sequence[object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def pair(premise: str, hypothesis: str, label: str) -> dict[str, str]:
    return {"sentence1": premise, "sentence2": hypothesis, "gold_label": label}


def test_pairs_become_questions_on_their_premise(tmp_path: Path) -> None:
    premise = "A man plays the guitar."
    rows = [
        pair(premise, "A man makes music.", "entailment"),
        pair(premise, "A man sleeps.", "contradiction"),
        pair(premise, "A man is tall.", "neutral"),
        pair(premise, "A man is old.", "-"),
        pair(premise, " ", "neutral"),
    ]
    found = {example.key: example for example in read_pairs(jsonl(tmp_path / "pairs", rows), random.Random(1))}
    assert {key: example.kind for key, example in found.items()} == {"0": Kind.YES, "1": Kind.NO, "2": Kind.UNKNOWN}
    assert [found[key].answer_texts() for key in "012"] == [(premise,), (premise,), ()]
    assert all(example.question.endswith("?") for example in found.values())


@pytest.mark.parametrize("row", [{"sentence1": "A", "sentence2": "B"}, pair("A", "B", "perhaps")])
def test_what_is_no_pair_is_an_error(tmp_path: Path, row: dict[str, str]) -> None:
    with pytest.raises(InputError, match="line 1: not a pair of sentences with a label"):
        read_pairs(jsonl(tmp_path / "pairs", [row]), random.Random(1))


def test_a_statement_is_asked_in_several_forms() -> None:
    rng = random.Random(1)
    assert {polar("A man is sleeping.", rng) for _ in range(60)} == {
        "Is a man sleeping?",
        "Is it true that a man is sleeping?",
        "A man is sleeping, right?",
        "A man is sleeping?",
    }
    assert {polar("The man sleeps", rng) for _ in range(60)} == {
        "Is it true that the man sleeps?",
        "The man sleeps, right?",
        "The man sleeps?",
    }


def mixture(folder: Path, **changes: float) -> EntailmentMixture:
    start = TEXT.index(EVIDENCE)
    row = {"source": "t", "context_lang": "id", "title": "", "context": TEXT}
    settled = {"key": "y", "id": "Apakah Putin menelepon Netanyahu?", "en": "Did Putin call Netanyahu?"}
    unsettled = {"key": "u", "id": "Apakah Presiden Putin menelepon Abbas?", "en": "Did President Putin call Abbas?"}
    questions = [
        {**settled, "label": "yes", "evidence": {"text": EVIDENCE, "start": start}},
        {**unsettled, "label": "unknown", "evidence": None},
    ]
    jsonl(folder / "yesno" / "train_id.jsonl", [{**row, "questions": questions}])
    pairs = jsonl(folder / "pairs", [pair(f"Premise {n}.", f"Hypothesis {n}", "neutral") for n in range(8)])
    return EntailmentMixture(folder, pairs, TrainingConfig(claims=0.0, shares={"entailment": 0.25}))


def test_a_question_is_put_to_the_sentence_that_settles_it(tmp_path: Path) -> None:
    rounds = [mixture(tmp_path).round(number) for number in range(40)]
    settled = [example for found in rounds for example in found if example.kind is Kind.YES]
    assert {example.passage.text.strip() for example in settled} == {"Presiden Putin menelepon Netanyahu.", TEXT}
    assert {example.answer_texts() for example in settled} == {(EVIDENCE,)}
    assert len(settled) == 2 * len(rounds)
    elsewhere = [
        example for found in rounds for example in found if example.key.startswith("y:") and not example.answers
    ]
    assert 0 < len(elsewhere) < len(settled) / 4
    assert {example.kind for example in elsewhere} == {Kind.UNKNOWN}
    assert not any(EVIDENCE in example.passage.text for example in elsewhere)
    # The likest sentence for the most part.
    unsettled = [example.passage.text for found in rounds for example in found if example.key.startswith("u:id")]
    assert unsettled.count("Presiden Putin menelepon Netanyahu. ") > len(unsettled) / 2


def test_rounds_go_through_the_pairs_and_are_the_same_each_time(tmp_path: Path) -> None:
    one, same = mixture(tmp_path), mixture(tmp_path)
    pairs = [{example.key for example in one.round(number) if example.source == "entailment"} for number in range(5)]
    assert [len(found) for found in pairs] == [2] * 5
    assert set.union(*pairs[:4]) == set("01234567")
    assert pairs[4] == pairs[0]
    assert one.round(3) == same.round(3)


def judged(label: str, verdict: str | None, probability: float, count: int) -> list[Judged]:
    return [Judged(label, verdict, probability)] * count


def test_at_most_one_verdict_in_ten_is_wrong() -> None:
    good = judged("yes", "yes", 0.9, 9)
    assert verdict_threshold([*good, *judged("no", "yes", 0.7, 3), *judged("unknown", None, 0.0, 5)]) == 0.71
    assert verdict_threshold([*good, *judged("no", "yes", 0.7, 1)]) == 0.34
    # Any verdict on what the passage does not settle is wrong.
    assert verdict_threshold([*good, *judged("unknown", "no", 0.8, 2)]) == 0.81


def test_a_reader_that_hardly_gives_a_right_verdict_gives_none() -> None:
    unsure = judged("no", "yes", 0.4, 91)
    assert verdict_threshold([*unsure, *judged("yes", "yes", 0.9, 9)]) == 1.0
    assert verdict_threshold([*unsure, *judged("yes", "yes", 0.9, 11)]) == 0.41
    assert verdict_threshold(judged("no", "yes", 0.999, 5)) == 1.0


class Judges:
    """Gives each sentence the verdict that is written here for a word in it; what it was asked is kept."""

    def __init__(self, **words: tuple[float, float, float]) -> None:
        self._words: Mapping[str, tuple[float, float, float]] = words
        self.asked: list[tuple[str, list[str]]] = []

    def judge(self, question: str, texts: Sequence[str]) -> list[Judgement]:
        self.asked.append((question, list(texts)))
        shares = [next((share for word, share in self._words.items() if word in text), (0, 0, 1)) for text in texts]
        return [Judgement(*share) for share in shares]


def reads(judges: Any, *, polar: float = 1.0, threshold: float = 0.8) -> Reads:
    return Reads(polar=polar, calibration=replace(CALIBRATION, verdict_threshold=threshold), verdicts=judges)


PASSAGE = Article("a", "", "Putin menelepon Netanyahu. Abbas di Kairo. Hujan turun lagi. Assad pergi pulang.")


def test_the_sentence_that_says_most_gives_the_verdict_and_is_its_evidence() -> None:
    judges = Judges(Netanyahu=(0.1, 0.85, 0.05), Assad=(0.9, 0.1, 0.0))
    (hit,) = hits_of(PASSAGE)
    reading, _ = reads(judges)("Apakah?", [hit])
    assert (reading.verdict, reading.confidence, answers(reading)) == ("yes", 0.9, ["Assad"])
    assert reading.candidates[0] == reading.answers[0]
    # The reader's best sentences, each with the ones around it.
    assert PASSAGE.text[43:60] == "Hujan turun lagi."
    judged = [PASSAGE.text[43:], PASSAGE.text[:43], PASSAGE.text[:61]]
    assert judges.asked == [("Apakah?", judged)]


def test_a_verdict_that_is_not_sure_enough_is_not_given() -> None:
    (hit,) = hits_of(PASSAGE)
    judges = Judges(Netanyahu=(0.1, 0.79, 0.11))
    reading, _ = reads(judges)("Apakah?", [hit])
    assert reading == Reads()("Apakah?", [hit])[0]
    assert (reading.verdict, answers(reading), len(judges.asked)) == (None, ["Assad"], 1)


def test_an_ordinary_question_is_not_judged() -> None:
    judges = Judges(Assad=(1.0, 0.0, 0.0))
    reading, _ = reads(judges, polar=-0.1)("Siapa?", hits_of(PASSAGE))
    assert (reading.verdict, judges.asked) == (None, [])


def test_without_a_threshold_nothing_is_judged() -> None:
    judges = Judges(Assad=(1.0, 0.0, 0.0))
    reading, _ = reads(judges, threshold=1.0)("Apakah?", hits_of(PASSAGE))
    assert (reading.verdict, judges.asked) == (None, [])


def test_a_verdict_knows_what_was_said_before() -> None:
    judges = Judges()
    reads(judges)("Apakah dia?", hits_of(PASSAGE), [Exchange("Siapa?", "Assad")])
    ((question, _),) = judges.asked
    assert "Apakah dia?" in question
    assert "Assad" in question


def test_a_question_for_yes_or_no_is_asked_of_all_passages() -> None:
    passages = [*hits_of(Article("a", "", "Putin menelepon Netanyahu.")), *hits_of(Article("b", "", "A b c."))]
    judges = Judges(Netanyahu=(0.9, 0.1, 0.0))
    reading, windows = reads(judges)("Benarkah?", passages)
    assert (reading.verdict, windows) == ("yes", 2)
    # Another question is not held up by verdicts.
    reading, windows = reads(judges, polar=-1.0)("Siapa?", passages)
    assert (reading.verdict, answers(reading), windows) == (None, ["Netanyahu"], 1)
