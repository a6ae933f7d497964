"""The encoder with a trainable low-rank adapter, made for speed on a CPU.

The frozen matrices are kept in the precision of the multiplications (bfloat16 is about half as fast again on
processors that have it), sums and layer norms stay in float32, nothing below the first adapted layer is
differentiated, and a frozen matrix and its adapter are one step of the graph.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertModel

from newsqa.models.adapter import PARTS, Adapter
from newsqa.training.config import AdapterConfig
from newsqa.training.heads import HeadOutput, ReaderHeads

_FEED_FORWARD = ("feed_forward_in", "feed_forward_out")


class _LowRankProduct(torch.autograd.Function):
    """``x @ weight.T + bias + scale * (x @ down.T) @ up.T`` with gradients for ``x``, ``down`` and ``up``."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, down: Tensor, up: Tensor, scale: float) -> Tensor:
        down, up = down.to(x.dtype), (up * scale).to(x.dtype)
        inner = x @ down.t()
        output = torch.addmm(bias, x, weight.t())
        output.addmm_(inner, up.t())
        ctx.save_for_backward(x, inner, weight, down, up)
        ctx.scale = scale
        return output

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,) = gradients
        x, inner, weight, down, up = ctx.saved_tensors
        of_inner = gradient @ up
        of_x = None
        if ctx.needs_input_grad[0]:
            of_x = gradient @ weight
            of_x.addmm_(of_inner, down)
        of_down = (of_inner.t() @ x).float()
        of_up = (gradient.t() @ inner).float() * ctx.scale
        return of_x, None, None, of_down, of_up, None


class _Attention(torch.autograd.Function):
    """Softmax attention of ``(windows * heads, tokens, size)`` under a mask ``(windows, 1, 1, tokens)``.

    torch's own kernel takes four times as long for the backward pass in bfloat16 on a CPU (torch 2.13, 160 tokens).
    """

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
        rows, tokens, size = query.shape
        scores = torch.bmm(query, key.transpose(1, 2)).view(mask.shape[0], -1, tokens, tokens)
        weights = scores.mul_(size**-0.5).add_(mask).softmax(dim=-1).view(rows, tokens, tokens)
        ctx.save_for_backward(query, key, value, weights)
        return torch.bmm(weights, value)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,) = gradients
        query, key, value, weights = ctx.saved_tensors
        of_value = torch.bmm(weights.transpose(1, 2), gradient)
        of_weights = torch.bmm(gradient, value.transpose(1, 2))
        of_scores = torch.ops.aten._softmax_backward_data(of_weights, weights, -1, weights.dtype)
        of_scores.mul_(query.shape[-1] ** -0.5)
        return torch.bmm(of_scores, key), torch.bmm(of_scores.transpose(1, 2), query), of_value, None


class _Product(nn.Module):
    """One frozen matrix of the encoder, with an adapter if ``rank`` is above zero."""

    weight: Tensor
    bias: Tensor

    def __init__(self, linears: list[nn.Linear], rank: int, scale: float, dtype: torch.dtype) -> None:
        super().__init__()
        weight = torch.cat([linear.weight.detach() for linear in linears])
        bias = torch.cat([linear.bias.detach() for linear in linears])
        self.register_buffer("weight", weight.to(dtype), persistent=False)
        self.register_buffer("bias", bias.to(dtype), persistent=False)
        self.scale = scale
        self.adapted = rank > 0
        if self.adapted:
            self.down = nn.Parameter(torch.empty(rank, weight.shape[1]))
            self.up = nn.Parameter(torch.zeros(weight.shape[0], rank))
            nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        if not self.adapted:
            return nn.functional.linear(x, self.weight, self.bias)
        product: Tensor = _LowRankProduct.apply(x, self.weight, self.bias, self.down, self.up, self.scale)  # type: ignore[no-untyped-call]
        return product


class _Layer(nn.Module):
    """A layer of BERT on ``(tokens, hidden)`` in float32."""

    def __init__(self, base: nn.Module, heads: int, config: AdapterConfig, adapted: bool, dtype: torch.dtype) -> None:
        super().__init__()
        self.heads = heads
        self.dtype = dtype
        self.products = nn.ModuleDict()
        for part, modules in PARTS.items():
            rank = config.rank if adapted and (config.feed_forward or part not in _FEED_FORWARD) else 0
            found = [base.get_submodule(module) for module in modules]
            linears = [linear for linear in found if isinstance(linear, nn.Linear)]
            self.products[part] = _Product(linears, rank, config.scale, dtype)
        self.attention_norm = base.get_submodule("attention.output.LayerNorm")
        self.output_norm = base.get_submodule("output.LayerNorm")

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        batch, tokens = mask.shape[0], mask.shape[-1]
        mixed = self.products["query_key_value"](states.to(self.dtype))
        split = mixed.view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = split.reshape(3, batch * self.heads, tokens, -1)
        attended: Tensor = _Attention.apply(query, key, value, mask)  # type: ignore[no-untyped-call]
        attended = attended.view(batch, self.heads, tokens, -1).transpose(1, 2).reshape(batch * tokens, -1)
        attended = self.products["attention_output"](attended)
        states = self.attention_norm(attended + states)
        inner = nn.functional.gelu(self.products["feed_forward_in"](states.to(self.dtype)))
        normed: Tensor = self.output_norm(self.products["feed_forward_out"](inner) + states)
        return normed


class ReaderNetwork(nn.Module):
    """The encoder ``base`` with a fresh adapter and heads; only those two are trainable and in its state."""

    def __init__(self, base: BertModel, config: AdapterConfig, dtype: torch.dtype) -> None:
        super().__init__()
        base.requires_grad_(False)
        self.config = config
        self.dtype = dtype
        sizes = base.config
        self.embeddings = base.embeddings
        self.layers = nn.ModuleList(
            _Layer(layer, sizes.num_attention_heads, config, index >= config.first_layer, dtype)
            for index, layer in enumerate(base.encoder.layer)
        )
        self.heads = ReaderHeads(sizes.hidden_size, config.verdict_hidden)
        # No dropout: windows are seen once or twice only, and several threads would draw its numbers in any order.
        self.train(False)

    def forward(self, input_ids: Tensor, attention: Tensor, answerable: Tensor) -> HeadOutput:
        """Logits of a batch; all ``(windows, tokens)``: ids, true where not padding, true where a span may be."""
        batch, tokens = input_ids.shape
        mask = torch.zeros(attention.shape, dtype=self.dtype).masked_fill(~attention, -torch.inf)[:, None, None, :]
        with torch.no_grad():
            states = self.embeddings(input_ids=input_ids).view(batch * tokens, -1)
            for layer in self.layers[: self.config.first_layer]:
                states = layer(states, mask)
        for layer in self.layers[self.config.first_layer :]:
            states = layer(states, mask)
        output: HeadOutput = self.heads(states.view(batch, tokens, -1), answerable)
        return output

    def trainable(self) -> dict[str, nn.Parameter]:
        """The trainable parameters by their names in the network."""
        return {name: parameter for name, parameter in self.named_parameters() if parameter.requires_grad}

    def adapter(self, metadata: dict[str, str]) -> Adapter:
        """A copy of the adapter and heads in the form in which they are released."""
        tensors = {}
        for name, parameter in self.trainable().items():
            value = parameter.detach().clone()
            if name.endswith(".up"):
                value *= self.config.scale
            tensors[name.replace(".products.", ".")] = value.float().numpy()
        return Adapter(tensors, metadata)
