"""Whether a question leans on the conversation ("When?", "And his wife?") or stands alone.

A logistic model of surface signs: pronouns and Indonesian -nya, connectives, length, and whether its names and words
are new to the conversation. The weights are fitted by ``python -m newsqa.training.leaning``. No encoder is run, so
the decision takes no time.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from newsqa.reading.history import Exchange
from newsqa.types import Language

WEIGHTS = "leaning_weights.json"

_PRONOUNS: dict[Language, frozenset[str]] = {
    "en": frozenset(
        "it he she they him her them his hers its their theirs this that these those there then one ones so "
        "such".split()
    ),
    "id": frozenset(
        "dia ia beliau mereka itu ini tersebut tadi sana situ begitu begini demikian sini keduanya semuanya nya".split()
    ),
}
_CONNECTIVE = re.compile(
    r"(?:and|but|so|then|what about|how about|or|also|ok|okay"
    r"|kalau|kalo|lalu|terus|dan|tapi|trus|lantas|bagaimana dengan|gimana dengan|kemudian|nah|oh)\b"
)
_DEMONSTRATED = re.compile(r"\b(?:that|this|these|those) \w+|\w+ (?:itu|ini|tersebut|tadi)\b")
_OTHERS = frozenset({"else", "lagi", "other", "others", "lain", "lainnya", "another"})
_NYA = re.compile(r"\b\w{2,}nya\b")
# Here -nya is not "of it".
_NOT_NYA = frozenset(
    "hanya biasanya misalnya sebenarnya akhirnya namanya sebelumnya selanjutnya umumnya setidaknya tanya "
    "punya banyaknya khususnya artinya".split()
)
_FUNCTION_WORDS = frozenset(
    "who what when where why how which whom whose did does do is are was were the a an of in on at to for "
    "by with from has have had will would can could should be been much many long old siapa apa kapan di "
    "mana dimana mengapa kenapa bagaimana berapa yang dan pada dari ke oleh untuk dengan apakah siapakah "
    "berapakah kapankah adalah saja ada dalam menurut gimana kah".split()
)
_WORD = re.compile(r"\w+(?:[-'’]\w+)*")

FEATURES = (
    "words", "two_words", "three_words", "five_words", "content_words", "no_content", "one_content", "two_content",
    "english_pronouns", "english_pronoun", "indonesian_pronoun", "connective", "nya", "names", "named", "new_names",
    "newly_named", "known_name", "known_words", "all_known", "demonstrated", "ends_in_pronoun", "indonesian",
    "the_without_name", "unnamed_indonesian", "unnamed_english", "others",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeaningModel:
    """A logistic regression; ``weights`` belong to ``FEATURES``."""

    weights: tuple[float, ...]
    bias: float

    def __post_init__(self) -> None:
        if len(self.weights) != len(FEATURES):
            raise ValueError(f"{len(self.weights)} weights for {len(FEATURES)} features")

    @classmethod
    def load(cls) -> LeaningModel:
        """The model that ships with newsqa."""
        values = json.loads(resources.files("newsqa.conversation").joinpath(WEIGHTS).read_text(encoding="utf-8"))
        return cls(tuple(values["weights"]), values["bias"])

    def log_odds(self, question: str, history: Sequence[Exchange], language: Language) -> float:
        """The log-odds that ``question`` leans on ``history``, oldest turn first; minus infinity without any."""
        if not history:
            return -math.inf
        values = features(question, history, language)
        return self.bias + sum(weight * value for weight, value in zip(self.weights, values, strict=True))

    def probability(self, question: str, history: Sequence[Exchange], language: Language) -> float:
        """The probability that ``question`` leans on ``history``; 0 without any."""
        return 1 / (1 + math.exp(-self.log_odds(question, history, language)))


def features(question: str, history: Sequence[Exchange], language: Language) -> tuple[float, ...]:
    """The values of ``FEATURES`` for ``question`` after ``history``."""
    words = _WORD.findall(question)
    lower = [word.lower() for word in words]
    text = " ".join(lower)
    pronouns = {name: sum(word in known for word in lower) for name, known in _PRONOUNS.items()}
    everywhere = _PRONOUNS["en"] | _PRONOUNS["id"]
    content = [word for word in lower if word not in _FUNCTION_WORDS and word not in everywhere]
    said = {word.lower() for turn in history for word in _WORD.findall(f"{turn.question} {turn.answer}")}
    names = [word for index, word in enumerate(words) if (index > 0 and word[0].isupper()) or word[0].isdigit()]
    new = [name for name in names if name.lower() not in said]
    known = sum(word in said for word in content)
    english, indonesian = language == "en", language == "id"
    nya = any(word not in _NOT_NYA for word in _NYA.findall(text))
    values = (
        min(len(words), 12) / 12, len(words) <= 2, len(words) <= 3, len(words) <= 5,
        min(len(content), 8) / 8, not content, len(content) == 1, len(content) == 2,
        min(pronouns["en"], 2) * english, english and pronouns["en"] > 0, indonesian and pronouns["id"] > 0,
        _CONNECTIVE.match(text) is not None, nya, min(len(names), 3), bool(names), min(len(new), 3), bool(new),
        len(new) < len(names), known / len(content) if content else 0.0, bool(content) and known == len(content),
        _DEMONSTRATED.search(text) is not None, bool(lower) and lower[-1] in everywhere, indonesian,
        "the" in lower and not names, indonesian and not names, english and not names,
        any(word in _OTHERS for word in lower),
    )  # fmt: skip
    return tuple(float(value) for value in values)
