"""The reader's heads as they are trained; ``reading.heads`` computes the same when questions are answered."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from newsqa.errors import ModelError
from newsqa.models.adapter import Adapter


class HeadOutput(NamedTuple):
    """What the heads say of a batch of ``b`` windows of ``t`` tokens.

    ``start`` and ``end``: logits ``(b, t)``, ``-inf`` outside the passage except at position 0, "no answer".
    ``polar``: ``(b,)``, the log-odds that the question asks for yes or no. ``verdict``: logits ``(b, 3)`` of
    ``YES``, ``NO`` and ``UNKNOWN``, which mean something only for such a question.
    """

    start: Tensor
    end: Tensor
    polar: Tensor
    verdict: Tensor


class ReaderHeads(nn.Module):
    """Start, end, kind of question and verdict from the encoder's last hidden states."""

    def __init__(self, hidden: int, verdict_hidden: int) -> None:
        super().__init__()
        self.span = nn.Linear(hidden, 2)
        self.verdict_in = nn.Linear(3 * hidden, verdict_hidden)
        self.verdict_out = nn.Linear(verdict_hidden, 4)

    def forward(self, states: Tensor, answerable: Tensor) -> HeadOutput:
        """Logits for ``states`` (b, t, hidden); ``answerable`` (b, t) is true on passage tokens and position 0."""
        logits = self.span(states).masked_fill(~answerable[..., None], -torch.inf)
        weights = logits.detach().clone()
        weights[:, 0] = -torch.inf
        # The verdict looks at the first token and at where the evidence begins and ends.
        evidence = torch.einsum("bth,btk->bkh", states, torch.nan_to_num(weights.softmax(dim=1)))
        pooled = torch.cat([states[:, 0], evidence.flatten(1)], dim=-1)
        verdict = self.verdict_out(nn.functional.gelu(self.verdict_in(pooled)))
        return HeadOutput(logits[..., 0], logits[..., 1], verdict[:, 0], verdict[:, 1:])


def trained_heads(adapter: Adapter) -> ReaderHeads:
    """The heads of ``adapter``, in evaluation mode.

    Raises:
        ModelError: they are not of this form.
    """
    state = {name: torch.from_numpy(values) for name, values in adapter.heads().items()}
    try:
        heads = ReaderHeads(state["span.weight"].shape[1], state["verdict_in.weight"].shape[0])
        heads.load_state_dict(state)
    except (KeyError, RuntimeError) as error:
        raise ModelError(f"the reader's heads do not fit this version of newsqa: {error}") from error
    return heads.eval()
