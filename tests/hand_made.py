"""A reader on a network made by hand, which likes some words and counts what it has read."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from fakes import hits_of
from newsqa import Article
from newsqa.models.adapter import Adapter
from newsqa.reading.bundled import BundledReader, ReaderCalibration
from newsqa.reading.history import Exchange
from newsqa.reading.verdicts import VerdictReader
from newsqa.types import Hit, Reading

# What the network thinks of a word, as start and as end of the answer; of all others it thinks nothing.
LIKED = {"Netanyahu": 4.0, "Abbas": 2.0, "12": 4.0, "15": 3.0, "Assad": 5.0, "Kairo": 1.0}
CALIBRATION = ReaderCalibration(
    threshold=1.0, english_threshold=1.0, follow_up_threshold=1.0, slope=1.0, intercept=-4.0, verdict_threshold=1.0
)
LENGTH, STRIDE = 24, 4


class HandMadeNetwork:
    """Hidden states of three numbers: start and end logit of the token's word, and a constant; counts its windows."""

    def __init__(self, vocabulary: Mapping[str, int], liked: Mapping[str, float]) -> None:
        self._logits = {vocabulary[word]: value for word, value in liked.items()}
        self.windows = 0

    def states(self, sequences: Sequence[Sequence[int]]) -> Generator[npt.NDArray[np.float32], None, None]:
        for sequence in sequences:
            self.windows += 1
            logits = [0.0] + [self._logits.get(token, -3.0) for token in sequence[1:]]
            yield np.array([[logit, logit, 1.0] for logit in logits], dtype=np.float32)


class Reads:
    """A ``BundledReader`` on that network, and the windows that it has read.

    With ``precisely`` it has a precise network too, which likes these words as much, and the others as the first does.
    """

    def __init__(
        self,
        polar: float = -1.0,
        calibration: ReaderCalibration = CALIBRATION,
        sure: float = 0.95,
        precisely: Mapping[str, float] | None = None,
        verdicts: VerdictReader | None = None,
    ) -> None:
        words = sorted({*LIKED, "Putin", "menelepon", ".", "?", *"abcdefghijklmnopqrstuvwxyz"})
        vocabulary = {word: number for number, word in enumerate(["[UNK]", "<s>", "</s>", *words])}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
        )
        heads = {
            "span.weight": np.eye(2, 3, dtype=np.float32),
            "span.bias": np.zeros(2, dtype=np.float32),
            "verdict_in.weight": np.zeros((2, 9), dtype=np.float32),
            "verdict_in.bias": np.zeros(2, dtype=np.float32),
            "verdict_out.weight": np.zeros((4, 2), dtype=np.float32),
            "verdict_out.bias": np.array([polar, 3.0, 0.0, 0.0], dtype=np.float32),
        }
        adapter = Adapter(
            {f"heads.{name}": tensor for name, tensor in heads.items()},
            {"config": json.dumps({"max_length": LENGTH, "stride": STRIDE})},
        )
        self.network = HandMadeNetwork(vocabulary, LIKED)
        self.precise = None if precisely is None else HandMadeNetwork(vocabulary, {**LIKED, **precisely})
        self.reader = BundledReader(self.network, tokenizer, adapter, calibration, sure, self.precise, verdicts)

    def __call__(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> tuple[Reading, int]:
        """The reading, and how many windows it took."""
        before = self.network.windows
        reading = self.reader.read(question, hits, history)
        return reading, self.network.windows - before


def hits(*texts: str) -> list[Hit]:
    """A hit of an article of its own for each text."""
    return [hit for number, text in enumerate(texts) for hit in hits_of(Article(str(number), "", text))]


def answers(reading: Reading) -> list[str]:
    """The texts of its answers."""
    return [answer.span.text for answer in reading.answers]
