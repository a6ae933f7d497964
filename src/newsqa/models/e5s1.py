"""Reading the E5S1 weight file: a BERT encoder quantised to four bits with its Unigram tokenizer.

The layout is documented nowhere but in the loader that comes with the file, so it is written down here.
All numbers are little-endian.

    magic "E5S1", uint32 version (1)
    int32   hidden, layers, heads, feed-forward, vocabulary, maximum positions, token types
    float32 layer-norm epsilon
    int32   quantisation block size (32)
    tokenizer section
        int32   piece count, bos, eos, pad, unk
        uint64  blob length
        uint32  piece offsets into the blob   [piece count + 1]
        float32 unigram scores                [piece count]
        bytes   UTF-8 pieces                  [blob length]
        int32   entries of the normalisation map, uint32 its length in bytes
        entries: uint32 code point, uint8 count, uint32 replacement code points [count]
    tensor directory
        int32   tensor count
        entries: uint16 name length, name, uint8 dtype (0 float32, 1 Q4_0), uint32 element count,
                 uint64 offset from the start of the file, uint64 length in bytes
    tensors

Q4_0: blocks of 18 bytes for 32 weights: a float16 scale and 16 bytes of nibbles; the low nibbles are weights
0 to 15, the high nibbles weights 16 to 31, and a weight is ``(nibble - 8) * scale``.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from newsqa.errors import ModelError

_MAGIC = b"E5S1"
_VERSION = 1
_BLOCK_WEIGHTS = 32
_BLOCK_BYTES = 18
_FLOAT32, _Q4_0 = 0, 1


@dataclass(frozen=True, slots=True)
class Dimensions:
    """The size of the encoder, named as in ``transformers.BertConfig``."""

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    vocab_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """The Unigram vocabulary: ``(piece, log probability)`` by id, and the ids of the special pieces."""

    pieces: tuple[tuple[str, float], ...]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor where it lies in the file: ``data`` is a view of the mapped bytes, read when they are looked at."""

    dtype: int
    data: memoryview

    def values(self) -> npt.NDArray[np.float32]:
        """All of it, dequantised: flat float32."""
        return np.frombuffer(self.data, dtype="<f4") if self.dtype == _FLOAT32 else dequantise_q4_0(self.data)

    def rows(self, ids: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.float32]:
        """The rows ``ids`` of a matrix of ``width`` columns: float32 of shape ``(len(ids), width)``."""
        row = len(self.data) // (self.count // width)
        picked = np.frombuffer(self.data, dtype=np.uint8).reshape(-1, row)[ids]
        values = picked.view("<f4") if self.dtype == _FLOAT32 else dequantise_q4_0(picked)
        return values.reshape(len(ids), width)

    @property
    def count(self) -> int:
        """Its weights."""
        return len(self.data) // 4 if self.dtype == _FLOAT32 else len(self.data) // _BLOCK_BYTES * _BLOCK_WEIGHTS


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A mapped weight file: of its tensors and pieces only what is asked for is read and takes memory."""

    dimensions: Dimensions
    tensors: Mapping[str, Tensor]
    _pieces: memoryview

    def pieces(self) -> Pieces:
        """The vocabulary, parsed anew at each call (some tenths of a second)."""
        return _parse_pieces(_Cursor(self._pieces))


class _Cursor:
    """A position in a run of bytes that moves past whatever is read."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.position = 0

    def unpack(self, layout: str) -> tuple[int | float, ...]:
        values: tuple[int | float, ...] = struct.unpack_from("<" + layout, self.data, self.position)
        self.position += struct.calcsize("<" + layout)
        return values

    def integer(self, layout: str) -> int:
        return int(self.unpack(layout)[0])

    def take(self, length: int) -> memoryview:
        if self.position + length > len(self.data):
            raise struct.error("past the end of the file")
        taken = self.data[self.position : self.position + length]
        self.position += length
        return taken


def read_weight_file(path: Path) -> WeightFile:
    """Map ``path`` and find out what is where.

    Raises:
        ModelError: the file is missing, cut short or not of this format.
    """
    try:
        with path.open("rb") as stream:
            return _parse(memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)))
    except OSError as error:
        raise ModelError(f"cannot read the weight file {path}: {error.strerror}") from error
    except (struct.error, ValueError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is not a complete E5S1 weight file ({error}); reinstall its package") from error


def dequantise_q4_0(data: bytes | memoryview | npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Q4_0 blocks as a flat float32 array of 32 weights a block."""
    blocks = np.frombuffer(data, dtype=np.uint8).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    weights = np.empty((len(blocks), _BLOCK_WEIGHTS), dtype=np.float32)
    np.subtract(blocks[:, 2:] & 0x0F, 8.0, out=weights[:, :16], casting="unsafe")
    np.subtract(blocks[:, 2:] >> 4, 8.0, out=weights[:, 16:], casting="unsafe")
    weights *= scales
    return weights.reshape(-1)


def _parse(data: memoryview) -> WeightFile:
    cursor = _Cursor(data)
    magic, version = bytes(cursor.take(4)), cursor.integer("I")
    if (magic, version) != (_MAGIC, _VERSION):
        raise ValueError(f"magic {magic!r}, version {version}")
    hidden, layers, heads, feed_forward, vocabulary, positions, types = (int(size) for size in cursor.unpack("7i"))
    epsilon = cursor.unpack("f")[0]
    dimensions = Dimensions(hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon)
    block = cursor.integer("i")
    if block != _BLOCK_WEIGHTS:
        raise ValueError(f"quantisation block of {block} weights")
    begin = cursor.position
    count = cursor.integer("i")
    cursor.take(16)
    blob_length = cursor.integer("Q")
    cursor.take(4 * (count + 1) + 4 * count + blob_length)
    pieces = data[begin : cursor.position]
    # The normalisation map is NFKC and a few rules more, which the tokenizer is given as such.
    _entries, length = cursor.integer("i"), cursor.integer("I")
    cursor.take(length)
    return WeightFile(dimensions, dict(_parse_tensors(cursor)), pieces)


def _parse_pieces(cursor: _Cursor) -> Pieces:
    count, bos, eos, pad, unk = (int(value) for value in cursor.unpack("5i"))
    blob_length = cursor.integer("Q")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), dtype="<u4").tolist()
    scores = np.frombuffer(cursor.take(4 * count), dtype="<f4").tolist()
    blob = bytes(cursor.take(blob_length))
    pieces = tuple((blob[offsets[i] : offsets[i + 1]].decode(), scores[i]) for i in range(count))
    return Pieces(pieces, bos, eos, pad, unk)


def _parse_tensors(cursor: _Cursor) -> Iterator[tuple[str, Tensor]]:
    for _ in range(cursor.integer("i")):
        name = bytes(cursor.take(cursor.integer("H"))).decode()
        dtype, elements, offset, length = (int(value) for value in cursor.unpack("BIQQ"))
        data = cursor.data[offset : offset + length]
        if dtype not in (_FLOAT32, _Q4_0) or len(data) != length:
            raise ValueError(f"tensor {name} of type {dtype} with {len(data)} of {length} bytes")
        tensor = Tensor(dtype, data)
        if tensor.count != elements:
            raise ValueError(f"tensor {name} with {tensor.count} of {elements} elements")
        yield name, tensor
