"""What happens in the conversation, without what it looks like."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from newsqa.embedding import clean
from newsqa.errors import InputError
from newsqa.language import question_language
from newsqa.phrases import PHRASES
from newsqa.qa import MAX_QUESTION_CHARACTERS
from newsqa.types import Answer, Language
from newsqa.ui.entries import MAX_ENTRIES, Entries, Entry, history, last_language
from newsqa.ui.feedback import FeedbackFile, ReportKind
from newsqa.ui.render import article_html
from newsqa.ui.shelf import Scopes
from newsqa.ui.texts import REPLIES
from newsqa.ui.visit import View, Visit

logger = logging.getLogger(__name__)


class Talk:
    """Answers, and takes answers back. It keeps nothing: a visit comes in and a view goes out.

    Args:
        scopes: what questions may be put to.
        feedback: where reports go; None takes none.
    """

    def __init__(self, scopes: Scopes, feedback: FeedbackFile | None = None) -> None:
        self._scopes = scopes
        self._feedback = feedback

    def reply(self, question: str, visit: Visit, scope: str) -> View:
        """Answer ``question`` as the conversation goes on; a blank one changes nothing."""
        if not question.strip():
            return View(visit, scope, question)
        question = clean(question)
        if self._scopes.knows(scope, visit.shelf):
            entry = self._entry(question, visit, scope)
        else:
            scope = self._scopes.default
            entry = Entry(question, None, REPLIES[_language(question)]["gone"], scope)
            visit = replace(visit, shown="")
        visit = replace(visit, entries=(*visit.entries, entry)[-MAX_ENTRIES:])
        return View(_following(visit), scope)

    def retry(self, visit: Visit, scope: str) -> View:
        """Ask the last question again, from the turns before it."""
        if not visit.entries:
            return View(visit, scope)
        return self.reply(visit.entries[-1].question, replace(visit, entries=visit.entries[:-1]), scope)

    def undo(self, visit: Visit, scope: str) -> View:
        """Take the last question back into the box."""
        if not visit.entries:
            return View(visit, scope)
        question, entries = visit.entries[-1].question, visit.entries[:-1]
        return View(_following(replace(visit, entries=entries)), scope, question)

    def clear(self, visit: Visit, scope: str) -> View:
        """An empty conversation and an unmarked article."""
        return View(replace(visit, entries=()), scope)

    def choose(self, visit: Visit, scope: str) -> View:
        """Put the next questions to ``scope`` and show its article; the conversation stays, but none leans on it."""
        if not self._scopes.knows(scope, visit.shelf):
            scope = self._scopes.default
        return View(replace(visit, shown=self._scopes.first(scope, visit.shelf)), scope)

    def pane(self, visit: Visit) -> str:
        """The article of the visit as HTML, with the sentences that the last answer cites."""
        found = self._scopes.article(visit.shown, visit.shelf)
        if found is None:
            found = self._scopes.article(self._scopes.first(self._scopes.default, None), None)
        assert found is not None
        answer = _last_answer(visit.entries)
        return article_html(*found, answer.citations if answer else ())

    def suggestions(self, visit: Visit, scope: str, otherwise: Language) -> tuple[str, Sequence[str]]:
        """A heading, and questions that the article of the talk answers; before a reply in language ``otherwise``."""
        language = last_language(visit.entries, otherwise)
        turn = visit.entries[-1].turn if visit.entries else None
        declined = turn is not None and turn.kind == "question" and turn.answer.abstained
        heading = PHRASES[language].suggestions if declined else REPLIES[language]["suggestions"]
        if not self._scopes.knows(scope, visit.shelf):
            return heading, ()
        try:
            chat = self._scopes.chat(scope, visit.shelf, history(visit.entries, scope))
            return heading, chat.suggestions(language)
        except Exception:
            logger.exception("no questions could be suggested")
            return heading, ()

    def report(self, kind: ReportKind, visit: Visit) -> str:
        """Save what the reader says of the last answer; what to tell the reader of it."""
        turn = visit.entries[-1].turn if visit.entries else None
        replies = REPLIES[last_language(visit.entries, "en")]
        if turn is None or self._feedback is None:
            return replies["not_reported"]
        try:
            self._feedback.report(kind, turn)
        except OSError:
            logger.exception("a report could not be saved")
            return replies["not_reported"]
        return replies["reported"]

    def _entry(self, question: str, visit: Visit, scope: str) -> Entry:
        replies = REPLIES[_language(question)]
        try:
            chat = self._scopes.chat(scope, visit.shelf, history(visit.entries, scope))
            return Entry(question, chat.ask(question), scope=scope)
        except InputError:
            return Entry(
                question[:MAX_QUESTION_CHARACTERS],
                None,
                replies["unusable"].format(limit=MAX_QUESTION_CHARACTERS),
                scope,
            )
        except Exception:
            # Whatever went wrong, the reader's page stays usable and the operator finds it in the log.
            logger.exception("the question could not be answered")
            return Entry(question, None, replies["failed"], scope)


def _language(question: str) -> Language:
    return question_language(question[:MAX_QUESTION_CHARACTERS])


def _last_answer(entries: Entries) -> Answer | None:
    turn = entries[-1].turn if entries else None
    return turn.answer if turn else None


def _following(visit: Visit) -> Visit:
    """``visit`` with the article in the pane that the last answer cites first."""
    answer = _last_answer(visit.entries)
    if answer is None or not answer.citations:
        return visit
    return replace(visit, shown=answer.citations[0].article.id)
