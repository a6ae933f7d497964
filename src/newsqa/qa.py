"""``NewsQA``: the one place where the parts are put together."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from newsqa.balance import LanguageBalance
from newsqa.chat import Chat, ChatParts, Response
from newsqa.citing import compose
from newsqa.conversation.follow_ups import FollowUps
from newsqa.conversation.intents import IntentRecogniser
from newsqa.conversation.leaning import LeaningModel
from newsqa.conversation.replies import Replies
from newsqa.conversation.suggestions import Suggestions
from newsqa.disagreement import with_other_account
from newsqa.embedding import Encoder, clean, load_encoder
from newsqa.errors import InputError
from newsqa.index import Index
from newsqa.language import load_ahead, question_language
from newsqa.passages import PassageSettings, split_into_passages
from newsqa.reading import Reader, load_reader
from newsqa.reading.history import Exchange, question_part
from newsqa.retrieval import Retriever
from newsqa.scope import Published, select_articles
from newsqa.types import Answer, Article, Language, Span, Turn

MAX_QUESTION_CHARACTERS = 1000
PASSAGES_READ = 8
# Readings kept for a question that is asked again: some kilobytes each, and the articles that were read.
_REMEMBERED = 256


class NewsQA:
    """Answers questions about the articles of an index.

    Build one with ``from_articles`` or ``load``; the constructor takes the parts themselves. A question that was asked
    of the same articles is not read again. Instances may be used from several threads, also while ``add`` or ``remove``
    is at work: a question is answered from the articles as they were before or as they are after, never from a mixture.
    """

    def __init__(self, index: Index, encoder: Encoder, reader: Reader, *, passages_read: int = PASSAGES_READ) -> None:
        self._encoder = encoder
        self._reader = reader
        self._passages_read = passages_read
        self._balance = LanguageBalance.load(encoder)
        self._changing = threading.Lock()
        self._use(index)

    def _use(self, index: Index) -> None:
        """Answer from ``index``, and forget what was read of the one before."""
        read = functools.lru_cache(maxsize=_REMEMBERED)(self._reader.read)
        # Exchanged whole: whoever takes it once has one index, and remembers nothing of it in the memory of the next.
        self._current = (Retriever(index, self._encoder, self._balance), read)

    @property
    def index(self) -> Index:
        """The articles and what is known of them, as they are now."""
        return self._current[0].index

    @classmethod
    def from_articles(
        cls,
        articles: Iterable[Article],
        *,
        encoder: str | Encoder | None = None,
        reader: str | Reader | None = None,
        engine: str | None = None,
        settings: PassageSettings | None = None,
        progress: bool = False,
    ) -> NewsQA:
        """Index ``articles``.

        Args:
            articles: at least one, each with an id of its own; of those with the same text the first is kept.
            encoder: "bundled", a model folder, a hub id or an ``Encoder``; by default ``NEWSQA_ENCODER`` or the
                bundled one.
            reader: "bundled", "sentence", a folder or hub id of an extractive question-answering model or a
                ``Reader``; by default ``NEWSQA_READER`` or the bundled one.
            engine: what runs the bundled models, "onnx" or "torch"; by default ``NEWSQA_ENGINE`` or what suits the
                machine.
            settings: how articles are split.
            progress: show a bar on stderr while encoding.

        Raises:
            InputError: there is no article, or two different ones have the same id.
            ModelError: a model cannot be loaded.
        """
        encoder = load_encoder(encoder, engine)
        index = Index.build(articles, encoder, settings, progress=progress)
        return cls(index, encoder, load_reader(reader, encoder, engine))

    @classmethod
    def load(
        cls,
        folder: str | os.PathLike[str],
        *,
        encoder: str | Encoder | None = None,
        reader: str | Reader | None = None,
        engine: str | None = None,
    ) -> NewsQA:
        """Load an index folder; ``encoder``, ``reader`` and ``engine`` as in ``from_articles``.

        Raises:
            IndexFileError: there is no index, it is damaged or of another version, or another encoder made it.
            ModelError: a model cannot be loaded.
        """
        load_ahead()
        encoder = load_encoder(encoder, engine)
        index = Index.load(Path(folder), encoder)
        return cls(index, encoder, load_reader(reader, encoder, engine))

    def over(self, articles: Iterable[Article]) -> NewsQA:
        """A ``NewsQA`` of other articles that shares the models of this one, which are in memory once.

        Raises:
            InputError: there is no article, or two have the same id.
        """
        return NewsQA.from_articles(articles, encoder=self._encoder, reader=self._reader, settings=self.index.settings)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the index to ``folder``, replacing an index that is there in one step.

        Raises:
            IndexFileError: ``folder`` holds something that is not an index, cannot be written, or is being written by
                another process.
        """
        self.index.save(Path(folder), self._encoder)

    def add(self, articles: Iterable[Article], *, progress: bool = False) -> tuple[str, ...]:
        """Index ``articles`` besides those that are there; only they are embedded. On disk nothing changes.

        Args:
            articles: at least one. One whose text, character for character, is there already is not added again: the
                article that is there stays as it is, under its own id.
            progress: show a bar on stderr.

        Returns:
            For each article the id of the one that has its text: its own, or that of the article that was there.

        Raises:
            InputError: there is none, or an id is taken by an article with another text; nothing is added then.
        """
        articles = tuple(articles)
        if not articles:
            raise InputError("no article to add; give at least one")
        with self._changing:
            index = self.index.with_articles(articles, self._encoder, progress=progress)
            self._use(index)
        by_text = {article.text: article.id for article in index.articles.values()}
        return tuple(by_text[article.text] for article in articles)

    def remove(self, ids: Iterable[str]) -> None:
        """Forget the articles of these ids; nothing is embedded. On disk nothing changes.

        Raises:
            InputError: there is no article of an id, or none would be left; nothing is removed then.
        """
        with self._changing:
            self._use(self.index.without(ids))

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Exchange] = (),
        articles: Iterable[str] | None = None,
        published: Published | None = None,
    ) -> Answer:
        """Answer ``question`` in its own language, English or Indonesian (others in English).

        Args:
            question: as the reader asks it.
            history: earlier turns that the question leans on, oldest first. It is used as given; ``chat`` decides for
                itself what a question leans on.
            articles: ids of the articles to ask; by default all.
            published: ask only articles published from the first to the second date, both included, written as
                "2024-03-01"; None in a date's place is no bound. Articles without a date are left out.

        Raises:
            InputError: the question is empty or longer than ``MAX_QUESTION_CHARACTERS``, there is no article of an
                id, or a date is none.
        """
        question = checked_question(question)
        return self._respond(question, history, question_language(question), articles, published).answer

    def chat(
        self,
        turns: Sequence[Turn] = (),
        *,
        articles: Iterable[str] | None = None,
        published: Published | None = None,
    ) -> Chat:
        """A conversation: a new one, or the one of ``turns`` taken up again.

        It goes on while articles are added and removed, and is always about those that there are.

        Args:
            turns: the conversation so far, oldest first.
            articles: ids of the articles that it is about; by default all.
            published: as in ``ask``.

        Raises:
            InputError: there is no article of an id, or a date is none. ``Chat.ask`` and ``Chat.suggestions`` raise it
                once an article of ``articles`` has been removed.
        """
        ids = articles if articles is None or isinstance(articles, str) else tuple(articles)

        def asked() -> Mapping[str, Article]:
            return _asked(self.index, ids, published)

        def respond(question: str, history: Sequence[Exchange], language: Language) -> Response:
            return self._respond(question, history, language, ids, published)

        asked()
        parts = ChatParts(
            articles=asked,
            check=checked_question,
            respond=respond,
            intents=self._intents,
            follow_ups=self._follow_ups,
            replies=self._replies,
            suggest=self._suggestions.of,
        )
        return Chat(parts, turns)

    @cached_property
    def _intents(self) -> IntentRecogniser:
        return IntentRecogniser(self._encoder)

    @cached_property
    def _follow_ups(self) -> FollowUps:
        return FollowUps(LeaningModel.load())

    @cached_property
    def _replies(self) -> Replies:
        return Replies(self._sentences, self._encoder)

    @cached_property
    def _suggestions(self) -> Suggestions:
        return Suggestions(self._sentences, self._encoder, self._ask_article)

    def _respond(
        self,
        question: str,
        history: Sequence[Exchange],
        language: Language,
        articles: Iterable[str] | None = None,
        published: Published | None = None,
    ) -> Response:
        retriever, read = self._current
        asked = _asked(retriever.index, articles, published)
        within = None if asked is retriever.index.articles else asked
        hits = retriever.retrieve(question_part(question, history[-1:]), self._passages_read, within)
        reading = with_other_account(question, read(question, hits, tuple(history)), hits)
        return Response(compose(question, language, reading, asked), reading, hits)

    def _ask_article(self, question: str, article: Article) -> Answer:
        """The answer of one article alone."""
        return self._respond(question, (), question_language(question), [article.id]).answer

    def _sentences(self, article: Article) -> Sequence[Span]:
        """The sentences of an article that is in the index, or was a moment ago."""
        index = self.index
        if index.articles.get(article.id) == article:
            return index.sentences(article.id)
        return [sentence for passage in split_into_passages(article, index.settings) for sentence in passage.sentences]


def _asked(index: Index, articles: Iterable[str] | None, published: Published | None) -> Mapping[str, Article]:
    """The articles of ``index`` that are asked: its own mapping where that is all of them."""
    chosen = select_articles(index.articles, articles, published)
    return index.articles if chosen is None else chosen


def checked_question(question: str) -> str:
    """``question`` without white space around it, and with characters that are none (lone surrogates) replaced.

    Raises:
        InputError: nothing is left, or more than ``MAX_QUESTION_CHARACTERS``.
    """
    question = clean(question).strip()
    if not any(character.isalnum() for character in question):
        raise InputError("the question is empty; ask something, such as: Who did Putin call?")
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise InputError(
            f"the question has {len(question):,} characters, more than {MAX_QUESTION_CHARACTERS:,}; ask a shorter one"
        )
    return question
