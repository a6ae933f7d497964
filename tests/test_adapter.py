from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from newsqa import ModelError
from newsqa.models.adapter import Adapter
from newsqa.models.merging import TorchNetwork, merged
from newsqa.reading import heads as reading_heads
from newsqa.training.averaging import averaged
from newsqa.training.averaging import main as average
from newsqa.training.heads import ReaderHeads, trained_heads


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


def adapter(**extra: Any) -> Adapter:
    torch.manual_seed(1)
    tensors = {
        "layers.1.query_key_value.down": torch.randn(2, 8),
        "layers.1.query_key_value.up": torch.randn(24, 2),
        "layers.1.feed_forward_out.down": torch.randn(2, 16),
        "layers.1.feed_forward_out.up": torch.randn(8, 2),
    }
    heads = {f"heads.{name}": tensor for name, tensor in ReaderHeads(8, 4).state_dict().items()}
    arrays = {name: tensor.numpy() for name, tensor in {**tensors, **heads, **extra}.items()}
    return Adapter(arrays, {"step": "7"})


def test_merging_adds_the_products_and_shares_the_rest() -> None:
    plain = base()
    model: Any = merged(adapter(), plain)
    tensors = adapter().tensors
    delta = torch.from_numpy(tensors["layers.1.query_key_value.up"] @ tensors["layers.1.query_key_value.down"])
    attention = model.encoder.layer[1].attention.self
    for i, name in enumerate(("query", "key", "value")):
        before = plain.encoder.layer[1].attention.self.get_submodule(name).weight
        assert torch.allclose(attention.get_submodule(name).weight, before + delta[8 * i : 8 * i + 8])
    shared = [
        (model.embeddings.word_embeddings.weight, plain.embeddings.word_embeddings.weight),
        (model.encoder.layer[0].intermediate.dense.weight, plain.encoder.layer[0].intermediate.dense.weight),
        (model.encoder.layer[1].intermediate.dense.weight, plain.encoder.layer[1].intermediate.dense.weight),
    ]
    assert all(one.data_ptr() == two.data_ptr() for one, two in shared)
    ids = torch.tensor([[1, 2, 3]])
    with torch.inference_mode():
        assert torch.isfinite(model(input_ids=ids).last_hidden_state).all()
        assert not torch.allclose(model(input_ids=ids).last_hidden_state, plain(input_ids=ids).last_hidden_state)


def test_what_is_saved_is_loaded_in_half_precision(tmp_path: Path) -> None:
    adapter().save(tmp_path / "reader.safetensors")
    loaded = Adapter.load(tmp_path / "reader.safetensors")
    assert loaded.metadata["step"] == "7"
    assert set(loaded.tensors) == set(adapter().tensors)
    for name, tensor in adapter().tensors.items():
        assert loaded.tensors[name].dtype == np.float32
        assert np.allclose(loaded.tensors[name], tensor, atol=2e-3)
    assert [path.name for path in tmp_path.iterdir()] == ["reader.safetensors"]


def test_heads_keep_spans_inside_the_passage() -> None:
    heads = trained_heads(adapter())
    answerable = torch.tensor([[True, False, True, True]])
    output = heads(torch.randn(1, 4, 8), answerable)
    assert torch.isinf(output.start[0, 1])
    assert torch.isinf(output.end[0, 1])
    assert torch.isfinite(output.start[0, [0, 2, 3]]).all()
    assert (output.polar.shape, output.verdict.shape) == ((1,), (1, 3))


def test_heads_say_the_same_in_reading_as_in_training() -> None:
    states = torch.randn(6, 8)
    in_passage = np.array([False, False, True, True, True, False])
    answerable = torch.tensor([[True, False, True, True, True, False]])
    with torch.inference_mode():
        expected = trained_heads(adapter())(states[None], answerable)
    heads = reading_heads.ReaderHeads.of(adapter().heads())
    found = heads(states.numpy(), in_passage)
    assert found.start == pytest.approx(expected.start[0].numpy(), abs=1e-5)
    assert found.end == pytest.approx(expected.end[0].numpy(), abs=1e-5)
    assert found.polar == pytest.approx(float(expected.polar[0]), abs=1e-5)
    assert found.verdict == pytest.approx(tuple(expected.verdict[0].softmax(-1).tolist()), abs=1e-5)
    # A window without a token of the passage has "no answer" only.
    empty = heads(states.numpy(), np.zeros(6, dtype=np.bool_))
    assert np.isfinite(empty.start).tolist() == [True] + [False] * 5
    assert np.isfinite(empty.verdict).all()


