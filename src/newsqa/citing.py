"""A reading to the answer a reader sees: citations are derived from the spans, and abstention has none."""

from __future__ import annotations

import re
from collections.abc import Mapping

from newsqa.phrases import PHRASES
from newsqa.scope import day_of
from newsqa.types import Answer, Article, Citation, Language, Reading, ScoredSpan

# A source such as Wikipedia carries marks like [3] of its own; in a message they would pass for newsqa's.
_FOREIGN_MARK = re.compile(r"\[(\d+)\]")


def compose(question: str, language: Language, reading: Reading, articles: Mapping[str, Article]) -> Answer:
    """Put ``reading`` into words in ``language``.

    Args:
        question: as the reader asked it.
        language: of the reply.
        reading: the answers in it are given in their order.
        articles: by id, all those that were searched.

    Returns:
        An answer whose citations are the sentences of its spans, numbered from 1 in order of first use; or, for a
        reading without answers, an abstention.
    """
    phrases = PHRASES[language]
    if not reading.answers:
        message = phrases.abstention if len(articles) == 1 else phrases.abstention_several
        return Answer(question, "", language, message, reading.confidence)
    citations = tuple(
        _citation(number, answer, articles[answer.span.article_id]) for number, answer in enumerate(reading.answers, 1)
    )
    if reading.verdict:
        word = phrases.yes if reading.verdict == "yes" else phrases.no
        marks = "".join(f" [{citation.number}]" for citation in citations)
        return Answer(question, word, language, word + marks, reading.confidence, citations, reading.verdict)
    # Answers from different articles are told apart by what they were taken from.
    several = len({answer.span.article_id for answer in reading.answers}) > 1
    texts = [answer.span.text for answer in reading.answers]
    parts = [
        f"{one_line(text)}{_source(citation.article) if several else ''} [{citation.number}]"
        for text, citation in zip(texts, citations, strict=True)
    ]
    return Answer(question, "; ".join(texts), language, "; ".join(parts), reading.confidence, citations)


def _source(article: Article) -> str:
    """`` (title, date)`` of an article; its id where it has no title, and no date where it has none."""
    day = day_of(article)
    named = one_line(article.title or article.id)
    return f" ({named}, {day})" if day else f" ({named})"


def _citation(number: int, answer: ScoredSpan, article: Article) -> Citation:
    sentence, span = answer.sentence.strip(), answer.span
    return Citation(number, article, sentence, None if span == sentence else span)


def one_line(text: str) -> str:
    """``text`` for a message: on one line, and with marks of its own in round brackets."""
    return _FOREIGN_MARK.sub(r"(\1)", " ".join(text.split()))
