"""Examples to windows of token ids with targets, and windows to batches."""

from __future__ import annotations

import logging
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from newsqa.embedding import clean
from newsqa.models.adapter import NO, UNKNOWN, YES
from newsqa.reading.history import question_part
from newsqa.training.examples import Example, Kind

logger = logging.getLogger(__name__)

Integers = npt.NDArray[np.int32]
IGNORED = -100
_TOKENISED_AT_ONCE = 1024
_MAX_QUESTION_CHARACTERS = 700
_VERDICTS = {Kind.YES: YES, Kind.NO: NO, Kind.UNKNOWN: UNKNOWN}
# Ordinary questions in this form may be yes/no questions that the data answers with a span: no target for their kind.
_PERHAPS_POLAR = re.compile(
    r"(?:apakah|benarkah|adakah|is|are|was|were|did|do|does|has|have|had|can|could|will|would)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """One stretch of an example's passage behind its question, as the network reads it.

    ``example`` is the example's position in the list that was encoded; ``first`` and ``last`` are the first and last
    passage token; ``starts`` and ``ends`` their half-open character offsets. Targets: ``start`` and ``end``
    tokens (0: no answer here), ``polar`` 1 or 0, ``verdict`` one of ``YES``, ``NO``, ``UNKNOWN``; ``IGNORED`` where
    there is none.
    """

    example: int
    input_ids: Integers
    first: int
    last: int
    starts: Integers
    ends: Integers
    start: int
    end: int
    polar: int
    verdict: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of a batch of windows, padded on the right to ``(windows, tokens)``."""

    input_ids: Tensor
    attention: Tensor
    answerable: Tensor
    start: Tensor
    end: Tensor
    polar: Tensor
    verdict: Tensor


def encode(
    tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], max_length: int, stride: int
) -> Iterator[Window]:
    """All windows of ``examples``, in order: the question part whole, the passage cut with ``stride`` tokens shared."""
    found = exact = 0
    for offset in range(0, len(examples), _TOKENISED_AT_ONCE):
        part = examples[offset : offset + _TOKENISED_AT_ONCE]
        encoded: Any = tokenizer(
            [clean(question_part(example.question, example.history))[-_MAX_QUESTION_CHARACTERS:] for example in part],
            [clean(example.passage.text) for example in part],
            max_length=max_length,
            stride=stride,
            truncation="only_second",
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        for row, owner in enumerate(encoded["overflow_to_sample_mapping"]):
            example = part[owner]
            window = _window(encoded, row, offset + owner, example)
            if window.start:
                found += 1
                exact += _decoded(window, example) in example.answer_texts()
            yield window
    share = 100 * exact / max(found, 1)
    logger.info("%d windows have an answer; their tokens give it exactly in %.1f %%", found, share)


def _window(encoded: Any, row: int, index: int, example: Example) -> Window:
    ids = np.array(encoded["input_ids"][row], dtype=np.int32)
    parts = encoded.sequence_ids(row)
    tokens = [position for position, part in enumerate(parts) if part == 1]
    # A passage that tokenises to nothing has no window to speak of; position 0 then stands for all of it.
    first, last = (tokens[0], tokens[-1]) if tokens else (0, 0)
    pairs = encoded["offset_mapping"][row][first : last + 1]
    text = example.passage.text
    starts = np.array([_skip_space(text, start, end) for start, end in pairs], dtype=np.int32)
    ends = np.array([end for _, end in pairs], dtype=np.int32)
    start, end = _target(example, starts, ends)
    absent = start > end
    verdict = IGNORED if example.kind is Kind.SPAN else UNKNOWN if absent else _VERDICTS[example.kind]
    polar = int(example.kind is not Kind.SPAN)
    if not polar and _PERHAPS_POLAR.match(example.question):
        polar = IGNORED
    start, end = (0, 0) if absent else (first + start, first + end)
    return Window(index, ids, first, last, starts, ends, start, end, polar, verdict)


def _skip_space(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start


def _target(example: Example, starts: Integers, ends: Integers) -> tuple[int, int]:
    """First and last token of the first answer that is whole, counted from the first passage token; (1, 0) if none."""
    for start, end in example.answers:
        if starts[0] <= start and end <= ends[-1]:
            first = int(np.searchsorted(ends, start, side="right"))
            last = int(np.searchsorted(starts, end, side="left")) - 1
            if first <= last:
                return first, last
    return 1, 0


def _decoded(window: Window, example: Example) -> str:
    start, end = window.starts[window.start - window.first], window.ends[window.end - window.first]
    return example.passage.text[start:end]


def training_windows(windows: Iterator[Window], rng: random.Random) -> list[Window]:
    """The windows worth training on: of each example those with its answer and one of the others."""
    by_example: dict[int, list[Window]] = defaultdict(list)
    for window in windows:
        by_example[window.example].append(window)
    kept: list[Window] = []
    for group in by_example.values():
        kept += [window for window in group if window.start]
        others = [window for window in group if not window.start]
        if others:
            kept.append(rng.choice(others))
    return kept


def in_batches(windows: Sequence[Window], tokens: int, rng: random.Random) -> list[list[Window]]:
    """Batches of windows of similar length in random order, each of at most ``tokens`` tokens with its padding."""
    order = list(windows)
    rng.shuffle(order)
    # Neighbours in length, but not the same ones in every round.
    order.sort(key=lambda window: len(window.input_ids) + rng.uniform(-4, 4))
    batches: list[list[Window]] = []
    current: list[Window] = []
    for window in order:
        longest = max([len(window.input_ids), *(len(other.input_ids) for other in current)])
        if current and longest * (len(current) + 1) > tokens:
            batches.append(current)
            current = []
        current.append(window)
    if current:
        batches.append(current)
    rng.shuffle(batches)
    return batches


def collate(windows: Sequence[Window], pad: int) -> Batch:
    """The tensors of ``windows``; ``pad`` is the padding token's id."""
    longest = max(len(window.input_ids) for window in windows)
    input_ids = torch.full((len(windows), longest), pad, dtype=torch.int64)
    attention = torch.zeros((len(windows), longest), dtype=torch.bool)
    answerable = torch.zeros((len(windows), longest), dtype=torch.bool)
    for row, window in enumerate(windows):
        size = len(window.input_ids)
        input_ids[row, :size] = torch.from_numpy(window.input_ids.astype(np.int64))
        attention[row, :size] = True
        answerable[row, window.first : window.last + 1] = True
        answerable[row, 0] = True
    names = ("start", "end", "polar", "verdict")
    targets = [torch.tensor([getattr(window, name) for window in windows]) for name in names]
    return Batch(input_ids, attention, answerable, *targets)
