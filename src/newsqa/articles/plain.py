"""Plain text: the bytes of a file to the text of an article, character for character."""

from __future__ import annotations

import re

from newsqa.articles.document import check_length
from newsqa.errors import InputError
from newsqa.types import Article

_MAX_TITLE_CHARACTERS = 200
_LINE_END = re.compile(r"\r\n|\n|\r")


def plain_article(data: bytes, article_id: str, name: str, characters: int) -> Article:
    """The article in a UTF-8 text file: its text is the file's, its title the first line if that is set apart.

    Args:
        data: the file.
        article_id: for the article.
        name: for messages.
        characters: the most that the text may have.

    Raises:
        InputError: the file is empty, too long or not text.
    """
    text = decode(data, name)
    check_length(text, name, characters)
    return Article(article_id, headline(text), text)


def decode(data: bytes, name: str) -> str:
    """UTF-8 text, without a byte order mark.

    Raises:
        InputError: ``data`` is not UTF-8, is binary, or holds nothing but white space.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text (byte {error.start}); save it as UTF-8", "not_text") from error
    if "\x00" in text:
        raise InputError(f"{name} is a binary file, not text; give a text file", "not_text")
    if not text.strip():
        raise InputError(f"{name} is empty; give a file with an article in it", "no_text")
    return text


def headline(text: str) -> str:
    """The first line of ``text`` if a blank line sets it apart from a body, else ""."""
    text = text.lstrip()
    first_end = _LINE_END.search(text)
    if first_end is None:
        return ""
    rest = text[first_end.end() :]
    body = rest.lstrip()
    if not body or not _LINE_END.search(rest[: len(rest) - len(body)]):
        return ""
    line = text[: first_end.start()].strip()
    return line if len(line) <= _MAX_TITLE_CHARACTERS else ""
