"""A question and its passages as the windows of tokens that an extractive model reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from newsqa.embedding import clean
from newsqa.types import Hit

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

# A passage takes one or two. There are characters that a tokenizer makes eighteen of, and more.
MAX_WINDOWS = 16


@dataclass(frozen=True, slots=True, eq=False)
class EncodedWindow:
    """One stretch of a passage behind the question, before a model has seen it.

    ``inputs`` are what the tokenizer gives, named as models of transformers name it, one integer a token.
    ``in_passage`` is true on tokens of the passage; there ``starts`` and ``ends`` are half-open character offsets in
    the passage.
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
    tokenizer: Tokenizer, question: str, hits: Sequence[Hit], *, max_length: int, stride: int
) -> list[EncodedWindow]:
    """The windows of all ``hits``: the question whole, the passage in stretches that share ``stride`` tokens.

    Of a passage at most ``MAX_WINDOWS`` are made: what is behind them is not read.

    Args:
        tokenizer: neither cuts nor pads; then several threads may use it at once.
        question: cut at its front if it takes more than half of ``max_length``: what is asked comes last.
        hits: their passages are read.
        max_length: tokens of a window, the question and special tokens included.
        stride: tokens that neighbouring windows of a passage share.
    """
    texts = [hit.passage.span.text for hit in hits]
    found = encodings(tokenizer, question, texts, max_length=max_length, stride=stride)
    return [_window(encoding, hits[number]) for number, encoding in found]


def encodings(
    tokenizer: Tokenizer, question: str, texts: Sequence[str], *, max_length: int, stride: int
) -> Iterator[tuple[int, Encoding]]:
    """``question`` with each stretch of each of ``texts``, and the text's position; as ``encode_windows`` cuts them."""
    asked = tokenizer.encode(clean(question), add_special_tokens=False)
    asked.truncate(max_length // 2, direction="left")
    room = max_length - len(asked) - tokenizer.num_special_tokens_to_add(is_pair=True)
    for number, text in enumerate(texts):
        passage = tokenizer.encode(clean(text), add_special_tokens=False)
        passage.truncate(room, stride=min(stride, max_length // 4))
        for stretch in (passage, *passage.overflowing[: MAX_WINDOWS - 1]):
            yield number, tokenizer.post_process(asked, stretch)


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


def _window(encoded: Encoding, hit: Hit) -> EncodedWindow:
    offsets = np.asarray(encoded.offsets, dtype=np.int64).reshape(-1, 2)
    return EncodedWindow(
        hit=hit,
        inputs={
            "input_ids": encoded.ids,
            "token_type_ids": encoded.type_ids,
            "attention_mask": encoded.attention_mask,
        },
        in_passage=np.array([part == 1 for part in encoded.sequence_ids]),
        starts=offsets[:, 0],
        ends=offsets[:, 1],
    )
