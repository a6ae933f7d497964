"""A web page to its article: trafilatura finds the text among menus, banners and comments."""

from __future__ import annotations

import codecs
import re

from newsqa.articles.document import Document, clean_text, one_line
from newsqa.errors import InputError

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_TABLE_RULE = re.compile(r"\|[-| ]+\|?")


def parse_page(data: bytes, name: str, charset: str | None = None) -> Document:
    """Find the article of an HTML page.

    Args:
        data: the page as it was sent or saved.
        name: for messages.
        charset: as the HTTP header says, which goes before what the page says of itself.

    Returns:
        The main text without comments, a paragraph a block; title, author, date of publication (ISO 8601) and name of
        the site where the page states them; the address that the page calls its own.

    Raises:
        InputError: there is no article in the page.
    """
    from trafilatura import bare_extraction

    found = bare_extraction(
        decode_page(data, charset),
        include_comments=False,
        with_metadata=True,
        # A date that is only guessed from the text is worse than none.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    text = _blocks(clean_text(found.text or "")) if found is not None and not isinstance(found, dict) else ""
    if not text or found is None or isinstance(found, dict):
        raise InputError(f"{name} holds no article text; give the page of one article, or its text", "no_text")
    return Document(
        text,
        one_line(found.title),
        one_line(found.author) or None,
        one_line(found.sitename) or None,
        found.date or None,
        found.url or None,
    )


def decode_page(data: bytes, charset: str | None = None) -> str:
    """The characters of a page: by its byte order mark, the HTTP header, its own ``<meta>``, or UTF-8 where it is."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    declared = _META_CHARSET.search(data[:4096])
    for candidate in (charset, declared.group(1).decode("ascii", "replace") if declared else None, "utf-8"):
        text = _decoded(data, candidate)
        if text is not None:
            return text
    # What browsers assume of a page in English or Indonesian.
    return data.decode("cp1252", "replace")


def _decoded(data: bytes, charset: str | None) -> str | None:
    """``data`` in ``charset``; None if there is no such encoding, or it does not fit."""
    try:
        encoding = codecs.lookup(charset or "").name
        # Browsers read both as Windows-1252, and pages rely on it.
        return data.decode("cp1252" if encoding in ("ascii", "iso8859-1") else encoding)
    except (LookupError, ValueError):
        return None


def _blocks(text: str) -> str:
    """Paragraphs set apart by blank lines; rows of a table and items of a list stay together."""
    lines = [line.strip() for line in text.split("\n")]
    lines = [line for line in lines if line and not _TABLE_RULE.fullmatch(line)]
    parts: list[str] = []
    for before, line in zip(["", *lines], lines, strict=False):
        together = any(before.startswith(mark) and line.startswith(mark) for mark in ("|", "- "))
        parts += ["\n" if together else "\n\n", line]
    return "".join(parts[1:])
