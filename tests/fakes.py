"""Stand-ins that make a test small: an encoder of words, and a tiny extractive model written to a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from newsqa.embedding import Vectors
from newsqa.lexical import terms
from newsqa.passages import PassageSettings, split_into_passages
from newsqa.reading.history import Exchange
from newsqa.types import Article, Hit, Reading, ScoredSpan


class WordEncoder:
    """Texts that share words get similar vectors: each word has a pseudo-random direction of its own."""

    def __init__(self, name: str = "words", dimension: int = 64) -> None:
        self.name = name
        self.dimension = dimension

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        return self._encode(questions)

    def encode_passages(self, passages: Sequence[str], *, progress: bool = False) -> Vectors:
        return self._encode(passages)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for term in terms(text) or [""]:
                seed = int.from_bytes(
                    hashlib.sha256(f"{self.name}:{term}".encode("utf-8", "replace")).digest()[:4], "big"
                )
                vectors[row] += np.random.default_rng(seed).standard_normal(self.dimension).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class CountingEncoder(WordEncoder):
    """Remembers the passages that it was given, in ``encoded``."""

    def __init__(self, name: str = "words", dimension: int = 64) -> None:
        super().__init__(name, dimension)
        self.encoded: list[str] = []

    def encode_passages(self, passages: Sequence[str], *, progress: bool = False) -> Vectors:
        self.encoded += passages
        return super().encode_passages(passages)


class FirstSentence:
    """A reader that answers with the first sentence of the best passage, whatever was asked."""

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        found = tuple(ScoredSpan(hit.passage.sentences[0].strip(), hit.passage.sentences[0], hit.score) for hit in hits)
        return Reading(found, found[:1], 0.0, 0.5 if found else 0.0)


def hits_of(article: Article, max_characters: int = 900) -> list[Hit]:
    """Every passage of ``article`` as a hit."""
    return [Hit(passage, article, 1.0) for passage in split_into_passages(article, PassageSettings(max_characters))]


def write_tiny_qa_model(folder: Path, words: Sequence[str], *, with_head: bool = True, positions: int = 48) -> Path:
    """A BERT of no layers for extractive QA: the answer runs from the word "begin" to the word "finish", and where one
    of the two is missing there is none."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertForQuestionAnswering, BertModel, PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {word: i for i, word in enumerate([*special, "begin", "finish", *words])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        model_max_length=positions,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    ).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=8,
        num_hidden_layers=0,
        num_attention_heads=1,
        intermediate_size=8,
        max_position_embeddings=positions,
    )
    if not with_head:
        BertModel(config).save_pretrained(folder)
        return folder
    model = BertForQuestionAnswering(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.bert.embeddings.LayerNorm.weight.fill_(1.0)
        vectors = model.bert.embeddings.word_embeddings.weight
        vectors[:, 7] = 1.0  # the layer norm needs something to work on
        vectors[vocabulary["begin"], 0] = 1.0
        vectors[vocabulary["finish"], 1] = 1.0
        vectors[vocabulary["[CLS]"], 2] = 1.0
        vectors[vocabulary["[CLS]"], :2] = 0.8
        # After layer norm and head: 5.2 for "begin" as start and "finish" as end, -1.1 to -1.7 for other words, and
        # 2.3 twice for "no answer", so both words beat it by 5.8 and one alone falls short by 0.5.
        model.qa_outputs.weight[0, 0] = 3.0
        model.qa_outputs.weight[1, 1] = 3.0
    model.save_pretrained(folder)
    return folder
