"""Data files to examples: a question, its passage, the spans that answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from newsqa.errors import InputError
from newsqa.evaluation.rows import LANGUAGES, conversation_rows, question_rows, yes_no_rows
from newsqa.reading.history import Exchange
from newsqa.types import Article, Span


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


def read_questions(path: Path) -> list[Example]:
    """The questions of a file of ``qa``."""
    examples = []
    for row in question_rows(path):
        passage = _passage(path, row.article, row.language)
        language = _stated(row.question_language, "question_lang", path, row.article)
        for item in row.questions:
            answers = tuple(map(_offsets, item.answers))
            examples.append(Example(path.stem, item.id, item.text, language, passage, answers))
    return examples


def read_yes_no(path: Path, languages: Sequence[str] = LANGUAGES) -> list[Example]:
    """The questions of a file of ``yesno``, once in each of ``languages``."""
    examples = []
    for row in yes_no_rows(path):
        passage = _passage(path, row.article, row.language)
        for item in row.questions:
            answers = (_offsets(item.evidence),) if item.evidence else ()
            for language in languages:
                key, question = f"{item.key}:{language}", item.wordings[language]
                examples.append(Example("yesno", key, question, language, passage, answers, Kind(item.label)))
    return examples


def read_conversations(path: Path, languages: Sequence[str] = LANGUAGES) -> list[ConversationTurn]:
    """The turns of a file of ``conversations``, in each of ``languages``, with all turns before them as history."""
    turns = []
    for position, row in enumerate(conversation_rows(path)):
        passage = _passage(path, row.article, row.language)
        for language in languages:
            history: tuple[Exchange, ...] = ()
            for number, turn in enumerate(row.turns, 1):
                question, answers = turn.wordings[language], (_offsets(turn.answer),) if turn.answer else ()
                key = f"{row.source}-{position}-{number}:{language}"
                example = Example("conversations", key, question, language, passage, answers, history=history)
                turns.append(ConversationTurn(example, turn.standalone if language == "en" else "", number))
                history = (*history, Exchange(question, turn.answer_text))
    return turns


def _passage(path: Path, article: Article, language: str) -> Passage:
    return Passage(article.text, article.title, _stated(language, "context_lang", path, article))


def _stated(language: str, field: str, path: Path, article: Article) -> str:
    """``language``, which training needs and other users of the files do not."""
    if not language:
        raise InputError(f"{path}, line {int(article.id) + 1}: {field!r} is missing")
    return language


def _offsets(span: Span) -> tuple[int, int]:
    return span.start, span.end
