"""Data files to examples: a question, its passage, the spans that answer it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from newsqa.errors import InputError
from newsqa.reading.history import Exchange

LANGUAGES = ("id", "en")


class Kind(StrEnum):
    """What a question asks for: a span, or yes or no with the right verdict (``UNKNOWN``: the passage does not say)."""

    SPAN = "span"
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage; ``title`` groups passages of one article, "" where the file has none."""

    text: str
    title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One question on one passage.

    ``answers``: half-open character spans of the passage, each right alone; none if the passage does not answer.
    ``history``: earlier turns, oldest first.
    """

    source: str
    key: str
    question: str
    language: str
    passage: Passage
    answers: tuple[tuple[int, int], ...]
    kind: Kind = Kind.SPAN
    history: tuple[Exchange, ...] = ()

    def answer_texts(self) -> tuple[str, ...]:
        """The gold answers, () if there is none."""
        return tuple(self.passage.text[start:end] for start, end in self.answers)


@dataclass(frozen=True, slots=True)
class ConversationTurn:
    """One turn in one language with the turns before it; ``standalone`` is "" where no rewriting is known."""

    example: Example
    standalone: str
    number: int


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a JSON Lines file.

    Raises:
        InputError: it cannot be read, or a line is not a JSON object.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise InputError(f"{path}, line {number}: not a JSON object")
                yield row
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read the data file {path}: {error}") from error


def read_questions(path: Path) -> list[Example]:
    """The questions of a file of ``qa``."""
    examples = []
    for row in read_rows(path):
        passage = Passage(row["context"], row.get("title", ""), row["context_lang"])
        for item in row["questions"]:
            answers = tuple(_span(passage, answer, path) for answer in item["answers"])
            examples.append(Example(path.stem, item["id"], item["question"], row["question_lang"], passage, answers))
    return examples


def read_yes_no(path: Path, languages: Sequence[str] = LANGUAGES) -> list[Example]:
    """The questions of a file of ``yesno``, once in each of ``languages``."""
    examples = []
    for row in read_rows(path):
        passage = Passage(row["context"], row.get("title", ""), row["context_lang"])
        for item in row["questions"]:
            answers = (_span(passage, item["evidence"], path),) if item["evidence"] else ()
            for language in languages:
                key = f"{item['key']}:{language}"
                examples.append(Example("yesno", key, item[language], language, passage, answers, Kind(item["label"])))
    return examples


def read_conversations(path: Path, languages: Sequence[str] = LANGUAGES) -> list[ConversationTurn]:
    """The turns of a file of ``conversations``, in each of ``languages``, with all turns before them as history."""
    turns = []
    for position, row in enumerate(read_rows(path)):
        passage = Passage(row["context"], "", row["context_lang"])
        for language in languages:
            history: tuple[Exchange, ...] = ()
            for number, item in enumerate(row["turns"], 1):
                text = item["answer"]
                answers = (_span(passage, {"text": text, "start": item["start"]}, path),) if text else ()
                key = f"{row['source']}-{position}-{number}:{language}"
                example = Example("conversations", key, item[language], language, passage, answers, history=history)
                turns.append(ConversationTurn(example, item["standalone_en"] if language == "en" else "", number))
                history = (*history, Exchange(item[language], text))
    return turns


def _span(passage: Passage, answer: dict[str, Any], path: Path) -> tuple[int, int]:
    start, end = answer["start"], answer["start"] + len(answer["text"])
    if passage.text[start:end] != answer["text"]:
        raise InputError(f"{path}: the answer {answer['text']!r} is not at {start} of its passage")
    return start, end
