"""A conversation whose every part attacks the page: markup in the article, the answer, the near miss, the suggestions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fakes import WordEncoder
from newsqa import Answer, Article, Citation, InputError, NewsQA, Turn
from newsqa.index import Index
from newsqa.language import question_language
from newsqa.phrases import PHRASES
from newsqa.reading.history import Exchange
from newsqa.types import Hit, Language, NearMiss, Reading, ScoredSpan, Span

ATTACK = "<img src=x onerror=alert(1)></div></blockquote><script>alert(2)</script> **a** [b](javascript:alert(3)) `c`"
_LINES = ("Harga <b>beras</b>", f"Harga beras {ATTACK} naik.", f"Di pasar {ATTACK} cabai juga naik.")
ARTICLE = Article("a", _LINES[0], "\n\n".join(_LINES), url="https://example.com/a", published="2024-05-01")
SUGGESTED = ("<img src=x onerror=alert(4)> **siapa**?", "When?")


def line(number: int) -> Span:
    """A line of the article."""
    start = ARTICLE.text.index(_LINES[number])
    return ARTICLE.span(start, start + len(_LINES[number]))


def answered(question: str, query: str, language: Language, confidence: float = 0.9) -> Turn:
    """Two answers, each a whole line."""
    citations = (Citation(1, ARTICLE, line(1)), Citation(2, ARTICLE, line(2)))
    text = "; ".join(_LINES[1:])
    message = f"{_LINES[1]} [1]; {_LINES[2]} [2]"
    return Turn(question, query, Answer(question, text, language, message, confidence, citations))


def declined(question: str, language: Language) -> Turn:
    """An abstention with a near miss."""
    answer = Answer(question, "", language, PHRASES[language].abstention, 0.2)
    return Turn(question, question, answer, near_miss=NearMiss(ARTICLE, line(2)))


class FakeChat:
    """Declines questions with "gold" or "emas", and takes every other after the first for a follow-up."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self.turns = tuple(turns)

    def ask(self, question: str) -> Turn:
        if not any(character.isalnum() for character in question):
            raise InputError("the question is empty")
        if "crash" in question:
            raise RuntimeError(question)
        language = question_language(question)
        if "gold" in question or "emas" in question:
            turn = declined(question, language)
        else:
            query = f"{question} ({self.turns[-1].question})" if self.turns else question
            turn = answered(question, query, language)
        self.turns = (*self.turns, turn)
        return turn

    def suggestions(self, language: Language) -> tuple[str, ...]:
        return SUGGESTED


class FirstWords:
    """Answers with the first two words of the best passage; declines questions with "gold" or "emas"."""

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        sentence = hits[0].passage.sentences[0]
        end = sum(map(len, re.findall(r"^\s*\S+\s+\S+", sentence.text))) or len(sentence.text.rstrip())
        found = ScoredSpan(sentence.slice(0, end).strip(), sentence, 1.0)
        declined = "gold" in question or "emas" in question
        return Reading((found,), () if declined else (found,), 0.0, 0.9)


class FakeQA:
    """What the page and the terminal need of a ``NewsQA``."""

    def __init__(self) -> None:
        self.index = Index.build([ARTICLE], WordEncoder())

    def chat(self, turns: Sequence[Turn] = (), articles: Sequence[str] | None = None) -> Any:
        return FakeChat(turns)

    def ask(self, question: str) -> Answer:
        return FakeChat(()).ask(question).answer

    def over(self, articles: Sequence[Article]) -> Any:
        """The real thing, with a reader that gives the first words of the article."""
        return NewsQA.from_articles(articles, encoder=WordEncoder(), reader=FirstWords())
