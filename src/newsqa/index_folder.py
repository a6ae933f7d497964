"""The index folder on disk: verified when read, swapped in whole when written.

manifest.json     what the index is, and size and sha256 of every other file
articles.jsonl    one article a line
passages.jsonl    one passage a line: article, offsets, and the ends of its sentences
vectors.faiss     the passage vectors, in the order of the passages
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from newsqa.errors import IndexFileError

logger = logging.getLogger(__name__)

FORMAT_VERSION = 1
MANIFEST_FILE = "manifest.json"
ARTICLES_FILE = "articles.jsonl"
PASSAGES_FILE = "passages.jsonl"
VECTORS_FILE = "vectors.faiss"
DATA_FILES = (ARTICLES_FILE, PASSAGES_FILE, VECTORS_FILE)

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@dataclass(frozen=True, slots=True)
class FileRecord:
    """Size in bytes and sha256 of one file of the folder."""

    size: int
    sha256: str

    @classmethod
    def of(cls, data: bytes) -> FileRecord:
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


def write_folder(folder: Path, manifest: Manifest, files: Mapping[str, bytes]) -> None:
    """Write an index to ``folder``: all of it beside the old one, on disk for good, and then swapped in.

    Raises:
        IndexFileError: ``folder`` holds something that is not an index, or cannot be written.
    """
    folder = folder.absolute()
    if folder.exists() and not _may_be_replaced(folder):
        raise IndexFileError(f"{folder} is not an index and will not be replaced; choose another folder")
    building: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=folder.parent))
        building.chmod(0o755)
        text = json.dumps(asdict(manifest), indent=2) + "\n"
        for name, data in {**files, MANIFEST_FILE: text.encode()}.items():
            _write_durably(building / name, data)
        _sync_directory(building)
        _swap_in(building, folder)
    except OSError as error:
        raise IndexFileError(
            f"cannot write the index to {folder}: {error.strerror or error}; check the disk"
        ) from error
    finally:
        if building is not None:
            shutil.rmtree(building, ignore_errors=True)


def _may_be_replaced(folder: Path) -> bool:
    """Whether there is nothing in ``folder`` but the files of an index."""
    return folder.is_dir() and {path.name for path in folder.iterdir()} <= {MANIFEST_FILE, *DATA_FILES}


def read_folder(folder: Path) -> tuple[Manifest, dict[str, bytes]]:
    """Read and verify an index folder.

    Raises:
        IndexFileError: there is no index, it has another format version, or a file is missing, cut short or
            altered.
    """
    if not folder.exists() and _previous(folder.absolute()).exists():
        logger.warning("a write to %s was cut short; reading the index it was to replace", folder)
        folder = _previous(folder.absolute())
    while True:
        manifest, raw = _read_manifest(folder)
        try:
            return manifest, {name: _read_verified(folder / name, record) for name, record in manifest.files.items()}
        except IndexFileError:
            # Another process may have swapped in a new index since the manifest was read: then read that one.
            if _read_manifest(folder)[1] == raw:
                raise


def _read_manifest(folder: Path) -> tuple[Manifest, bytes]:
    path = folder / MANIFEST_FILE
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise IndexFileError(
            f"no index in {folder} ({MANIFEST_FILE} is missing); make one with: newsqa index"
        ) from None
    except OSError as error:
        raise IndexFileError(f"cannot read {path}: {error.strerror}") from error
    try:
        values: dict[str, Any] = json.loads(raw)
        version = values["format_version"]
    except (ValueError, KeyError, TypeError) as error:
        raise IndexFileError(f"{path} is damaged (not a manifest); {_REBUILD}") from error
    if version != FORMAT_VERSION:
        raise IndexFileError(
            f"the index in {folder} has format version {version!r}, this newsqa reads {FORMAT_VERSION}; {_REBUILD}"
        )
    try:
        values["files"] = {name: FileRecord(**record) for name, record in values["files"].items()}
        manifest = Manifest(**values)
        if set(manifest.files) != set(DATA_FILES):
            raise ValueError("unexpected files")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexFileError(f"{path} is damaged (fields are missing or unknown); {_REBUILD}") from error
    return manifest, raw


_REBUILD = "build the index again with: newsqa index"


def _read_verified(path: Path, record: FileRecord) -> bytes:
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size == record.size else b""
    except FileNotFoundError:
        raise IndexFileError(f"{path} is missing; {_REBUILD}") from None
    except OSError as error:
        raise IndexFileError(f"cannot read {path}: {error.strerror}") from error
    if size != record.size:
        raise IndexFileError(f"{path} has {size} bytes instead of {record.size}; {_REBUILD}")
    if FileRecord.of(data) != record:
        raise IndexFileError(f"{path} is corrupted (its sha256 is not the manifest's); {_REBUILD}")
    return data


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_directory(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _previous(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.previous")


def _swap_in(building: Path, folder: Path) -> None:
    """Put ``building`` in the place of ``folder``. Where both exist, at once if the system can exchange names."""
    if not folder.exists():
        building.rename(folder)
    elif not _exchange(building, folder):
        # Not one step here, so the old index stays under a name that read_folder falls back to.
        previous = _previous(folder)
        shutil.rmtree(previous, ignore_errors=True)
        folder.rename(previous)
        building.rename(folder)
    _sync_directory(folder.parent)
    shutil.rmtree(_previous(folder), ignore_errors=True)


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two names in one step (Linux ``renameat2``); False where the system cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    done: int = rename(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE)
    return done == 0
