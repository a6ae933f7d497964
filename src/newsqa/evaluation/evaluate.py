"""Retrieval, reading and citing measured on question files.

Two settings, both on every question:

- archive: the file's articles are indexed together and the question is asked of all of them, as ``NewsQA.ask`` does.
  Retrieval, citations and times are measured here, citations on answerable questions.
- own article: the question is asked of its own article only. EM, F1 and abstention are measured here, because an
  "unanswerable" question may well be answered by another article of the archive.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from newsqa.embedding import Encoder
from newsqa.evaluation import metrics
from newsqa.evaluation.questions import Question, QuestionFile
from newsqa.index import Index
from newsqa.qa import NewsQA
from newsqa.reading import Reader
from newsqa.retrieval import Retriever
from newsqa.types import Answer, Article

Progress = Callable[[Iterable[Question]], Iterable[Question]]

_DEPTH = 50


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """Where the gold article stands; all in [0, 1], on answerable questions.

    ``dense`` and ``lexical`` are recall@1 of either side alone.
    """

    dense: float
    lexical: float
    recall_at_1: float
    recall_at_5: float
    reciprocal_rank_at_10: float


@dataclass(frozen=True, slots=True)
class ReadingReport:
    """Answers to questions asked of their own article; all in [0, 1], nan where no question counts.

    ``f1_answerable`` counts answerable questions only, ``refused`` is the share of unanswerable ones that newsqa
    declined, ``answered`` the share of answerable ones that it did not.
    """

    exact_match: float
    f1: float
    f1_answerable: float
    answered: float
    refused: float
    calibration_error: float


@dataclass(frozen=True, slots=True)
class CitationReport:
    """Citations for answerable questions asked of the archive.

    ``precision`` is the share of citations that are gold sentences, ``recall`` the share of questions with a gold
    sentence cited, ``first`` the share of answers whose first citation names the gold article.
    """

    precision: float
    recall: float
    first: float


@dataclass(frozen=True, slots=True)
class FileReport:
    """One question file. Times are milliseconds of ``NewsQA.ask`` on the archive."""

    name: str
    articles: int
    questions: int
    answerable: int
    retrieval: RetrievalReport
    reading: ReadingReport
    citation: CitationReport
    p50_ms: float
    p95_ms: float


def evaluate(
    file: QuestionFile,
    encoder: Encoder,
    reader: Reader,
    *,
    limit: int | None = None,
    progress: Progress = lambda questions: questions,
) -> FileReport:
    """Measure newsqa with ``encoder`` and ``reader`` on ``file``.

    Args:
        file: articles and questions.
        encoder: makes the index and embeds the questions.
        reader: reads the retrieved passages.
        limit: ask only so many questions, drawn with a fixed seed.
        progress: wraps the questions while they are asked, to show a bar.
    """
    questions: Sequence[Question] = file.questions
    if limit is not None and limit < len(questions):
        questions = random.Random(0).sample(list(questions), limit)
    index = Index.build(file.articles, encoder)
    archive = NewsQA(index, encoder, reader)
    alone = _OwnArticle(file.articles, encoder, reader)
    ranks = _Ranks(index, encoder)
    asked: list[tuple[Question, Answer]] = []
    own: list[tuple[Question, Answer]] = []
    times = []
    for question in progress(questions):
        started = time.perf_counter()
        answer = archive.ask(question.text)
        times.append(1000 * (time.perf_counter() - started))
        asked.append((question, answer))
        own.append((question, alone.ask(question)))
        if question.answerable:
            ranks.add(question)
    return FileReport(
        name=file.name,
        articles=len(file.articles),
        questions=len(questions),
        answerable=sum(question.answerable for question in questions),
        retrieval=ranks.report(),
        reading=_reading_report(own),
        citation=_citation_report(asked),
        p50_ms=float(np.percentile(times, 50)),
        p95_ms=float(np.percentile(times, 95)),
    )


class _OwnArticle:
    """Asks each question of its own article only; consecutive questions on one article share its index."""

    def __init__(self, articles: Iterable[Article], encoder: Encoder, reader: Reader) -> None:
        self._articles = {article.id: article for article in articles}
        self._encoder = encoder
        self._reader = reader
        self._qa: dict[str, NewsQA] = {}

    def ask(self, question: Question) -> Answer:
        if question.article_id not in self._qa:
            index = Index.build([self._articles[question.article_id]], self._encoder)
            self._qa = {question.article_id: NewsQA(index, self._encoder, self._reader)}
        return self._qa[question.article_id].ask(question.text)


class _Ranks:
    """Where each of three retrievers puts the gold article: dense alone, lexical alone, and the one newsqa uses."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self._retrievers = {
            "fused": Retriever(index, encoder),
            "dense": Retriever(index, encoder, lexical_weight=0.0),
            "lexical": Retriever(index, encoder, dense_weight=0.0, lexical_weight=1.0),
        }
        self._ranks: dict[str, list[int | None]] = {name: [] for name in self._retrievers}

    def add(self, question: Question) -> None:
        for name, retriever in self._retrievers.items():
            hits = retriever.retrieve(question.text, _DEPTH)
            articles = list(dict.fromkeys(hit.article.id for hit in hits))
            found = question.article_id in articles
            self._ranks[name].append(articles.index(question.article_id) + 1 if found else None)

    def report(self) -> RetrievalReport:
        return RetrievalReport(
            dense=metrics.recall_at(self._ranks["dense"], 1),
            lexical=metrics.recall_at(self._ranks["lexical"], 1),
            recall_at_1=metrics.recall_at(self._ranks["fused"], 1),
            recall_at_5=metrics.recall_at(self._ranks["fused"], 5),
            reciprocal_rank_at_10=metrics.reciprocal_rank(self._ranks["fused"], 10),
        )


