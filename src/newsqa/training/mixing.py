"""The examples of one round of training: each source by its share, with negatives, mixed languages and histories.

A round depends on the configuration, the files and its number only, so a run that is resumed sees the same examples
in the same order.
"""

from __future__ import annotations

import logging
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from newsqa.reading.history import MAX_TURNS, Exchange
from newsqa.training.claims import claim
from newsqa.training.config import TrainingConfig
from newsqa.training.examples import (
    ConversationTurn,
    Example,
    Kind,
    Passage,
    read_conversations,
    read_questions,
    read_yes_no,
)

logger = logging.getLogger(__name__)

T = TypeVar("T")

XQUAD = "xquad"
TRANSLATED_SQUAD = "squad_id"
YES_NO = "yesno"
CONVERSATIONS = "conversations"
_TRANSLATED_PREFIX = "squad-trans-"
# Candidates among which the passage most like the question is taken as a hard negative.
_CANDIDATES = 48
_WORD = re.compile(r"\w{3,}")


class Mixture:
    """The training examples under a data folder.

    Args:
        folder: has ``qa/train/*.jsonl``, ``yesno/train_*.jsonl`` and ``conversations/train.jsonl``; what is missing
            is left out.
        config: shares, negatives, distractors and the seed.
    """

    def __init__(self, folder: Path, config: TrainingConfig) -> None:
        self._config = config
        self._questions = {path.stem: read_questions(path) for path in sorted(folder.glob("qa/train/*.jsonl"))}
        self._yes_no = [item for path in sorted(folder.glob("yesno/train_*.jsonl")) for item in read_yes_no(path)]
        conversations = folder / "conversations" / "train.jsonl"
        self._turns = read_conversations(conversations) if conversations.exists() else []
        self._parallel = _Parallel(self._questions.get(XQUAD, []), self._questions.get(TRANSLATED_SQUAD, []))
        self._by_passage: dict[str, list[Example]] = defaultdict(list)
        for source, examples in self._questions.items():
            if source not in (XQUAD, TRANSLATED_SQUAD):
                for example in examples:
                    self._by_passage[example.passage.text].append(example)

    def round(self, number: int) -> list[Example]:
        """The examples of round ``number`` (from 0), in random order."""
        rng = random.Random(f"{self._config.seed}:{number}")
        examples: list[Example] = []
        for source in sorted(self._questions):
            if source != XQUAD:
                taken = self._with_negatives(source, self._questions[source], number, rng)
                examples += taken
                if source != TRANSLATED_SQUAD:
                    claims = (claim(example, rng) for example in taken if rng.random() < self._config.claims)
                    examples += [example for example in claims if example]
        examples += self._with_negatives(YES_NO, self._yes_no, number, rng)
        mixed = self._parallel.draw(self._config.shares.get(XQUAD, 0.0), rng)
        examples += mixed
        examples += self._negatives(XQUAD, mixed, [example.passage for example in mixed], rng)
        turns = self._portion(CONVERSATIONS, self._turns, number)
        examples += [_with_history(turn, rng) for turn in turns]
        examples = [self._distracted(example, rng) for example in examples]
        rng.shuffle(examples)
        answerable = sum(bool(example.answers) for example in examples)
        logger.info("round %d: %d examples, %d with an answer", number, len(examples), answerable)
        return examples

    def _with_negatives(
        self, source: str, examples: Sequence[Example], number: int, rng: random.Random
    ) -> list[Example]:
        taken = list(self._portion(source, examples, number))
        return taken + self._negatives(source, taken, [example.passage for example in examples], rng)

    def _portion(self, source: str, items: Sequence[T], number: int) -> Iterator[T]:
        """This round's share of ``items``: rounds go through them in one fixed random order, over and over."""
        order = list(range(len(items)))
        random.Random(f"{self._config.seed}:{source}").shuffle(order)
        size = round(self._config.shares.get(source, 0.0) * len(items))
        return (items[order[(number * size + index) % len(items)]] for index in range(size))

    def _negatives(
        self, source: str, examples: Iterable[Example], passages: Sequence[Passage], rng: random.Random
    ) -> list[Example]:
        share = self._config.negatives.get(source, 0.0)
        by_title: dict[str, list[Passage]] = defaultdict(list)
        for passage in dict.fromkeys(passages):
            if passage.title:
                by_title[passage.title].append(passage)
        return [
            _on_another_passage(example, passages, by_title, rng)
            for example in examples
            if example.answers and rng.random() < share
        ]

    def _distracted(self, example: Example, rng: random.Random) -> Example:
        """``example``, sometimes with a history that says nothing about its question."""
        if example.history or rng.random() >= self._config.distractors:
            return example
        others = [other for other in self._by_passage[example.passage.text] if other.key != example.key]
        if not others or rng.random() < 0.25:
            others = rng.choice(list(self._questions.values()) or [[example]])
        same_language = [
            other for other in rng.sample(others, min(len(others), 12)) if other.language == example.language
        ]
        history = [Exchange(other.question, next(iter(other.answer_texts()), "")) for other in same_language]
        return replace(example, history=tuple(history[: rng.randint(1, MAX_TURNS)]))


