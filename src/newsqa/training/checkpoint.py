"""A run's state on disk, from which it goes on as if it had never stopped."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from newsqa.errors import NewsQAError

_FILE = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run is: ``step`` optimizer steps are done, ``batch`` batches of round ``round`` are used."""

    step: int = 0
    round: int = 0
    batch: int = 0


def save_checkpoint(
    folder: Path, position: Position, parameters: dict[str, Tensor], optimizer: torch.optim.Optimizer
) -> None:
    """Write the run's state into ``folder``, beside its name and then renamed."""
    state = {
        "position": [position.step, position.round, position.batch],
        "parameters": {name: parameter.detach() for name, parameter in parameters.items()},
        "optimizer": optimizer.state_dict(),
        "torch_rng": torch.get_rng_state(),
        "python_rng": list(random.getstate()[1]),
    }
    building = folder / f"{_FILE}.new"
    torch.save(state, building)
    building.replace(folder / _FILE)


def load_checkpoint(
    folder: Path, parameters: dict[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer
) -> Position:
    """Restore what ``save_checkpoint`` wrote and return the position; the start of a run if ``folder`` has none.

    Raises:
        NewsQAError: the checkpoint is of another network.
    """
    path = folder / _FILE
    if not path.exists():
        return Position()
    state: dict[str, Any] = torch.load(path, weights_only=True)
    saved = state["parameters"]
    if _shapes(saved) != _shapes(parameters):
        raise NewsQAError(f"{path} belongs to another network; give another --output folder or the run's configuration")
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(saved[name])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["torch_rng"])
    version, _, gauss = random.getstate()
    random.setstate((version, tuple(state["python_rng"]), gauss))
    return Position(*state["position"])


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in tensors.items()}
