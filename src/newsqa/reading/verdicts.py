"""Whether a sentence settles a yes/no question, and how: the second adapter of the bundled reader.

The sentence is given: it is the one that the reader takes for the evidence. ``training.entailment`` says how this was
learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from newsqa.models.adapter import NO, UNKNOWN, YES, Adapter
from newsqa.models.network import Network
from newsqa.reading.heads import ReaderHeads
from newsqa.reading.windows import encodings
from newsqa.types import Verdict

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


class Judgement(NamedTuple):
    """What one text says of a question: the probabilities of its verdicts, together 1."""

    yes: float
    no: float
    unknown: float

    def best(self) -> tuple[Verdict, float]:
        """The likelier verdict and its probability."""
        return ("yes", self.yes) if self.yes >= self.no else ("no", self.no)


class VerdictReader:
    """Judges yes/no questions on single sentences.

    Args:
        network: the encoder with the reader's adapter and then ``adapter`` in it.
        tokenizer: the encoder's, neither cutting nor padding.
        adapter: for its heads and settings.
    """

    def __init__(self, network: Network, tokenizer: Tokenizer, adapter: Adapter) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._heads = ReaderHeads.of(adapter.heads())
        self._max_length = int(adapter.settings()["max_length"])

    def judge(self, question: str, texts: Sequence[str]) -> list[Judgement]:
        """One judgement for each of ``texts``; of a text that is too long to be read at once, its beginning counts."""
        first: dict[int, Encoding] = {}
        for number, encoding in encodings(self._tokenizer, question, texts, max_length=self._max_length, stride=0):
            first.setdefault(number, encoding)
        sequences = [encoding.ids for encoding in first.values()]
        judgements = []
        for encoding, states in zip(first.values(), self._network.states(sequences), strict=True):
            output = self._heads(states, np.array([part == 1 for part in encoding.sequence_ids]))
            judgements.append(Judgement(output.verdict[YES], output.verdict[NO], output.verdict[UNKNOWN]))
        return judgements
