"""``NewsQA``: the one place where the parts are put together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from newsqa.chat import Chat, ChatParts, Response
from newsqa.citing import compose
from newsqa.conversation.follow_ups import FollowUps
from newsqa.conversation.intents import IntentRecogniser
from newsqa.conversation.leaning import LeaningModel
from newsqa.conversation.replies import Replies
from newsqa.conversation.suggestions import Suggestions
from newsqa.embedding import Encoder, clean, load_encoder
from newsqa.errors import InputError
from newsqa.index import Index
from newsqa.language import question_language
from newsqa.passages import PassageSettings
from newsqa.reading import Reader, load_reader
from newsqa.reading.history import Exchange, question_part
from newsqa.retrieval import Retriever
from newsqa.types import Answer, Article, Language, Turn

MAX_QUESTION_CHARACTERS = 1000


class NewsQA:
    """Answers questions about the articles of an index.

    Build one with ``from_articles`` or ``load``; the constructor takes the parts themselves. Instances hold no
    state between questions and may be used from several threads.
    """

    def __init__(self, index: Index, encoder: Encoder, reader: Reader, *, passages_read: int = 8) -> None:
        self.index = index
        self._encoder = encoder
        self._reader = reader
        self._retriever = Retriever(index, encoder)
        self._passages_read = passages_read

    @classmethod
    def from_articles(
        cls,
        articles: Iterable[Article],
        *,
        encoder: str | Encoder | None = None,
        reader: str | Reader | None = None,
        settings: PassageSettings | None = None,
        progress: bool = False,
    ) -> NewsQA:
        """Index ``articles``.

        Args:
            articles: at least one, each with an id of its own.
            encoder: "bundled", a model folder, a hub id or an ``Encoder``; by default ``NEWSQA_ENCODER`` or the
                bundled one.
            reader: "bundled", "sentence", a folder or hub id of an extractive question-answering model or a
                ``Reader``; by default ``NEWSQA_READER`` or the bundled one.
            settings: how articles are split.
            progress: show a bar on stderr while encoding.

        Raises:
            InputError: there is no article, or two have the same id.
            ModelError: a model cannot be loaded.
        """
        encoder = load_encoder(encoder)
        index = Index.build(articles, encoder, settings, progress=progress)
        return cls(index, encoder, load_reader(reader, encoder))

    @classmethod
    def load(
        cls,
        folder: str | os.PathLike[str],
        *,
        encoder: str | Encoder | None = None,
        reader: str | Reader | None = None,
    ) -> NewsQA:
        """Load an index folder; ``encoder`` and ``reader`` as in ``from_articles``.

        Raises:
            IndexFileError: there is no index, it is damaged or of another version, or another encoder made it.
            ModelError: a model cannot be loaded.
        """
        encoder = load_encoder(encoder)
        index = Index.load(Path(folder), encoder)
        return cls(index, encoder, load_reader(reader, encoder))

    def over(self, articles: Iterable[Article]) -> NewsQA:
        """A ``NewsQA`` of other articles that shares the models of this one, which are in memory once.

        Raises:
            InputError: there is no article, or two have the same id.
        """
        return NewsQA.from_articles(articles, encoder=self._encoder, reader=self._reader, settings=self.index.settings)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the index to ``folder``, replacing an index that is there in one step.

        Raises:
            IndexFileError: ``folder`` holds something that is not an index, or cannot be written.
        """
        self.index.save(Path(folder), self._encoder)

    def ask(self, question: str, *, history: Sequence[Exchange] = ()) -> Answer:
        """Answer ``question`` in its own language, English or Indonesian (others in English).

        Args:
            question: as the reader asks it.
            history: earlier turns that the question leans on, oldest first. It is used as given; ``chat`` decides for
                itself what a question leans on.

        Raises:
            InputError: the question is empty or longer than ``MAX_QUESTION_CHARACTERS``.
        """
        question = checked_question(question)
        return self._respond(question, history, question_language(question)).answer

    def chat(self, turns: Sequence[Turn] = ()) -> Chat:
        """A conversation about the same articles: a new one, or the one of ``turns`` taken up again."""
        return Chat(self._chat_parts, turns)

    @cached_property
    def _chat_parts(self) -> ChatParts:
        suggestions = Suggestions(self.index, self._encoder, self._ask_article)
        return ChatParts(
            articles=lambda: tuple(self.index.articles.values()),
            check=checked_question,
            respond=self._respond,
            intents=IntentRecogniser(self._encoder),
            follow_ups=FollowUps(LeaningModel.load()),
            replies=Replies(self.index, self._encoder),
            suggest=suggestions.of,
        )

    def _respond(self, question: str, history: Sequence[Exchange], language: Language) -> Response:
        hits = self._retriever.retrieve(question_part(question, history[-1:]), self._passages_read)
        reading = self._reader.read(question, hits, history)
        return Response(compose(question, language, reading, self.index.articles), reading, hits)

    def _ask_article(self, question: str, article: Article) -> Answer:
        """The answer of one article alone."""
        answer = self._respond(question, (), question_language(question)).answer
        return answer


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
