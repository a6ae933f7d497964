"""What a reader wants who does not ask the article for a fact: greetings, the summary, the author, "show me where".

Few-shot similarity on the encoder: a linear classifier of some examples of each kind against ordinary questions. A
word list would take "Who wrote the constitution?" for a question about the author. When in doubt it is an ordinary
question: taking one away from the reader is worse than answering "tell me the headline" with "the article does not
say".
"""

from __future__ import annotations

from functools import cached_property
from typing import cast, get_args

from newsqa.conversation.classifier import INTENTS, Classifier, load_classifier
from newsqa.embedding import Encoder
from newsqa.types import TurnKind

# The least probability of a kind against "question". Measured on tests/data/utterances.jsonl and on the validation
# questions (README, "Conversation").
THRESHOLD = 0.65
_MAX_CHARACTERS = 120


class IntentRecogniser:
    """Tells ordinary questions from everything else that readers say."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @cached_property
    def _classifier(self) -> Classifier:
        return load_classifier(INTENTS, self._encoder)

    def recognise(self, utterance: str) -> TurnKind:
        """The kind of ``utterance``: "question" for every ordinary one, and for what is too long for another kind."""
        if len(utterance) > _MAX_CHARACTERS:
            return "question"
        kinds = self._classifier.kinds
        shares = self._classifier.probabilities(self._encoder.encode_questions([utterance]))[0]
        ordinary = shares[kinds.index("question")]
        best, kind = max((share, kind) for share, kind in zip(shares, kinds, strict=True) if kind != "question")
        if kind in get_args(TurnKind) and best / (best + ordinary) >= THRESHOLD:
            return cast(TurnKind, kind)
        return "question"
