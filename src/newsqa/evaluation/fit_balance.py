"""Fit the balance of languages: ``python -m newsqa.evaluation.fit_balance --limit 150 --output FILE FILES…``.

The question files, best with as many questions in either language about passages in either, are searched as one
archive. The axis is the linear discriminant of their Indonesian and English passages. The two bonuses are those of a
grid with which the right article comes first most often, every file counting the same; among equals the smallest.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from newsqa.balance import LanguageBalance
from newsqa.embedding import Encoder, Vectors, fingerprint, load_encoder
from newsqa.errors import InputError
from newsqa.evaluation.asking import drawn
from newsqa.evaluation.questions import QuestionFile, read_questions, together
from newsqa.evaluation.rows import LANGUAGES, question_rows
from newsqa.index import Index
from newsqa.language import own_language
from newsqa.retrieval import fused
from newsqa.types import Language

logger = logging.getLogger(__name__)

_GRID = tuple(number / 100 for number in range(11))
# Of the mean variance of a component: what is added to each, since there are not many passages for so many components.
_SHRINKAGE = 1.0
_KEPT = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's best passages in each language: scores without a bonus, how English each is, and which are right.

    The three arrays have one value a passage. ``file`` is the position of the question's file.
    """

    file: int
    language: Language | None
    scores: np.ndarray
    english: np.ndarray
    right: np.ndarray


def fit(
    files: Sequence[QuestionFile], languages: Mapping[str, str], encoder: Encoder, limit: int | None
) -> LanguageBalance:
    """The balance that suits ``files`` as one archive.

    Args:
        files: answerable questions are asked.
        languages: of the articles, by text; others than "id" and "en" have no part in the axis.
        encoder: what it is fitted for.
        limit: so many questions of each file, drawn with a fixed seed.

    Raises:
        InputError: there are no Indonesian or no English articles.
    """
    archives = together(files)
    index = Index.build(archives[0].articles, encoder)
    passages = index.vectors.at(np.arange(len(index.passages)))
    spoken = np.array([languages[index.passages.article(position).text] for position in range(len(index.passages))])
    axis, origin = discriminant(passages[spoken == "id"], passages[spoken == "en"])
    unweighted = LanguageBalance(axis, origin, {"id": 0.0, "en": 0.0})
    asked = _asked(archives, index, passages, unweighted.english(passages), encoder, limit)
    logger.info("%d questions to %d passages", len(asked), len(passages))
    bonus = best_bonuses(asked)
    return LanguageBalance(axis, origin, bonus)


def discriminant(indonesian: Vectors, english: Vectors) -> tuple[Vectors, float]:
    """The axis and origin of ``LanguageBalance``, from the vectors of passages in either language.

    Raises:
        InputError: there are fewer than two of either.
    """
    if min(len(indonesian), len(english)) < 2:
        raise InputError("there are no articles in both languages; give files with Indonesian and with English ones")
    between = english.mean(axis=0) - indonesian.mean(axis=0)
    within = (np.cov(indonesian.T) + np.cov(english.T)) / 2
    shrunk = within + _SHRINKAGE * np.trace(within) / len(within) * np.eye(len(within))
    axis = np.linalg.solve(shrunk, between)
    axis /= axis @ between
    return axis.astype(np.float32), float(indonesian.mean(axis=0) @ axis)


def best_bonuses(asked: Sequence[Asked]) -> dict[Language, float]:
    """For each language of a question the bonus of the grid with which the right article comes first most often."""
    in_file = Counter(one.file for one in asked)

    def share(language: Language, bonus: float) -> float:
        mine = [one for one in asked if one.language == language]
        return round(sum(1 / in_file[one.file] for one in mine if _right_first(one, bonus)) / len(in_file), 9)

    best: dict[Language, float] = {}
    for language in LANGUAGES:
        best[language] = max(_GRID, key=lambda bonus: (share(language, bonus), -bonus))
        gain = share(language, best[language]) - share(language, 0.0)
        logger.info(
            "bonus for questions in %s: %.2f; right article first: +%.1f %%", language, best[language], 100 * gain
        )
    return best


def _right_first(asked: Asked, bonus: float) -> bool:
    other = asked.english if asked.language == "id" else 1 - asked.english
    return bool(asked.right[int(np.argmax(asked.scores + bonus * other))])


def _asked(
    archives: Sequence[QuestionFile],
    index: Index,
    passages: Vectors,
    english: np.ndarray,
    encoder: Encoder,
    limit: int | None,
) -> list[Asked]:
    articles = np.array([index.passages.article(position).id for position in range(len(passages))])
    found = []
    for number, file in enumerate(archives):
        for question in drawn([question for question in file.questions if question.answerable], limit):
            vector = encoder.encode_questions([question.text])[0]
            scores = fused(passages @ vector, index.words.scores(question.text))
            # No bonus makes one of the others the first.
            kept = np.union1d(np.argsort(-(scores - english))[:_KEPT], np.argsort(-(scores + english))[:_KEPT])
            right = articles[kept] == question.article_id
            found.append(Asked(number, own_language(question.text), scores[kept], english[kept], right))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, and write the file that ``newsqa.balance`` reads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="question files that name the languages")
    parser.add_argument("--output", type=Path, required=True, help="the JSON file to write")
    parser.add_argument("--limit", type=int, help="so many questions of each file")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s")
    logger.setLevel(logging.INFO)
    encoder = load_encoder()
    files = [read_questions(path) for path in options.files]
    languages = {row.article.text: row.language for path in options.files for row in question_rows(path)}
    write(fit(files, languages, encoder, options.limit), encoder, options.output)


def write(balance: LanguageBalance, encoder: Encoder, path: Path) -> None:
    """Write ``balance`` for ``LanguageBalance.load``."""
    values = {
        "fingerprint": fingerprint(encoder),
        "bonus": dict(balance.bonus),
        "origin": round(balance.origin, 4),
        "axis": [round(float(value), 4) for value in balance.axis],
    }
    path.write_text(json.dumps(values) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
