"""From validation predictions to the calibration that ships beside the weights.

    python -m newsqa.training.calibrate RUN/evaluation/predictions.jsonl --output src/newsqa/models/reader.json

The predictions are those that ``python -m newsqa.training --evaluate`` writes. Every file counts the same, whatever
its size. The rules:

- threshold of the score: the one with the highest mean SQuAD 2 F1 over the question files, among those at which at
  least four in five unanswerable questions of every news file are refused (their unanswerable questions are near
  misses, and wrong answers to them cost a reader more than "the article does not say");
- threshold of English questions on English passages: by the same rule, on the files of only those, whose near misses
  are the hardest to refuse; the first threshold is for all other files;
- threshold of follow-up questions: by the same rule on the later turns of conversations in each language;
- confidence: Platt scaling of the score on the same questions; an answer is right if its token F1 with a gold answer
  is at least 0.5.

No verdicts are given before ``python -m newsqa.training.verdicts`` has found a threshold for them.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from newsqa.evaluation.metrics import RIGHT_F1, expected_calibration_error, f1
from newsqa.evaluation.rows import read_rows
from newsqa.reading.bundled import ReaderCalibration

_TURNS = ("conversations, turns 2+, id", "conversations, turns 2+, en")
_REFUSED = 0.8


@dataclass(frozen=True, slots=True)
class Scored:
    """One prediction: its score, the F1 of its span, and the F1 of abstaining (1 if there is no answer)."""

    score: float
    f1: float
    abstaining: float

    @property
    def right(self) -> bool:
        """Whether the span answers the question."""
        return self.f1 >= RIGHT_F1


def calibrate(rows: Sequence[Mapping[str, Any]]) -> tuple[ReaderCalibration, float]:
    """The calibration, and its expected calibration error on the same questions, from prediction rows."""
    groups: dict[str, list[Scored]] = defaultdict(list)
    for row in rows:
        gold = row["gold"]
        found = f1(row["text"], gold) if gold else 0.0
        groups[row["group"]].append(Scored(row["score"], found, float(not gold)))
    files = {name: group for name, group in groups.items() if not name.startswith("conversations")}
    turns = {name: groups[name] for name in _TURNS if name in groups}
    scored = [item for group in files.values() for item in group]
    weights = [1 / len(group) for group in files.values() for _ in group]
    english = {row["group"] for row in rows if row["languages"] == ["en", "en"]} & files.keys()
    threshold = _file_threshold({name: file for name, file in files.items() if name not in english})
    platt = LogisticRegression(C=1e6, max_iter=5000)
    platt.fit([[item.score] for item in scored], [item.right for item in scored], sample_weight=weights)
    calibration = ReaderCalibration(
        threshold=threshold,
        english_threshold=_file_threshold({name: files[name] for name in english}) if english else threshold,
        follow_up_threshold=_threshold(turns, list(turns)) if turns else threshold,
        slope=round(float(platt.coef_[0][0]), 4),
        intercept=round(float(platt.intercept_[0]), 4),
        verdict_threshold=1.0,
    )
    confidences = [calibration.confidence(item.score) for item in scored]
    return calibration, expected_calibration_error(confidences, [item.right for item in scored])


def _file_threshold(files: Mapping[str, Sequence[Scored]]) -> float:
    return _threshold(files, [name for name in files if name.startswith("news")])


def _threshold(files: Mapping[str, Sequence[Scored]], refusing: Sequence[str]) -> float:
    """The threshold with the highest mean F1, of those that refuse enough unanswerable questions of ``refusing``."""

    def mean_f1(threshold: float) -> float:
        shares = [
            float(np.mean([item.f1 if item.score > threshold else item.abstaining for item in file]))
            for file in files.values()
        ]
        return float(np.mean(shares))

    unanswerable = [[item.score for item in files[name] if item.abstaining] for name in refusing]

    def refuses(threshold: float) -> bool:
        return all(np.mean(np.array(scores) <= threshold) >= _REFUSED for scores in unanswerable if scores)

    steps = [round(float(step), 1) for step in np.arange(-6.0, 6.05, 0.1)]
    return max([step for step in steps if refuses(step)] or steps[-1:], key=mean_f1)


def main(arguments: list[str] | None = None) -> None:
    """Write the calibration as JSON and its figures to the screen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("predictions", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    predictions = read_rows(options.predictions, lambda record, _position: record, "a prediction")
    calibration, error = calibrate(list(predictions))
    options.output.write_text(json.dumps(dataclasses.asdict(calibration), indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{calibration}\nexpected calibration error {100 * error:.1f} %\n")


if __name__ == "__main__":
    main()
