"""``python -m newsqa.training``: train the reader, go on with an interrupted run, evaluate an adapter."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import signal
import sys
from pathlib import Path

from newsqa.errors import NewsQAError
from newsqa.models.bundled import bundled_encoder
from newsqa.training.config import TrainingConfig
from newsqa.training.mixing import Mixture
from newsqa.training.trainer import CONFIG_FILE, Trainer

_OVERRIDES = {"total_steps": int, "decay_steps": int, "learning_rate": float, "threads": int, "seed": int}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 on success, 1 on an error of newsqa, 3 if stopped by a signal and to be resumed."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        return _evaluate(options) if options.evaluate else _train(options)
    except NewsQAError as error:
        sys.stderr.write(f"newsqa.training: {error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m newsqa.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with qa, yesno and conversations")
    parser.add_argument("--output", type=Path, required=True, help="the run's folder; a run found there is resumed")
    parser.add_argument(
        "--config", type=Path, help="JSON settings; by default those of the run, else the built-in ones"
    )
    for name, kind in _OVERRIDES.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, help="in place of the configured value")
    parser.add_argument("--evaluate", type=Path, metavar="ADAPTER", help="do not train: evaluate this adapter file")
    parser.add_argument("--questions", type=int, help="evaluate on so many questions of each file only")
    parser.add_argument("--no-evaluation", action="store_true", help="do not evaluate when the training ends")
    return parser


def _train(options: argparse.Namespace) -> int:
    config = _config(options)
    mixture = Mixture(options.data, config)
    trainer = Trainer(config, mixture=mixture, output=options.output, encoder=bundled_encoder())
    stops: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: stops.append(received))
    adapter = trainer.run(stopped=lambda: bool(stops))
    if stops:
        return 3
    if not options.no_evaluation:
        options.evaluate = adapter
        return _evaluate(options)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from newsqa.training.evaluate import evaluate

    report = evaluate(
        options.evaluate,
        data=options.data,
        encoder=bundled_encoder(),
        output=options.output / "evaluation",
        config=_config(options),
        questions=options.questions,
    )
    sys.stdout.write(report)
    return 0


def _config(options: argparse.Namespace) -> TrainingConfig:
    """The configuration given, else the one of the run in the output folder, else the default, with the overrides."""
    path = options.config or options.output / CONFIG_FILE
    config = TrainingConfig.load(path) if options.config or path.exists() else TrainingConfig()
    given = {name: getattr(options, name) for name in _OVERRIDES if getattr(options, name) is not None}
    return dataclasses.replace(config, **given)


if __name__ == "__main__":
    sys.exit(main())
