"""What kind of answer a question expects, and whether a sentence offers one.

The expected answer type is the oldest clue in question answering (Voorhees, "The TREC-8 Question Answering Track
Report", 1999): a "when" question wants a date. Here it is told by the question word and met by surface signs that
need no tagger, for English and Indonesian.
"""

from __future__ import annotations

import re
from typing import Literal

from newsqa.lexical import terms

AnswerType = Literal["name", "time", "number", "reason"]

_QUESTION_WORDS: tuple[tuple[AnswerType, re.Pattern[str]], ...] = (
    (
        "time",
        re.compile(
            r"\b(?:when|what (?:year|date|day|month|time)|kapan\w*|tahun berapa|tanggal berapa|hari apa|jam berapa"
            r"|pukul berapa|bulan apa)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "number",
        re.compile(r"\b(?:how (?:many|much|long|old|far|big|often)|what percentage|berapa\w*)\b", re.IGNORECASE),
    ),
    ("reason", re.compile(r"\b(?:why|mengapa|kenapa)\b", re.IGNORECASE)),
    ("name", re.compile(r"\b(?:who|whom|whose|where|which|siapa\w*|(?:di|ke|dari)?mana)\b", re.IGNORECASE)),
)

# "Pada", "The" and the like begin sentences, so the first word of one is no sign of a name.
_NAME = re.compile(r"(?<=[\w,;:–—“”\"'(] )[“\"'(]?[A-Z][\w'’.-]*")
_TIME = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\d+/\d+"
    r"|\b(?:januari|februari|maret|april|mei|juni|juli|agustus|september|oktober|november|desember|january|february"
    r"|march|may|june|july|august|october|december|senin|selasa|rabu|kamis|jumat|sabtu|minggu|monday|tuesday"
    r"|wednesday|thursday|friday|saturday|sunday|kemarin|besok|lusa|yesterday|today|tomorrow|pekan|week|bulan|month"
    r"|tahun|year|pagi|siang|sore|malam|morning|afternoon|evening|night|abad|century)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|sebelas|\w+ belas|puluh\w*|ratus\w*|ribu\w*"
    r"|juta\w*|miliar|triliun|seorang|sebuah|seratus|seribu|separuh|setengah|one|two|three|four|five|six|seven|eight"
    r"|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?|billions?|half)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:karena|sebab|akibat|agar|supaya|untuk|demi|lantaran|sehingga|because|due|since|so that|in order|after"
    r"|as a result|led to)\b",
    re.IGNORECASE,
)
_SIGNS = {"time": _TIME, "number": _NUMBER, "reason": _REASON}
_ENOUGH_NAMES = 3


def expected_type(question: str) -> AnswerType | None:
    """The type of answer that the question words ask for, or None where they do not say."""
    return next((answer_type for answer_type, words in _QUESTION_WORDS if words.search(question)), None)


def offers(sentence: str, answer_type: AnswerType, question: str) -> float:
    """How far ``sentence`` shows signs of an answer of that type, in [0, 1].

    For names the number of capitalised words that the question does not have itself counts, up to three.
    """
    if answer_type != "name":
        return float(_SIGNS[answer_type].search(sentence) is not None)
    asked = set(terms(question))
    names = [name for name in _NAME.findall(sentence) if not set(terms(name)) <= asked]
    return min(len(names), _ENOUGH_NAMES) / _ENOUGH_NAMES
