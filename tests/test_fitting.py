from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fakes import WordEncoder
from newsqa.evaluation.fit_sentences import Sample, excerpt, fit, samples
from newsqa.evaluation.languages import accuracy
from newsqa.evaluation.questions import read_questions
from newsqa.reading.sentence import FEATURES, SentenceReader, SentenceWeights

DATA = Path(__file__).parent / "data"
UNFITTED = SentenceWeights((0.0,) * len(FEATURES), 0.0, 0.0, 1.0, 0.0)


def sample(gold: int | None, *cosines: float) -> Sample:
    """One question on sentences with these cosines; the one at ``gold`` answers it."""
    features = np.zeros((len(cosines), len(FEATURES)))
    features[:, 0] = cosines
    return Sample(features, np.arange(len(cosines)) == gold, gold is not None)


def test_weights_threshold_and_confidence_are_fitted() -> None:
    rng = np.random.default_rng(0)
    answerable = [sample(0, 8.0 + rng.normal() / 4, 6.0, 6.0) for _ in range(60)]
    unanswerable = [sample(None, 6.5 + rng.normal() / 4, 6.0, 6.0) for _ in range(40)]
    fitted = fit(answerable, [answerable, unanswerable])
    assert fitted.weights[0] > 0.5
    assert all(weight == 0 for weight in fitted.weights[1:])
    logit_at = {cosine: fitted.weights[0] * cosine + fitted.bias for cosine in (6.5, 8.0)}
    assert logit_at[6.5] < fitted.threshold < logit_at[8.0]
    assert fitted.confidence(logit_at[6.5]) < 0.2
    assert fitted.confidence(logit_at[8.0]) > 0.8


def test_samples_know_their_gold_sentences() -> None:
    file = read_questions(DATA / "seed_questions_id.jsonl")
    found = samples(file, SentenceReader(WordEncoder(), UNFITTED), WordEncoder(), ("archive", "alone"))
    assert len(found) == 72
    assert sum(one.answerable for one in found) == 52
    assert all(one.gold.any() == one.answerable for one in found)
    assert found[0].features.shape == (14, len(FEATURES))  # fifteen sentences without the headline


def test_an_excerpt_keeps_the_questions_of_its_articles(tmp_path: Path) -> None:
    lines = [{"context": f"Teks {i}.", "questions": [{"id": i, "question": "Apa?", "answers": []}]} for i in range(9)]
    (tmp_path / "f.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    part = excerpt(read_questions(tmp_path / "f.jsonl"), 4)
    assert len(part.articles) == len(part.questions) == 4
    assert {question.article_id for question in part.questions} == {article.id for article in part.articles}
    assert excerpt(read_questions(tmp_path / "f.jsonl"), 4) == part


@pytest.mark.parametrize(("language", "kind"), [("en", "long"), ("id", "long"), ("fr", "other")])
def test_language_accuracy_is_counted(tmp_path: Path, language: str, kind: str) -> None:
    questions = [{"question": "Siapa yang ditelepon oleh Putin?"}, {"question": "Who did Putin call on Monday?"}]
    (tmp_path / "f.jsonl").write_text(json.dumps({"question_lang": language, "questions": questions}), encoding="utf-8")
    assert accuracy([tmp_path / "f.jsonl"]) == {kind: (1, 2)}
