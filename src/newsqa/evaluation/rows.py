"""Data files: JSON Lines, one passage a line, in three formats.

Question files; ``sentences`` and every language and title are optional:

    {"context": "…", "title": "…", "context_lang": "id", "question_lang": "en", "questions": [{"id": "…",
      "question": "…", "answers": [{"text": "…", "start": 64}], "sentences": [{"text": "…", "start": 64}]}]}

Yes/no files, each question in Indonesian and English, with its right verdict and the span that settles it:

    {"context": "…", "questions": [{"key": "…", "id": "…", "en": "…", "label": "yes" | "no" | "unknown",
      "evidence": {"text": "…", "start": 64} | null}]}

Conversations, each turn in Indonesian and English, and in an English form that stands alone:

    {"context": "…", "source": "…", "turns": [{"id": "…", "en": "…", "standalone_en": "…", "answer": "…",
      "start": 64 | null}]}

``start`` counts characters of ``context``. No ``answers``, or the answer "": the passage does not say. ``sentences``
names the source sentences where the answers' own positions do not say enough.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from newsqa.errors import InputError
from newsqa.types import Article, Language, Span

Label = Literal["yes", "no", "unknown"]
Record = dict[str, Any]
T = TypeVar("T")

LANGUAGES: tuple[Language, ...] = ("id", "en")


@dataclass(frozen=True, slots=True)
class SpanQuestion:
    """A question of a question file: its gold answers, none if unanswerable, and their source sentences."""

    id: str
    text: str
    answers: tuple[Span, ...]
    sources: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A passage with questions. The article's id is its line's position; a language is "" where the file has none."""

    article: Article
    language: str
    question_language: str
    questions: tuple[SpanQuestion, ...]


@dataclass(frozen=True, slots=True)
class YesNoQuestion:
    """A yes/no question by language ("id" and "en"), its verdict, and its evidence, which an unknown one lacks."""

    key: str
    wordings: Mapping[str, str]
    label: Label
    evidence: Span | None


@dataclass(frozen=True, slots=True)
class YesNoRow:
    """A passage with yes/no questions; ``article`` and ``language`` as in ``QuestionRow``."""

    article: Article
    language: str
    questions: tuple[YesNoQuestion, ...]


@dataclass(frozen=True, slots=True)
class GoldTurn:
    """A turn by language ("id" and "en"), its English stand-alone form, and its answer if the passage has one."""

    wordings: Mapping[str, str]
    standalone: str
    answer: Span | None

    @property
    def answer_text(self) -> str:
        """The gold answer, "" if there is none."""
        return self.answer.text if self.answer else ""


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A passage with a conversation about it; ``article`` and ``language`` as in ``QuestionRow``."""

    article: Article
    language: str
    source: str
    turns: tuple[GoldTurn, ...]


def read_rows(path: Path, parse: Callable[[Record, str], T], what: str) -> Iterator[T]:
    """What ``parse`` makes of each line of a JSON Lines file; lines of white space are skipped.

    Args:
        path: the file, UTF-8.
        parse: gets the line's object and its position in the file, from "0"; a ValueError, KeyError, TypeError or
            InputError from it means that the line is not of the format.
        what: a line of the format, as the error message is to call it: "a passage with questions".

    Raises:
        InputError: the file cannot be read, or a line is not of the format; the message gives the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the question file {path}: {error}") from error
    # Not splitlines: U+2028 and others may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            if not isinstance(record, dict):
                raise ValueError("not a JSON object")
            row = parse(record, str(number - 1))
        except KeyError as error:
            raise InputError(f"{path}, line {number}: not {what} ({error} is missing)") from error
        except (ValueError, TypeError, InputError) as error:
            raise InputError(f"{path}, line {number}: not {what} ({error})") from error
        yield row


def question_rows(path: Path) -> Iterator[QuestionRow]:
    """The passages of a question file; errors as in ``read_rows``."""
    return read_rows(path, _question_row, "a passage with questions")


def yes_no_rows(path: Path) -> Iterator[YesNoRow]:
    """The passages of a yes/no file; errors as in ``read_rows``."""
    return read_rows(path, _yes_no_row, "a passage with yes/no questions")


def conversation_rows(path: Path) -> Iterator[ConversationRow]:
    """The passages of a conversation file; errors as in ``read_rows``."""
    return read_rows(path, _conversation_row, "a conversation")


def _question_row(record: Record, position: str) -> QuestionRow:
    article = _article(record, position)
    questions = []
    for item in record["questions"]:
        answers = tuple(_span(article, answer) for answer in item["answers"])
        sources = tuple(_span(article, sentence) for sentence in item.get("sentences") or ()) or answers
        questions.append(SpanQuestion(str(item["id"]), _text(item, "question"), answers, sources))
    languages = (record.get("context_lang") or "", record.get("question_lang") or "")
    return QuestionRow(article, *languages, tuple(questions))


def _yes_no_row(record: Record, position: str) -> YesNoRow:
    article = _article(record, position)
    questions = []
    for item in record["questions"]:
        label: Label = item["label"]
        if label not in get_args(Label):
            raise ValueError(f"the label {label!r} is none of yes, no and unknown")
        evidence = _span(article, item["evidence"]) if item["evidence"] else None
        questions.append(YesNoQuestion(str(item["key"]), _wordings(item), label, evidence))
    return YesNoRow(article, record.get("context_lang") or "", tuple(questions))


def _conversation_row(record: Record, position: str) -> ConversationRow:
    article = _article(record, position)
    turns = tuple(
        GoldTurn(
            _wordings(item),
            _text(item, "standalone_en"),
            _span(article, {"text": item["answer"], "start": item["start"]}) if item["answer"] else None,
        )
        for item in record["turns"]
    )
    return ConversationRow(article, record.get("context_lang") or "", record.get("source") or "", turns)


def _article(record: Record, position: str) -> Article:
    return Article(position, record.get("title") or "", _text(record, "context"))


def _wordings(record: Record) -> Mapping[str, str]:
    return types.MappingProxyType({language: _text(record, language) for language in LANGUAGES})


def _text(record: Record, key: str) -> str:
    value = record[key]
    if not isinstance(value, str):
        raise ValueError(f"{key!r} is {value!r}, not a text")
    return value


def _span(article: Article, record: Record) -> Span:
    span = article.span(record["start"], record["start"] + len(record["text"]))
    if span.text != record["text"]:
        raise ValueError(f"at {span.start} the passage says {span.text!r}, not {record['text']!r}")
    return span
