"""How often a question's language is recognised: ``python -m newsqa.evaluation.languages FILES…``.

Each line of the files has ``question_lang`` and ``questions``; the right answer is "id" for Indonesian and "en" for
every other language.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from newsqa.evaluation.rows import Record, read_rows
from newsqa.language import question_language

_SHORT = 3


def accuracy(files: Sequence[Path]) -> dict[str, tuple[int, int]]:
    """Right and all questions: "short" (up to three words), "long", and "other" (neither English nor Indonesian)."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for file in files:
        for language, questions in read_rows(file, _questions, "a line with questions"):
            for question in questions:
                short = len(question.split()) <= _SHORT
                kind = "other" if language not in ("en", "id") else "short" if short else "long"
                total[kind] += 1
                right[kind] += question_language(question) == ("id" if language == "id" else "en")
    return {kind: (right[kind], total[kind]) for kind in sorted(total)}


def _questions(record: Record, _position: str) -> tuple[str, list[str]]:
    return record["question_lang"], [item["question"] for item in record["questions"]]


if __name__ == "__main__":
    for name, (found, asked) in accuracy([Path(argument) for argument in sys.argv[1:]]).items():
        sys.stdout.write(f"{name}: {found} of {asked} ({100 * found / asked:.1f} %)\n")
