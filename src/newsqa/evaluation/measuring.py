"""How the contenders of a benchmark are measured: by turns, side by side."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from newsqa.evaluation import metrics
from newsqa.evaluation.contenders import Asker, Finder
from newsqa.evaluation.questions import Question, QuestionFile
from newsqa.evaluation.ratios import Figures, Quality, Recall, Spread
from newsqa.evaluation.sample import Findable
from newsqa.evaluation.timing import Clock
from newsqa.types import Article

logger = logging.getLogger(__name__)

T = TypeVar("T")

# Passages that are looked for.
_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Rounds:
    """What is measured: each of ``questions`` is asked ``asking`` times, each of ``indexed`` is a part indexed once."""

    questions: Sequence[str]
    asking: int
    indexed: Sequence[Sequence[Article]]

    def numbered(self, first: int = 0) -> list[list[str]]:
        """The questions of each round with its number, from ``first`` on, which makes them new."""
        return [[f"{question} ({first + number})" for question in self.questions] for number in range(self.asking)]


def interleaved(
    work: Mapping[str, Callable[[T], object]], rounds: Sequence[Sequence[T]], what: str, clock: Clock
) -> dict[str, list[float]]:
    """Seconds of each of ``work`` for each item; all do one round before any does the next.

    Within a round the items follow one another, as they do in a program that serves: no other has emptied the
    processor's caches between them. Who begins changes from round to round. ``what`` is the name of it for the log.
    """
    if not work:
        return {}
    names = list(work)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number, items in enumerate(rounds):
        logger.info("%s: round %d of %d", what, number + 1, len(rounds))
        first = number % len(names)
        for name in names[first:] + names[:first]:
            for item in items:
                started = clock()
                work[name](item)
                seconds[name].append(clock() - started)
    return seconds


def time_asking(
    askers: Sequence[Asker], article: Article, rounds: Rounds, clock: Clock = time.perf_counter
) -> dict[str, Spread]:
    """Milliseconds a question about ``article``."""
    for asker in askers:
        asker.about(article)
        # The first question brings what is loaded late; it does not count.
        asker.ask(rounds.questions[0])
    seconds = interleaved({asker.name: asker.ask for asker in askers}, rounds.numbered(), "asking", clock)
    return {name: Spread.of([1000 * one for one in values]) for name, values in seconds.items()}


def time_finding(
    finders: Sequence[Finder], rounds: Rounds, clock: Clock = time.perf_counter
) -> tuple[dict[str, Spread], dict[str, Spread]]:
    """Passages indexed a second, and milliseconds a question that the part indexed last is searched for."""
    for finder in finders:
        finder.index(rounds.indexed[0][:2])
        finder.find(rounds.questions[0], _DEPTH)
    parts = [[part] for part in rounds.indexed]
    seconds = interleaved({finder.name: finder.index for finder in finders}, parts, "indexing", clock)
    sizes = [len(part) for part in rounds.indexed]
    indexing = {
        name: Spread.of([size / one for size, one in zip(sizes, values, strict=True)])
        for name, values in seconds.items()
    }

    def finding(finder: Finder) -> Callable[[str], object]:
        return lambda question: finder.find(question, _DEPTH)

    # Numbers of their own: the encoder remembers the questions that were asked for an answer.
    numbered = rounds.numbered(rounds.asking)
    seconds = interleaved({one.name: finding(one) for one in finders}, numbered, "retrieving", clock)
    return indexing, {name: Spread.of([1000 * one for one in values]) for name, values in seconds.items()}


def judge_answers(asker: Asker, file: QuestionFile, questions: Sequence[Question]) -> Quality:
    """Ask each of ``questions`` of its own article."""
    logger.info("answers: %s, %d questions", asker.name, len(questions))
    articles = {article.id: article for article in file.articles}
    answers: list[str] = []
    about = None
    for question in questions:
        if question.article_id != about:
            about = question.article_id
            asker.about(articles[about])
        answers.append(asker.ask(question.text))
    scores = metrics.answer_scores(answers, [question.gold for question in questions])
    return Quality(scores.exact_match, scores.f1, scores.refused)


def judge_finding(finder: Finder, findable: Findable) -> Recall:
    """Look for the right passages of the questions among all of ``findable``."""
    logger.info("right passage found: %s, %d passages", finder.name, len(findable.passages))
    finder.index(findable.passages)
    ranks = findable.ranks([finder.find(question, _DEPTH) for question in findable.questions])
    return Recall(metrics.recall_at(ranks, 1), metrics.recall_at(ranks, _DEPTH))


def measure(
    askers: Sequence[Asker],
    finders: Sequence[Finder],
    article: Article,
    file: QuestionFile,
    questions: Sequence[Question],
    rounds: Rounds,
    clock: Clock = time.perf_counter,
) -> Figures:
    """All figures of these contenders.

    Args:
        askers: timed on ``article``; the trained ones are judged as well.
        finders: timed on the passages of ``rounds`` and judged on those of ``file``.
        article: what is asked about while time is taken.
        file: questions and their articles.
        questions: those of the file that are asked.
        rounds: how often and what.
        clock: tells the time in seconds.
    """
    asking = time_asking(askers, article, rounds, clock)
    indexing, retrieving = time_finding(finders, rounds, clock)
    findable = Findable.of(file, questions)
    return Figures(
        asking=asking,
        indexing=indexing,
        retrieving=retrieving,
        quality={asker.name: judge_answers(asker, file, questions) for asker in askers if asker.trained},
        recall={finder.name: judge_finding(finder, findable) for finder in finders},
    )
