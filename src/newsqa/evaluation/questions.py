"""Question files: JSON Lines, one passage with its questions a line.

    {"context": "…", "title": "…", "questions": [{"id": "…", "question": "…",
      "answers": [{"text": "…", "start": 64}], "sentences": [{"text": "…", "start": 64}]}]}

``start`` counts characters of ``context``. No answers: the passage does not say. ``title`` and ``sentences`` are
optional; ``sentences`` names the source sentences where the answers' own positions do not say enough.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsqa.errors import InputError
from newsqa.types import Article, Span


@dataclass(frozen=True, slots=True)
class Question:
    """One question on one article.

    ``answers`` are the gold spans, none if unanswerable; a citation is right if it overlaps one of ``sources``.
    """

    id: str
    text: str
    article_id: str
    answers: tuple[Span, ...]
    sources: tuple[Span, ...]

    @property
    def answerable(self) -> bool:
        """Whether the article gives the answer."""
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """The articles and questions of one file; ``name`` is the file's, without the ending."""

    name: str
    articles: tuple[Article, ...]
    questions: tuple[Question, ...]


def read_questions(path: Path) -> QuestionFile:
    """Read a question file.

    Raises:
        InputError: the file cannot be read, or a line is not of the format; the message gives the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the question file {path}: {error}") from error
    articles: dict[str, Article] = {}  # by text
    questions: list[Question] = []
    for number, line in enumerate(lines, 1):
        try:
            if line.strip():
                _add_line(json.loads(line), articles, questions)
        except (ValueError, KeyError, TypeError, InputError) as error:
            raise InputError(f"{path}, line {number}: not a passage with questions ({error!r})") from error
    if not questions:
        raise InputError(f"the question file {path} holds no questions")
    return QuestionFile(path.stem, tuple(articles.values()), tuple(questions))


def _add_line(record: dict[str, Any], articles: dict[str, Article], questions: list[Question]) -> None:
    text = record["context"]
    # The same passage on two lines is one article.
    article = articles.setdefault(text, Article(str(len(articles)), record.get("title") or "", text))
    for item in record["questions"]:
        answers = tuple(_span(article, answer) for answer in item["answers"])
        sources = tuple(_span(article, sentence) for sentence in item.get("sentences") or ()) or answers
        questions.append(Question(str(item["id"]), item["question"], article.id, answers, sources))


def _span(article: Article, record: dict[str, Any]) -> Span:
    span = article.span(record["start"], record["start"] + len(record["text"]))
    if span.text != record["text"]:
        raise ValueError(f"at {span.start} the passage says {span.text!r}, not {record['text']!r}")
    return span
