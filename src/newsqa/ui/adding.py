"""How readers' own articles come and go, without what it looks like."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from newsqa.errors import InputError
from newsqa.qa import NewsQA
from newsqa.serving import PageLimits
from newsqa.types import Article, Language
from newsqa.ui.render import short_name
from newsqa.ui.shelf import Room, Scopes, Shelf
from newsqa.ui.texts import REPLIES
from newsqa.ui.visit import View, Visit

logger = logging.getLogger(__name__)


class Adding:
    """Puts articles on readers' shelves and takes them off again.

    Args:
        page: whose models embed them.
        scopes: what questions may be put to.
        limits: of the page.
    """

    def __init__(self, page: NewsQA, scopes: Scopes, limits: PageLimits) -> None:
        self._page = page
        self._scopes = scopes
        self._limits = limits
        self.room = Room(limits.sessions)

    def add(self, read: Callable[[], Article], visit: Visit, scope: str, language: Language) -> View:
        """Add the article that ``read`` gives, and put the next questions to it.

        Args:
            read: raises ``InputError`` for what is no article.
            visit: of the reader.
            scope: stays as it is where nothing is added.
            language: in which the reader is told what has happened.
        """
        replies = REPLIES[language]
        own = visit.shelf.articles if visit.shelf else ()
        if self._limits.session_articles == 0:
            return View(visit, scope, notice=replies["switched_off"])
        if len(own) >= self._limits.session_articles:
            return View(visit, scope, notice=replies["full"].format(limit=self._limits.session_articles))
        shelf = visit.shelf or self.room.admit()
        if shelf is None:
            return View(visit, scope, notice=replies["crowded"])
        try:
            return self._added(read(), shelf, visit, language)
        except InputError as error:
            logger.info("an article was refused: %s", error)
            return View(visit, scope, notice=self._why(error, language))
        except Exception:
            logger.exception("an article could not be added")
            return View(visit, scope, notice=replies["not_added"])

    def remove(self, visit: Visit, scope: str, language: Language) -> View:
        """Take the article that is asked off the shelf, and with it the conversation, which quotes it."""
        article = visit.shelf.get(scope.partition(":")[2]) if visit.shelf else None
        if visit.shelf is None or article is None or scope != self._scopes.of_own(article):
            return View(visit, self._scopes.default)
        shelf = visit.shelf.without(article.id)
        self.room.exchange(visit.shelf, shelf)
        notice = REPLIES[language]["removed"].format(title=short_name(article))
        return View(Visit(shelf=shelf if shelf.articles else None), self._scopes.default, notice=notice)

    def _added(self, article: Article, shelf: Shelf, visit: Visit, language: Language) -> View:
        replies = REPLIES[language]
        known = self._scopes.twin(article, visit.shelf)
        if known is not None:
            visit = replace(visit, shown=self._scopes.first(known, visit.shelf))
            return View(visit, known, notice=replies["known"], done=True)
        article = self._scopes.with_free_id(article, visit.shelf)
        fuller = shelf.with_article(article, self._page)
        self.room.exchange(shelf, fuller)
        notice = replies["added"].format(title=short_name(article))
        visit = replace(visit, shelf=fuller, shown=article.id)
        return View(visit, self._scopes.of_own(article), notice=notice, done=True)

    def _why(self, error: InputError, language: Language) -> str:
        """What is wrong with an article, in plain words."""
        replies = REPLIES[language]
        if error.reason is None:
            return replies["switched_off"]
        megabytes = f"{self._limits.upload_bytes / 1_000_000:g}"
        characters = f"{self._limits.article_characters:,}"
        if language == "id":
            megabytes, characters = megabytes.replace(".", ","), characters.replace(",", ".")
        return replies[error.reason].format(megabytes=megabytes, characters=characters)
