"""In which language a question is asked: Indonesian, or English for everything else."""

from __future__ import annotations

import functools
import re
import threading

from py3langid import langid

from newsqa.types import Language

# Neighbours that short Indonesian or English questions are often taken for; they do not count as "another language".
_CLOSE = frozenset({"en", "id", "ms", "jv", "su", "min", "ban", "bug", "ace", "pcm"})

# By how much (log-likelihood) a third language must beat English and Indonesian to be believed. On the 4,829
# validation questions no English or Indonesian one reaches 12 and 2 of 1,639 others stay below it.
_OTHER_LANGUAGE_MARGIN = 12.0

_INTERROGATIVES: dict[Language, frozenset[str]] = {
    "en": frozenset(
        {"who", "whom", "whose", "what", "when", "where", "why", "which", "how", "did", "does", "is", "was"}
    ),
    "id": frozenset(
        {"siapa", "apa", "apakah", "kapan", "mana", "dimana", "mengapa", "kenapa", "berapa", "berapakah"}
        | {"bagaimana", "gimana", "kemana", "darimana", "siapakah", "kapankah", "bagaimanakah", "mengapakah"}
    ),
}
_WORD = re.compile(r"[^\W\d_]+")


_LOADING = threading.Lock()


def load_ahead() -> None:
    """Begin to load what ``question_language`` needs, in a thread of its own.

    Its model is decompressed without holding the interpreter's lock, so a second core does it while encoder and reader
    are loaded; otherwise the first question waits for it.
    """
    threading.Thread(target=_identifier, name="newsqa-language", daemon=True).start()


def _identifier() -> langid.LanguageIdentifier:
    with _LOADING:
        return _load_identifier()


@functools.cache
def _load_identifier() -> langid.LanguageIdentifier:
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)


def is_english(text: str) -> bool:
    """Whether ``text``, some sentences, is English and not any other language."""
    return str(_identifier().rank(text)[0][0]) == "en"


def conversation_language(question: str, before: Language | None) -> Language:
    """The language to reply in within a conversation whose last reply was in ``before`` (None: there is none).

    One word ("Who?", "Kenapa?"), and two without a question word ("Mesir juga?"), are too little to go by: they take
    the conversation's language.
    """
    words = _WORD.findall(question)
    asking = {word.lower() for word in words} & (_INTERROGATIVES["en"] | _INTERROGATIVES["id"])
    if before and (len(words) <= 1 or (len(words) == 2 and not asking)):
        return before
    return question_language(question)


def question_language(question: str) -> Language:
    """The language to reply in: "id" for an Indonesian question, "en" for an English one and any other."""
    return own_language(question) or "en"


def own_language(question: str) -> Language | None:
    """The language that a question is asked in, if it is English or Indonesian; None for another.

    A question with question words of only one of the two languages is in that language, unless a third language is
    far more likely; any other goes to the likelier of the two by py3langid.
    """
    scores = dict(_identifier().rank(question))
    third = max(score for language, score in scores.items() if language not in _CLOSE)
    if third > max(scores["en"], scores["id"]) + _OTHER_LANGUAGE_MARGIN:
        return None
    words = {word.lower() for word in _WORD.findall(question)}
    asked_in = [language for language, interrogatives in _INTERROGATIVES.items() if words & interrogatives]
    if len(asked_in) == 1:
        return asked_in[0]
    return "id" if scores["id"] > scores["en"] else "en"
