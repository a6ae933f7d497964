"""Fit the model of follow-ups: ``python -m newsqa.training.leaning --data FOLDER --output FILE``.

In ``conversations/train.jsonl`` a turn leans on the ones before it where its English stand-alone form is another text
than the question; the stand-alone forms themselves, and questions of ``qa/train`` behind another question on the same
passage, lean on nothing. ``conversations/valid.jsonl`` gives the figures.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from newsqa.conversation.leaning import LeaningModel, features
from newsqa.reading.history import Exchange
from newsqa.training.examples import Example, read_conversations, read_questions
from newsqa.types import Language

_SEED = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """A question after some turns, and whether it leans on them."""

    question: str
    history: tuple[Exchange, ...]
    language: Language
    leans: bool


def conversation_samples(path: Path) -> list[Sample]:
    """The turns of a conversation file from the second on, in both languages, and their stand-alone forms."""
    english = {turn.example.key.removesuffix(":en"): turn for turn in read_conversations(path, ["en"])}
    samples = []
    for turn in read_conversations(path):
        example = turn.example
        if not example.history:
            continue
        # The same turn in English tells for both languages.
        other = english[example.key.rpartition(":")[0]]
        leans = other.example.question != other.standalone
        samples.append(Sample(example.question, example.history, _language(example), leans))
        if leans and turn.standalone:
            samples.append(Sample(turn.standalone, example.history, "en", False))
    return samples


def question_samples(paths: Sequence[Path], rng: random.Random) -> list[Sample]:
    """Ordinary questions of some passages, each behind another question on its passage."""
    samples = []
    for path in paths:
        passages: dict[str, list[Example]] = defaultdict(list)
        for example in read_questions(path):
            passages[example.passage.text].append(example)
        for examples in passages.values():
            if len(examples) > 1:
                before, example = rng.sample(examples, 2)
                turn = Exchange(before.question, next(iter(before.answer_texts()), ""))
                samples.append(Sample(example.question, (turn,), _language(example), False))
    return samples


def fit(samples: Sequence[Sample]) -> LeaningModel:
    """A logistic regression on ``samples``."""
    model = LogisticRegression(C=1.0, max_iter=5000)
    model.fit([features(one.question, one.history, one.language) for one in samples], [one.leans for one in samples])
    return LeaningModel(
        tuple(round(float(weight), 3) for weight in model.coef_[0]), round(float(model.intercept_[0]), 3)
    )


def figures(model: LeaningModel, samples: Sequence[Sample]) -> str:
    """Accuracy, and either kind of error, over turns of conversations."""
    leaning = np.array([model.probability(one.question, one.history, one.language) > 0.5 for one in samples])
    gold = np.array([one.leans for one in samples])
    right, found, mistaken = (
        100 * float(np.mean(part)) if len(part) else 0.0 for part in (leaning == gold, leaning[gold], leaning[~gold])
    )
    return (
        f"{len(samples)} turns: accuracy {right:.1f} %; of {gold.sum()} that lean {found:.1f} % recognised, "
        f"of {(~gold).sum()} that do not {mistaken:.1f} % taken for follow-ups"
    )


def _language(example: Example) -> Language:
    return "id" if example.language == "id" else "en"


def main(arguments: list[str] | None = None) -> None:
    """Write the weights as JSON and the figures to the screen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with qa and conversations")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    paths = sorted(path for path in options.data.glob("qa/train/*.jsonl") if path.stem not in ("xquad", "squad_id"))
    samples = conversation_samples(options.data / "conversations" / "train.jsonl")
    samples += question_samples(paths, random.Random(_SEED))
    # Readers often type no capitals.
    model = fit(samples + [replace(sample, question=sample.question.lower()) for sample in samples])
    options.output.write_text(json.dumps({"weights": model.weights, "bias": model.bias}) + "\n", encoding="utf-8")
    valid = conversation_samples(options.data / "conversations" / "valid.jsonl")
    sys.stdout.write(f"validation, {figures(model, valid)}\n")
    ordinary = question_samples(sorted(options.data.glob("qa/valid/news*.jsonl")), random.Random(_SEED))
    sys.stdout.write(f"validation, ordinary questions on news, {figures(model, ordinary)}\n")
    lower = [replace(sample, question=sample.question.lower()) for sample in valid]
    sys.stdout.write(f"validation without capitals, {figures(model, lower)}\n")


if __name__ == "__main__":
    main()