class _Parallel:
    """Questions and passages that exist in several languages, matched by id."""

    def __init__(self, examples: Sequence[Example], translated: Sequence[Example]) -> None:
        self._by_id: dict[str, dict[str, Example]] = defaultdict(dict)
        for example in examples:
            self._by_id[example.key][example.language] = example
        # Machine-translated versions of the same questions add Indonesian.
        for example in translated:
            key = example.key.removeprefix(_TRANSLATED_PREFIX)
            if key in self._by_id and example.answers:
                self._by_id[key][example.language] = example

    def draw(self, times: float, rng: random.Random) -> list[Example]:
        """``times`` examples for each id: mostly English and Indonesian, the passage in any language."""
        keys = [key for key in self._by_id for _ in range(int(times))]
        keys += [key for key in self._by_id if rng.random() < times - int(times)]
        return [self._mixed(self._by_id[key], rng) for key in keys]

    @staticmethod
    def _mixed(versions: Mapping[str, Example], rng: random.Random) -> Example:
        passages = {language: {"en": 14.0, "id": 4.0}.get(language, 0.4) for language in versions}
        base = versions[rng.choices(list(passages), list(passages.values()))[0]]
        questions = {language: {"en": 12.0, "id": 6.0}.get(language, 0.0) for language in versions}
        questions[base.language] += 2.0
        asked = versions[rng.choices(list(questions), list(questions.values()))[0]]
        return replace(base, source=XQUAD, question=asked.question, language=asked.language)


def _with_history(turn: ConversationTurn, rng: random.Random) -> Example:
    """A turn as it stands after its history, sometimes a part of it, or in its stand-alone form."""
    example, chance = turn.example, rng.random()
    if turn.standalone and chance < 0.3:
        example = replace(example, question=turn.standalone)
        if chance < 0.2:
            return replace(example, history=())
    history = example.history[-MAX_TURNS:]
    if history and rng.random() < 0.3:
        history = history[-rng.randint(1, len(history)) :]
    # In use the earlier answers are the reader's own, and now and then it had none.
    history = tuple(exchange if rng.random() < 0.9 else Exchange(exchange.question, "") for exchange in history)
    return replace(example, history=history)


def _on_another_passage(
    example: Example, passages: Sequence[Passage], by_title: Mapping[str, list[Passage]], rng: random.Random
) -> Example:
    """The question of ``example`` put to a passage without its answer, as much like the question as can be found."""
    answers = [answer.casefold() for answer in example.answer_texts()]
    words = set(_WORD.findall(example.question.casefold()))
    candidates = [rng.choice(passages) for _ in range(_CANDIDATES)] + by_title.get(example.passage.title, [])
    best, most = example.passage, -1
    for passage in candidates:
        text = passage.text.casefold()
        if passage.text == example.passage.text or any(answer in text for answer in answers):
            continue
        shared = len(words.intersection(_WORD.findall(text)))
        if passage.title and passage.title == example.passage.title:
            shared += 2
        if shared > most:
            best, most = passage, shared
    if most < 0:
        return example
    kind = example.kind if example.kind is Kind.SPAN else Kind.UNKNOWN
    return replace(example, key=f"{example.key}:elsewhere", passage=best, answers=(), kind=kind)
