"""What engines have in common: token ids in, hidden states out."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt


class Network(Protocol):
    """An encoder as an engine runs it. It may be used by several threads at once."""

    def states(self, sequences: Sequence[Sequence[int]]) -> Generator[npt.NDArray[np.float32], None, None]:
        """The last hidden states of each sequence of token ids: float32 of shape ``(tokens, hidden)``.

        They come in order, each as soon as it is there. Whoever has seen enough closes the generator.
        """
