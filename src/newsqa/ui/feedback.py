"""Readers' reports on answers, one JSON line each, in a file that the operator names."""

from __future__ import annotations

import errno
import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from newsqa import __version__
from newsqa.errors import InputError
from newsqa.types import Turn
from newsqa.wire import answer_to_json

ReportKind = Literal["good", "citation_wrong", "answer_wrong", "should_have_answered"]
KINDS: tuple[ReportKind, ...] = get_args(ReportKind)
# Anybody who can open the page can report: beyond this size the file takes no more.
MAX_BYTES = 20_000_000


class FeedbackFile:
    """Appends reports to a file. It may be used from several threads.

    Args:
        path: of the file, which is made if it is not there.
        max_bytes: how large it may grow.

    Raises:
        InputError: the file cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str], max_bytes: int = MAX_BYTES) -> None:
        self._path = Path(path)
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        try:
            with self._path.open("ab"):
                pass
        except OSError as error:
            raise InputError(
                f"cannot write the feedback file {path}: {error.strerror}; name a file in a folder that exists"
            ) from error

    def report(self, kind: ReportKind, turn: Turn) -> None:
        """Append what a reader thinks of ``turn``, with the time but nothing about the reader.

        Raises:
            OSError: the file cannot be written, or is full.
        """
        values = {
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "kind": kind,
            "question": turn.question,
            "query": turn.query,
            "answer": answer_to_json(turn.answer),
            "version": __version__,
        }
        line = json.dumps(values, ensure_ascii=False).encode() + b"\n"
        with self._lock, self._path.open("ab") as file:
            if os.fstat(file.fileno()).st_size + len(line) > self._max_bytes:
                raise OSError(errno.EFBIG, f"larger than {self._max_bytes:,} bytes", str(self._path))
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


def kinds_for(turn: Turn) -> tuple[ReportKind, ...]:
    """What can be said of ``turn``: only what was cited can be cited wrongly."""
    return ("good", "citation_wrong", "answer_wrong") if turn.answer.citations else ("good", "should_have_answered")
