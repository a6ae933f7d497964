"""A reader on any extractive question-answering model of transformers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from newsqa.errors import ModelError
from newsqa.models import check_location
from newsqa.reading.decoding import Window, decode
from newsqa.reading.history import Exchange, question_part
from newsqa.reading.windows import batches, encode_windows
from newsqa.types import Hit, Reading

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_MAX_LENGTH = 384
_STRIDE = 128
_MAX_ANSWER_TOKENS = 60
_CANDIDATES = 10
_BATCH_TOKENS = 3072


class ExtractiveReader:
    """Reads passages with a model that scores each token as start and as end of the answer.

    Works for every ``AutoModelForQuestionAnswering`` with a fast tokenizer, best for one trained on unanswerable
    questions too (SQuAD 2): it answers when the best span scores higher than "no answer". Its ``confidence`` is the
    model's own probability of that span against no answer, which is not calibrated.
    """

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        model.eval()  # type: ignore[no-untyped-call]
        self._model = model
        self._tokenizer = tokenizer
        tokenizer.backend_tokenizer.no_truncation()
        tokenizer.backend_tokenizer.no_padding()
        self._max_length = min(_MAX_LENGTH, tokenizer.model_max_length, model.config.max_position_embeddings)

    @classmethod
    def load(cls, location: str) -> ExtractiveReader:
        """Load a model folder or hub id, on the CPU.

        Raises:
            ModelError: there is no such model, it has no question-answering head, or no fast tokenizer.
        """
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        check_location(location)
        try:
            tokenizer = AutoTokenizer.from_pretrained(location)
            model, info = AutoModelForQuestionAnswering.from_pretrained(location, output_loading_info=True)
        except Exception as error:  # the library raises whatever it meets: OSError, ValueError, safetensors errors
            reason = str(error).strip().split("\n", 1)[0]
            raise ModelError(f"cannot load the reader {location!r}: {reason}") from error
        if any(key.startswith("qa_outputs") for key in info["missing_keys"]):
            raise ModelError(f"{location!r} has no question-answering head; give a model trained for extractive QA")
        if not tokenizer.is_fast:
            raise ModelError(f"{location!r} has no fast tokenizer, which gives the offsets; convert it first")
        return cls(model, tokenizer)

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        """The best spans of ``hits`` for ``question``; answers with the best if it beats "no answer".

        Such models have rarely seen a conversation: with ``history`` the turn before is put in front of the question.
        """
        windows = list(self._windows(question_part(question, history[-1:]), hits))
        candidates = decode(windows, max_tokens=_MAX_ANSWER_TOKENS, limit=_CANDIDATES)
        if not candidates:
            return Reading((), (), 0.0, 0.0)
        best = candidates[0].score
        return Reading(candidates, candidates[:1] if best > 0 else (), 0.0, 1 / (1 + math.exp(-max(best, -700.0))))

    def _windows(self, question: str, hits: Sequence[Hit]) -> Iterator[Window]:
        tokenizer = self._tokenizer.backend_tokenizer
        encoded = encode_windows(tokenizer, question, hits, max_length=self._max_length, stride=_STRIDE)
        for batch in batches(encoded, _BATCH_TOKENS):
            start_logits, end_logits = self._logits([window.inputs for window in batch])
            for row, window in enumerate(batch):
                size = len(window)
                yield Window(
                    hit=window.hit,
                    start_logits=start_logits[row, :size],
                    end_logits=end_logits[row, :size],
                    in_passage=window.in_passage,
                    starts=window.starts,
                    ends=window.ends,
                )

    def _logits(self, batch: list[dict[str, list[int]]]) -> tuple[np.ndarray, np.ndarray]:
        """Start and end logits, float32 of shape ``(windows, longest window)`` each."""
        import torch

        names = self._tokenizer.model_input_names
        batch = [{name: values for name, values in inputs.items() if name in names} for inputs in batch]
        # Padding on the right, whatever the tokenizer's habit: position 0 must stay the first token.
        padded: Any = self._tokenizer.pad(batch, return_tensors="pt", padding_side="right")
        with torch.inference_mode():
            output = self._model(**padded)
        return output.start_logits.float().numpy(), output.end_logits.float().numpy()
