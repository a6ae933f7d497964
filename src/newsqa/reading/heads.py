"""From the reader's hidden states to scores of spans and verdicts, as ``training.heads`` has learned it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from newsqa.errors import ModelError

Floats = npt.NDArray[np.float32]
Booleans = npt.NDArray[np.bool_]

_erf = np.vectorize(math.erf, otypes=[np.float32])


class HeadOutput(NamedTuple):
    """What the heads say of a window.

    ``start`` and ``end``: logits, one a token, ``-inf`` outside the passage except at position 0, "no answer".
    ``polar``: the log-odds that the question asks for yes or no. ``verdict``: the probabilities of ``YES``, ``NO`` and
    ``UNKNOWN``, which mean something only for such a question.
    """

    start: Floats
    end: Floats
    polar: float
    verdict: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class ReaderHeads:
    """Start and end of the answer, kind of question and verdict; a matrix is ``(out, in)``."""

    span_weight: Floats
    span_bias: Floats
    verdict_in_weight: Floats
    verdict_in_bias: Floats
    verdict_out_weight: Floats
    verdict_out_bias: Floats

    @classmethod
    def of(cls, tensors: Mapping[str, Floats]) -> Self:
        """The heads in an adapter's ``tensors``.

        Raises:
            ModelError: they are not of this form.
        """
        try:
            return cls(**{name.replace(".", "_"): tensor for name, tensor in tensors.items()})
        except TypeError as error:
            raise ModelError(f"the reader's heads do not fit this version of newsqa: {error}") from error

    def __call__(self, states: Floats, in_passage: Booleans) -> HeadOutput:
        """What they say of ``states``, ``(tokens, hidden)``; ``in_passage`` is true on tokens of the passage."""
        logits = states @ self.span_weight.T + self.span_bias
        inside = np.where(in_passage[:, None], logits, -np.inf)
        # The verdict looks at the first token and at where the evidence begins and ends.
        evidence = _shares(inside, axis=0).T @ states if in_passage.any() else np.zeros((2, states.shape[1]))
        pooled = np.concatenate([states[0], *evidence])
        inner = self.verdict_in_weight @ pooled + self.verdict_in_bias
        inner = inner * (1 + _erf(inner / math.sqrt(2))) / 2
        polar, *verdict = self.verdict_out_weight @ inner + self.verdict_out_bias
        inside[0] = logits[0]
        start, end = inside.T
        yes, no, unknown = _shares(np.array(verdict), axis=0).tolist()
        return HeadOutput(start, end, float(polar), (yes, no, unknown))


def _shares(logits: np.ndarray, axis: int) -> np.ndarray:
    """Softmax."""
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    shares: np.ndarray = exponentials / exponentials.sum(axis=axis, keepdims=True)
    return shares
