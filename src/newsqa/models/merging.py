"""The encoder of transformers with the reader's adapter in it, and what it makes of token ids."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from transformers import BertModel

from newsqa.errors import ModelError
from newsqa.models.adapter import PARTS, Adapter

_BATCH_TOKENS = 1536


def merged(adapter: Adapter, base: BertModel) -> BertModel:
    """``base`` with the adapter added; every tensor that is not adapted, the embeddings first, is shared.

    Raises:
        ModelError: the adapter is of another encoder.
    """
    state = dict(base.state_dict())
    for layer, part, addition in adapter.additions():
        modules = PARTS[part]
        for module, delta in zip(modules, torch.from_numpy(addition).chunk(len(modules)), strict=True):
            target = f"encoder.layer.{layer}.{module}.weight"
            if target not in state or state[target].shape != delta.shape:
                raise ModelError(f"the adapter does not fit the encoder: {target}")
            state[target] = state[target] + delta.to(state[target].dtype)
    with torch.device("meta"):
        model = BertModel(base.config, add_pooling_layer=False)
    model.load_state_dict(state, strict=False, assign=True)
    # Buffers that are not in the state (positions, token types) must come off the meta device as well.
    for name, buffer in base.named_buffers():
        owner, _, attribute = name.rpartition(".")
        setattr(model.get_submodule(owner), attribute, buffer)
    model.eval()  # type: ignore[no-untyped-call]
    return model


class TorchNetwork:
    """``Network`` on a model of transformers."""

    def __init__(self, model: BertModel) -> None:
        self._model: Any = model

    def states(self, sequences: Sequence[Sequence[int]]) -> Generator[npt.NDArray[np.float32], None, None]:
        """As ``Network.states``; all are computed before the first comes, in batches of similar length."""
        found: dict[int, npt.NDArray[np.float32]] = {}
        for batch in _batches(sequences):
            longest = max(len(sequences[row]) for row in batch)
            ids = torch.zeros((len(batch), longest), dtype=torch.long)
            attention = torch.zeros((len(batch), longest), dtype=torch.long)
            for place, row in enumerate(batch):
                ids[place, : len(sequences[row])] = torch.tensor(sequences[row])
                attention[place, : len(sequences[row])] = 1
            with torch.inference_mode():
                states = self._model(input_ids=ids, attention_mask=attention).last_hidden_state.numpy()
            found |= {row: states[place, : len(sequences[row])] for place, row in enumerate(batch)}
        yield from (found[row] for row in range(len(sequences)))


def _batches(sequences: Sequence[Sequence[int]]) -> list[list[int]]:
    """The positions of ``sequences`` in batches of similar length, each bounded with its padding."""
    grouped: list[list[int]] = []
    for row in sorted(range(len(sequences)), key=lambda row: len(sequences[row])):
        if grouped and len(sequences[row]) * (len(grouped[-1]) + 1) <= _BATCH_TOKENS:
            grouped[-1].append(row)
        else:
            grouped.append([row])
    return grouped
