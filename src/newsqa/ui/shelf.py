"""The articles of one reader, and what a question of theirs may be put to."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from dataclasses import replace

from newsqa.chat import Chat
from newsqa.qa import NewsQA
from newsqa.types import Article, Language, Span, Turn
from newsqa.ui.render import short_name
from newsqa.ui.texts import REPLIES

# What is asked: all articles of the page, all of the reader's, or one of either, with its id behind the prefix.
ALL_PAGE = "page"
ALL_OWN = "own"
_ONE_PAGE = "page:"
_ONE_OWN = "own:"
# Of a large archive the choice lists no more; all of it is asked by ``ALL_PAGE``.
_LISTED = 200


class Shelf:
    """A reader's own articles, oldest first. It never changes: adding and removing give another one.

    Only the reader's session holds it, so it is gone when the session is.
    """

    def __init__(self, articles: Sequence[Article], parts: dict[tuple[str, ...], NewsQA] | None = None) -> None:
        self.articles = tuple(articles)
        self._parts = parts or {}
        self._lock = threading.Lock()

    def get(self, article_id: str) -> Article | None:
        """The article of this id, if it is here."""
        return next((article for article in self.articles if article.id == article_id), None)

    def with_article(self, article: Article, page: NewsQA) -> Shelf:
        """This one with ``article`` besides, which is embedded now."""
        shelf = Shelf((*self.articles, article), dict(self._parts))
        shelf.asked(page, [article.id])
        return shelf

    def without(self, article_id: str) -> Shelf:
        """This one without the article of this id."""
        left = [article for article in self.articles if article.id != article_id]
        return Shelf(left, {ids: qa for ids, qa in self._parts.items() if article_id not in ids})

    def asked(self, page: NewsQA, ids: Sequence[str]) -> NewsQA:
        """Some of these articles to ask, with the models of ``page``."""
        key = tuple(ids)
        with self._lock:
            if key not in self._parts:
                self._parts[key] = page.over([article for article in self.articles if article.id in key])
            return self._parts[key]


class Room:
    """How many readers may have articles of their own at a time. It holds no articles: it counts shelves in use."""

    def __init__(self, sessions: int) -> None:
        self._sessions = sessions
        self._shelves: weakref.WeakSet[Shelf] = weakref.WeakSet()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Readers who have articles of their own now."""
        return sum(bool(shelf.articles) for shelf in list(self._shelves))

    def admit(self) -> Shelf | None:
        """An empty shelf for one more reader, or None if there is no room for one."""
        with self._lock:
            if len(self._shelves) >= self._sessions:
                return None
            shelf = Shelf(())
            self._shelves.add(shelf)
            return shelf

    def exchange(self, old: Shelf, new: Shelf) -> None:
        """Count ``new`` in the place of ``old``."""
        with self._lock:
            self._shelves.discard(old)
            self._shelves.add(new)


class Scopes:
    """What a question may be put to: the articles of the page, and those of the reader.

    Args:
        page: answers questions to the articles of the page.
    """

    def __init__(self, page: NewsQA) -> None:
        self._page = page

    @property
    def default(self) -> str:
        """The scope of a reader who has not chosen one."""
        articles = self._page.index.articles
        return ALL_PAGE if len(articles) > 1 else _ONE_PAGE + next(iter(articles))

    def of_own(self, article: Article) -> str:
        """The scope of one of the reader's articles."""
        return _ONE_OWN + article.id

    def choices(self, shelf: Shelf | None, language: Language) -> list[tuple[str, str]]:
        """Names and values of the scopes that a reader may choose from."""
        replies = REPLIES[language]
        articles = list(self._page.index.articles.values())
        own = shelf.articles if shelf else ()
        found = [(replies["all_page"], ALL_PAGE)] if len(articles) > 1 else []
        found += [(short_name(article), _ONE_PAGE + article.id) for article in articles[:_LISTED]]
        found += [(replies["all_own"], ALL_OWN)] if len(own) > 1 else []
        return found + [(replies["own"].format(title=short_name(article)), _ONE_OWN + article.id) for article in own]

    def knows(self, scope: str, shelf: Shelf | None) -> bool:
        """Whether there is something behind ``scope``, which comes from a browser."""
        own = shelf.articles if shelf else ()
        if scope == ALL_OWN:
            return len(own) > 1
        if scope.startswith(_ONE_OWN):
            return shelf is not None and shelf.get(scope.removeprefix(_ONE_OWN)) is not None
        return scope == ALL_PAGE or scope.removeprefix(_ONE_PAGE) in self._page.index.articles

    def chat(self, scope: str, shelf: Shelf | None, turns: Sequence[Turn]) -> Chat:
        """The conversation of ``turns`` in ``scope``, one that is known, to be taken up again."""
        if scope in (ALL_PAGE, self.default):
            return self._page.chat(turns)
        if shelf is not None and scope == ALL_OWN:
            return shelf.asked(self._page, [article.id for article in shelf.articles]).chat(turns)
        if shelf is not None and scope.startswith(_ONE_OWN):
            return shelf.asked(self._page, [scope.removeprefix(_ONE_OWN)]).chat(turns)
        return self._page.chat(turns, articles=[scope.removeprefix(_ONE_PAGE)])

    def first(self, scope: str, shelf: Shelf | None) -> str:
        """The id of the article to show when ``scope`` is chosen."""
        if shelf is not None and scope == ALL_OWN:
            return shelf.articles[-1].id
        if scope.startswith((_ONE_OWN, _ONE_PAGE)):
            return scope.partition(":")[2]
        return next(iter(self._page.index.articles))

    def article(self, article_id: str, shelf: Shelf | None) -> tuple[Article, Sequence[Span]] | None:
        """The article of this id, of the reader or of the page, with its sentences; None if there is none."""
        own = shelf.get(article_id) if shelf else None
        if shelf is not None and own is not None:
            return own, shelf.asked(self._page, [article_id]).index.sentences(article_id)
        article = self._page.index.articles.get(article_id)
        return (article, self._page.index.sentences(article_id)) if article else None

    def twin(self, article: Article, shelf: Shelf | None) -> str | None:
        """The scope of an article that has the same text, if there is one."""
        for own in shelf.articles if shelf else ():
            if own.text == article.text:
                return _ONE_OWN + own.id
        for known in self._page.index.articles.values():
            if known.text == article.text:
                return _ONE_PAGE + known.id
        return None

    def with_free_id(self, article: Article, shelf: Shelf | None) -> Article:
        """``article`` with a number at its id if another article has it."""
        number, own = 1, article.id
        while self.article(own, shelf) is not None:
            number += 1
            own = f"{article.id}-{number}"
        return article if own == article.id else replace(article, id=own)
