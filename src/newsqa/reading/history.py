"""Earlier turns of a conversation in the reader's question part.

One format for training and for answering: the turns oldest first, each its question and its answer, then the
question itself, with a separator between them. "Who did Putin call? Benjamin Netanyahu || When?"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SEPARATOR = " || "
NO_ANSWER = "-"
MAX_TURNS = 3
_MAX_ANSWER_CHARACTERS = 120
_MAX_HISTORY_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question and what was answered; ``answer`` is "" where there was none."""

    question: str
    answer: str


def question_part(question: str, history: Sequence[Exchange] = ()) -> str:
    """What the reader sees before the passage: at most ``MAX_TURNS`` of ``history`` (oldest first), then ``question``.

    The oldest turns are left out where they would take more than some 100 tokens; long answers are cut.
    """
    kept: list[str] = []
    room = _MAX_HISTORY_CHARACTERS
    for turn in reversed(history[-MAX_TURNS:]):
        text = f"{turn.question} {turn.answer[:_MAX_ANSWER_CHARACTERS] or NO_ANSWER}"
        room -= len(text)
        if room < 0 and kept:
            break
        kept.append(text)
    return SEPARATOR.join([*reversed(kept), question])
