"""The reader's weights: a low-rank adapter on the bundled encoder and small heads, one safetensors file.

The file holds, for each adapted matrix, ``layers.<n>.<part>.down`` of shape ``(rank, in)`` and ``.up`` of shape
``(out, rank)``, so that ``up @ down`` is what is added to the encoder's matrix (any scale is already in ``up``), and
``heads.*``. Half precision; the shapes say everything that is needed to load it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from newsqa.errors import ModelError

Floats = npt.NDArray[np.float32]

# The adapted matrices of a layer and the modules of transformers' BertLayer they belong to. Query, key and value are
# adapted as one matrix of three times the height.
PARTS: Mapping[str, tuple[str, ...]] = {
    "query_key_value": ("attention.self.query", "attention.self.key", "attention.self.value"),
    "attention_output": ("attention.output.dense",),
    "feed_forward_in": ("intermediate.dense",),
    "feed_forward_out": ("output.dense",),
}
YES, NO, UNKNOWN = 0, 1, 2
_HEADS = "heads."
_PART = re.compile(r"layers\.(\d+)\.(\w+)\.(down|up)")


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter in memory: ``tensors`` by the names in the file, float32, and ``metadata`` as saved."""

    tensors: Mapping[str, Floats]
    metadata: Mapping[str, str]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file ``path``.

        Raises:
            ModelError: it is missing, is not a safetensors file, or holds something else.
        """
        try:
            with safe_open(path, framework="numpy") as stream:
                metadata = stream.metadata() or {}
                tensors = {name: stream.get_tensor(name).astype(np.float32) for name in stream.keys()}  # noqa: SIM118
        except (OSError, SafetensorError) as error:
            raise ModelError(f"cannot read the reader's weights {path}: {error}") from error
        unknown = [name for name in tensors if not (name.startswith(_HEADS) or _is_part(name))]
        if unknown or not any(name.startswith(_HEADS) for name in tensors):
            raise ModelError(f"{path} is not a reader's adapter: it has {', '.join(unknown[:3]) or 'no heads'}")
        return cls(tensors, metadata)

    def save(self, path: Path) -> None:
        """Write the file in half precision, beside its name and then renamed."""
        path.parent.mkdir(parents=True, exist_ok=True)
        half = {name: np.ascontiguousarray(tensor, dtype=np.float16) for name, tensor in self.tensors.items()}
        building = path.with_name(f"{path.name}.new")
        save_file(half, building, metadata=dict(self.metadata))
        building.replace(path)

    def heads(self) -> dict[str, Floats]:
        """The tensors of the heads by their names in them."""
        return {name.removeprefix(_HEADS): value for name, value in self.tensors.items() if name.startswith(_HEADS)}

    def settings(self) -> dict[str, Any]:
        """The training configuration kept in the file.

        Raises:
            ModelError: there is none.
        """
        try:
            found: dict[str, Any] = json.loads(self.metadata["config"])
        except (KeyError, ValueError) as error:
            raise ModelError("the reader's weights come without the configuration they were trained with") from error
        return found

    def additions(self) -> Iterator[tuple[int, str, Floats]]:
        """What is added to the encoder's matrices: layer, part and ``up @ down``, one after another."""
        for name, up in self.tensors.items():
            match = _PART.fullmatch(name)
            if match is not None and match[3] == "up":
                yield int(match[1]), match[2], up @ self.tensors[f"layers.{match[1]}.{match[2]}.down"]


def _is_part(name: str) -> bool:
    match = _PART.fullmatch(name)
    return match is not None and match[2] in PARTS
