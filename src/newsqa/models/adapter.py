"""The reader's weights: a low-rank adapter on the bundled encoder and small heads, one safetensors file.

The file holds, for each adapted matrix, ``layers.<n>.<part>.down`` of shape ``(rank, in)`` and ``.up`` of shape
``(out, rank)``, so that ``up @ down`` is what is added to the encoder's matrix (any scale is already in ``up``), and
``heads.*``. Half precision; the shapes say everything that is needed to load it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import BertModel

from newsqa.errors import ModelError

# The adapted matrices of a layer and the modules of transformers' BertLayer they belong to. Query, key and value are
# adapted as one matrix of three times the height.
PARTS: Mapping[str, tuple[str, ...]] = {
    "query_key_value": ("attention.self.query", "attention.self.key", "attention.self.value"),
    "attention_output": ("attention.output.dense",),
    "feed_forward_in": ("intermediate.dense",),
    "feed_forward_out": ("output.dense",),
}
YES, NO, UNKNOWN = 0, 1, 2
_HEADS = "heads."
_PART = re.compile(r"layers\.(\d+)\.(\w+)\.(down|up)")


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


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter in memory: ``tensors`` by the names in the file, float32, and ``metadata`` as saved."""

    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file ``path``.

        Raises:
            ModelError: it is missing, is not a safetensors file, or holds something else.
        """
        try:
            with safe_open(path, framework="pt") as stream:
                metadata = stream.metadata() or {}
                tensors = {name: stream.get_tensor(name).float() for name in stream.keys()}  # noqa: SIM118
        except (OSError, SafetensorError) as error:
            raise ModelError(f"cannot read the reader's weights {path}: {error}") from error
        unknown = [name for name in tensors if not (name.startswith(_HEADS) or _is_part(name))]
        if unknown or not any(name.startswith(_HEADS) for name in tensors):
            raise ModelError(f"{path} is not a reader's adapter: it has {', '.join(unknown[:3]) or 'no heads'}")
        return cls(tensors, metadata)

    def save(self, path: Path) -> None:
        """Write the file in half precision, beside its name and then renamed."""
        path.parent.mkdir(parents=True, exist_ok=True)
        half = {name: tensor.detach().half().contiguous() for name, tensor in self.tensors.items()}
        building = path.with_name(f"{path.name}.new")
        save_file(half, building, metadata=dict(self.metadata))
        building.replace(path)

    def heads(self) -> ReaderHeads:
        """The heads, in evaluation mode."""
        state = {name.removeprefix(_HEADS): tensor for name, tensor in self.tensors.items() if name.startswith(_HEADS)}
        try:
            heads = ReaderHeads(state["span.weight"].shape[1], state["verdict_in.weight"].shape[0])
            heads.load_state_dict(state)
        except (KeyError, RuntimeError) as error:
            raise ModelError(f"the reader's heads do not fit this version of newsqa: {error}") from error
        return heads.eval()

    def settings(self) -> dict[str, Any]:
        """The training configuration kept in the file.

        Raises:
            ModelError: there is none.
        """
        try:
            found: dict[str, Any] = json.loads(self.metadata["config"])
        except (KeyError, ValueError) as error:
            raise ModelError("the reader's weights come without the configuration they were trained with") from error
        return found

    def merged(self, base: BertModel) -> BertModel:
        """``base`` with the adapter added; every tensor that is not adapted, the embeddings first, is shared."""
        state = dict(base.state_dict())
        for name, up in self.tensors.items():
            match = _PART.fullmatch(name)
            if match is None or match[3] != "up":
                continue
            delta = up @ self.tensors[f"layers.{match[1]}.{match[2]}.down"]
            modules = PARTS[match[2]]
            for module, part in zip(modules, delta.chunk(len(modules)), strict=True):
                target = f"encoder.layer.{match[1]}.{module}.weight"
                if target not in state or state[target].shape != part.shape:
                    raise ModelError(f"the adapter does not fit the encoder: {target}")
                state[target] = state[target] + part.to(state[target].dtype)
        with torch.device("meta"):
            model = BertModel(base.config, add_pooling_layer=False)
        model.load_state_dict(state, strict=False, assign=True)
        # Buffers that are not in the state (positions, token types) must come off the meta device as well.
        for name, buffer in base.named_buffers():
            owner, _, attribute = name.rpartition(".")
            setattr(model.get_submodule(owner), attribute, buffer)
        model.eval()  # type: ignore[no-untyped-call]
        return model


def _is_part(name: str) -> bool:
    match = _PART.fullmatch(name)
    return match is not None and match[2] in PARTS
