from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from newsqa import ModelError
from newsqa.models.e5s1 import dequantise_q4_0, read_weight_file


def small_file() -> bytes:
    """A complete weight file with a vocabulary of four pieces, one float tensor and one quantised one."""
    pieces = [b"<s>", b"<pad>", b"</s>", b"<unk>"]
    offsets = np.cumsum([0, *map(len, pieces)])
    normalisation = struct.pack("<IBI", ord("\t"), 1, ord(" ")) + struct.pack("<IB", 1, 0)
    head = b"E5S1" + struct.pack("<I7ifi", 1, 32, 1, 2, 64, 4, 16, 2, 1e-12, 32)
    head += struct.pack("<5iQ", 4, 0, 2, 1, 3, int(offsets[-1]))
    head += offsets.astype("<u4").tobytes() + np.array([0, 0, 0, -1.5], "<f4").tobytes() + b"".join(pieces)
    head += struct.pack("<iI", 2, len(normalisation)) + normalisation
    tensors = [
        (b"bias", 0, 2, np.array([1.5, -2.0], "<f4").tobytes()),
        (b"word", 1, 32, struct.pack("<e", 0.5) + bytes([0x8F] * 16)),
    ]
    directory = struct.pack("<i", len(tensors))
    position = len(head) + 4 + sum(2 + len(name) + 1 + 4 + 16 for name, *_ in tensors)
    for name, dtype, count, data in tensors:
        directory += struct.pack("<H", len(name)) + name + struct.pack("<BIQQ", dtype, count, position, len(data))
        position += len(data)
    return head + directory + b"".join(data for *_, data in tensors)


def test_every_part_is_read(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(small_file())
    weights = read_weight_file(tmp_path / "weights.bin")
    assert (weights.dimensions.hidden_size, weights.dimensions.vocab_size) == (32, 4)
    pieces = weights.pieces()
    assert pieces.pieces == (("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -1.5))
    assert (pieces.bos, pieces.eos, pieces.pad, pieces.unk) == (0, 2, 1, 3)
    assert weights.tensors["bias"].values().tolist() == [1.5, -2.0]
    # Low nibbles (15) come first, high nibbles (8) after them, each less 8 and times the scale.
    assert weights.tensors["word"].values().tolist() == [3.5] * 16 + [0.0] * 16


def test_rows_are_read_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(small_file())
    tensors = read_weight_file(tmp_path / "weights.bin").tensors
    ids = np.array([1, 0, 1])
    assert tensors["bias"].rows(ids, 1).tolist() == [[-2.0], [1.5], [-2.0]]
    assert tensors["word"].rows(np.array([0, 0]), 32).tolist() == [[3.5] * 16 + [0.0] * 16] * 2


def test_nibbles_are_centred_on_eight() -> None:
    block = struct.pack("<e", 2.0) + bytes(range(16))
    assert dequantise_q4_0(block).tolist() == [2.0 * (i - 8) for i in range(16)] + [-16.0] * 16


@pytest.mark.parametrize("length", [0, 3, 40, 90, 160, 200])
def test_a_file_cut_short_is_refused(tmp_path: Path, length: int) -> None:
    assert length < len(small_file())
    (tmp_path / "weights.bin").write_bytes(small_file()[:length])
    with pytest.raises(ModelError, match=r"weights\.bin is not a complete E5S1 weight file .*; reinstall its package"):
        read_weight_file(tmp_path / "weights.bin")


def test_another_format_or_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"GGUF" + small_file()[4:])
    with pytest.raises(ModelError, match=r"magic b'GGUF', version 1"):
        read_weight_file(tmp_path / "weights.bin")
    with pytest.raises(ModelError, match=r"cannot read the weight file .*missing\.bin: No such file"):
        read_weight_file(tmp_path / "missing.bin")
