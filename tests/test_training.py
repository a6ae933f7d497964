"""The training package on a handful of questions."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from transformers import AutoTokenizer

from newsqa.errors import NewsQAError
from newsqa.models.adapter import Adapter
from newsqa.models.bundled import bundled_encoder
from newsqa.training.calibrate import calibrate
from newsqa.training.config import AdapterConfig, TrainingConfig
from newsqa.training.evaluate import evaluate
from newsqa.training.examples import Example, Kind, Passage, read_questions
from newsqa.training.features import IGNORED, encode
from newsqa.training.mixing import Mixture
from newsqa.training.trainer import LOCK_FILE, Trainer

_TEXT = "Presiden Putin menelepon Netanyahu pada Senin. Ia juga berbicara dengan Mahmoud Abbas di Moskow."


def _question(key: str, question: str, answer: str) -> dict[str, object]:
    answers = [{"text": answer, "start": _TEXT.index(answer)}] if answer else []
    return {"id": key, "question": question, "answers": answers}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    questions = [
        _question("1", "Siapa yang ditelepon Putin?", "Netanyahu"),
        _question("2", "Kapan Putin menelepon?", "Senin"),
        _question("3", "Siapa presiden Prancis?", ""),
        _question("4", "Di mana Putin?", "Moskow"),
    ]
    row = {"source": "t", "question_lang": "id", "context_lang": "id", "title": "Putin", "context": _TEXT}
    other = {**row, "context": "Harga beras naik di Jakarta.", "questions": [_question("5", "Siapa?", "")]}
    polar = {"key": "y", "id": "Apakah Putin di Moskow?", "en": "Is Putin in Moscow?", "label": "yes"}
    evidence = {"text": "di Moskow", "start": _TEXT.index("di Moskow")}
    turns = [
        {"id": "Siapa yang ditelepon Putin?", "en": "Who did Putin call?", "answer": "Netanyahu"},
        {"id": "Kapan?", "en": "When?", "answer": "Senin"},
    ]
    for turn in turns:
        turn |= {"start": _TEXT.index(turn["answer"]), "standalone_en": "Whom?"}  # type: ignore[dict-item]
    files = {
        "qa/train/idk_mrc.jsonl": [{**row, "questions": questions}, other],
        "qa/valid/idk_mrc.jsonl": [{**row, "questions": questions}],
        "yesno/train_id.jsonl": [{**row, "questions": [{**polar, "evidence": evidence}]}],
        "yesno/valid_id.jsonl": [{**row, "questions": [{**polar, "evidence": evidence}]}],
        "conversations/train.jsonl": [{**row, "turns": turns}],
    }
    for name, rows in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(item) + "\n" for item in rows), encoding="utf-8")
    return folder


def _config(**changes: int) -> TrainingConfig:
    base = TrainingConfig(
        adapter=AdapterConfig(rank=4, first_layer=10, verdict_hidden=8),
        total_steps=4,
        decay_steps=2,
        warmup_steps=1,
        tokens_per_batch=128,
        batches_per_step=2,
        precision="float32",
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def test_a_run_that_is_stopped_and_resumed_gives_the_same_weights(data: Path, tmp_path: Path) -> None:
    encoder = bundled_encoder()
    whole = Trainer(_config(), mixture=Mixture(data, _config()), output=tmp_path / "whole", encoder=encoder).run()
    parts = tmp_path / "parts"
    Trainer(_config(), mixture=Mixture(data, _config()), output=parts, encoder=encoder).run(stopped=lambda: True)
    resumed = Trainer(_config(), mixture=Mixture(data, _config()), output=parts, encoder=encoder).run()

    expected, found = Adapter.load(whole), Adapter.load(resumed)

    assert expected.metadata["step"] == found.metadata["step"] == "4"
    assert all(np.array_equal(expected.tensors[name], found.tensors[name]) for name in expected.tensors)
    assert any(tensor.any() for name, tensor in found.tensors.items() if name.endswith(".up"))
    report = evaluate(resumed, data=data, encoder=encoder, output=tmp_path / "evaluation", config=_config())
    assert "| idk_mrc | 4 |" in report
    assert len((tmp_path / "evaluation" / "predictions.jsonl").read_text(encoding="utf-8").splitlines()) == 4


def test_two_runs_do_not_share_a_folder(data: Path, tmp_path: Path) -> None:
    with FileLock(tmp_path / LOCK_FILE), pytest.raises(NewsQAError) as caught:
        Trainer(_config(), mixture=Mixture(data, _config()), output=tmp_path, encoder=bundled_encoder()).run()
    assert str(caught.value).startswith(f"another process is training in {tmp_path}; ")
    assert not (tmp_path / "checkpoint.pt").exists()


def test_targets_decode_to_the_answer_in_every_window_that_has_it() -> None:
    text = "Awal. " * 60 + "Ia lahir di Kota Solo pada 1961. " + "Akhir. " * 60
    start = text.index("Kota Solo")
    passage = Passage(text, "", "id")
    example = Example("s", "k", "Di mana ia lahir?", "id", passage, ((start, start + 9),))
    tokenizer = AutoTokenizer.from_pretrained(bundled_encoder())

    windows = list(encode(tokenizer, [example], max_length=96, stride=32))

    assert len(windows) > 2
    answered = [window for window in windows if window.start]
    assert answered
    for window in answered:
        found = text[window.starts[window.start - window.first] : window.ends[window.end - window.first]]
        assert found == "Kota Solo"
    assert {(window.polar, window.verdict) for window in windows} == {(0, IGNORED)}


def test_a_negative_is_put_to_a_passage_without_the_answer(data: Path) -> None:
    config = dataclasses.replace(_config(), negatives={"idk_mrc": 1.0, "yesno": 1.0}, distractors=0.0)

    examples = Mixture(data, config).round(0)

    elsewhere = [example for example in examples if example.key.endswith(":elsewhere")]
    assert {example.key.split(":")[0] for example in elsewhere} >= {"1", "2", "4"}
    assert all(not example.answers and example.passage.text != _TEXT for example in elsewhere)
    assert not any(example.kind in (Kind.YES, Kind.NO) for example in elsewhere)


def test_questions_are_read(data: Path) -> None:
    assert len(read_questions(data / "qa" / "valid" / "idk_mrc.jsonl")) == 4


def _row(group: str, score: float, text: str, gold: list[str], **more: object) -> dict[str, object]:
    row = {
        "group": group,
        "kind": "span",
        "score": score,
        "text": text,
        "gold": gold,
        "polar": -9.0,
        "languages": ["id", "id"],
    }
    return {**row, "start": 0, "end": 1, **more}


def test_calibration_follows_its_rules() -> None:
    rows = [_row("idk_mrc", 4.0 + i % 3, "Putin", ["Putin"]) for i in range(20)]
    rows += [_row("idk_mrc", -4.0 - i % 3, "Putin", []) for i in range(20)]
    # One right answer and one wrong overlap, so that the probability does not jump.
    rows += [_row("idk_mrc", 0.0, "Putin", ["Putin"]), _row("idk_mrc", 1.0, "Putin", [])]

    calibration, error = calibrate(rows)

    assert -4.0 <= calibration.threshold < 4.0
    assert calibration.confidence(5.0) > 0.9
    assert calibration.confidence(-5.0) < 0.1
    assert calibration.verdict_threshold == 1.0
    assert not calibration.gives_verdicts
    assert 0 <= error < 0.1


def test_four_in_five_near_misses_of_each_news_file_are_refused() -> None:
    rows = [_row("facqa", 2.05 + step / 50, "Putin", ["Putin"]) for step in range(20)]
    rows += [_row("news_en", score, "Putin", []) for score in (0.5, 1.0, 1.5, 2.0, 3.0)]
    threshold = calibrate([*rows, _row("facqa", -9.0, "Putin", [])])[0].threshold
    assert threshold == 2.0


def test_english_on_english_has_a_threshold_by_the_same_rule() -> None:
    rows = [_row("facqa", 1.0, "Putin", ["Putin"]), _row("facqa", -1.0, "Putin", [])]
    assert calibrate(rows)[0].english_threshold == calibrate(rows)[0].threshold == -1.0
    english = {"languages": ["en", "en"]}
    rows += [_row("news_en_asked_in_en", score, "Putin", [], **english) for score in (0.5, 1.0, 1.5, 2.0, 3.0)]
    rows += [_row("xquad, English", 4.0, "Putin", ["Putin"], **english)]
    calibration = calibrate(rows)[0]
    assert (calibration.threshold, calibration.english_threshold) == (-1.0, 3.0)


def test_follow_ups_have_a_threshold_by_the_same_rule_in_both_languages() -> None:
    rows = [_row("facqa", 1.0, "Putin", ["Putin"]), _row("facqa", -1.0, "Putin", [])]
    assert calibrate(rows)[0].follow_up_threshold == calibrate(rows)[0].threshold
    for language, refused in (("id", -3.0), ("en", -2.0)):
        group = f"conversations, turns 2+, {language}"
        rows += [_row(group, 2.0, "Putin", ["Putin"]), _row(group, -1.9, "Putin", ["Putin"])]
        rows += [_row(group, refused, "Putin", [])] * 5
    # Of the turns of news alone there is a group of their own, which the others hold already.
    rows += [_row("conversations, turns 2+, id, news only", 5.0, "Putin", [])] * 5
    assert calibrate(rows)[0].follow_up_threshold == -2.0
