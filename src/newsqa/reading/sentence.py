"""A reader on the encoder alone: it answers with the sentence that is most likely to hold the answer."""

from __future__ import annotations

import json
import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import get_args

import numpy as np

from newsqa.embedding import Encoder, Vectors
from newsqa.lexical import LexicalIndex
from newsqa.reading.answer_types import AnswerType, expected_type, offers
from newsqa.reading.history import Exchange, question_part
from newsqa.types import Hit, Reading, ScoredSpan, Span

_CANDIDATES = 10
_CACHED_SENTENCES = 20_000
_TYPES: tuple[AnswerType, ...] = get_args(AnswerType)

FEATURES = ("cosine", "lexical", "passage", "known", *_TYPES, *(f"{answer_type}_asked" for answer_type in _TYPES))


@dataclass(frozen=True, slots=True)
class SentenceWeights:
    """A logistic model of "this sentence answers the question", fitted by ``newsqa.evaluation.fit_sentences``.

    ``weights`` belong to ``FEATURES``. The reader answers when the best sentence's logit exceeds ``threshold``.
    ``slope`` and ``intercept`` turn that logit into the confidence (Platt scaling).
    """

    weights: tuple[float, ...]
    bias: float
    threshold: float
    slope: float
    intercept: float

    @classmethod
    def bundled(cls) -> SentenceWeights:
        """The weights that ship with newsqa, for the bundled encoder."""
        text = resources.files("newsqa.reading").joinpath("sentence_weights.json").read_text(encoding="utf-8")
        values = json.loads(text)
        return cls(tuple(values.pop("weights")), **values)

    def confidence(self, logit: float) -> float:
        """The calibrated probability that the best sentence, of this logit, holds the answer."""
        return 1 / (1 + math.exp(-max(self.slope * logit + self.intercept, -700.0)))


class SentenceReader:
    """Ranks the sentences of the passages; the answer is a whole sentence.

    An article's headline is no answer, only a pointer to one: what it says is said in full below.
    """

    def __init__(self, encoder: Encoder, weights: SentenceWeights | None = None) -> None:
        self._encoder = encoder
        self._weights = weights or SentenceWeights.bundled()
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        """The sentences of ``hits``, best first; scores are logits above the threshold, so the null score is 0.

        With ``history`` sentences are compared with the question and the turn before it.
        """
        sentences = candidate_sentences(hits)
        if not sentences:
            return Reading((), (), 0.0, 0.0)
        features = self.features(question, hits, sentences, history)
        logits = features @ np.array(self._weights.weights) + self._weights.bias
        order = np.argsort(-logits, kind="stable")[:_CANDIDATES]
        candidates = tuple(
            ScoredSpan(sentences[i][1].strip(), sentences[i][1], float(logits[i]) - self._weights.threshold)
            for i in order
        )
        confidence = self._weights.confidence(float(logits[order[0]]))
        return Reading(candidates, candidates[:1] if candidates[0].score > 0 else (), 0.0, confidence)

    def features(
        self,
        question: str,
        hits: Sequence[Hit],
        sentences: Sequence[tuple[int, Span]],
        history: Sequence[Exchange] = (),
    ) -> np.ndarray:
        """What the logistic model sees: float64 of shape ``(len(sentences), len(FEATURES))``.

        Args:
            question: as asked.
            hits: the passages.
            sentences: each with the position of its hit, as ``candidate_sentences`` gives them.
            history: earlier turns that the question leans on; the question word is looked for in the question alone.
        """
        texts = [sentence.strip().text for _, sentence in sentences]
        answer_type = expected_type(question)
        question = question_part(question, history[-1:])
        columns = np.zeros((len(texts), len(FEATURES)))
        # Cosines of e5 lie close together, hence the factor: it makes the weights comparable.
        columns[:, 0] = 10 * (self._vectors(texts) @ self._encoder.encode_questions([question])[0])
        words = LexicalIndex(texts)
        columns[:, 1] = words.scores(question)
        best = max(hit.score for hit in hits)
        columns[:, 2] = [10 * (hits[position].score - best) for position, _ in sentences]
        # Low where question and article differ in language: cosines are lower then too.
        columns[:, 3] = words.known_share(question)
        if answer_type is not None:
            columns[:, FEATURES.index(answer_type)] = [offers(text, answer_type, question) for text in texts]
            columns[:, FEATURES.index(f"{answer_type}_asked")] = 1
        return columns

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        """The passage vectors of ``texts``; each is computed once while it stays in the cache."""
        with self._lock:
            vectors = {text: self._cache[text] for text in texts if text in self._cache}
        missing = list(dict.fromkeys(text for text in texts if text not in vectors))
        if missing:
            fresh = dict(zip(missing, self._encoder.encode_passages(missing), strict=True))
            vectors.update(fresh)
            with self._lock:
                self._cache.update(fresh)
                while len(self._cache) > _CACHED_SENTENCES:
                    self._cache.popitem(last=False)
        return np.stack([vectors[text] for text in texts])


def candidate_sentences(hits: Sequence[Hit]) -> list[tuple[int, Span]]:
    """The sentences of ``hits`` that may be answers, each with the position of its hit.

    Sentences of white space, or without a letter or digit, are left out, and the headline unless it is all there is.
    """
    sentences = [
        (position, sentence)
        for position, hit in enumerate(hits)
        for sentence in hit.passage.sentences
        if any(character.isalnum() for character in sentence.text)
    ]
    body = [(position, sentence) for position, sentence in sentences if not _is_headline(hits[position], sentence)]
    return body or sentences


def _is_headline(hit: Hit, sentence: Span) -> bool:
    return bool(hit.article.title) and sentence.start == 0 and sentence.strip().text == hit.article.title
