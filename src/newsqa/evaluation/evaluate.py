"""Retrieval, reading and citing measured on question files.

Two settings, both on every question:

- archive: the file's articles are indexed together and the question is asked of all of them, as ``NewsQA.ask`` does.
  Retrieval, citations and times are measured here, citations on answerable questions.
- own article: the question is asked of its own article only. EM, F1, abstention and confidence are measured here,
  because an "unanswerable" question may well be answered by another article of the archive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsqa.balance import LanguageBalance
from newsqa.embedding import Encoder
from newsqa.evaluation import metrics
from newsqa.evaluation.asking import OwnArticle, Progress, RecordingReader, drawn, silent
from newsqa.evaluation.questions import Question, QuestionFile
from newsqa.evaluation.timing import LatencyReport, TimedNewsQA
from newsqa.index import Index
from newsqa.reading import Reader
from newsqa.retrieval import Retriever
from newsqa.types import Answer, Reading

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

    ``f1_answerable`` counts answerable questions only, an abstention as 0; ``refused`` is the share of unanswerable
    ones that newsqa declined, ``answered`` the share of answerable ones that it did not. ``verdicts`` is the share of
    all questions that were taken for yes/no questions and got a verdict, which none of them asks for.
    ``calibration_error`` is that of the answers given, right where they cite a gold sentence.
    """

    exact_match: float
    f1: float
    f1_answerable: float
    answered: float
    refused: float
    verdicts: float
    calibration_error: float


@dataclass(frozen=True, slots=True)
class ConfidenceReport:
    """How well the confidence tells right answers from wrong ones, whatever the threshold of abstention.

    Counted is the best candidate of every question, answerable or not, asked of its own article, whether newsqa gives
    it or abstains. It is right if its token F1 with a gold answer is at least 0.5; on an unanswerable question it is
    wrong, and so are a verdict and having no candidate. ``precision`` is the share of right ones (at full coverage, so
    never above the share of answerable questions), ``precision_at_80`` that among the 80 % of the questions with the
    highest confidence. ``calibration_error`` compares confidence and precision in ten bins. All in [0, 1].
    """

    questions: int
    precision: float
    precision_at_80: float
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
class QuestionsReport:
    """One question file; ``latency`` is on the archive, ``judged`` are the questions behind ``confidence``."""

    name: str
    articles: int
    questions: int
    answerable: int
    retrieval: RetrievalReport
    reading: ReadingReport
    confidence: ConfidenceReport
    citation: CitationReport
    latency: LatencyReport
    judged: tuple[metrics.Judged, ...]


def evaluate(
    file: QuestionFile,
    encoder: Encoder,
    reader: Reader,
    *,
    limit: int | None = None,
    progress: Progress = silent,
) -> QuestionsReport:
    """Measure newsqa with ``encoder`` and ``reader`` on ``file``.

    Args:
        file: articles and questions.
        encoder: makes the index and embeds the questions.
        reader: reads the retrieved passages.
        limit: ask only so many questions, drawn with a fixed seed.
        progress: wraps the questions while they are asked.
    """
    questions = drawn(file.questions, limit)
    articles = {article.id: article for article in file.articles}
    index = Index.build(file.articles, encoder)
    archive = TimedNewsQA(index, encoder, reader)
    recorder = RecordingReader(reader)
    alone = OwnArticle(encoder, recorder)
    ranks = _Ranks(index, encoder)
    asked: list[tuple[Question, Answer]] = []
    own: list[tuple[Question, Answer]] = []
    judged: list[metrics.Judged] = []
    for question in progress(questions, file.name):
        asked.append((question, archive.ask(question.text)))
        own.append((question, alone.about(articles[question.article_id]).ask(question.text)))
        judged.append(judge(question, recorder.last))
        if question.answerable:
            ranks.add(question)
    return QuestionsReport(
        name=file.name,
        articles=len(file.articles),
        questions=len(questions),
        answerable=sum(question.answerable for question in questions),
        retrieval=ranks.report(),
        reading=_reading_report(own),
        confidence=confidence_report(judged),
        citation=_citation_report(asked),
        latency=archive.report(),
        judged=tuple(judged),
    )


def judge(question: Question, reading: Reading) -> metrics.Judged:
    """The best candidate of ``reading``, whether it was given or not, as ``ConfidenceReport`` counts it."""
    text = reading.candidates[0].span.text if reading.candidates and reading.verdict is None else ""
    right = question.answerable and metrics.f1(text, question.gold) >= metrics.RIGHT_F1
    return metrics.Judged(reading.confidence, right)


def confidence_report(judged: Sequence[metrics.Judged]) -> ConfidenceReport:
    """The figures of the best candidates of one file or of several."""
    return ConfidenceReport(
        questions=len(judged),
        precision=metrics.precision_at(judged, 1.0),
        precision_at_80=metrics.precision_at(judged, 0.8),
        calibration_error=metrics.expected_calibration_error(
            [one.confidence for one in judged], [one.right for one in judged]
        ),
    )


class _Ranks:
    """Where each of three retrievers puts the gold article: dense alone, lexical alone, and the one newsqa uses."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        balance = LanguageBalance.load(encoder)
        self._retrievers = {
            "fused": Retriever(index, encoder, balance),
            "dense": Retriever(index, encoder, balance, lexical_weight=0.0),
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
    scores = metrics.answer_scores([answer.text for _, answer in asked], [question.gold for question, _ in asked])
    given = [(question, answer) for question, answer in asked if not answer.abstained]
    return ReadingReport(
        exact_match=scores.exact_match,
        f1=scores.f1,
        f1_answerable=scores.f1_answerable,
        answered=scores.answered,
        refused=scores.refused,
        verdicts=metrics.mean([float(answer.verdict is not None) for _, answer in asked]),
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
