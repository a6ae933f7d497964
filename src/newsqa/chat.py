"""``Chat``: a conversation about the articles of a ``NewsQA``."""

from __future__ import annotations

from collections.abc import Callable

from newsqa.types import Answer, Turn


class Chat:
    """Keeps the turns of one conversation. Every question is answered on its own: ``Turn.query`` is the question.

    Args:
        answer: how a stand-alone question is answered, such as ``NewsQA.ask``.
    """

    def __init__(self, answer: Callable[[str], Answer]) -> None:
        self._answer = answer
        self._turns: list[Turn] = []

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The conversation so far, oldest first."""
        return tuple(self._turns)

    def ask(self, question: str) -> Turn:
        """Answer ``question`` and remember the turn.

        Raises:
            InputError: the question is empty or too long; the conversation goes on as if it had not been asked.
        """
        answer = self._answer(question)
        turn = Turn(answer.question, answer.question, answer)
        self._turns.append(turn)
        return turn
