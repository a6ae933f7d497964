"""The reader that ships with newsqa: an adapter and small heads on the bundled encoder.

It answers with a span, or with yes or no where the question asks for that, or abstains. ``models/reader.md`` is the
card of its weights.
"""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from newsqa.errors import ModelError
from newsqa.models.adapter import NO, UNKNOWN, YES, Adapter, ReaderHeads
from newsqa.models.bundled import bundled_encoder
from newsqa.reading.decoding import Window, decode
from newsqa.reading.history import Exchange, question_part
from newsqa.reading.windows import EncodedWindow, batches, encode_windows
from newsqa.types import Hit, Reading, ScoredSpan, Verdict

if TYPE_CHECKING:
    from transformers import BertModel, PreTrainedTokenizerBase

WEIGHTS = "reader.safetensors"
CALIBRATION = "reader.json"
MAX_ANSWER_TOKENS = 60
_CANDIDATES = 10
_BATCH_TOKENS = 1536

_ASKS_FOR_SEVERAL = re.compile(
    r"\b(?:(?:who|what) (?:else|are)|(?:siapa|apa|mana|kapan) saja|(?:siapa|apa|mana) lagi|which (?:\w+ )?\w+s)\b",
    re.IGNORECASE,
)
# At most so many answers, and none with less than this part (in log-odds) of the best one's evidence.
_SEVERAL = 5
_SEVERAL_MARGIN = 3.0


@dataclass(frozen=True, slots=True)
class ReaderCalibration:
    """How the reader's scores are used; made by ``newsqa.training.calibrate`` on validation questions.

    A span is answered when its score (log-odds against "no answer") exceeds ``threshold``, or ``follow_up_threshold``
    where the question comes with a history; ``slope`` and ``intercept`` turn the score into a probability (Platt
    scaling). A question is one for yes or no when the log-odds of that exceed 0; a verdict is given when its
    probability is at least ``verdict_threshold``.
    """

    threshold: float
    follow_up_threshold: float
    slope: float
    intercept: float
    verdict_threshold: float

    @property
    def gives_verdicts(self) -> bool:
        """Whether verdicts are reliable enough to be given at all; if not, yes/no questions get a span like others."""
        return self.verdict_threshold < 1

    def confidence(self, score: float) -> float:
        """The probability that a span of this score is a right answer."""
        return 1 / (1 + math.exp(-max(self.slope * score + self.intercept, -700.0)))


@dataclass(frozen=True, slots=True)
class WindowVerdict:
    """What one window says of a yes/no question: log-odds that it is one, and the probabilities of its verdicts."""

    polar: float
    probabilities: tuple[float, float, float]

    def best(self) -> tuple[Verdict, float]:
        """The likelier verdict and its probability."""
        yes, no = self.probabilities[YES], self.probabilities[NO]
        return ("yes", yes) if yes >= no else ("no", no)


