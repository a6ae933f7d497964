"""The index folder on disk: verified when read, swapped in whole when written.

manifest.json       what the index is, size and sha256 of every other file, and a sha256 of its own
articles.jsonl      one article a line
passages.jsonl      one article a line: the ends of the sentences of each of its passages
vectors.faiss       the passage vectors, in the order of the passages
words.safetensors   the words of the passages

``index_writer`` writes it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from newsqa.errors import IndexFileError

logger = logging.getLogger(__name__)

FORMAT_VERSION = 2
MANIFEST_FILE = "manifest.json"
ARTICLES_FILE = "articles.jsonl"
PASSAGES_FILE = "passages.jsonl"
VECTORS_FILE = "vectors.faiss"
WORDS_FILE = "words.safetensors"
DATA_FILES = (ARTICLES_FILE, PASSAGES_FILE, VECTORS_FILE, WORDS_FILE)

_REBUILD = "build the index again with: newsqa index"
# A folder can be opened, and files in it by its descriptor, on POSIX systems.
HAS_DESCRIPTORS = os.open in os.supports_dir_fd

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """Size in bytes and sha256 of one file of the folder."""

    size: int
    sha256: str

    @classmethod
    def of(cls, data: bytes) -> Self:
        """The record of ``data``."""
        return cls(len(data), hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index folder holds. ``fingerprint`` tells the encoder by what it does (``embedding.fingerprint``)."""

    format_version: int
    encoder: str
    fingerprint: str
    dimension: int
    metric: str
    max_characters: int
    articles: int
    passages: int
    files: dict[str, FileRecord]

    def to_bytes(self) -> bytes:
        """The manifest as the file has it: JSON, and last in it the sha256 of the same JSON without that line."""
        values = asdict(self)
        checksum = hashlib.sha256(json.dumps(values, indent=2).encode()).hexdigest()
        return (json.dumps({**values, "sha256": checksum}, indent=2) + "\n").encode()


def read_folder(folder: Path, parse: Callable[[StoredIndex], T]) -> T:
    """What ``parse`` makes of an index folder, which may be replaced by another process meanwhile.

    The folder is opened once and every file is read through that, so all are of the same index. ``parse`` is called
    again if that index was removed before it was read.

    Raises:
        IndexFileError: there is no index, it has another format version, or a file is missing, cut short or
            altered; or ``parse`` raised it.
    """
    while True:
        with _opened(folder) as opened:
            try:
                return parse(StoredIndex(opened, _parse_manifest(folder, opened.read(MANIFEST_FILE))))
            except IndexFileError:
                if not opened.replaced():
                    raise


class _Opened:
    """A folder held open: its files stay those of one index even when another is swapped in."""

    def __init__(self, folder: Path, path: Path) -> None:
        self.folder = folder
        self.path = path
        self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY) if HAS_DESCRIPTORS else None
        # Not another folder's number later: a folder that is held open keeps its own.
        self._identity = _identity(path.stat() if self._descriptor is None else os.fstat(self._descriptor))

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def replaced(self) -> bool:
        """Whether the name belongs to another folder by now."""
        current = self.folder if self.folder.exists() else beside(self.folder, "previous")
        return current.exists() and _identity(current.stat()) != self._identity

    def read(self, name: str, size: int | None = None) -> bytes:
        """The bytes of a file; with ``size`` only if it has that size."""
        path = self.path / name
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(path if self._descriptor is None else name, flags, dir_fd=self._descriptor)
            with os.fdopen(descriptor, "rb") as stream:
                found = os.fstat(descriptor).st_size
                if size is not None and found != size:
                    raise IndexFileError(f"{path} has {found} bytes instead of {size}; {_REBUILD}")
                return stream.read()
        except FileNotFoundError:
            if name == MANIFEST_FILE:
                raise _no_index(self.folder) from None
            raise IndexFileError(f"{path} is missing; {_REBUILD}") from None
        except OSError as error:
            raise IndexFileError(f"cannot read {path}: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """An index folder that is being read."""

    _opened: _Opened
    manifest: Manifest

    def read(self, name: str) -> bytes:
        """The bytes of one of ``DATA_FILES``, after their size and checksum were found right.

        Raises:
            IndexFileError: the file is missing, cut short or altered.
        """
        record = self.manifest.files[name]
        data = self._opened.read(name, record.size)
        if FileRecord.of(data) != record:
            path = self._opened.path / name
            raise IndexFileError(f"{path} is corrupted (its sha256 is not the manifest's); {_REBUILD}")
        return data


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[_Opened]:
    opened = None
    previous = beside(folder, "previous")
    # Where names cannot be exchanged in one step a folder is absent for a moment, and after a crash then for good.
    for path in (folder, previous) * 3:
        try:
            opened = _Opened(folder, path)
            break
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise IndexFileError(f"cannot read {path}: {error.strerror}") from error
    if opened is None:
        raise _no_index(folder)
    if path == previous:
        logger.warning("a write to %s was cut short; reading the index it was to replace", folder)
    try:
        yield opened
    finally:
        opened.close()


def _no_index(folder: Path) -> IndexFileError:
    return IndexFileError(f"no index in {folder} ({MANIFEST_FILE} is missing); make one with: newsqa index")


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _parse_manifest(folder: Path, raw: bytes) -> Manifest:
    path = folder / MANIFEST_FILE
    try:
        values: dict[str, Any] = json.loads(raw)
        version = values["format_version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise IndexFileError(f"{path} is damaged (not a manifest); {_REBUILD}") from error
    if version != FORMAT_VERSION:
        raise IndexFileError(
            f"the index in {folder} has format version {version!r}, this newsqa reads {FORMAT_VERSION}; {_REBUILD}"
        )
    try:
        del values["sha256"]
        values["files"] = {name: FileRecord(**record) for name, record in values["files"].items()}
        manifest = Manifest(**values)
        if set(manifest.files) != set(DATA_FILES):
            raise ValueError("unexpected files")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexFileError(f"{path} is damaged (fields are missing or unknown); {_REBUILD}") from error
    if manifest.to_bytes() != raw:
        raise IndexFileError(f"{path} is corrupted (its sha256 is not its own); {_REBUILD}")
    return manifest


def beside(folder: Path, what: str) -> Path:
    """The hidden name ``.NAME.what`` in the folder's own parent, also where ``folder`` is a link."""
    folder = Path(os.path.realpath(folder))
    return folder.parent / f".{folder.name}.{what}"
