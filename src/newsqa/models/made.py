"""Folders that are made once on the user's machine and used from then on.

A folder is made beside its final name and then renamed, under a lock, so that a start which is cut short or runs twice
at once never leaves half of one. What was written is recorded; a folder that no longer agrees is made again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import platformdirs
from filelock import FileLock

from newsqa.errors import ModelError

logger = logging.getLogger(__name__)

_SIZES_FILE = "newsqa-sizes.json"
_CHECKSUMS_FILE = "newsqa-sha256.json"


def cache_directory() -> Path:
    """Where newsqa keeps what it makes once: ``NEWSQA_CACHE`` or the platform's cache directory for the user."""
    return Path(os.environ.get("NEWSQA_CACHE") or platformdirs.user_cache_dir("newsqa"))


def made_once(name: str, what: str, write: Callable[[Path], None], *, checksums: bool = False) -> Path:
    """The folder ``name`` of the cache, made now if it is not there or not as it was written.

    Args:
        name: says everything that the content depends on.
        what: what it is, for messages: "the bundled encoder".
        write: writes the content into an empty folder.
        checksums: compare the sha256 of every file at each call; otherwise its size only.

    Raises:
        ModelError: the cache directory cannot be written.
    """
    folder = cache_directory() / name
    if _is_complete(folder, checksums):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not _is_complete(folder, checksums):
                logger.info("preparing %s in %s (once)", what, folder)
                _make(folder, write, checksums)
    except OSError as error:
        raise ModelError(
            f"cannot write {what} to {folder}: {error.strerror or error}; "
            "set NEWSQA_CACHE to a folder that can be written"
        ) from error
    return folder


def sha256(path: Path) -> str:
    """The checksum of a file, as hexadecimal digits.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _record_file(folder: Path, checksums: bool) -> Path:
    return folder / (_CHECKSUMS_FILE if checksums else _SIZES_FILE)


def _record(path: Path, checksums: bool) -> int | str:
    return sha256(path) if checksums else path.stat().st_size


def _is_complete(folder: Path, checksums: bool) -> bool:
    """Whether every file that was written into ``folder`` is still there as it was."""
    try:
        records = json.loads(_record_file(folder, checksums).read_text(encoding="utf-8"))
        return all(_record(folder / name, checksums) == record for name, record in records.items())
    except (OSError, ValueError):
        return False


def _make(folder: Path, write: Callable[[Path], None], checksums: bool) -> None:
    for leftover in folder.parent.glob(f"{folder.name}.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    building = Path(tempfile.mkdtemp(prefix=f"{folder.name}.new-", dir=folder.parent))
    try:
        write(building)
        files = sorted(path for path in building.rglob("*") if path.is_file())
        records = {path.relative_to(building).as_posix(): _record(path, checksums) for path in files}
        _record_file(building, checksums).write_text(json.dumps(records, indent=1), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
