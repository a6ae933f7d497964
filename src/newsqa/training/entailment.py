"""The examples from which verdicts are learned: a yes/no question and the sentence that settles it, or does not.

A passage has many sentences and one of them decides, so the verdict is learned, and given, on that one alone: it is
then the field's task of natural language inference, for which there are large files in English. Their hypotheses are
put as questions; what a small encoder learns there carries over to news and to Indonesian, for which there are but
3,200 questions.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from newsqa.evaluation.rows import read_rows
from newsqa.sentences import sentence_spans
from newsqa.training.claims import claim
from newsqa.training.config import TrainingConfig
from newsqa.training.examples import Example, Kind, Passage, read_questions, read_yes_no

ENTAILMENT = "entailment"
_KINDS = {"entailment": Kind.YES, "contradiction": Kind.NO, "neutral": Kind.UNKNOWN}
# What nobody agreed on.
_NO_LABEL = "-"
# The share of the questions with a verdict that are also put to a sentence that does not settle them.
_ELSEWHERE = 0.12
# The share of the sentences that come with their neighbours, as they do in use.
_WITH_NEIGHBOURS = 1 / 3
_INVERTED = re.compile(r"((?:\S+ ){1,5}?)(is|are|was|were|has|have|had|can|will) (.+)")
_NAME = re.compile(r"[A-Z]{2}|I\b")
_WORD = re.compile(r"\w{3,}")


class EntailmentMixture:
    """Rounds of yes/no questions on single sentences.

    Args:
        folder: has ``yesno/train_*.jsonl`` and, for questions made by ``claims``, ``qa/train/*.jsonl``.
        pairs: a file of natural language inference in the form of SNLI (Bowman et al., 2015).
        config: ``shares[ENTAILMENT]`` of the pairs are in a round; ``claims`` and the seed.
    """

    def __init__(self, folder: Path, pairs: Path, config: TrainingConfig) -> None:
        self._config = config
        self._asked = [example for path in sorted(folder.glob("yesno/train_*.jsonl")) for example in read_yes_no(path)]
        files = [path for path in sorted(folder.glob("qa/train/*.jsonl")) if path.stem not in ("xquad", "squad_id")]
        self._questions = [example for path in files for example in read_questions(path)]
        self._pairs = read_pairs(pairs, random.Random(f"{config.seed}:pairs"))

    def round(self, number: int) -> list[Example]:
        """The examples of round ``number`` (from 0), in random order."""
        rng = random.Random(f"{self._config.seed}:{number}")
        made = (claim(example, rng) for example in self._questions if rng.random() < self._config.claims)
        asked = [*self._asked, *(example for example in made if example)]
        examples = [found for example in asked for found in _on_sentences(example, rng)]
        size = round(self._config.shares[ENTAILMENT] * len(self._pairs))
        examples += [self._pairs[(number * size + index) % len(self._pairs)] for index in range(size)]
        rng.shuffle(examples)
        return examples


def read_pairs(path: Path, rng: random.Random) -> list[Example]:
    """The pairs of ``path`` as yes/no questions, in random order; pairs without a label are left out.

    Raises:
        InputError: the file cannot be read, or a line is not such a pair.
    """
    rows = read_rows(path, lambda row, position: _pair(row, position, rng), "a pair of sentences with a label")
    examples = [example for example in rows if example]
    rng.shuffle(examples)
    return examples


def _pair(row: Mapping[str, Any], position: str, rng: random.Random) -> Example | None:
    premise, hypothesis, label = (str(row[name]).strip() for name in ("sentence1", "sentence2", "gold_label"))
    if label == _NO_LABEL or not premise or not hypothesis:
        return None
    kind = _KINDS[label]
    answers = () if kind is Kind.UNKNOWN else ((0, len(premise)),)
    return Example(ENTAILMENT, position, polar(hypothesis, rng), "en", Passage(premise), answers, kind)


def polar(statement: str, rng: random.Random) -> str:
    """An English ``statement`` as a question for yes or no, in one of several forms."""
    bare, chance = statement.strip().rstrip(".!"), rng.random()
    small = bare if _NAME.match(bare) else bare[:1].lower() + bare[1:]
    match = _INVERTED.fullmatch(small)
    if match and chance < 0.7:
        return f"{match[2].capitalize()} {match[1]}{match[3]}?"
    if chance < 0.85:
        return f"Is it true that {small}?"
    return f"{bare}, right?" if chance < 0.93 else f"{bare}?"


def _on_sentences(example: Example, rng: random.Random) -> Iterable[Example]:
    """``example`` on the sentence with its evidence, and now and then on one that does not settle it."""
    spans = sentence_spans(example.passage.text)
    holding = [i for i, span in enumerate(spans) for answer in example.answers[:1] if _overlap(span, answer)]
    if holding:
        around = int(rng.random() < _WITH_NEIGHBOURS)
        start = spans[max(holding[0] - around, 0)][0]
        end = spans[min(holding[-1] + around, len(spans) - 1)][1]
        answers = tuple((first - start, last - start) for first, last in example.answers[:1])
        yield replace(example, passage=replace(example.passage, text=example.passage.text[start:end]), answers=answers)
    others = [span for i, span in enumerate(spans) if i not in holding]
    if others and (not holding or rng.random() < _ELSEWHERE):
        start, end = _likest(example, others) if rng.random() < 0.7 else rng.choice(others)
        passage = replace(example.passage, text=example.passage.text[start:end])
        yield replace(example, passage=passage, answers=(), kind=Kind.UNKNOWN)


def _likest(example: Example, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    words = set(_WORD.findall(example.question.casefold()))
    return max(
        spans, key=lambda span: len(words.intersection(_WORD.findall(example.passage.text[slice(*span)].casefold())))
    )


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
