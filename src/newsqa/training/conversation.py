"""Fit the classifiers of conversations: ``python -m newsqa.training.conversation --data FOLDER --output FOLDER``.

The examples of each kind ship with newsqa (``conversation/examples``); ordinary questions of the training files and
follow-ups of the training conversations are added to those that are nothing but questions.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from newsqa.conversation.classifier import INTENTS, NAMES, fit, read_examples
from newsqa.embedding import load_encoder
from newsqa.training.examples import read_conversations, read_questions

_ORDINARY = 60
_SEED = 0


def ordinary_questions(data: Path, rng: random.Random) -> list[str]:
    """English and Indonesian questions, so many of each file, and as many follow-ups of either language."""
    found: list[str] = []
    for path in sorted(data.glob("qa/train/*.jsonl")):
        own = sorted({example.question for example in read_questions(path) if example.language in ("en", "id")})
        found += rng.sample(own, min(_ORDINARY, len(own)))
    turns = read_conversations(data / "conversations" / "train.jsonl")
    for language in ("en", "id"):
        own = sorted({turn.example.question for turn in turns if turn.number > 1 and turn.example.language == language})
        found += rng.sample(own, min(2 * _ORDINARY, len(own)))
    return found


def main(arguments: list[str] | None = None) -> None:
    """Write the weights of both classifiers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with qa and conversations")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    encoder = load_encoder("bundled")
    examples = read_examples(INTENTS)
    examples["question"] += ordinary_questions(options.data, random.Random(_SEED))
    for name, kinds in ((INTENTS, examples), (NAMES, read_examples(NAMES))):
        fit(kinds, encoder).save(options.output / f"{name}.safetensors")
        sys.stdout.write(f"{name}: {', '.join(f'{kind} {len(texts)}' for kind, texts in kinds.items())}\n")


if __name__ == "__main__":
    main()
