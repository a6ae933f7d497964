"""Readers as model folders of transformers: newsqa's own for other programs to run, and a random one of the usual size.

``python -m newsqa.evaluation.export FOLDER`` writes the reader that ships with newsqa, some 470 MB in float32. Any
program that knows ``AutoModelForQuestionAnswering`` loads it.
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsqa.errors import ModelError
from newsqa.models.adapter import Adapter
from newsqa.models.bundled import bundled_encoder
from newsqa.reading.bundled import WEIGHTS

if TYPE_CHECKING:
    from transformers import BertForQuestionAnswering, BertModel, XLMRobertaConfig

_SPAN_HEAD = ("span.weight", "span.bias")


def question_answering_model(adapter: Adapter, base: BertModel) -> BertForQuestionAnswering:
    """``base`` with the adapter in its weights, and the reader's start and end of an answer as its head.

    Given ``<s> question </s> </s> passage </s>`` its start and end logits are those of newsqa's reader at position 0
    and on tokens of the passage. What newsqa does beside, it does not: the threshold and the confidence are of the
    calibration, spans of ``reading.decoding``, and verdicts of heads that are left out.

    Raises:
        ModelError: the adapter is of another encoder, or has no start and end.
    """
    import torch
    from transformers import BertForQuestionAnswering

    from newsqa.models.merging import merged

    heads = adapter.heads()
    missing = [name for name in _SPAN_HEAD if name not in heads]
    if missing:
        raise ModelError(f"the reader's weights have no head {missing[0]!r}; give those of an extractive reader")
    weight, bias = (torch.from_numpy(heads[name].copy()) for name in _SPAN_HEAD)
    # Without weights: all of them are put in below.
    with torch.device("meta"):
        model: Any = BertForQuestionAnswering(copy.deepcopy(base.config))
    model.bert = merged(adapter, base)
    outputs, inputs = weight.shape
    model.qa_outputs = torch.nn.Linear(inputs, outputs)
    with torch.no_grad():
        model.qa_outputs.weight.copy_(weight)
        model.qa_outputs.bias.copy_(bias)
    model.eval()
    found: BertForQuestionAnswering = model
    return found


def export_reader(target: Path, *, base: Path | None = None, weights: Path | None = None) -> None:
    """Write the reader to the folder ``target`` as a model of transformers, with its tokenizer.

    Args:
        target: made if need be; files of these names in it are replaced.
        base: the folder of the encoder; by default the bundled one.
        weights: the reader's adapter; by default the one that ships with newsqa.

    Raises:
        ModelError: weights are missing, damaged or do not fit.
    """
    from transformers import AutoTokenizer, BertModel

    base = base or bundled_encoder()
    adapter = Adapter.load(weights or Path(str(resources.files("newsqa.models"))) / WEIGHTS)
    model: Any = question_answering_model(adapter, BertModel.from_pretrained(base))
    model.save_pretrained(target)
    AutoTokenizer.from_pretrained(base).save_pretrained(target)


def base_size() -> XLMRobertaConfig:
    """The configuration of XLM-RoBERTa base, what multilingual extractive readers usually are."""
    from transformers import XLMRobertaConfig

    return XLMRobertaConfig(
        vocab_size=250_002,
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        max_position_embeddings=514,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
    )


def write_random_reader(target: Path, config: XLMRobertaConfig, *, tokenizer: Path | None = None) -> None:
    """Write a reader of random weights to the folder ``target``: only the time that it takes means anything.

    Args:
        target: made if need be; in the size of ``base_size`` it takes 1.1 GB.
        config: its size.
        tokenizer: a folder with one; by default the bundled encoder's, which is XLM-RoBERTa's.
    """
    import torch
    from transformers import AutoTokenizer, XLMRobertaForQuestionAnswering

    torch.manual_seed(0)
    model: Any = XLMRobertaForQuestionAnswering(config)
    model.save_pretrained(target)
    AutoTokenizer.from_pretrained(tokenizer or bundled_encoder()).save_pretrained(target)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write newsqa's reader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path, help="the adapter (default: the one that ships with newsqa)")
    options = parser.parse_args(arguments)
    try:
        export_reader(options.folder, weights=options.weights)
    except ModelError as error:
        parser.exit(1, f"newsqa: {error}\n")
    sys.stdout.write(f"{options.folder}\n")


if __name__ == "__main__":
    main()
