"""Text to unit vectors."""

from __future__ import annotations

import base64
import functools
import logging
import re
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from newsqa.errors import ModelError
from newsqa.models import BUNDLED, E5_PROMPTS, check_location, encoder_location, encoder_name, known_prompts
from newsqa.models.engine import ONNX, engine_name
from newsqa.models.network import Network

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

logger = logging.getLogger(__name__)

Vectors = npt.NDArray[np.float32]

_PROBE = "Who called the prime minister on Wednesday (18/10/2023)? Siapa yang menelepon perdana menteri?"
# Cosine of two fingerprints of one model on different machines: above 0.999; of two models: near 0.
_SAME_MODEL_COSINE = 0.995
_QUESTIONS_KEPT = 1024
# Their hidden states are in memory together: 50 MB for the longest.
_PASSAGES_AT_ONCE = 64
_SURROGATE = re.compile("[\ud800-\udfff]")


class Encoder(Protocol):
    """Text to vectors of length 1, so that an inner product is a cosine."""

    @property
    def name(self) -> str:
        """What the user called it: "bundled", a folder or a hub id."""

    @property
    def dimension(self) -> int:
        """Components of a vector."""

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Questions as float32 of shape ``(len(questions), dimension)``."""

    def encode_passages(self, passages: Sequence[str], *, progress: bool = False) -> Vectors:
        """Passages as float32 of shape ``(len(passages), dimension)``; ``progress`` shows a bar on stderr."""


class SentenceTransformerEncoder:
    """Any sentence-transformers model; its prompts "query" and "passage" (or "document") are used.

    Args:
        model: a loaded model.
        name: what the user called it.
        known: prompts to use where the model has none of that name.
        batch_size: texts encoded at once.
    """

    def __init__(
        self, model: SentenceTransformer, name: str, known: dict[str, str] | None = None, batch_size: int = 16
    ) -> None:
        self._model = model
        self._name = name
        self._batch_size = batch_size
        # A fast tokenizer is not to be used by two threads at once ("Already borrowed").
        self._lock = threading.Lock()
        prompts = {**(known or {}), **{use: prompt for use, prompt in model.prompts.items() if prompt}}
        self._question_prompt = prompts.get("query") or ""
        self._passage_prompt = prompts.get("passage") or prompts.get("document") or ""
        # A reader asks the same thing again, and several parts of one answer need the same vector.
        self._question = functools.lru_cache(maxsize=_QUESTIONS_KEPT)(self._encode_question)

    @classmethod
    def load(cls, location: str, name: str) -> SentenceTransformerEncoder:
        """Load the model at ``location``, a folder or a hub id, on the CPU.

        Raises:
            ModelError: there is no such model, or its files are damaged.
        """
        from sentence_transformers import SentenceTransformer

        check_location(location)
        try:
            model = SentenceTransformer(location, device="cpu")
        except Exception as error:  # the libraries below raise whatever they meet: OSError, ValueError, Rust errors
            raise ModelError(f"cannot load the encoder {name!r} from {location}: {_first_line(error)}") from error
        return cls(model, name, known_prompts(location))

    @property
    def name(self) -> str:
        """What the user called it."""
        return self._name

    @property
    def transformer(self) -> Any:
        """The model of transformers in it; sharing it keeps its weights in memory once."""
        return self._model[0].auto_model

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Questions as float32 of shape ``(len(questions), dimension)``."""
        return np.stack([self._question(question) for question in questions])

    def encode_passages(self, passages: Sequence[str], *, progress: bool = False) -> Vectors:
        """Passages as float32 of shape ``(len(passages), dimension)``; ``progress`` shows a bar on stderr."""
        return self._encode(passages, self._passage_prompt, progress)

    def _encode_question(self, question: str) -> Vectors:
        vector: Vectors = self._encode([question], self._question_prompt, False)[0]
        vector.setflags(write=False)
        return vector

    def _encode(self, texts: Sequence[str], prompt: str, progress: bool) -> Vectors:
        with self._lock:
            vectors = self._model.encode(
                [clean(text) for text in texts],
                prompt=prompt,
                batch_size=self._batch_size,
                normalize_embeddings=True,
                show_progress_bar=progress,
                convert_to_numpy=True,
            )
        return np.ascontiguousarray(vectors, dtype=np.float32).reshape(len(texts), self.dimension)


