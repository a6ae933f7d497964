"""An archive in two languages: what a passage in the other language than the question gets, to make up for it."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from newsqa.embedding import Encoder, Vectors, fingerprint, matches
from newsqa.types import Language

_FITTED = "language_balance.json"
# Passages this near the mean of a language, as a share of the way between the two means, are wholly in it. So passages
# in one language, which differ along the axis a little, all get the same, and their order stays as it is.
_MARGIN = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class LanguageBalance:
    """How far an encoder draws a question to passages in its own language, and what undoes that.

    Fitted on training questions by ``python -m newsqa.evaluation.fit_balance``. No passage's language is looked up: the
    encoder's vectors tell it.

    Attributes:
        axis: float32 of shape ``(dimension,)``. The inner product of a passage's vector with it is ``origin`` for
            Indonesian, and one more for English, in the mean.
        origin: see ``axis``.
        bonus: by the question's language, what a passage in the other one gets on top of its cosine.
    """

    axis: Vectors
    origin: float
    bonus: Mapping[Language, float]

    @classmethod
    def load(cls, encoder: Encoder) -> LanguageBalance | None:
        """The one that ships with newsqa, if it was fitted with the model in ``encoder``."""
        values = _shipped()
        if not matches(values["fingerprint"], fingerprint(encoder)):
            return None
        return cls(np.array(values["axis"], dtype=np.float32), values["origin"], values["bonus"])

    def english(self, passages: Vectors) -> npt.NDArray[np.float32]:
        """How English passages are, given their vectors, ``(n, dimension)``: ``(n,)``, from 0 (Indonesian) to 1."""
        place = passages @ self.axis - np.float32(self.origin)
        share: npt.NDArray[np.float32] = np.clip((place - _MARGIN) / (1 - 2 * _MARGIN), 0, 1)
        return share

    def bonuses(self, language: Language | None, passages: Vectors) -> npt.NDArray[np.float32]:
        """What passages get for a question.

        Args:
            language: of the question; None, which is another than these, gives no passage anything.
            passages: their vectors, ``(n, dimension)``.

        Returns:
            float32 of shape ``(n,)``.
        """
        if language is None:
            return np.zeros(len(passages), dtype=np.float32)
        english = self.english(passages)
        return np.float32(self.bonus[language]) * (english if language == "id" else 1 - english)

    def leaned(self, language: Language | None, question: Vectors) -> Vectors:
        """The vector to search with for the vector of a ``question`` in ``language``, float32 ``(dimension,)``.

        Its inner products are the question's and about what ``bonuses`` adds, give or take the same for all passages.
        """
        if language is None:
            return question
        towards_english = self.bonus[language] * (1 if language == "id" else -1)
        vector: Vectors = question + np.float32(towards_english) * self.axis
        return vector


@functools.cache
def _shipped() -> dict[str, Any]:
    values: dict[str, Any] = json.loads(resources.files("newsqa").joinpath(_FITTED).read_text(encoding="utf-8"))
    return values
