"""Fit the sentence reader: ``python -m newsqa.evaluation.fit_sentences --train FILES --valid FILES --output FILE``.

The weights are a logistic regression on the training questions. The threshold is the one with the most right replies
on the validation questions, every file counting the same: an answerable question is right if it is answered with a
gold sentence, an unanswerable one if it is refused. The confidence is Platt scaling on the validation questions.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from newsqa.embedding import Encoder, load_encoder
from newsqa.evaluation.questions import Question, QuestionFile, read_questions
from newsqa.index import Index
from newsqa.reading.sentence import FEATURES, SentenceReader, SentenceWeights, candidate_sentences
from newsqa.retrieval import Retriever
from newsqa.types import Span

logger = logging.getLogger(__name__)

_PASSAGES_READ = 8
_UNFITTED = SentenceWeights((0.0,) * len(FEATURES), 0.0, 0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Sample:
    """One question: the features of its candidate sentences, which of them are gold, and whether any could be."""

    features: np.ndarray
    gold: np.ndarray
    answerable: bool


def samples(file: QuestionFile, reader: SentenceReader, encoder: Encoder, settings: Sequence[str]) -> list[Sample]:
    """Samples of every question of ``file``, asked of all articles ("archive") or of its own ("alone")."""
    articles = {article.id: article for article in file.articles}
    archive = Retriever(Index.build(file.articles, encoder), encoder) if "archive" in settings else None
    found = []
    for article_id, article in articles.items():
        alone = Retriever(Index.build([article], encoder), encoder)
        for question in (question for question in file.questions if question.article_id == article_id):
            for setting in settings:
                retriever = alone if setting == "alone" or archive is None else archive
                hits = retriever.retrieve(question.text, _PASSAGES_READ)
                sentences = candidate_sentences(hits)
                gold = np.array([_is_gold(sentence, question) for _, sentence in sentences])
                found.append(Sample(reader.features(question.text, hits, sentences), gold, question.answerable))
    logger.info("%s: %d samples", file.name, len(found))
    return found


def excerpt(file: QuestionFile, articles: int) -> QuestionFile:
    """``file`` with only so many of its articles, drawn with a fixed seed, and their questions."""
    kept = random.Random(0).sample(file.articles, min(articles, len(file.articles)))
    ids = {article.id for article in kept}
    return QuestionFile(file.name, tuple(kept), tuple(q for q in file.questions if q.article_id in ids))


def fit(train: Sequence[Sample], valid: Sequence[Sequence[Sample]]) -> SentenceWeights:
    """Weights from ``train``; threshold and confidence from ``valid``, one sequence of samples a file."""
    model = LogisticRegression(C=3.0, max_iter=5000)
    model.fit(np.concatenate([sample.features for sample in train]), np.concatenate([sample.gold for sample in train]))
    weights, bias = model.coef_[0], float(model.intercept_[0])
    files = []
    for file in valid:
        logits = [sample.features @ weights + bias for sample in file]
        best = np.array([values.max() for values in logits])
        right = np.array([sample.gold[values.argmax()] for sample, values in zip(file, logits, strict=True)])
        files.append((best, right, np.array([sample.answerable for sample in file])))
    threshold = max(_thresholds(files), key=lambda value: _right_replies(files, value))
    platt = LogisticRegression(C=1e6, max_iter=5000)
    platt.fit(np.concatenate([best for best, _, _ in files])[:, None], np.concatenate([right for _, right, _ in files]))
    return SentenceWeights(
        weights=tuple(round(float(weight), 4) for weight in weights),
        bias=round(bias, 4),
        threshold=round(float(threshold), 2),
        slope=round(float(platt.coef_[0][0]), 4),
        intercept=round(float(platt.intercept_[0]), 4),
    )


def _thresholds(files: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> np.ndarray:
    lowest, highest = min(best.min() for best, _, _ in files), max(best.max() for best, _, _ in files)
    return np.linspace(lowest, highest, 400)


def _right_replies(files: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], threshold: float) -> float:
    shares = [np.where(best > threshold, right, ~answerable).mean() for best, right, answerable in files]
    return float(np.mean(shares))


def _is_gold(sentence: Span, question: Question) -> bool:
    return any(
        source.article_id == sentence.article_id and source.start < sentence.end and sentence.start < source.end
        for source in question.sources
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and write the weights as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", nargs="+", type=Path, required=True)
    parser.add_argument("--valid", nargs="+", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--articles", type=int, default=150, help="articles taken of each file")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s")
    logger.setLevel(logging.INFO)
    encoder = load_encoder()
    reader = SentenceReader(encoder, _UNFITTED)
    train = []
    for path in options.train:
        train += samples(excerpt(read_questions(path), options.articles), reader, encoder, ("archive", "alone"))
    valid = [
        samples(excerpt(read_questions(path), options.articles), reader, encoder, ("alone",)) for path in options.valid
    ]
    fitted = fit(train, valid)
    options.output.write_text(json.dumps(asdict(fitted), indent=1) + "\n", encoding="utf-8")
    logger.info("%s", dict(zip(FEATURES, fitted.weights, strict=True)))
    logger.info("%s", fitted)


if __name__ == "__main__":
    main()