def test_heads_of_another_form_are_refused() -> None:
    tensors = adapter(**{"heads.surprise": torch.zeros(1)}).heads()
    with pytest.raises(ModelError, match=r"the reader's heads do not fit this version of newsqa: .*surprise"):
        reading_heads.ReaderHeads.of(tensors)


def test_sequences_of_different_lengths_do_not_disturb_each_other() -> None:
    network = TorchNetwork(base())
    sequences = [[1, 2, 3, 4], [5, 6], [7, 8, 9]]
    together = list(network.states(sequences))
    for sequence, states in zip(sequences, together, strict=True):
        assert states.shape == (len(sequence), 8)
        assert states == pytest.approx(next(network.states([sequence])), abs=1e-5)
    assert list(network.states([])) == []


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
        merged(adapter(**wrong), base())


def test_the_mean_of_runs_adds_the_mean_of_what_they_add() -> None:
    one = adapter()
    tensors = {name: -2 * tensor if name.endswith(".up") else tensor for name, tensor in one.tensors.items()}
    other = Adapter({**tensors, "heads.span.bias": one.tensors["heads.span.bias"] + 4}, {"step": "9"})
    mean = averaged([one, other])
    assert mean.metadata == {"step": "9"}
    assert {name: tensor.shape for name, tensor in mean.tensors.items()} == {
        name: tensor.shape for name, tensor in one.tensors.items()
    }
    additions = [{(layer, part): addition for layer, part, addition in each.additions()} for each in (one, mean)]
    for place, addition in additions[0].items():
        np.testing.assert_allclose(additions[1][place], -0.5 * addition, atol=1e-5)
    np.testing.assert_allclose(mean.tensors["heads.span.bias"], one.tensors["heads.span.bias"] + 2, atol=1e-6)


def test_of_a_mean_of_higher_rank_the_largest_part_is_kept() -> None:
    def of(down: list[list[float]], column: int) -> Adapter:
        heads = {name: tensor for name, tensor in adapter().tensors.items() if name.startswith("heads.")}
        name, up = "layers.0.attention_output", np.eye(3, dtype=np.float32)[:, [column]]
        return Adapter({**heads, f"{name}.down": np.array(down, dtype=np.float32), f"{name}.up": up}, {})

    ((_, _, addition),) = averaged([of([[4.0, 0, 0]], 0), of([[0, 2.0, 0]], 1)]).additions()
    np.testing.assert_allclose(addition, np.diag([2.0, 0, 0]), atol=1e-6)


def test_runs_of_other_shapes_have_no_mean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    adapter().save(tmp_path / "one.safetensors")
    adapter(
        **{"layers.1.feed_forward_in.down": torch.ones(2, 8), "layers.1.feed_forward_in.up": torch.ones(16, 2)}
    ).save(tmp_path / "two.safetensors")
    files = [str(tmp_path / f"{name}.safetensors") for name in ("one", "two")]
    assert average([*files, "--output", str(tmp_path / "mean.safetensors")]) == 1
    assert capsys.readouterr().err == (
        "newsqa.training: the runs do not adapt the same matrices; average only runs of one configuration\n"
    )
    assert average([files[0], files[0], "--output", str(tmp_path / "mean.safetensors")]) == 0
    mean = {
        (layer, part): addition for layer, part, addition in Adapter.load(tmp_path / "mean.safetensors").additions()
    }
    for layer, part, addition in adapter().additions():
        np.testing.assert_allclose(mean[layer, part], addition, atol=0.02)
