"""How well other things than questions are told from questions: ``python -m newsqa.evaluation.utterances FILES``.

Files of utterances are JSON Lines of ``{"text", "language", "kind"}``; in question files every question is ordinary.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newsqa.conversation.intents import IntentRecogniser
from newsqa.embedding import load_encoder
from newsqa.errors import InputError
from newsqa.evaluation.questions import read_questions

QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a reader says, and its kind."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class RecognitionReport:
    """Shares in [0, 1], 0 where nothing counts.

    ``precision`` and ``recall`` are of all kinds but "question", another kind being wrong. ``caught``: of the ordinary
    questions, those taken for something else. ``wrong``: text, kind, and what it was taken for.
    """

    utterances: int
    precision: float
    recall: float
    caught: float
    wrong: tuple[tuple[str, str, str], ...]


def read_utterances(path: Path) -> list[Utterance]:
    """The utterances of a file, or the questions of a question file.

    Raises:
        InputError: the file cannot be read or is neither.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        if rows and "text" in rows[0]:
            return [Utterance(row["text"], row["kind"]) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"cannot read the utterances of {path}: {error}") from error
    return [Utterance(question.text, QUESTION) for question in read_questions(path).questions]


def measure(recogniser: IntentRecogniser, utterances: Sequence[Utterance]) -> RecognitionReport:
    """Recognise each of ``utterances`` and compare."""
    taken = [recogniser.recognise(one.text) for one in utterances]
    pairs = list(zip(utterances, taken, strict=True))
    right = sum(one.kind == kind != QUESTION for one, kind in pairs)
    given = sum(kind != QUESTION for kind in taken)
    ordinary = [kind for one, kind in pairs if one.kind == QUESTION]
    others = len(pairs) - len(ordinary)
    return RecognitionReport(
        utterances=len(pairs),
        precision=right / given if given else 0.0,
        recall=right / others if others else 0.0,
        caught=sum(kind != QUESTION for kind in ordinary) / len(ordinary) if ordinary else 0.0,
        wrong=tuple((one.text, one.kind, kind) for one, kind in pairs if one.kind != kind),
    )


def main(arguments: list[str] | None = None) -> None:
    """Print a line a file, and what was mistaken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args(arguments)
    recogniser = IntentRecogniser(load_encoder())
    for path in options.files:
        report = measure(recogniser, read_utterances(path))
        sys.stdout.write(
            f"{path.stem}: {report.utterances} utterances, precision {100 * report.precision:.1f} %, recall "
            f"{100 * report.recall:.1f} %, ordinary questions caught {100 * report.caught:.2f} %\n"
        )
        for text, kind, taken in report.wrong:
            sys.stdout.write(f"  {kind} taken for {taken}: {text}\n")


if __name__ == "__main__":
    main()
