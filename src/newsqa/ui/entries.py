"""What the page keeps of a conversation: one entry for each question, as immutable values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from newsqa.embedding import clean
from newsqa.types import Language, Turn
from newsqa.ui.render import notice_html, plain, turn_html

# A conversation is kept from its latest questions; older ones leave the page, and the memory.
MAX_ENTRIES = 100

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A question as it was typed, and its turn; or, where there was no answering it, the ``notice`` that says so.

    ``scope`` is what it was put to (``newsqa.ui.shelf``).
    """

    question: str
    turn: Turn | None
    notice: str = ""
    scope: str = ""


Entries = tuple[Entry, ...]


def turns_of(entries: Sequence[Entry]) -> tuple[Turn, ...]:
    """The turns of a conversation, oldest first."""
    return tuple(entry.turn for entry in entries if entry.turn is not None)


def history(entries: Sequence[Entry], scope: str) -> tuple[Turn, ...]:
    """The turns that the next question in ``scope`` may lean on: those since the reader chose it, oldest first."""
    since = list(takewhile(lambda entry: entry.scope == scope, reversed(entries)))
    return turns_of(since[::-1])


def last_language(entries: Sequence[Entry], otherwise: Language) -> Language:
    """The language of the latest reply."""
    turns = turns_of(entries)
    return turns[-1].answer.language if turns else otherwise


def messages_of(entries: Sequence[Entry]) -> list[Message]:
    """The messages of a chat window, two for each entry; everything in them is escaped."""
    messages: list[Message] = []
    for entry in entries:
        reply = notice_html(entry.notice) if entry.turn is None else turn_html(entry.turn)
        messages.append({"role": "user", "content": plain(clean(entry.question))})
        messages.append({"role": "assistant", "content": reply})
    return messages
