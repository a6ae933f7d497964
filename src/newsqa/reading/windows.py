"""A question and its passages as the windows of tokens that an extractive model reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from newsqa.embedding import clean
from newsqa.types import Hit

if TYPE_CHECKING:
    from transformers import BatchEncoding, PreTrainedTokenizerBase

Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class EncodedWindow:
    """One stretch of a passage behind the question, before a model has seen it.

    ``inputs`` are what the tokenizer gives, by name, one integer a token. ``in_passage`` is true on tokens of the
    passage; there ``starts`` and ``ends`` are half-open character offsets in the passage.
    """

    hit: Hit
    inputs: dict[str, list[int]]
    in_passage: Booleans
    starts: Integers
    ends: Integers

    def __len__(self) -> int:
        """Its tokens."""
        return len(self.in_passage)


def encode_windows(
    tokenizer: PreTrainedTokenizerBase, question: str, hits: Sequence[Hit], *, max_length: int, stride: int
) -> list[EncodedWindow]:
    """The windows of all ``hits``: the question whole, the passage in stretches that share ``stride`` tokens.

    Args:
        tokenizer: a fast one, used by this thread only.
        question: cut at its front if it takes more than half of ``max_length``: what is asked comes last.
        hits: their passages are read.
        max_length: tokens of a window, the question and special tokens included.
        stride: tokens that neighbouring windows of a passage share.
    """
    if not hits:
        return []
    encoded = tokenizer(
        [_shortened(tokenizer, clean(question), max_length // 2)] * len(hits),
        [clean(hit.passage.span.text) for hit in hits],
        max_length=max_length,
        stride=min(stride, max_length // 4),
        truncation="only_second",
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    owners, offsets = encoded.pop("overflow_to_sample_mapping"), encoded.pop("offset_mapping")
    return [_window(encoded, row, hits[owner], offsets[row]) for row, owner in enumerate(owners)]


def batches(windows: Sequence[EncodedWindow], max_tokens: int) -> Iterator[list[EncodedWindow]]:
    """``windows`` in batches of similar length, each of at most ``max_tokens`` tokens with its padding."""
    batch: list[EncodedWindow] = []
    for window in sorted(windows, key=len):
        if batch and len(window) * (len(batch) + 1) > max_tokens:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _shortened(tokenizer: PreTrainedTokenizerBase, question: str, limit: int) -> str:
    offsets: Any = tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    return question if len(offsets) <= limit else question[offsets[-limit][0] :]


def _window(encoded: BatchEncoding, row: int, hit: Hit, offsets: Sequence[tuple[int, int]]) -> EncodedWindow:
    pairs = np.asarray(offsets, dtype=np.int64).reshape(-1, 2)
    return EncodedWindow(
        hit=hit,
        inputs={name: values[row] for name, values in encoded.items()},
        in_passage=np.array([part == 1 for part in encoded.sequence_ids(row)]),
        starts=pairs[:, 0],
        ends=pairs[:, 1],
    )