def _reading_report(asked: Sequence[tuple[Question, Answer]]) -> ReadingReport:
    golds = [[answer.text for answer in question.answers] for question, _ in asked]
    texts = [answer.text for _, answer in asked]
    f1 = [metrics.f1(text, gold) for text, gold in zip(texts, golds, strict=True)]
    answerable = [(score, answer) for score, (question, answer) in zip(f1, asked, strict=True) if question.answerable]
    unanswerable = [answer for question, answer in asked if not question.answerable]
    given = [(question, answer) for question, answer in asked if not answer.abstained]
    return ReadingReport(
        exact_match=metrics.mean([metrics.exact_match(text, gold) for text, gold in zip(texts, golds, strict=True)]),
        f1=metrics.mean(f1),
        f1_answerable=metrics.mean([score for score, _ in answerable]),
        answered=metrics.mean([float(not answer.abstained) for _, answer in answerable]),
        refused=metrics.mean([float(answer.abstained) for answer in unanswerable]),
        calibration_error=metrics.expected_calibration_error(
            [answer.confidence for _, answer in given],
            [any(cited_right(question, answer)) for question, answer in given],
        ),
    )


def _citation_report(asked: Sequence[tuple[Question, Answer]]) -> CitationReport:
    asked = [(question, answer) for question, answer in asked if question.answerable]
    marks = [cited_right(question, answer) for question, answer in asked]
    given = [(question, answer) for question, answer in asked if not answer.abstained]
    return CitationReport(
        precision=metrics.mean([float(right) for mark in marks for right in mark]),
        recall=metrics.mean([float(any(mark)) for mark in marks]),
        first=metrics.mean(
            [float(answer.citations[0].article.id == question.article_id) for question, answer in given]
        ),
    )


def cited_right(question: Question, answer: Answer) -> list[bool]:
    """For each citation of ``answer``, whether its sentence overlaps a gold source of ``question``."""
    return [
        any(
            source.article_id == citation.sentence.article_id
            and source.start < citation.sentence.end
            and citation.sentence.start < source.end
            for source in question.sources
        )
        for citation in answer.citations
    ]
