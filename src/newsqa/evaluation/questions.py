"""Data files as they are evaluated; ``rows`` describes their formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from newsqa.errors import InputError
from newsqa.evaluation.rows import (
    ConversationRow,
    Record,
    YesNoRow,
    conversation_rows,
    question_rows,
    read_rows,
    yes_no_rows,
)
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

    @property
    def gold(self) -> tuple[str, ...]:
        """The texts of the gold answers, () if unanswerable."""
        return tuple(answer.text for answer in self.answers)


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """The articles and questions of one question file; ``name`` is the file's, without the ending."""

    name: str
    articles: tuple[Article, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class YesNoFile:
    """The passages of one yes/no file; ``name`` as in ``QuestionFile``."""

    name: str
    rows: tuple[YesNoRow, ...]


@dataclass(frozen=True, slots=True)
class ConversationFile:
    """The conversations of one file; ``name`` as in ``QuestionFile``."""

    name: str
    rows: tuple[ConversationRow, ...]


def read_file(path: Path) -> QuestionFile | YesNoFile | ConversationFile:
    """Read a data file; its format is told from its first line with questions or turns.

    Raises:
        InputError: the file cannot be read, has no questions, or a line is not of the format; the message gives it.
    """
    found = next(_formats(path), None)
    if found == "conversations":
        return ConversationFile(path.stem, tuple(conversation_rows(path)))
    if found == "yes/no":
        return YesNoFile(path.stem, tuple(yes_no_rows(path)))
    return read_questions(path)


def read_questions(path: Path) -> QuestionFile:
    """Read a question file. The same passage on two lines is one article.

    Raises:
        InputError: the file cannot be read, has no questions, or a line is not of the format; the message gives it.
    """
    articles: dict[str, Article] = {}  # by text
    questions: list[Question] = []
    for row in question_rows(path):
        article = articles.setdefault(row.article.text, row.article)
        for item in row.questions:
            answers, sources = _moved(item.answers, article), _moved(item.sources, article)
            questions.append(Question(item.id, item.text, article.id, answers, sources))
    if not questions:
        raise InputError(f"the question file {path} holds no questions")
    return QuestionFile(path.stem, tuple(articles.values()), tuple(questions))


def together(files: Sequence[QuestionFile]) -> list[QuestionFile]:
    """``files``, each with the articles of all of them; the same text in several files is one article."""
    articles: dict[str, Article] = {}  # by text
    for file in files:
        for article in file.articles:
            articles.setdefault(article.text, replace(article, id=f"{file.name}-{article.id}"))
    every = tuple(articles.values())
    found = []
    for file in files:
        there = {article.id: articles[article.text] for article in file.articles}
        questions = tuple(_in_article(question, there[question.article_id]) for question in file.questions)
        found.append(QuestionFile(file.name, every, questions))
    return found


def _in_article(question: Question, article: Article) -> Question:
    """``question`` about ``article``, which has the same text as its own."""
    answers, sources = _moved(question.answers, article), _moved(question.sources, article)
    return replace(question, article_id=article.id, answers=answers, sources=sources)


def _moved(spans: tuple[Span, ...], article: Article) -> tuple[Span, ...]:
    """``spans`` in ``article``, which has the same text as their own."""
    return tuple(article.span(span.start, span.end) for span in spans)


def _formats(path: Path) -> Iterator[Literal["conversations", "yes/no", "questions"]]:
    """The format of each line that tells it."""

    def keys(record: Record, _position: str) -> tuple[bool, list[Record]]:
        return "turns" in record, record["turns"] if "turns" in record else record["questions"]

    for has_turns, items in read_rows(path, keys, "a passage with questions"):
        if items:
            yield "conversations" if has_turns else "yes/no" if "label" in items[0] else "questions"
