"""Two articles that disagree: the second answer that a reader should see beside the first.

An archive also answers other questions about other events, so what another article says counts only where it is plainly
about the same thing. Only numbers and times are compared: that two names differ does not say that one of them is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from newsqa.lexical import terms
from newsqa.reading.answer_types import expected_type, offers
from newsqa.scope import day_of
from newsqa.types import Hit, Reading, ScoredSpan

# How much worse than the first answer (in the reader's scores, log-odds) the second may be.
_SCORE_MARGIN = 3.0
_SAME_EVENT_DAYS = 30
# The share of the names in the one passage that the other has too, of the passage with fewer; and how many at least.
_SHARED_NAMES = 0.5
_SHARED_NAMES_MINIMUM = 2
# A round number ("some 1,200") agrees with what is less than this part away from it.
_ROUNDED = 0.1

_NAME = re.compile(r"(?<=[\w,;:–—“”\"'(] )[“\"'(]?[A-Z][\w'’-]*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_THOUSANDS = re.compile(r"[.,](?=\d{3}(?!\d))")
_SCALE = re.compile(
    r"%|\b(?:persen|puluh\w*|lusin\w*|ratus\w*|ribu\w*|juta\w*|miliar\w*|triliun\w*"
    r"|percent|dozens?|hundreds?|thousands?|millions?|billions?|trillions?)\b",
    re.IGNORECASE,
)
_MONTHS = {
    name: month
    for names in (
        "januari februari maret april mei juni juli agustus september oktober november desember",
        "january february march april may june july august september october november december",
    )
    for month, name in enumerate(names.split(), 1)
}


def with_other_account(question: str, reading: Reading, hits: Sequence[Hit]) -> Reading:
    """``reading`` with a second answer, where another article gives one that disagrees.

    Only a question for a number or a time that has one answer gets a second one: the best candidate of another
    article that the reader would give by itself, not much worse than the first, with other numbers, and about the same
    event: published within 30 days of the other where both dates are known, in a passage that has the names of the
    question and half of the other passage's, and not in a sentence with names of its own where the first has such too.

    Args:
        question: as asked.
        reading: what the reader found in ``hits``.
        hits: the passages that were read.
    """
    kind = expected_type(question)
    if reading.verdict or len(reading.answers) != 1 or kind not in ("number", "time"):
        return reading
    (first,) = reading.answers
    for other in reading.candidates:
        if (
            other.span.article_id != first.span.article_id
            and other.score > max(reading.null_score, first.score - _SCORE_MARGIN)
            and _is_part(first)
            and _is_part(other)
            and (_dates_differ if kind == "time" else _amounts_differ)(first.span.text, other.span.text)
            and _same_event(question, first, other, hits)
        ):
            return replace(reading, answers=(first, other))
    return reading


def _is_part(answer: ScoredSpan) -> bool:
    """Whether the answer is less than its sentence: a whole sentence may have numbers that were not asked for."""
    return answer.span != answer.sentence.strip()


def _dates_differ(first: str, second: str) -> bool:
    """Whether each has a number that the other has not: 18/10 agrees with 18/10/2023, and with 18 October."""
    one, two = _date_numbers(first), _date_numbers(second)
    return bool(one - two and two - one)


def _date_numbers(text: str) -> set[int]:
    words = re.findall(r"\d+|[^\W\d]+", text.lower())
    return {int(word) if word.isdecimal() else _MONTHS[word] for word in words if word.isdecimal() or word in _MONTHS}


def _amounts_differ(first: str, second: str) -> bool:
    """Whether each has an amount that agrees with none of the other, and both are counted in the same words."""
    scales = [{word.lower() for word in _SCALE.findall(text)} for text in (first, second)]
    one, two = _amounts(first), _amounts(second)
    return scales[0] == scales[1] and _adds(one, two) and _adds(two, one)


def _amounts(text: str) -> list[float]:
    numbers = (_THOUSANDS.sub("", number).replace(",", ".") for number in _NUMBER.findall(text))
    return [float(number) for number in numbers if number.count(".") <= 1]


def _adds(amounts: Sequence[float], others: Sequence[float]) -> bool:
    """Whether one of ``amounts`` agrees with none of ``others``."""
    return any(not any(_agree(amount, other) for other in others) for amount in amounts)


def _agree(first: float, second: float) -> bool:
    rounded = first % 100 == 0 or second % 100 == 0
    return first == second or (rounded and abs(first - second) < _ROUNDED * max(first, second))


def _same_event(question: str, first: ScoredSpan, other: ScoredSpan, hits: Sequence[Hit]) -> bool:
    one, two = (next(hit for hit in hits if hit.passage.span.contains(answer.span)) for answer in (first, other))
    days = day_of(one.article), day_of(two.article)
    if days[0] and days[1] and abs((days[0] - days[1]).days) > _SAME_EVENT_DAYS:
        return False
    words = [set(terms(f"{hit.article.title}\n{hit.passage.span.text}")) for hit in (one, two)]
    if not _names(question) <= words[0] & words[1]:
        return False
    # Each says something of what the other does not speak of, such as a place.
    if _names(first.sentence.text) - words[1] and _names(other.sentence.text) - words[0]:
        return False
    names = [_names(hit.passage.span.text) for hit in (one, two)]
    shared = len(names[0] & names[1])
    return shared >= max(_SHARED_NAMES_MINIMUM, _SHARED_NAMES * min(map(len, names)))


def _names(text: str) -> set[str]:
    """The terms of the words with a capital, but for those that begin a sentence, and days and months."""
    return {term for name in _NAME.findall(text) if not offers(name, "time", "") for term in terms(name)}
