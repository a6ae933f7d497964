"""How often a question's language is recognised: ``python -m newsqa.evaluation.languages FILES…``.

Each line of the files has ``question_lang`` and ``questions``; the right answer is "id" for Indonesian and "en" for
every other language.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from newsqa.language import question_language

_SHORT = 3


def accuracy(files: Sequence[Path]) -> dict[str, tuple[int, int]]:
    """Right and all questions: "short" (up to three words), "long", and "other" (neither English nor Indonesian)."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for file in files:
        for line in file.read_text(encoding="utf-8").split("\n"):
            record = json.loads(line or "{}")
            language = record.get("question_lang")
            for question in record.get("questions", ()):
                short = len(question["question"].split()) <= _SHORT
                kind = "other" if language not in ("en", "id") else "short" if short else "long"
                total[kind] += 1
                right[kind] += question_language(question["question"]) == ("id" if language == "id" else "en")
    return {kind: (right[kind], total[kind]) for kind in sorted(total)}


if __name__ == "__main__":
    for name, (found, asked) in accuracy([Path(argument) for argument in sys.argv[1:]]).items():
        sys.stdout.write(f"{name}: {found} of {asked} ({100 * found / asked:.1f} %)\n")
