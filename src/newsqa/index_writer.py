"""Writing an index folder: one writer at a time, and never a broken index in its place.

Beside the folder ``NAME`` a writer keeps ``.NAME.lock`` (held while it writes, and never removed: a lock that can
vanish does not lock), ``.NAME.new-…`` (the folder it builds) and, for a long job, ``.NAME.journal``.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from newsqa.errors import IndexFileError
from newsqa.index_folder import DATA_FILES, HAS_DESCRIPTORS, MANIFEST_FILE, FileRecord, Manifest, beside

logger = logging.getLogger(__name__)

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class FolderWriter:
    """The right to write one index folder, held from ``with`` to the end of the block.

    Only one process has it at a time; it ends with the process, however that ends. What writers that were killed have
    left behind is removed first. Readers need no right and are never kept waiting.

    Args:
        folder: need not exist.
        wait: seconds to wait for another writer.
    """

    def __init__(self, folder: str | Path, *, wait: float = 2.0) -> None:
        self.folder = Path(os.path.realpath(folder))
        self._lock = FileLock(beside(self.folder, "lock"), timeout=wait)

    @property
    def journal(self) -> Path:
        """Where a long job notes what it has done; it stays when the job is killed."""
        return beside(self.folder, "journal")

    def __enter__(self) -> Self:
        """Take the right.

        Raises:
            IndexFileError: another process has it, or the folder holds something that is not an index.
        """
        with self._failing_clearly():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire()
            except Timeout:
                raise IndexFileError(
                    f"another process is writing the index in {self.folder}; try again when it has finished"
                ) from None
        try:
            self._check_replaceable()
            with self._failing_clearly():
                self._clean()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._lock.release()

    def write(self, files: Iterable[tuple[str, bytes]], manifest: Callable[[dict[str, FileRecord]], Manifest]) -> None:
        """Write an index: all of it beside the old one, on disk for good, and then swapped in.

        Args:
            files: ``DATA_FILES`` with their bytes; each is taken when the one before is written.
            manifest: gives the manifest from the files' records.

        Raises:
            IndexFileError: the folder holds something that is not an index, or cannot be written.
        """
        self._check_replaceable()
        building: Path | None = None
        try:
            with self._failing_clearly():
                building = Path(tempfile.mkdtemp(prefix=beside(self.folder, "new-").name, dir=self.folder.parent))
                building.chmod(0o755)
                records = {name: _write_durably(building / name, data) for name, data in files}
                _write_durably(building / MANIFEST_FILE, manifest(records).to_bytes())
                _sync_directory(building)
                _swap_in(building, self.folder)
        finally:
            if building is not None:
                shutil.rmtree(building, ignore_errors=True)

    def _check_replaceable(self) -> None:
        """Refuse a folder with anything in it but the files of an index."""
        try:
            names = {path.name for path in self.folder.iterdir()}
        except FileNotFoundError:
            return
        except OSError:  # such as a file in the folder's place
            names = {""}
        if not names <= {MANIFEST_FILE, *DATA_FILES}:
            raise IndexFileError(f"{self.folder} is not an index and will not be replaced; choose another folder")

    def _clean(self) -> None:
        unfinished = re.compile(re.escape(beside(self.folder, "new-").name) + r"\w+")
        for left in self.folder.parent.iterdir():
            if unfinished.fullmatch(left.name):
                logger.info("removing %s, which a writer that was killed has left", left)
                shutil.rmtree(left, ignore_errors=True)
        if self.folder.exists():
            shutil.rmtree(beside(self.folder, "previous"), ignore_errors=True)

    @contextlib.contextmanager
    def _failing_clearly(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise IndexFileError(
                f"cannot write the index to {self.folder}: {error.strerror or error}; check the disk"
            ) from error


def _write_durably(path: Path, data: bytes) -> FileRecord:
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    return FileRecord.of(data)


def _sync_directory(folder: Path) -> None:
    if not HAS_DESCRIPTORS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _swap_in(building: Path, folder: Path) -> None:
    """Put ``building`` in the place of ``folder``. Where both exist, at once if the system can exchange names."""
    if not folder.exists():
        building.rename(folder)
    elif not _exchange(building, folder):
        # Not one step here, so the old index stays under a name that read_folder falls back to.
        previous = beside(folder, "previous")
        shutil.rmtree(previous, ignore_errors=True)
        folder.rename(previous)
        building.rename(folder)
    _sync_directory(folder.parent)
    shutil.rmtree(beside(folder, "previous"), ignore_errors=True)


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two names in one step (Linux ``renameat2``); False where the system cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    done: int = rename(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE)
    return done == 0
