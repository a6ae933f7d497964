"""The reader that ships with newsqa: an adapter and small heads on the bundled encoder.

It answers with a span, or with yes or no where the question asks for that, or abstains. ``models/reader.md`` is the
card of its weights.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from newsqa.errors import ModelError
from newsqa.language import is_english, question_language
from newsqa.models.adapter import Adapter
from newsqa.models.bundled import TOKENIZER_FILE, bundled_encoder, load_tokenizer
from newsqa.models.engine import ONNX, engine_name
from newsqa.models.network import Network
from newsqa.reading.answer_types import expected_type
from newsqa.reading.decoding import Window, decode, undecided
from newsqa.reading.heads import HeadOutput, ReaderHeads
from newsqa.reading.history import Exchange, question_part
from newsqa.reading.verdicts import VerdictReader
from newsqa.reading.windows import EncodedWindow, encode_windows
from newsqa.types import Hit, Reading, ScoredSpan, Span

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import BertModel

WEIGHTS = "reader.safetensors"
VERDICT_WEIGHTS = "verdicts.safetensors"
CALIBRATION = "reader.json"
MAX_ANSWER_TOKENS = 60
# The confidence from which on the best passage is enough; see ``BundledReader``.
SURE = 0.85
# Passages that are read unless the question asks for several answers; see ``BundledReader``.
READ = 3
# What a span of another passage than the best one has to make up for: so much for each point by which the retriever
# likes its passage less, but not more than the second figure, in log-odds; see ``BundledReader``.
_PRIOR, _MOST_PRIOR = 60.0, 5.0
_CANDIDATES = 10
# Sentences that are judged where the question is one for yes or no.
_JUDGED = 3
# What hangs by less, in log-odds, is read again in float32; see ``BundledReader``.
_CLOSE = 0.3

_ASKS_FOR_SEVERAL = re.compile(
    r"\b(?:(?:who|what) (?:else|are)|(?:siapa|apa|mana|kapan) saja|(?:siapa|apa|mana) lagi|which (?:\w+ )?\w+s)\b",
    re.IGNORECASE,
)
# At most so many answers, and none with less than this part (in log-odds) of the best one's evidence.
_SEVERAL = 5
_SEVERAL_MARGIN = 3.0
# Characters of an article that are enough to tell its language.
_TELLING = 500


@dataclass(frozen=True, slots=True)
class ReaderCalibration:
    """How the reader's scores are used; made by ``newsqa.training.calibrate`` on validation questions.

    A span is answered when its score (log-odds against "no answer") exceeds a threshold: ``follow_up_threshold`` where
    the question comes with a history, else ``english_threshold`` where question and article are English, else
    ``threshold``. ``slope`` and ``intercept`` turn the score into a probability (Platt
    scaling). A question is one for yes or no when the log-odds of that exceed 0; a verdict is given when its
    probability is at least ``verdict_threshold``.
    """

    threshold: float
    english_threshold: float
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


def is_settled(question: str, reading: Reading, rest: Sequence[Hit], sure: float) -> bool:
    """Whether ``question`` is answered so well that ``rest`` need not be read; see ``BundledReader``.

    Args:
        question: as asked.
        reading: of the best passage.
        rest: the other passages.
        sure: the confidence that is enough.
    """
    if not reading.answers or reading.verdict or reading.confidence < sure or _ASKS_FOR_SEVERAL.search(question):
        return False
    # Another article may give another number, which a reader should see beside the first.
    compared = expected_type(question) in ("number", "time")
    return not (compared and any(hit.article.id != reading.answers[0].span.article_id for hit in rest))


class _Seen(NamedTuple):
    """What was read of one window: its tokens' scores, and the log-odds that the question is one for yes or no."""

    window: Window
    polar: float


