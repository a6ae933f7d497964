"""A conversation as Markdown, with its sources. All text in it renders as text."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

from newsqa.phrases import PHRASES
from newsqa.types import Article, Language, Turn
from newsqa.ui.entries import Entry
from newsqa.ui.render import harmless
from newsqa.ui.texts import REPLIES

# The punctuation that means nothing to Markdown wherever it stands stays as it is: the file is read unrendered, too.
_ESCAPES = {ord(character): f"\\{character}" for character in string.punctuation if character not in ",;'\"?%(/"}
_ADDRESS = re.compile(r"https?://[^\s<>\\]+")


def conversation_markdown(entries: Sequence[Entry], language: Language) -> str:
    """The questions, the replies and their numbered sources; ``language`` is that of the headings."""
    parts = [f"# {REPLIES[language]['conversation']}"]
    for entry in entries:
        parts.append(f"## {_text(entry.question)}")
        parts.extend([_text(entry.notice)] if entry.turn is None else _turn(entry.turn))
    return "\n\n".join(parts) + "\n"


def _turn(turn: Turn) -> list[str]:
    phrases = PHRASES[turn.answer.language]
    parts = [_text(turn.answer.message)]
    if turn.query != turn.question:
        parts.append(f"*{_text(phrases.understood)} {_text(turn.query)}*")
    if turn.near_miss:
        near = turn.near_miss
        parts.append(f"{_text(phrases.near_miss)}\n\n> {_text(near.sentence.text)}\n>\n> {_name(near.article)}")
    if turn.answer.citations:
        parts.append(f"{_text(REPLIES[turn.answer.language]['sources'])}")
        parts.extend(
            f"> \\[{citation.number}\\] {_text(citation.sentence.text)}\n>\n> {_name(citation.article)}"
            for citation in turn.answer.citations
        )
    return parts


def _name(article: Article) -> str:
    name = f"— {_text(article.title or article.id)}"
    if not article.url:
        return name
    return f"{name}, <{article.url}>" if _ADDRESS.fullmatch(article.url) else f"{name}, {_text(article.url)}"


def _text(text: str) -> str:
    return " ".join(harmless(text).split()).translate(_ESCAPES)
