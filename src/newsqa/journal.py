"""What a long embedding job has done so far, on disk, so that it goes on where it was killed.

The file begins with a line of JSON (dimension and fingerprint of the encoder). Records of fixed length follow: sha256
of a passage's text, its vector in float32 (little-endian), and a checksum of both. A record that a kill, a full disk or
a bad sector left incomplete or altered ends the journal: it and what follows is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from io import BufferedRandom
from pathlib import Path

import numpy as np

from newsqa.embedding import Encoder, Vectors, fingerprint, matches
from newsqa.errors import IndexFileError

logger = logging.getLogger(__name__)

_KEY = 32
_CHECK = 8
_MAX_HEADER = 100_000


@contextlib.contextmanager
def journaled(encoder: Encoder, path: Path) -> Iterator[JournaledEncoder]:
    """``encoder`` with a journal at ``path``, which is removed at the end of the block unless an error ends it.

    Raises:
        IndexFileError: the journal cannot be read or written.
    """
    with _failing_clearly(path):
        path.touch()
        stream = path.open("r+b")
    with stream:
        with _failing_clearly(path):
            journal = JournaledEncoder(encoder, stream)
        if journal.resumed:
            logger.warning("going on with a job that was cut short: %d passages are embedded", journal.resumed)
        yield journal
    with _failing_clearly(path):
        path.unlink()


class JournaledEncoder:
    """An encoder that embeds no passage again that its journal has; what it embeds is on disk when it returns.

    Args:
        encoder: embeds what the journal has not.
        stream: the journal, open for reading and writing; it is read, and cut where it is broken.
    """

    def __init__(self, encoder: Encoder, stream: BufferedRandom) -> None:
        self._encoder = encoder
        self._stream = stream
        self._size = _KEY + 4 * encoder.dimension
        self._places: dict[bytes, int] = {}  # where in the stream the record of a text begins
        self._end = self._read()
        self.resumed = len(self._places)

    @property
    def name(self) -> str:
        """The encoder's."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """The encoder's."""
        return self._encoder.dimension

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Questions as the encoder embeds them."""
        return self._encoder.encode_questions(questions)

    def encode_passages(self, passages: Sequence[str], *, progress: bool = False) -> Vectors:
        """Passages as float32 of shape ``(len(passages), dimension)``.

        Raises:
            IndexFileError: the journal cannot be read or written.
        """
        keys = [_key(passage) for passage in passages]
        missing = {key: passage for key, passage in zip(keys, passages, strict=True) if key not in self._places}
        made = self._encoder.encode_passages(list(missing.values()), progress=progress) if missing else ()
        with _failing_clearly(Path(self._stream.name)):
            self._append([key + vector.astype("<f4").tobytes() for key, vector in zip(missing, made, strict=True)])
            stored = [self._stored(key) for key in keys]
        return np.stack(stored).astype(np.float32)

    def _append(self, records: Sequence[bytes]) -> None:
        self._stream.seek(self._end)
        for record in records:
            self._stream.write(record + _check(record))
        self._stream.flush()
        os.fsync(self._stream.fileno())
        for record in records:
            self._places[record[:_KEY]] = self._end
            self._end += len(record) + _CHECK

    def _stored(self, key: bytes) -> Vectors:
        self._stream.seek(self._places[key] + _KEY)
        return np.frombuffer(self._stream.read(self._size - _KEY), dtype="<f4")

    def _read(self) -> int:
        """Find the records of the stream, and cut it behind the last good one; where that ends."""
        header = self._stream.readline(_MAX_HEADER)
        if not self._is_ours(header):
            values = {"dimension": self.dimension, "fingerprint": fingerprint(self._encoder)}
            header = json.dumps(values).encode() + b"\n"
            self._stream.seek(0)
            self._stream.truncate()
            self._stream.write(header)
        end = len(header)
        while len(record := self._stream.read(self._size + _CHECK)) == self._size + _CHECK:
            if _check(record[: self._size]) != record[self._size :]:
                break
            self._places[record[:_KEY]] = end
            end += len(record)
        self._stream.seek(end)
        self._stream.truncate()
        return end

    def _is_ours(self, header: bytes) -> bool:
        try:
            values = json.loads(header)
            same = values["dimension"] == self.dimension
            return same and matches(values["fingerprint"], fingerprint(self._encoder))
        except (ValueError, KeyError, TypeError):
            return False


@contextlib.contextmanager
def _failing_clearly(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise IndexFileError(f"cannot keep the journal {path}: {error.strerror or error}; check the disk") from error


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _check(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_CHECK).digest()
