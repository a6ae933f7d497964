"""Train what gives the verdicts, a second adapter on top of the reader's, and choose when one is given.

    python -m newsqa.training.verdicts --data DATA --pairs SNLI --reader reader.safetensors --output RUN
    python -m newsqa.training.verdicts --data DATA --calibrate src/newsqa/models

The second command asks the yes/no questions of validation as a user would, each of its own article, and writes the
threshold into the calibration in the folder: the lowest at which at most one in ten of the verdicts given is wrong, one
on an unknown question being wrong; none is given where fewer than one question in ten would get a right one.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import shutil
import sys
import tempfile
import types
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newsqa.embedding import load_encoder
from newsqa.errors import NewsQAError
from newsqa.evaluation.asking import OwnArticle
from newsqa.evaluation.metrics import verdict_scores
from newsqa.evaluation.rows import yes_no_rows
from newsqa.models.adapter import Adapter
from newsqa.models.bundled import bundled_encoder
from newsqa.reading.bundled import CALIBRATION, BundledReader
from newsqa.training.config import AdapterConfig, TrainingConfig
from newsqa.training.entailment import ENTAILMENT, EntailmentMixture
from newsqa.training.trainer import Trainer

CONFIG = TrainingConfig(
    adapter=AdapterConfig(rank=32),
    tokens_per_batch=1400,
    learning_rate=8e-4,
    head_learning_rate=8e-4,
    warmup_steps=60,
    total_steps=2200,
    decay_steps=1200,
    span_weight=0.2,
    polar_weight=0.0,
    claims=0.15,
    shares=types.MappingProxyType({ENTAILMENT: 0.25}),
)


MAX_WRONG, MIN_RIGHT = 0.10, 0.10
_ALL = 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A question's label, and the likelier verdict with its probability; None where it got none."""

    label: str
    verdict: str | None
    probability: float


def verdict_threshold(judged: Sequence[Judged]) -> float:
    """The threshold by the rule above; 1 gives none."""
    labels = [one.label for one in judged]
    for step in range(34, 100):
        scores = verdict_scores(labels, [one.verdict if one.probability >= step / 100 else None for one in judged])
        if scores.wrong <= MAX_WRONG:
            return step / 100 if scores.right >= MIN_RIGHT else 1.0
    return 1.0


def calibrate(folder: Path, data: Path) -> list[Judged]:
    """Write the threshold into the calibration in ``folder``, and return what it was chosen on."""
    file = folder / CALIBRATION
    values = json.loads(file.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        (Path(copy) / CALIBRATION).write_text(json.dumps(values | {"verdict_threshold": _ALL}), encoding="utf-8")
        encoder = load_encoder()
        own = OwnArticle(encoder, BundledReader.load(folder=Path(copy)))
        judged = []
        for path in sorted(data.glob("yesno/valid_*.jsonl")):
            for row in yes_no_rows(path):
                for question in row.questions:
                    for wording in question.wordings.values():
                        answer = own.about(row.article).ask(wording)
                        judged.append(Judged(question.label, answer.verdict, answer.confidence))
    values["verdict_threshold"] = verdict_threshold(judged)
    file.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    return judged


def main(arguments: list[str] | None = None) -> int:
    """Train or calibrate; 0 on success, 1 on an error of newsqa."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        if options.calibrate:
            calibrate(options.calibrate, options.data)
        else:
            config = dataclasses.replace(CONFIG, total_steps=options.total_steps, decay_steps=options.decay_steps)
            mixture, under = EntailmentMixture(options.data, options.pairs, config), Adapter.load(options.reader)
            Trainer(config, mixture=mixture, output=options.output, encoder=bundled_encoder(), under=under).run()
    except NewsQAError as error:
        sys.stderr.write(f"newsqa.training.verdicts: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m newsqa.training.verdicts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with qa and yesno")
    parser.add_argument("--calibrate", type=Path, metavar="FOLDER", help="do not train: the folder with the weights")
    parser.add_argument("--pairs", type=Path, help="natural language inference, in the form of SNLI")
    parser.add_argument("--reader", type=Path, help="the reader's adapter")
    parser.add_argument("--output", type=Path, help="the run's folder; a run found there is resumed")
    parser.add_argument("--total-steps", type=int, default=CONFIG.total_steps)
    parser.add_argument("--decay-steps", type=int, default=CONFIG.decay_steps)
    return parser


if __name__ == "__main__":
    sys.exit(main())
