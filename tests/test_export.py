"""The reader as a model folder of transformers: what other programs then compute is what newsqa computes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    AutoModelForQuestionAnswering,
    AutoTokenizer,
    BertModel,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
)

from newsqa import ModelError
from newsqa.evaluation.export import base_size, export_reader, main, question_answering_model, write_random_reader
from newsqa.models.adapter import Adapter
from newsqa.models.merging import TorchNetwork, merged
from newsqa.reading.heads import ReaderHeads
from test_adapter import adapter, base


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    """A folder with a tiny encoder and a tokenizer of ten words."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    words = ["<pad>", "<s>", "</s>", "<unk>", "who", "called", "putin", "he", "did", "it", "then"]
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    folder = tmp_path / "encoder"
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, model_max_length=12, pad_token="<pad>", unk_token="<unk>"
    ).save_pretrained(folder)
    base().save_pretrained(folder)
    return folder


def test_start_and_end_logits_are_those_of_the_reader(tmp_path: Path, encoder: Path) -> None:
    adapter().save(tmp_path / "reader.safetensors")
    export_reader(tmp_path / "exported", base=encoder, weights=tmp_path / "reader.safetensors")

    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "exported")
    given = tokenizer(["who called"], ["putin did it then"], return_tensors="pt")
    assert given.input_ids.tolist() == [[1, 4, 5, 2, 2, 6, 8, 9, 10, 2]]
    model: Any = AutoModelForQuestionAnswering.from_pretrained(tmp_path / "exported")
    with torch.inference_mode():
        found = model(input_ids=given.input_ids, attention_mask=given.attention_mask)

    weights = Adapter.load(tmp_path / "reader.safetensors")
    network = TorchNetwork(merged(weights, BertModel.from_pretrained(encoder)))
    in_passage = np.array([part == 1 for part in given.encodings[0].sequence_ids])
    (states,) = network.states(given.input_ids.tolist())
    expected = ReaderHeads.of(weights.heads())(states, in_passage)
    # Position 0, "no answer", and the four words of the passage.
    counted = [0, 5, 6, 7, 8]
    assert np.flatnonzero(np.isfinite(expected.start)).tolist() == counted
    assert found.start_logits[0, counted].tolist() == pytest.approx(expected.start[counted].tolist(), abs=1e-5)
    assert found.end_logits[0, counted].tolist() == pytest.approx(expected.end[counted].tolist(), abs=1e-5)
    assert not np.allclose(expected.start[counted], expected.end[counted], atol=1e-3)


def test_the_encoder_stays_as_it_is() -> None:
    plain = base()
    before = {name: tensor.clone() for name, tensor in plain.state_dict().items()}
    model = question_answering_model(adapter(), plain)
    assert not model.training
    assert all(parameter.device.type == "cpu" for parameter in model.parameters())
    assert all(torch.equal(tensor, before[name]) for name, tensor in plain.state_dict().items())


def test_weights_without_a_span_head_are_refused() -> None:
    other = Adapter({"heads.score.weight": np.zeros((1, 8), np.float32)}, {})
    with pytest.raises(
        ModelError, match=r"^the reader's weights have no head 'span\.weight'; give those of an extractive reader$"
    ):
        question_answering_model(other, base())


def test_a_random_reader_has_its_size_and_the_tokenizer(tmp_path: Path, encoder: Path) -> None:
    size = XLMRobertaConfig(
        vocab_size=11, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    for name in ("one", "other"):
        write_random_reader(tmp_path / name, size, tokenizer=encoder)
    one, other = (AutoModelForQuestionAnswering.from_pretrained(tmp_path / name) for name in ("one", "other"))
    assert (one.config.model_type, one.config.num_hidden_layers, one.qa_outputs.weight.shape) == (
        "xlm-roberta",
        1,
        (2, 8),
    )
    assert torch.equal(one.qa_outputs.weight, other.qa_outputs.weight)
    assert AutoTokenizer.from_pretrained(tmp_path / "one")("who").input_ids == [1, 4, 2]


def test_the_usual_size_is_that_of_xlm_roberta_base() -> None:
    size = base_size()
    assert (size.num_hidden_layers, size.hidden_size, size.intermediate_size, size.vocab_size) == (
        12,
        768,
        3072,
        250_002,
    )


def test_the_command_says_in_one_line_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([str(tmp_path / "exported"), "--weights", str(tmp_path / "none.safetensors")])
    assert stopped.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith(f"newsqa: cannot read the reader's weights {tmp_path / 'none.safetensors'}: ")
    assert error.count("\n") == 1
