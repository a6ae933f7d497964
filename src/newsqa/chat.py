"""``Chat``: a conversation about the articles of a ``NewsQA``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from newsqa.conversation.follow_ups import FollowUps
from newsqa.conversation.intents import IntentRecogniser
from newsqa.conversation.replies import Replies, Request
from newsqa.language import conversation_language
from newsqa.reading.history import Exchange
from newsqa.types import Answer, Article, Hit, Language, NearMiss, Reading, Turn

_SUGGESTED = 3
# A sentence is offered as a near miss only if its span would be right in one of twelve cases at least.
_NEAR = 0.08


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, and the reading that it was made from."""

    answer: Answer
    reading: Reading
    hits: tuple[Hit, ...]


class Responder(Protocol):
    """Answers a question to the articles."""

    def __call__(self, question: str, history: Sequence[Exchange], language: Language) -> Response:
        """The answer in ``language`` to ``question`` as it leans on ``history``."""


@dataclass(frozen=True, slots=True)
class ChatParts:
    """What a conversation is made of.

    ``articles`` are those that it is about, by id, as they are now. ``check`` raises ``InputError`` for what is no
    question; ``suggest`` gives the questions that an article answers.
    """

    articles: Callable[[], Mapping[str, Article]]
    check: Callable[[str], str]
    respond: Responder
    intents: IntentRecogniser
    follow_ups: FollowUps
    replies: Replies
    suggest: Callable[[Article, Language], Sequence[str]]


class Chat:
    """Keeps the turns of one conversation and answers each question as its history demands.

    Args:
        parts: what it is made of; conversations share most of them.
        turns: the conversation so far, oldest first.
    """

    def __init__(self, parts: ChatParts, turns: Sequence[Turn] = ()) -> None:
        self._parts = parts
        self._turns = list(turns)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The conversation so far, oldest first."""
        return tuple(self._turns)

    def ask(self, question: str) -> Turn:
        """Answer ``question`` and remember the turn.

        Raises:
            InputError: the question is empty or too long; the conversation goes on as if it had not been asked.
        """
        question = self._parts.check(question)
        language = conversation_language(question, self._turns[-1].answer.language if self._turns else None)
        kind = self._parts.intents.recognise(question)
        if kind == "question":
            turn = self._answer(question, language)
        else:
            articles = self._parts.articles()
            request = Request(question, kind, language, self._article(articles), self.turns, articles)
            turn = Turn(question, question, self._parts.replies.reply(request), kind)
        self._turns.append(turn)
        return turn

    def suggestions(self, language: Language) -> tuple[str, ...]:
        """Up to three questions in ``language`` that the article answers and that were not asked yet.

        The article is the one that was cited last, or the only one; among several there is nothing to suggest yet.
        The first call for an article reads it, which takes a second or two.
        """
        article = self._article(self._parts.articles())
        if article is None:
            return ()
        asked = {turn.question.casefold() for turn in self._turns}
        open_questions = [one for one in self._parts.suggest(article, language) if one.casefold() not in asked]
        return tuple(open_questions[:_SUGGESTED])

    def _answer(self, question: str, language: Language) -> Turn:
        """The answer to ``question`` alone or as it leans on the turns before, whichever is likelier to be right.

        The reader has learnt to use a history where it helps and to ignore it elsewhere, so by how much it is surer of
        the one counts besides how the question looks.
        """
        response, query = self._parts.respond(question, (), language), question
        context = self._parts.follow_ups.context(question, self._turns, language)
        if context.history:
            leaning = self._parts.respond(question, context.history, language)
            # Both are log-odds.
            if leaning.reading.margin + context.log_odds > response.reading.margin:
                response, query = leaning, context.query
        return Turn(question, query, response.answer, near_miss=_near_miss(response))

    def _article(self, articles: Mapping[str, Article]) -> Article | None:
        """The one of ``articles`` that the talk is about."""
        if len(articles) == 1:
            return next(iter(articles.values()))
        cited = (turn.answer.citations[0].article for turn in reversed(self._turns) if turn.answer.citations)
        return next((article for article in cited if articles.get(article.id) == article), None)


def _near_miss(response: Response) -> NearMiss | None:
    """The sentence of the best candidate of a question that was declined."""
    candidates = response.reading.candidates
    if not response.answer.abstained or not candidates or response.reading.confidence < _NEAR:
        return None
    sentence = candidates[0].sentence.strip()
    article = next(hit.article for hit in response.hits if hit.article.id == sentence.article_id)
    return NearMiss(article, sentence)
