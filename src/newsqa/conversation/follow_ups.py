"""What a question leans on: the turns to read it with, and its stand-alone form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsqa.conversation.leaning import LeaningModel
from newsqa.reading.history import MAX_TURNS, Exchange
from newsqa.types import Language, Turn

_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Context:
    """How a question is to be read.

    ``history`` is what it leans on, oldest first, () if it stands alone; ``query`` is its stand-alone form.
    """

    history: tuple[Exchange, ...]
    query: str


class FollowUps:
    """Decides whether a question leans on the conversation, and on how much of it."""

    def __init__(self, model: LeaningModel) -> None:
        self._model = model

    def context(self, question: str, turns: Sequence[Turn], language: Language) -> Context:
        """How to read ``question`` after ``turns``.

        A question that leans on a turn leans on what that turn leaned on, too; a change of topic ends the chain.
        """
        asked = [turn for turn in turns if turn.kind == "question"]
        history = tuple(Exchange(turn.question, turn.answer.text) for turn in asked[-MAX_TURNS:])
        if self._model.probability(question, history, language) <= _THRESHOLD:
            return Context((), question)
        return Context(history, _stand_alone(question, asked[-1]))


def _stand_alone(question: str, before: Turn) -> str:
    """``question`` with what was talked about in brackets: "When? (Who did Putin call? Benjamin Netanyahu)"."""
    topic = f"{before.question} {before.answer.text}".strip()
    return f"{question} ({topic})"
