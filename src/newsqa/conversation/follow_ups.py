"""What a question may lean on: the turns to read it with, and its stand-alone form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsqa.conversation.leaning import LeaningModel
from newsqa.reading.history import MAX_TURNS, Exchange
from newsqa.types import Language, Turn


@dataclass(frozen=True, slots=True)
class Context:
    """How a question can be read: after the turns of ``history``, oldest first, as if it were ``query``.

    The history goes back to the last turn that stood alone, but not further than ``MAX_TURNS``.

    ``query`` is the question itself where it does not look as if it leaned on them. ``log_odds`` are those that it
    leans on them.
    """

    history: tuple[Exchange, ...]
    query: str
    log_odds: float


class FollowUps:
    """Puts a question in the context of its conversation."""

    def __init__(self, model: LeaningModel) -> None:
        self._model = model

    def context(self, question: str, turns: Sequence[Turn], language: Language) -> Context:
        """How ``question`` can be read after ``turns``, of which those count that asked the articles something."""
        asked = [turn for turn in turns if turn.kind == "question"][-MAX_TURNS:]
        log_odds = self._model.log_odds(question, _exchanges(asked), language)
        # What was said before the last turn that stood alone is another topic.
        first = max((place for place, turn in enumerate(asked) if turn.query == turn.question), default=0)
        topic = asked[first:]
        return Context(_exchanges(topic), _stand_alone(question, topic) if log_odds > 0 else question, log_odds)


def _stand_alone(question: str, before: Sequence[Turn]) -> str:
    """``question`` with what was talked about in brackets: "When? (Who did Putin call? Benjamin Netanyahu)"."""
    topic = "; ".join(f"{turn.question} {turn.answer.text}".strip() for turn in before)
    return f"{question} ({topic})"


def _exchanges(turns: Sequence[Turn]) -> tuple[Exchange, ...]:
    return tuple(Exchange(turn.question, turn.answer.text) for turn in turns)