class BundledReader:
    """Reads passages with the adapted encoder, on either engine.

    At most ``READ`` passages are read, more only where the question asks for several answers. A span of another passage
    than the best one has to make up for what the retriever thinks less of its passage. Both were chosen on 371
    questions of the ten validation files, each asked of its file's passages, with an earlier reader: mean F1 64.1 with
    eight passages and no such prior, 68.2 now; right citations 76.2 % and 81.9 %.

    Where the best span of the best passage is given and surely right (its calibrated confidence is at least ``sure``)
    the other passages are dropped, except where the question asks for several answers, or for a number or a time and
    there are other articles that may give another. On the same questions and reader that was so for 17 %, and three
    answers were other ones. ``python -m newsqa.evaluation.stopping`` measures it.

    In eight bits a score is off by 0.1 in the median. Where the answer hangs by little, the windows in question are
    read again by ``precise``. Of 360 such answers, 3 in 100 differed from those in float32 before, and none after.

    Args:
        network: the encoder with ``adapter`` in it.
        tokenizer: the encoder's, neither cutting nor padding.
        adapter: for its heads and settings.
        calibration: how scores are used.
        sure: the confidence at which the best passage is enough; above 1 all are read always.
        precise: the same network in float32, if ``network`` is in eight bits.
        verdicts: judges yes/no questions; without it they get a span like others.
    """

    def __init__(
        self,
        network: Network,
        tokenizer: Tokenizer,
        adapter: Adapter,
        calibration: ReaderCalibration,
        sure: float = SURE,
        precise: Network | None = None,
        verdicts: VerdictReader | None = None,
    ) -> None:
        self._network = network
        self._precise = precise
        self._verdicts = verdicts if calibration.gives_verdicts else None
        self._heads = ReaderHeads.of(adapter.heads())
        self._tokenizer = tokenizer
        self._calibration = calibration
        self._sure = sure
        # As in training.
        settings = adapter.settings()
        self._max_length, self._stride = int(settings["max_length"]), int(settings["stride"])

    @classmethod
    def load(
        cls,
        engine: str | None = None,
        *,
        base: BertModel | None = None,
        folder: Path | None = None,
        sure: float = SURE,
    ) -> Self:
        """The reader that ships with newsqa, or the one in ``folder``.

        Args:
            engine: "onnx" or "torch"; by default as ``engine_name`` says.
            base: the bundled encoder if torch has it in memory already; the weights that are not adapted are shared.
            folder: has the weights and their calibration.
            sure: as of the constructor.

        Raises:
            ModelError: weights are missing or damaged, or there is no such engine.
        """
        folder = folder or Path(str(resources.files("newsqa.models")))
        try:
            calibration = ReaderCalibration(**json.loads((folder / CALIBRATION).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(f"cannot read the calibration {folder / CALIBRATION}: {error}") from error
        files = [folder / WEIGHTS, folder / VERDICT_WEIGHTS]
        adapter, second = (Adapter.load(file) for file in files)
        if engine_name(engine) == ONNX:
            from newsqa.models.onnx_network import OnnxNetwork, bundled_tokenizer

            tokenizer, network = bundled_tokenizer(), OnnxNetwork.of_reader(files[0])
            verdicts = VerdictReader(OnnxNetwork.of_adapters(files), tokenizer, second)
            precise = OnnxNetwork.precise_of_reader(files[0])
            return cls(network, tokenizer, adapter, calibration, sure, precise, verdicts)
        from transformers import BertModel

        from newsqa.models.merging import TorchNetwork, merged

        location = bundled_encoder()
        tokenizer = load_tokenizer(location / TOKENIZER_FILE)
        model = merged(adapter, base or BertModel.from_pretrained(location))
        verdicts = VerdictReader(TorchNetwork(merged(second, model)), tokenizer, second)
        return cls(TorchNetwork(model), tokenizer, adapter, calibration, sure, None, verdicts)

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        """The best spans of ``hits`` for ``question``, or a verdict on it.

        Args:
            question: as asked, without its history.
            hits: the passages.
            history: earlier turns that the question leans on, oldest first.
        """
        asked = question_part(question, history)
        hits = hits if _ASKS_FOR_SEVERAL.search(question) else hits[:READ]
        encoded = encode_windows(self._tokenizer, asked, hits, max_length=self._max_length, stride=self._stride)
        of_best = sum(window.hit is hits[0] for window in encoded)
        seen: list[_Seen] = []
        with closing(self._seen(self._network, encoded, hits)) as found:
            for one in found:
                seen.append(one)
                if len(seen) == of_best < len(encoded):
                    reading = self._reading(question, history, seen)
                    if not self._is_polar(seen) and is_settled(question, reading, hits[1:], self._sure):
                        break
            else:
                reading = self._reading(question, history, seen)
        if self._precise and (close := self._close(seen, reading.null_score)):
            for i, again in zip(close, self._seen(self._precise, [encoded[i] for i in close], hits), strict=True):
                seen[i] = again
            reading = self._reading(question, history, seen)
        return self._judged(asked, hits, reading) if self._is_polar(seen) else reading

    def _seen(
        self, network: Network, encoded: Sequence[EncodedWindow], hits: Sequence[Hit]
    ) -> Generator[_Seen, None, None]:
        """What ``network`` makes of the windows, in order, each as soon as it is there."""
        with closing(network.states([window.inputs["input_ids"] for window in encoded])) as found:
            for window, states in zip(encoded, found, strict=True):
                output = self._heads(states, window.in_passage)
                yield _Seen(_scored(window, output, hits[0].score), output.polar)

    def _close(self, seen: Sequence[_Seen], threshold: float) -> list[int]:
        windows = [one.window for one in seen]
        return undecided(windows, max_tokens=MAX_ANSWER_TOKENS, threshold=threshold, margin=_CLOSE)

    def _reading(self, question: str, history: Sequence[Exchange], seen: Sequence[_Seen]) -> Reading:
        windows = [one.window for one in seen]
        candidates = decode(windows, max_tokens=MAX_ANSWER_TOKENS, limit=_CANDIDATES)
        if not candidates:
            return Reading((), (), 0.0, 0.0)
        threshold = self._threshold(question, history, windows, candidates[0])
        confidence = self._calibration.confidence(candidates[0].score)
        return Reading(candidates, _answers(question, candidates, threshold), threshold, confidence)

    def _threshold(
        self, question: str, history: Sequence[Exchange], windows: Sequence[Window], best: ScoredSpan
    ) -> float:
        """What the score of ``best`` must exceed."""
        if history:
            return self._calibration.follow_up_threshold
        article = next(window.hit.article for window in windows if window.hit.article.id == best.span.article_id)
        english = question_language(question) == "en" and _is_english(article.text[:_TELLING])
        return self._calibration.english_threshold if english else self._calibration.threshold

    def _is_polar(self, seen: Sequence[_Seen]) -> bool:
        """Whether the question is one for yes or no, and can get a verdict."""
        return self._verdicts is not None and sum(one.polar for one in seen) > 0

    def _judged(self, asked: str, hits: Sequence[Hit], reading: Reading) -> Reading:
        """``reading`` with the verdict of the sentence that says most, if it is sure enough; else as it is."""
        if self._verdicts is None or not reading.candidates:
            return reading
        best: dict[Span, ScoredSpan] = {}
        for candidate in reading.candidates:
            best.setdefault(candidate.sentence, candidate)
        candidates = list(best.values())[:_JUDGED]
        judgements = self._verdicts.judge(asked, [_with_neighbours(hits, candidate) for candidate in candidates])
        judgement, evidence = max(zip(judgements, candidates, strict=True), key=lambda pair: pair[0].best()[1])
        verdict, probability = judgement.best()
        if probability < self._calibration.verdict_threshold:
            return reading
        others = tuple(candidate for candidate in reading.candidates if candidate != evidence)
        return Reading((evidence, *others), (evidence,), reading.null_score, min(probability, 1.0), verdict)


def _with_neighbours(hits: Sequence[Hit], candidate: ScoredSpan) -> str:
    """The candidate's sentence and the ones around it, as far as they are in its passage."""
    passage = next(hit.passage for hit in hits if hit.passage.span.contains(candidate.span))
    place = passage.sentences.index(candidate.sentence)
    around = passage.sentences[max(place - 1, 0) : place + 2]
    return passage.span.text[around[0].start - passage.span.start : around[-1].end - passage.span.start]


@functools.lru_cache(maxsize=256)
def _is_english(beginning: str) -> bool:
    return is_english(beginning)


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


def _scored(window: EncodedWindow, output: HeadOutput, best: float) -> Window:
    """What was said of ``window``; ``best`` is the score of the first passage that was retrieved."""
    prior = -min(_PRIOR * (best - window.hit.score), _MOST_PRIOR)
    return Window(window.hit, output.start, output.end, window.in_passage, window.starts, window.ends, prior)
