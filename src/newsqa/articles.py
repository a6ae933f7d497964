"""Files to articles."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from newsqa.errors import InputError
from newsqa.types import Article

_MAX_TITLE_CHARACTERS = 200
_FIRST_LINE = re.compile(r"\s*([^\r\n]+)[ \t]*(?:\r\n|\n|\r)\s*(?:\r\n|\n|\r)")


def load_articles(paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> tuple[Article, ...]:
    """Read articles from text files and folders.

    Args:
        paths: one path or several. Of a folder every ``.txt`` file below it is read, in the order of the names.

    Returns:
        One article a file. Its text is the file's, character for character; its id is the file's name (below a
        folder: its path) without the ending; its title is the first line where a blank line sets that apart.

    Raises:
        InputError: a path does not exist, a folder holds no ``.txt`` file, or a file is not UTF-8 text.
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    articles: dict[str, Article] = {}
    for path in map(Path, given):
        for file, name in _files(path):
            name = os.fsencode(name).decode("utf-8", "replace")  # a file's name need not be text
            article_id, repeated = name, 2
            while article_id in articles:
                article_id, repeated = f"{name}-{repeated}", repeated + 1
            articles[article_id] = read_article(file, article_id)
    return tuple(articles.values())


def read_article(file: Path, article_id: str) -> Article:
    """Read one UTF-8 text file.

    Raises:
        InputError: the file cannot be read, is empty, or is not text.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    if "\x00" in text:
        raise InputError(f"{file} is a binary file, not text; give a text file")
    if not text.strip():
        raise InputError(f"{file} is empty; give a file with an article in it")
    return Article(article_id, headline(text), text)


def headline(text: str) -> str:
    """The first line of ``text`` if a blank line sets it apart from a body, else ""."""
    match = _FIRST_LINE.match(text)
    if match is None or not text[match.end() :].strip():
        return ""
    line = match.group(1).strip()
    return line if len(line) <= _MAX_TITLE_CHARACTERS else ""


def _files(path: Path) -> Sequence[tuple[Path, str]]:
    """The files to read for ``path``, each with the name that identifies it."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*.txt") if file.is_file())
        if not files:
            raise InputError(f"the folder {path} holds no .txt file; give a folder with articles in it")
        return [(file, file.relative_to(path).with_suffix("").as_posix()) for file in files]
    if not path.exists():
        raise InputError(f"{path} does not exist; give a text file or a folder of them")
    return [(path, path.stem)]
