"""A linear classifier on the encoder's vectors, learned from a few examples of each kind.

Two of them serve conversations: what a reader wants (``intents``) and what a name names (``names``). For the bundled
encoder their weights ship with newsqa; for any other they are fitted from the same examples when first needed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from newsqa.embedding import Encoder, Vectors
from newsqa.models import BUNDLED

INTENTS = "intents"
NAMES = "names"

_INVERSE_REGULARISATION = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Classifier:
    """Multinomial logistic regression: ``weights`` (kinds, dimension) and ``bias`` (kinds,), both float32."""

    kinds: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def probabilities(self, vectors: Vectors) -> npt.NDArray[np.float32]:
        """The probability of each kind for unit ``vectors`` (n, dimension): float32 of shape (n, kinds)."""
        logits = vectors @ self.weights.T + self.bias
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: npt.NDArray[np.float32] = exponentials / exponentials.sum(axis=1, keepdims=True)
        return shares

    def save(self, path: Path) -> None:
        """Write the file that ``load_classifier`` reads for the bundled encoder."""
        from safetensors.numpy import save_file

        # In C order: safetensors writes the memory as it lies, and scikit-learn's matrix may lie in the other order.
        tensors = {
            "weights": np.ascontiguousarray(self.weights, dtype=np.float16),
            "bias": np.ascontiguousarray(self.bias, dtype=np.float16),
        }
        save_file(tensors, path, metadata={"kinds": json.dumps(self.kinds)})


def load_classifier(name: str, encoder: Encoder) -> Classifier:
    """The classifier ``name`` for ``encoder``: the one that ships, or one fitted now (some seconds)."""
    if encoder.name != BUNDLED:
        return fit(read_examples(name), encoder)
    from safetensors import safe_open

    with (
        resources.as_file(resources.files("newsqa.conversation").joinpath(f"{name}.safetensors")) as path,
        safe_open(path, framework="numpy") as stream,
    ):
        kinds = tuple(json.loads(stream.metadata()["kinds"]))
        weights, bias = (stream.get_tensor(part).astype(np.float32) for part in ("weights", "bias"))
    return Classifier(kinds, weights, bias)


def read_examples(name: str) -> dict[str, list[str]]:
    """The examples that ship, by kind."""
    text = resources.files("newsqa.conversation").joinpath("examples", f"{name}.json").read_text(encoding="utf-8")
    examples: dict[str, list[str]] = json.loads(text)
    return examples


def fit(examples: Mapping[str, Sequence[str]], encoder: Encoder) -> Classifier:
    """A classifier of the kinds of ``examples``, in their order."""
    from sklearn.linear_model import LogisticRegression

    texts = [text for kind in examples for text in examples[kind]]
    kinds = [kind for kind in examples for _ in examples[kind]]
    model = LogisticRegression(C=_INVERSE_REGULARISATION, max_iter=3000)
    model.fit(encoder.encode_questions(texts), kinds)
    return Classifier(
        tuple(map(str, model.classes_)), model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
    )
