"""The bundled encoder's weights as arrays, for engines that need no torch."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from newsqa.errors import ModelError
from newsqa.models.adapter import Adapter
from newsqa.models.e5s1 import WeightFile

Floats = npt.NDArray[np.float32]
Norm = tuple[Floats, Floats]

QUERY_KEY_VALUE, ATTENTION_OUTPUT = "query_key_value", "attention_output"
FEED_FORWARD_IN, FEED_FORWARD_OUT = "feed_forward_in", "feed_forward_out"
# The parts of a layer, named as in an adapter, and the tensors of the weight file that they are made of.
_FILE_TENSORS: Mapping[str, tuple[str, ...]] = {
    QUERY_KEY_VALUE: ("q", "k", "v"),
    ATTENTION_OUTPUT: ("ao",),
    FEED_FORWARD_IN: ("fi",),
    FEED_FORWARD_OUT: ("fo",),
}


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One layer: ``matrices`` of shape ``(out, in)`` and ``biases`` by part; gain and bias of the two layer norms."""

    matrices: Mapping[str, Floats]
    biases: Mapping[str, Floats]
    attention_norm: Norm
    output_norm: Norm


@dataclass(frozen=True, slots=True, eq=False)
class BertWeights:
    """All but the embeddings themselves, of which only the norm behind them is here."""

    heads: int
    epsilon: float
    embedding_norm: Norm
    layers: tuple[Layer, ...]

    @classmethod
    def read(cls, file: WeightFile) -> Self:
        """The weights in ``file``, dequantised."""
        sizes = file.dimensions

        def values(name: str) -> Floats:
            return file.tensors[name].values()

        def layer(prefix: str) -> Layer:
            matrices, biases = {}, {}
            for part, names in _FILE_TENSORS.items():
                width = sizes.intermediate_size if part == FEED_FORWARD_OUT else sizes.hidden_size
                found = [values(f"{prefix}.{name}.w").reshape(-1, width) for name in names]
                matrices[part] = np.concatenate(found)
                biases[part] = np.concatenate([values(f"{prefix}.{name}.b") for name in names])
            norms = [(values(f"{prefix}.{name}.w"), values(f"{prefix}.{name}.b")) for name in ("aln", "oln")]
            return Layer(matrices, biases, *norms)

        layers = tuple(layer(f"l{number}") for number in range(sizes.num_hidden_layers))
        norm = (values("emb.ln.w"), values("emb.ln.b"))
        return cls(sizes.num_attention_heads, float(np.float32(sizes.layer_norm_eps)), norm, layers)

    def merged(self, adapter: Adapter) -> Self:
        """A copy with ``adapter`` added.

        Raises:
            ModelError: the adapter is of another encoder.
        """
        changed = [dict(layer.matrices) for layer in self.layers]
        for number, part, addition in adapter.additions():
            if number >= len(changed) or changed[number][part].shape != addition.shape:
                raise ModelError(f"the adapter does not fit the encoder: layer {number}, {part}")
            changed[number][part] = changed[number][part] + addition
        layers = [
            dataclasses.replace(layer, matrices=matrices) for layer, matrices in zip(self.layers, changed, strict=True)
        ]
        return dataclasses.replace(self, layers=tuple(layers))
