"""JSON Lines: one article a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from newsqa.articles.document import MAX_FIELD_CHARACTERS, check_length
from newsqa.articles.limits import Limits
from newsqa.articles.plain import headline
from newsqa.errors import InputError
from newsqa.types import Article

# A file of another kind has thousands of bad lines; after so many the rest is counted only.
_MAX_REPORTED = 10


def articles_of_lines(stream: BinaryIO, file_id: str, name: str, limits: Limits) -> Iterator[Article | InputError]:
    """Read one article from each line of a file.

    A line is an object with ``text`` and, where known, ``title``, ``id``, ``url``, ``published``, ``author`` and
    ``site``; other keys are ignored, and so are blank lines. Without an id a line is called ``file_id:number``.

    Args:
        stream: the file, read line by line.
        file_id: begins the ids of lines that have none.
        name: for messages.
        limits: ``jsonl_bytes`` for the whole file, ``characters`` for a text.

    Yields:
        An article, or the error of a line that holds none.
    """
    # The longest way to write a character in JSON takes 12 bytes; the rest is for the other fields.
    longest = 12 * limits.characters + 100_000
    number = read = good = bad = 0
    while line := stream.readline(longest):
        number += 1
        read += len(line)
        if read > limits.jsonl_bytes:
            yield InputError(
                f"{name} has more than {limits.jsonl_bytes:,} bytes; line {number} and what follows it is left out"
            )
            return
        try:
            if not line.endswith(b"\n") and len(line) == longest:
                read += _skip_line(stream, limits.jsonl_bytes - read)
                raise InputError(f"it has more than {longest:,} bytes; split the article")
            if line.strip():
                yield _article(line, f"{file_id}:{number}", limits)
                good += 1
        except InputError as error:
            bad += 1
            if bad <= _MAX_REPORTED:
                yield InputError(f"{name}, line {number}: {error}")
    if good == bad == 0:
        yield InputError(f"{name} is empty; give a file with an article on each line")
    if bad > _MAX_REPORTED:
        yield InputError(f"{name}: {bad - _MAX_REPORTED:,} more lines hold no article; see the first {_MAX_REPORTED}")


def _skip_line(stream: BinaryIO, most: int) -> int:
    """Read on to the end of the line, or somewhat beyond ``most`` bytes; returns how many were read."""
    skipped = 0
    while skipped <= most and (part := stream.readline(1_000_000)):
        skipped += len(part)
        if part.endswith(b"\n"):
            break
    return skipped


def _article(line: bytes, default_id: str, limits: Limits) -> Article:
    record = _parsed(line)
    text = _string(record, "text")
    if not text or not text.strip():
        raise InputError("it has no text; give each line a key 'text'")
    if "\x00" in text:
        raise InputError("its text is binary (it holds NUL characters)")
    check_length(text, "its text", limits.characters)
    if isinstance(record.get("id"), int):
        record["id"] = str(record["id"])
    title = _string(record, "title")
    return Article(
        id=_string(record, "id") or default_id,
        title=headline(text) if title is None else title,
        text=text,
        url=_string(record, "url"),
        published=_string(record, "published"),
        author=_string(record, "author"),
        site=_string(record, "site"),
    )


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"it is not UTF-8 (byte {error.start}); save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"it is not JSON ({error}); write one object a line") from error
    if not isinstance(record, dict):
        raise InputError(f"it is not an object but {str(record)[:20]!r}; write one object a line")
    return record


def _string(record: dict[str, Any], key: str) -> str | None:
    """The string under ``key``; None where there is none, or null."""
    value = record.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f"its {key!r} is {str(value)[:20]!r}, not a string")
    if key != "text" and len(value or "") > MAX_FIELD_CHARACTERS:
        raise InputError(f"its {key!r} has {len(value or ''):,} characters, more than {MAX_FIELD_CHARACTERS:,}")
    return value
