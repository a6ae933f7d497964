"""What a format's parser finds in a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from newsqa.errors import InputError

# Neither text nor layout: control characters except tab and line ends, halves of characters, non-characters.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


# Of a title, an author or another field beside the text: what is longer is none.
MAX_FIELD_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one file and what the file says of it; an article but for the id.

    ``pages`` holds, for a format that has pages, the offset in ``text`` at which each begins.
    """

    text: str
    title: str = ""
    author: str | None = None
    site: str | None = None
    published: str | None = None
    url: str | None = None
    pages: tuple[int, ...] = ()


def clean_text(text: str) -> str:
    """``text`` without the characters that no parser should have let through."""
    return _NO_TEXT.sub("", text)


def one_line(text: str | None) -> str:
    """``text`` (such as a title from a file's metadata) on one line; "" for None."""
    return " ".join(clean_text(text or "").split())


def checked(document: Document, name: str, characters: int) -> Document:
    """``document`` if it has text, and not too much; without the fields that cannot be what they should be.

    Raises:
        InputError: it has no text, or more than ``characters``.
    """
    if not document.text.strip():
        raise InputError(f"{name} holds no text; give a file with an article in it", "no_text")
    check_length(document.text, name, characters)
    return replace(
        document,
        title=_field(document.title) or "",
        author=_field(document.author),
        site=_field(document.site),
        published=_field(document.published),
        # What a file claims to be its address becomes a link on a page.
        url=_field(document.url) if (document.url or "").startswith(("http://", "https://")) else None,
    )


def _field(value: str | None) -> str | None:
    return value if value and len(value) <= MAX_FIELD_CHARACTERS else None


def check_length(text: str, name: str, characters: int) -> None:
    """Refuse a text that is too long for one article.

    Raises:
        InputError: it has more than ``characters``.
    """
    if len(text) > characters:
        raise InputError(
            f"{name} has {len(text):,} characters, more than {characters:,}; split it into articles", "too_large"
        )
