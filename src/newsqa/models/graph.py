"""The encoder as an ONNX graph: written node by node from its weights, in float32 or in eight bits.

No exporter and no torch is needed: the encoder is twelve times the same few operators of ONNX Runtime. The input is
the sum of the embeddings of one sequence, ``(1, tokens, hidden)``, without padding, so there is no mask; the output is
the last hidden states.

Eight bits: each matrix has one scale an output channel and each token one scale of its own, found anew for every
input, for the largest of its values. A token's largest value is often due to the same few channels, so what comes
out of a layer norm is first divided by a constant a channel that the matrix is multiplied by (SmoothQuant, Xiao et
al., 2023). One scale for all tokens, as ONNX Runtime's own dynamic quantisation has it, is too rough here: the cosine
to float32 is 0.994 with it and 0.9996 with these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import NodeProto, TensorProto, helper, numpy_helper

from newsqa.models.bert import (
    ATTENTION_OUTPUT,
    FEED_FORWARD_IN,
    FEED_FORWARD_OUT,
    QUERY_KEY_VALUE,
    BertWeights,
    Floats,
    Layer,
    Norm,
)

INPUT, OUTPUT = "embeddings", "states"
# The largest value of each channel, by the name of the matrix that it goes into.
Ranges = Mapping[str, Floats]

_MICROSOFT = "com.microsoft"
_OPSETS = {"": 21, _MICROSOFT: 1}
_IR_VERSION = 10
_SMOOTHED = (QUERY_KEY_VALUE, FEED_FORWARD_IN)
# How eight bits are laid out: scale of a value between -1 and 1, and what stands for zero.
_SYMMETRIC = (1 / 127, 128)
# GELU is never below -0.17: with 0.68 as the least that counts as a token's largest value, what is divided by it lies
# between -0.25 and 1, and no step is spent on what is below.
_GELU = (1.25 / 255, 51)
_GELU_LEAST = 0.68


def float_graph(weights: BertWeights, *, observed: bool = False) -> bytes:
    """The graph in float32; ``observed`` adds an output for each entry of ``Ranges``."""
    return _Builder(weights, None, observed).build()


def integer_graph(weights: BertWeights, ranges: Ranges) -> bytes:
    """The graph in eight bits; ``ranges`` as the observed outputs of the float graph give them on a typical text."""
    return _Builder(weights, ranges, False).build()


class _Builder:
    """Collects nodes and constants. With ``ranges`` the products are in eight bits."""

    def __init__(self, weights: BertWeights, ranges: Ranges | None, observed: bool) -> None:
        self._weights = weights
        self._ranges = ranges
        self._observed = observed
        self._nodes: list[NodeProto] = []
        self._constants: dict[str, TensorProto] = {}
        self._outputs = [OUTPUT]

    def build(self) -> bytes:
        """The serialised model."""
        states = self._norm(INPUT, "embeddings", self._weights.embedding_norm)
        for number, layer in enumerate(self._weights.layers):
            states = self._layer(states, f"layer{number}", layer)
        self._nodes.append(helper.make_node("Identity", [states], [OUTPUT]))
        inputs = [
            helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [1, "tokens", len(self._weights.embedding_norm[0])])
        ]
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self._outputs]
        graph = helper.make_graph(self._nodes, "encoder", inputs, outputs, list(self._constants.values()))
        opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()]
        model: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION).SerializeToString()
        return model

    def _layer(self, states: str, name: str, layer: Layer) -> str:
        biases = {part: self._constant(f"{name}.{part}.bias", bias) for part, bias in layer.biases.items()}

        def product(inputs: str, part: str) -> str:
            return self._product(inputs, f"{name}.{part}", layer.matrices[part], part)

        mixed = self._split(product(states, QUERY_KEY_VALUE), 3)
        heads = [*mixed, biases[QUERY_KEY_VALUE]]
        attended = self._node("MultiHeadAttention", heads, _MICROSOFT, num_heads=self._weights.heads)
        attended = product(attended, ATTENTION_OUTPUT)
        states = self._add_norm(attended, states, f"{name}.attention", layer.attention_norm, biases[ATTENTION_OUTPUT])
        inner = self._node("BiasGelu", [product(states, FEED_FORWARD_IN), biases[FEED_FORWARD_IN]], _MICROSOFT)
        inner = product(inner, FEED_FORWARD_OUT)
        return self._add_norm(inner, states, f"{name}.output", layer.output_norm, biases[FEED_FORWARD_OUT])

    def _add_norm(self, inputs: str, skipped: str, name: str, norm: Norm, bias: str) -> str:
        # ONNX Runtime has one operator for all of this (SkipLayerNormalization), which takes half as long again.
        total = self._node("Add", [self._node("Add", [inputs, bias]), skipped])
        return self._norm(total, name, norm)

    def _norm(self, inputs: str, name: str, norm: Norm) -> str:
        gain, offset = self._constant(f"{name}.gain", norm[0]), self._constant(f"{name}.offset", norm[1])
        return self._node("LayerNormalization", [inputs, gain, offset], axis=-1, epsilon=self._weights.epsilon)

    def _product(self, inputs: str, name: str, matrix: Floats, part: str) -> str:
        """``inputs @ matrix.T``, in eight bits where there are ranges."""
        if self._observed and part in _SMOOTHED:
            axes = self._constant("sequence", np.array([0, 1], dtype=np.int64))
            largest = self._node("ReduceMax", [self._node("Abs", [inputs]), axes], keepdims=0)
            self._nodes.append(helper.make_node("Identity", [largest], [name]))
            self._outputs.append(name)
        if self._ranges is None:
            return self._node("MatMul", [inputs, self._constant(f"{name}.matrix", matrix.T)])
        if part in _SMOOTHED:
            smoothing = _smoothing(self._ranges[name], matrix)
            inputs = self._node("Mul", [inputs, self._constant(f"{name}.smoothing", 1 / smoothing)])
            matrix = matrix * smoothing
        return self._integer_product(inputs, name, matrix, gelu=part == FEED_FORWARD_OUT)

    def _integer_product(self, inputs: str, name: str, matrix: Floats, *, gelu: bool) -> str:
        axis = self._constant("channels", np.array([-1], dtype=np.int64))
        if gelu:
            largest = self._node("ReduceMax", [inputs, axis], keepdims=1)
            largest = self._node("Max", [largest, self._constant("gelu.least", np.float32(_GELU_LEAST))])
        else:
            largest = self._node("ReduceMax", [self._node("Abs", [inputs]), axis], keepdims=1)
        kind, (step, nothing) = ("gelu", _GELU) if gelu else ("symmetric", _SYMMETRIC)
        scale = self._constant(f"{kind}.scale", np.float32(step))
        zero = self._constant(f"{kind}.zero", np.uint8(nothing))
        rounded = self._node("QuantizeLinear", [self._node("Div", [inputs, largest]), scale, zero])
        scales = (np.abs(matrix).max(axis=1) / 127).astype(np.float32)
        integers = np.rint(matrix / scales[:, None]).astype(np.int8)
        constants = [self._constant(f"{name}.integers", integers.T), scale, self._constant(f"{name}.scales", scales)]
        return self._node("Mul", [self._node("MatMulIntegerToFloat", [rounded, *constants, zero], _MICROSOFT), largest])

    def _constant(self, name: str, value: npt.ArrayLike) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.array(value, order="C"), name)
        return name

    def _node(self, operator: str, inputs: Sequence[str], domain: str = "", **attributes: Any) -> str:
        output = f"value{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def _split(self, inputs: str, parts: int) -> list[str]:
        outputs = [f"value{len(self._nodes)}.{part}" for part in range(parts)]
        self._nodes.append(helper.make_node("Split", [inputs], outputs, axis=-1, num_outputs=parts))
        return outputs


def _smoothing(largest: Floats, matrix: Floats) -> Floats:
    """What to divide each channel by, half way between even inputs and an even matrix."""
    least = 1e-5
    factors = np.sqrt(np.maximum(largest, least) / np.maximum(np.abs(matrix).max(axis=0), least))
    smoothing: Floats = np.maximum(factors / factors.mean(), 1e-3).astype(np.float32)
    return smoothing
