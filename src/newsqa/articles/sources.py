"""Paths, folders, globs and links to the single files and pages to read, each with the name that becomes its id."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from newsqa.errors import InputError

# The formats, by the ending of a file's name; under any other a file is taken for plain text.
KINDS = {
    ".txt": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".jsonl": "jsonl",
}
_LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SURROGATE = re.compile("[\ud800-\udfff]")
_GLOB = re.compile(r"[*?[]")
# Files that systems and programs leave beside the real ones.
_HIDDEN = (".", "~$")


@dataclass(frozen=True, slots=True)
class Source:
    """Something to read: a link, or a file where there is a ``path``. ``name`` becomes the article's id."""

    name: str
    path: Path | None = None


def find_sources(paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[Source]:
    """The files and links that ``paths`` name, in their order; those of a folder or glob by name.

    Raises:
        InputError: a path cannot be found or looked at, or a folder or glob leads to no file that newsqa reads.
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    found: list[Source] = []
    for path in given:
        try:
            found += _sources(path)
        except OSError as error:
            raise InputError(f"cannot read {shown(path)[:200]}: {error.strerror}; check the path") from error
    return found


def kind_of(name: str) -> str:
    """The format of a file with this name, one of the values of ``KINDS``."""
    return KINDS.get(Path(name).suffix.lower(), "text")


def shown(path: str | os.PathLike[str]) -> str:
    """``path`` as text: the name of a file need not be any."""
    return _SURROGATE.sub("\ufffd", os.fspath(path))


def _sources(given: str | os.PathLike[str]) -> list[Source]:
    if isinstance(given, str) and _LINK.match(given):
        return [Source(given)]
    path = Path(given)
    if path.is_dir():
        found = [Source(article_name(file.relative_to(path)), file) for file in _files_below(path)]
        if not found:
            raise InputError(f"the folder {shown(path)} holds no article; give a folder with {endings()} files in it")
        return found
    if path.exists():
        return [Source(article_name(path.name), path)]
    if _GLOB.search(str(path)):
        return _matching(path)
    raise InputError(f"{shown(path)} does not exist; give a file, a folder, a glob or a link")


def _matching(pattern: Path) -> list[Source]:
    """The files that a glob finds, and those in the folders that it finds; named from the first part that varies."""
    fixed = next(position for position, part in enumerate(pattern.parts) if _GLOB.search(part))
    root = Path(*pattern.parts[:fixed])
    try:
        matches = sorted(root.glob(str(Path(*pattern.parts[fixed:]))))
    except ValueError as error:
        raise InputError(f"{shown(pattern)} is no pattern ({error}); use *, ? and [], and ** for folders") from error
    files: dict[Path, None] = {}
    for match in matches:
        files.update(dict.fromkeys(_files_below(match) if match.is_dir() else [match]))
    files = {file: None for file in files if _is_article(file, root)}
    if not files:
        raise InputError(f"{shown(pattern)} matches no {endings()} file; check the pattern")
    return [Source(article_name(file.relative_to(root)), file) for file in files]


def _files_below(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if _is_article(file, folder)]


def _is_article(file: Path, root: Path) -> bool:
    """Whether ``file`` has one of the endings and is not hidden, nor any folder of it below ``root``."""
    hidden = any(part.startswith(_HIDDEN) for part in file.relative_to(root).parts)
    return has_known_ending(file) and not hidden and file.is_file()


def article_name(path: str | Path) -> str:
    """The id of the article in the file ``path``: that path, for a ``.txt`` file without the ending."""
    path = Path(path)
    return shown((path.with_suffix("") if path.suffix.lower() == ".txt" else path).as_posix())


def has_known_ending(name: str | Path) -> bool:
    """Whether a file of this name is of one of the formats."""
    return Path(name).suffix.lower() in KINDS


def endings() -> str:
    """The endings, for a message."""
    *most, last = KINDS
    return f"{', '.join(most)} or {last}"