class BundledReader:
    """Reads passages with the adapted encoder; the weights that are not adapted are shared with ``base``."""

    def __init__(
        self, base: BertModel, tokenizer: PreTrainedTokenizerBase, adapter: Adapter, calibration: ReaderCalibration
    ) -> None:
        self._model = adapter.merged(base)
        self._heads: ReaderHeads = adapter.heads()
        self._tokenizer = tokenizer
        self._calibration = calibration
        # As in training.
        settings = adapter.settings()
        self._max_length, self._stride = int(settings["max_length"]), int(settings["stride"])
        self._lock = threading.Lock()  # a fast tokenizer is not to be used by two threads at once

    @classmethod
    def load(cls, base: BertModel | None = None, folder: Path | None = None) -> BundledReader:
        """The reader on ``base``, or on a copy of the bundled encoder of its own.

        Args:
            base: the bundled encoder as it is in memory already.
            folder: has the weights and their calibration; by default those that ship with newsqa.

        Raises:
            ModelError: weights are missing or damaged.
        """
        from transformers import AutoTokenizer, BertModel

        location = bundled_encoder()
        base = base or BertModel.from_pretrained(location)
        # A tokenizer of its own: it is cut and padded otherwise than the encoder's.
        tokenizer = AutoTokenizer.from_pretrained(location)
        folder = folder or Path(str(resources.files("newsqa.models")))
        try:
            calibration = ReaderCalibration(**json.loads((folder / CALIBRATION).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(f"cannot read the calibration {folder / CALIBRATION}: {error}") from error
        return cls(base, tokenizer, Adapter.load(folder / WEIGHTS), calibration)

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        """The best spans of ``hits`` for ``question``, or a verdict on it.

        Args:
            question: as asked, without its history.
            hits: the passages.
            history: earlier turns that the question leans on, oldest first.
        """
        with self._lock:
            encoded = encode_windows(
                self._tokenizer,
                question_part(question, history),
                hits,
                max_length=self._max_length,
                stride=self._stride,
            )
        read = [pair for batch in batches(encoded, _BATCH_TOKENS) for pair in self._run(batch)]
        windows = [window for window, _ in read]
        candidates = decode(windows, max_tokens=MAX_ANSWER_TOKENS, limit=_CANDIDATES)
        if not candidates:
            return Reading((), (), 0.0, 0.0)
        verdicts = [verdict for _, verdict in read]
        if self._calibration.gives_verdicts and sum(verdict.polar for verdict in verdicts) > 0:
            return self._verdict(windows, verdicts, candidates)
        threshold = self._calibration.follow_up_threshold if history else self._calibration.threshold
        confidence = self._calibration.confidence(candidates[0].score)
        return Reading(candidates, _answers(question, candidates, threshold), threshold, confidence)

    def _verdict(
        self, windows: Sequence[Window], verdicts: Sequence[WindowVerdict], candidates: tuple[ScoredSpan, ...]
    ) -> Reading:
        """The verdict of the window that is surest that it can give one, with that window's best span as evidence."""
        surest = min(range(len(windows)), key=lambda i: verdicts[i].probabilities[UNKNOWN])
        evidence = decode([windows[surest]], max_tokens=MAX_ANSWER_TOKENS, limit=1)
        verdict, probability = verdicts[surest].best()
        null = self._calibration.threshold
        if not evidence or probability < self._calibration.verdict_threshold:
            return Reading(candidates, (), null, min(probability, 1.0))
        others = tuple(candidate for candidate in candidates if candidate != evidence[0])
        return Reading((*evidence, *others), evidence, null, min(probability, 1.0), verdict)

    def _run(self, batch: Sequence[EncodedWindow]) -> list[tuple[Window, WindowVerdict]]:
        """What the model says of a batch of windows."""
        import torch

        longest = max(map(len, batch))
        ids = torch.zeros((len(batch), longest), dtype=torch.long)
        attention = torch.zeros((len(batch), longest), dtype=torch.bool)
        answerable = torch.zeros((len(batch), longest), dtype=torch.bool)
        for row, window in enumerate(batch):
            ids[row, : len(window)] = torch.tensor(window.inputs["input_ids"])
            attention[row, : len(window)] = True
            answerable[row, : len(window)] = torch.from_numpy(window.in_passage)
        answerable[:, 0] = True
        with torch.inference_mode():
            states = self._model(input_ids=ids, attention_mask=attention.long()).last_hidden_state
            output = self._heads(states, answerable)
        starts, ends = output.start.numpy(), output.end.numpy()
        polar, verdicts = output.polar.tolist(), output.verdict.softmax(dim=-1).tolist()
        return [
            (_scored(window, starts[row], ends[row]), WindowVerdict(polar[row], tuple(verdicts[row])))
            for row, window in enumerate(batch)
        ]


def _answers(question: str, candidates: tuple[ScoredSpan, ...], threshold: float) -> tuple[ScoredSpan, ...]:
    """The candidates to give: the best one if it exceeds the threshold, and where several are asked for more."""
    if not _ASKS_FOR_SEVERAL.search(question):
        return candidates[:1] if candidates[0].score > threshold else ()
    floor = max(threshold, candidates[0].score - _SEVERAL_MARGIN)
    distinct = {candidate.span.text.casefold(): candidate for candidate in reversed(candidates)}
    return tuple(
        candidate
        for candidate in candidates
        if candidate.score > floor and distinct[candidate.span.text.casefold()] is candidate
    )[:_SEVERAL]


def _scored(window: EncodedWindow, start_logits: np.ndarray, end_logits: np.ndarray) -> Window:
    size = len(window)
    return Window(window.hit, start_logits[:size], end_logits[:size], window.in_passage, window.starts, window.ends)
