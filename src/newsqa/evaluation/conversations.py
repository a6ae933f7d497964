"""Follow-up questions measured on conversation files, each asked of the conversation's own passage.

Every turn is asked in four ways, which differ in the earlier turns that it is asked with:

- gold: the last turns with their gold answers, always; what the reader makes of a history that is right;
- never: none; what the question says by itself;
- always: the last turns with newsqa's own answers, always;
- chat: ``Chat`` decides whether the question leans on its conversation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from newsqa.embedding import Encoder
from newsqa.evaluation import metrics
from newsqa.evaluation.asking import OwnArticle, Progress, drawn, silent
from newsqa.evaluation.questions import ConversationFile
from newsqa.evaluation.rows import LANGUAGES, ConversationRow
from newsqa.qa import NewsQA
from newsqa.reading import Reader
from newsqa.reading.history import MAX_TURNS, Exchange
from newsqa.types import Answer, Language, Span

Way = Literal["gold", "never", "always", "chat"]
Turns = Literal["later", "first", "alone", "all"]

# On turns that need no history, what matters is that the chat does not bring one in.
_WAYS: dict[Turns, tuple[Way, ...]] = {
    "later": ("gold", "never", "always", "chat"),
    "first": ("never", "chat"),
    "alone": ("never", "chat"),
    "all": ("chat",),
}


@dataclass(frozen=True, slots=True)
class TurnsReport:
    """Turns of a file in one language, asked in one way; shares in [0, 1], nan where no turn counts.

    ``turns``: "first" ones; "later" ones, from the second on; or of these the ones that stand "alone", the topic
    having changed: their English stand-alone form is the English question itself; or "all". ``f1_answerable`` is over
    answerable questions, an abstention counting 0; ``refused`` is the share of the unanswerable ones that newsqa
    declined; ``right`` is the share of all that it declined where it should, and else answered right (token F1 of
    ``RIGHT_F1`` at least) and cited the sentence of the gold answer.
    """

    language: Language
    turns: Turns
    way: Way
    questions: int
    exact_match: float
    f1: float
    f1_answerable: float
    refused: float
    right: float


@dataclass(frozen=True, slots=True)
class ConversationsReport:
    """One conversation file."""

    name: str
    conversations: int
    scores: tuple[TurnsReport, ...]


@dataclass(frozen=True, slots=True)
class _Reply:
    """The answers to one turn by the way of asking, and the gold answer, if there is one."""

    language: Language
    turns: tuple[Turns, ...]
    answers: dict[Way, Answer]
    gold: Span | None

    def right(self, way: Way) -> bool:
        """Whether the answer is right, and its citation."""
        answer, gold = self.answers[way], self.gold
        if gold is None:
            return answer.abstained
        cited = (citation.sentence for citation in answer.citations)
        return metrics.f1(answer.text, [gold.text]) >= metrics.RIGHT_F1 and any(
            sentence.start < gold.end and gold.start < sentence.end for sentence in cited
        )


def evaluate_conversations(
    file: ConversationFile, encoder: Encoder, reader: Reader, *, limit: int | None = None, progress: Progress = silent
) -> ConversationsReport:
    """Measure the follow-up questions of ``file`` with ``encoder`` and ``reader``.

    Args:
        file: passages and conversations.
        encoder: makes the index of each passage and embeds the questions.
        reader: reads the passages.
        limit: hold only so many conversations, drawn with a fixed seed.
        progress: wraps the conversations while they are held.
    """
    alone = OwnArticle(encoder, reader)
    rows = drawn(file.rows, limit)
    replies = [
        reply
        for row in progress(rows, file.name)
        for language in LANGUAGES
        for reply in _held(alone.about(row.article), row, language)
    ]
    scores = tuple(
        _report(language, turns, way, [reply for reply in replies if reply.language == language])
        for language in LANGUAGES
        for turns, ways in _WAYS.items()
        for way in ways
    )
    return ConversationsReport(file.name, len(rows), scores)


def _held(qa: NewsQA, row: ConversationRow, language: Language) -> Iterator[_Reply]:
    """The replies to the turns of ``row`` asked in ``language``."""
    chat = qa.chat()
    gold: list[Exchange] = []
    own: list[Exchange] = []
    for turn in row.turns:
        question = turn.wordings[language]
        never = qa.ask(question)
        answers: dict[Way, Answer] = {"never": never, "chat": chat.ask(question).answer}
        histories: dict[Way, list[Exchange]] = {"gold": gold, "always": own}
        for way, history in histories.items():
            answers[way] = qa.ask(question, history=history[-MAX_TURNS:]) if history else never
        kind: tuple[Turns, ...] = ("first", "all")
        if gold:
            kind = ("later", "alone", "all") if turn.standalone == turn.wordings["en"] else ("later", "all")
        yield _Reply(language, kind, answers, turn.answer)
        gold.append(Exchange(question, turn.answer_text))
        own.append(Exchange(question, answers["always"].text))


def _report(language: Language, turns: Turns, way: Way, replies: Sequence[_Reply]) -> TurnsReport:
    counted = [reply for reply in replies if turns in reply.turns]
    golds = [(reply.gold.text,) if reply.gold else () for reply in counted]
    scores = metrics.answer_scores([reply.answers[way].text for reply in counted], golds)
    return TurnsReport(
        language=language,
        turns=turns,
        way=way,
        questions=len(counted),
        exact_match=scores.exact_match,
        f1=scores.f1,
        f1_answerable=scores.f1_answerable,
        refused=scores.refused,
        right=metrics.mean([float(reply.right(way)) for reply in counted]),
    )
