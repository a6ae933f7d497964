"""The errors that newsqa raises on purpose.

    NewsQAError
    ├── InputError      what the caller passed in cannot be used: a question, a path, an article
    ├── IndexFileError  an index folder cannot be read, or does not belong to this encoder
    └── ModelError      weights cannot be found, verified or loaded

Each message says what was wrong, with what value, and what to do about it. The command line prints it on one
line and exits 1; the page shows it in the chat.
"""

from __future__ import annotations

from typing import Literal

# Why a file, a text or a link could not be made an article, for those who say it in other words than the message.
Reason = Literal[
    "too_large", "no_text", "not_text", "locked", "format", "bad_link", "unreachable", "damaged"
]  # fmt: skip


class NewsQAError(Exception):
    """Base of every error that newsqa raises on purpose."""


class InputError(NewsQAError):
    """A question, path or article that cannot be used; of an article, the ``reason`` where it is one of a few."""

    def __init__(self, message: str, reason: Reason | None = None) -> None:
        super().__init__(message)
        self.reason = reason


class IndexFileError(NewsQAError):
    """An index folder that is missing, damaged, of another version or of another encoder."""


class ModelError(NewsQAError):
    """Weights that cannot be found, verified or loaded."""
