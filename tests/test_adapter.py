from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertModel

from newsqa import ModelError
from newsqa.models.adapter import Adapter, ReaderHeads


def base() -> Any:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=11,
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=12,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.train(False)
    return model


def adapter(**extra: torch.Tensor) -> Adapter:
    torch.manual_seed(1)
    tensors = {
        "layers.1.query_key_value.down": torch.randn(2, 8),
        "layers.1.query_key_value.up": torch.randn(24, 2),
        "layers.1.feed_forward_out.down": torch.randn(2, 16),
        "layers.1.feed_forward_out.up": torch.randn(8, 2),
    }
    heads = {f"heads.{name}": tensor for name, tensor in ReaderHeads(8, 4).state_dict().items()}
    return Adapter({**tensors, **heads, **extra}, {"step": "7"})


def test_merging_adds_the_products_and_shares_the_rest() -> None:
    plain = base()
    merged: Any = adapter().merged(plain)
    tensors = adapter().tensors
    delta = tensors["layers.1.query_key_value.up"] @ tensors["layers.1.query_key_value.down"]
    attention = merged.encoder.layer[1].attention.self
    for i, name in enumerate(("query", "key", "value")):
        before = plain.encoder.layer[1].attention.self.get_submodule(name).weight
        assert torch.allclose(attention.get_submodule(name).weight, before + delta[8 * i : 8 * i + 8])
    shared = [
        (merged.embeddings.word_embeddings.weight, plain.embeddings.word_embeddings.weight),
        (merged.encoder.layer[0].intermediate.dense.weight, plain.encoder.layer[0].intermediate.dense.weight),
        (merged.encoder.layer[1].intermediate.dense.weight, plain.encoder.layer[1].intermediate.dense.weight),
    ]
    assert all(one.data_ptr() == two.data_ptr() for one, two in shared)
    ids = torch.tensor([[1, 2, 3]])
    with torch.inference_mode():
        assert torch.isfinite(merged(input_ids=ids).last_hidden_state).all()
        assert not torch.allclose(merged(input_ids=ids).last_hidden_state, plain(input_ids=ids).last_hidden_state)


def test_what_is_saved_is_loaded_in_half_precision(tmp_path: Path) -> None:
    adapter().save(tmp_path / "reader.safetensors")
    loaded = Adapter.load(tmp_path / "reader.safetensors")
    assert loaded.metadata["step"] == "7"
    assert set(loaded.tensors) == set(adapter().tensors)
    for name, tensor in adapter().tensors.items():
        assert loaded.tensors[name].dtype == torch.float32
        assert torch.allclose(loaded.tensors[name], tensor, atol=2e-3)
    assert [path.name for path in tmp_path.iterdir()] == ["reader.safetensors"]


def test_heads_keep_spans_inside_the_passage() -> None:
    heads = adapter().heads()
    answerable = torch.tensor([[True, False, True, True]])
    output = heads(torch.randn(1, 4, 8), answerable)
    assert torch.isinf(output.start[0, 1])
    assert torch.isinf(output.end[0, 1])
    assert torch.isfinite(output.start[0, [0, 2, 3]]).all()
    assert (output.polar.shape, output.verdict.shape) == ((1,), (1, 3))


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read the reader's weights"):
        Adapter.load(tmp_path / "none.safetensors")
    (tmp_path / "cut.safetensors").write_bytes(b"\x10\x00\x00")
    with pytest.raises(ModelError, match="cannot read the reader's weights"):
        Adapter.load(tmp_path / "cut.safetensors")
    adapter(surprise=torch.zeros(1)).save(tmp_path / "odd.safetensors")
    with pytest.raises(ModelError, match="is not a reader's adapter: it has surprise"):
        Adapter.load(tmp_path / "odd.safetensors")


def test_an_adapter_of_another_encoder_is_refused() -> None:
    wrong = {
        "layers.1.attention_output.down": torch.zeros(2, 9),
        "layers.1.attention_output.up": torch.zeros(9, 2),
    }
    with pytest.raises(
        ModelError, match=r"does not fit the encoder: encoder\.layer\.1\.attention\.output\.dense\.weight"
    ):
        adapter(**wrong).merged(base())