class BundledEncoder:
    """The bundled encoder without sentence-transformers: mean of the last hidden states, unit length.

    Args:
        network: the encoder as its engine runs it.
        tokenizer: the encoder's, neither cutting nor padding.
        dimension: components of a vector.
        max_tokens: what is beyond is not looked at.
    """

    name = BUNDLED

    def __init__(self, network: Network, tokenizer: Tokenizer, dimension: int, max_tokens: int) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self.dimension = dimension
        self._max_tokens = max_tokens
        self._question = functools.lru_cache(maxsize=_QUESTIONS_KEPT)(self._encode_question)

    @classmethod
    def load(cls) -> Self:
        """The one on ONNX Runtime.

        Raises:
            ModelError: its weights are missing or damaged, or the cache directory cannot be written.
        """
        from newsqa.models.onnx_network import OnnxNetwork, bundled_tokenizer

        network = OnnxNetwork.of_encoder()
        return cls(network, bundled_tokenizer(), network.dimension, network.max_tokens)

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Questions as float32 of shape ``(len(questions), dimension)``."""
        return np.stack([self._question(question) for question in questions])

    def encode_passages(self, passages: Sequence[str], *, progress: bool = False) -> Vectors:
        """Passages as float32 of shape ``(len(passages), dimension)``; ``progress`` shows a bar on stderr."""
        from tqdm import tqdm

        vectors = np.empty((len(passages), self.dimension), dtype=np.float32)
        for start in tqdm(range(0, len(passages), _PASSAGES_AT_ONCE), disable=not progress):
            part = slice(start, start + _PASSAGES_AT_ONCE)
            vectors[part] = self._encode(E5_PROMPTS["passage"], passages[part])
        return vectors

    def _encode_question(self, question: str) -> Vectors:
        vector: Vectors = self._encode(E5_PROMPTS["query"], [question])[0]
        vector.setflags(write=False)
        return vector

    def _encode(self, prompt: str, texts: Sequence[str]) -> Vectors:
        states = list(self._network.states([self._tokens(prompt + clean(text)) for text in texts]))
        means = np.stack([one.mean(axis=0) for one in states])
        vectors: Vectors = means / np.linalg.norm(means, axis=1, keepdims=True)
        return vectors

    def _tokens(self, text: str) -> list[int]:
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        encoded.truncate(self._max_tokens - self._tokenizer.num_special_tokens_to_add(is_pair=False))
        tokens: list[int] = self._tokenizer.post_process(encoded).ids
        return tokens


def load_encoder(encoder: str | Encoder | None = None, engine: str | None = None) -> Encoder:
    """``encoder`` itself, or the one of that name; by default ``NEWSQA_ENCODER`` or the bundled one.

    Args:
        encoder: "bundled", a folder, a hub id, or an encoder.
        engine: what runs the bundled encoder, "onnx" or "torch"; by default as ``models.engine`` says.

    Raises:
        ModelError: it cannot be loaded, or there is no such engine.
    """
    if encoder is not None and not isinstance(encoder, str):
        return encoder
    name = encoder_name(encoder)
    if engine_name(engine) == ONNX and name == BUNDLED:
        return BundledEncoder.load()
    location = encoder_location(name)
    return SentenceTransformerEncoder.load(location.path, location.name)


def clean(text: str) -> str:
    """``text`` with lone surrogates replaced, character for character: tokenizers take valid Unicode only."""
    return _SURROGATE.sub("\ufffd", text)


def fingerprint(encoder: Encoder) -> str:
    """What ``encoder`` makes of a fixed text, in eight bits a component, as base64.

    It tells models apart by what they do, whatever they are called and however they are stored; see ``matches``.
    """
    vector = encoder.encode_questions([_PROBE])[0]
    scaled = np.round(vector / np.abs(vector).max() * 127).astype(np.int8)
    return base64.b64encode(scaled.tobytes()).decode("ascii")


def matches(first: str, second: str) -> bool:
    """Whether two fingerprints are of the same model, up to rounding between machines.

    Raises:
        ValueError: one of them is not a fingerprint.
    """
    one, two = (
        np.frombuffer(base64.b64decode(text, validate=True), dtype=np.int8).astype(np.float64)
        for text in (first, second)
    )
    if len(one) != len(two):
        return False
    return float(one @ two / (np.linalg.norm(one) * np.linalg.norm(two))) > _SAME_MODEL_COSINE


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0] or type(error).__name__
