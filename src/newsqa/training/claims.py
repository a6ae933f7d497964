"""Yes/no questions made from questions with a span: "When did the war end?" and "1945" give "Did the war end in 1945?".

The labelled yes/no questions are few (3,200). A span question with its answer makes one whose verdict is yes; with
another name, date or number of the passage in its place, no; an unanswerable question with any of them, unknown. The
evidence is the answer. Questions in a form that none of the patterns knows make none.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace

from newsqa.training.examples import Example, Kind

_MAX_ANSWER_WORDS = 8
_YEAR = re.compile(r"(?:tahun )?(?:1\d|20)\d\d")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SMALL_WORDS = r"(?:of|the|and|de|la|van|bin|al|dan|di)"
# Not at the beginning of a sentence, where any word has a capital.
_NAME = re.compile(rf"(?<=[a-z,] )[^\W\d_a-z][\w'’.-]*\w(?: (?:{_SMALL_WORDS} )?[^\W\d_a-z][\w'’-]*\w)*")
_ASKS_FOR_NUMBER = re.compile(r"berapa|kapan|\bhow (?!did|does|do)|\bwhen\b|what (?:year|date|percentage|number)")
_ASKS_FOR_DATE = re.compile(r"kapan|tahun|\bwhen\b|\byear")
_CAPITAL = re.compile(r"[^\W\d_a-z]")
_AUXILIARY = r"(is|was|are|were|did|does|do|has|have|had|will|would|can|could|should)"
_PREPOSITIONS = "in|on|at|by|for|from|of|to|with|since|under|until|during|according to"
# Words of an answer from an Indonesian passage as an English question has them.
_ENGLISH = {
    "januari": "January", "februari": "February", "maret": "March", "april": "April", "mei": "May", "juni": "June",
    "juli": "July", "agustus": "August", "september": "September", "oktober": "October", "november": "November",
    "desember": "December", "juta": "million", "miliar": "billion", "ribu": "thousand", "persen": "percent",
    "orang": "people", "tahun": "years", "hari": "days", "bulan": "months", "satu": "one", "dua": "two", "tiga":
    "three", "empat": "four", "lima": "five", "enam": "six", "tujuh": "seven", "delapan": "eight", "sembilan": "nine",
    "sepuluh": "ten", "dan": "and",
}  # fmt: skip
_INDONESIAN = {english.casefold(): indonesian for indonesian, english in _ENGLISH.items()}


def claim(example: Example, rng: random.Random) -> Example | None:
    """A yes/no question made from ``example``, a span question without history.

    Returns:
        A question of kind yes or no with the answer of ``example`` as its evidence, or of kind unknown without one;
        None where the question has another form, or nothing in the passage could stand for a wrong answer.
    """
    text = example.passage.text
    if example.kind is not Kind.SPAN or example.history:
        return None
    right = text[slice(*example.answers[0])] if example.answers else ""
    if right and not (_NUMBER.search(right) or _CAPITAL.match(right)):
        return None  # nothing of its kind would be found to stand in its place
    if right and rng.random() < 0.5:
        stated, kind = right, Kind.YES
    else:
        stated = _other(example, right, rng)
        kind = Kind.NO if right else Kind.UNKNOWN
    stated = _in_language(stated, example) if stated and len(stated.split()) <= _MAX_ANSWER_WORDS else ""
    question = _polar(example, stated, rng) if stated else ""
    if not question:
        return None
    return replace(example, source="claims", key=f"{example.key}:claim", question=question, kind=kind)


def _other(example: Example, right: str, rng: random.Random) -> str:
    """Another part of the passage of the kind of ``right``, or of the kind that the question asks for; "" if none."""
    text, question = example.passage.text, example.question.casefold()
    if right and not _NUMBER.search(right) or not right and not _ASKS_FOR_NUMBER.search(question):
        found = [match.group() for match in _NAME.finditer(text)]
        found = [name for name in found if not _overlap(name, right) and name.casefold() not in question]
        return rng.choice(found) if found else ""
    dated = _YEAR.search(right) if right else _ASKS_FOR_DATE.search(question)
    shape = _YEAR if dated else _NUMBER
    found = [match.group() for match in shape.finditer(text) if dated or not _YEAR.fullmatch(match.group())]
    found = [number for number in found if number not in right and number not in question]
    if not right:
        return rng.choice(found) if found else ""
    # A number in its place keeps the unit and the month.
    old = next(shape.finditer(right)).group()
    fitting = [number for number in found if abs(len(number) - len(old)) <= 1]
    new = rng.choice(fitting) if fitting and rng.random() < 0.7 else _changed(old, rng)
    return right.replace(old, new, 1)


def _overlap(name: str, right: str) -> bool:
    words = set(right.casefold().split())
    return bool(words & set(name.casefold().split()))


def _changed(number: str, rng: random.Random) -> str:
    """``number`` with one digit changed, not to a leading zero."""
    places = [index for index, char in enumerate(number) if char.isdigit()]
    place = rng.choice(places[-2:] if len(places) > 2 else places)
    digits = [digit for digit in "123456789" if digit != number[place]]
    return number[:place] + rng.choice(digits) + number[place + 1 :]


def _in_language(stated: str, example: Example) -> str:
    """``stated`` as the question's language has it; "" where that takes more than months, units and small numbers."""
    if example.language == example.passage.language:
        return stated
    known = _ENGLISH if example.language == "en" else _INDONESIAN
    words = [known.get(word.casefold(), word) for word in stated.split()]
    plain = [word for word in words if word.islower() and word.casefold() not in known.values()]
    return "" if plain and not set(plain) <= set(known.values()) else " ".join(words)


def _polar(example: Example, stated: str, rng: random.Random) -> str:
    """``example``'s question with ``stated`` as its answer; "" where its form is not known."""
    question = re.sub(r"[\s?.]+$", "", example.question)
    make: Callable[[str, str, random.Random], str] = _indonesian if example.language == "id" else _english
    made = re.sub(r"\s+", " ", make(question, stated, rng)).strip(" ,")
    return f"{made[0].upper()}{made[1:]}?" if made else ""


def _indonesian(question: str, stated: str, rng: random.Random) -> str:
    opening = rng.choice(("Apakah", "Apakah", "Benarkah", "Benarkah", ""))
    ending = rng.choice((", ya", ", kan", ", benar", "")) if not opening else ""
    bare = re.sub(r"^(?:di|pada|dari|oleh|tanggal|tahun|ke) ", "", stated, flags=re.IGNORECASE)
    rules: tuple[tuple[str, str], ...] = (
        (r"(?:apa|siapa)(?:kah)? (?:saja )?yang (.+)", f"{stated} yang \\1"),
        (r"(?:apa|siapa)(?:kah)? ((?:nama|judul|kepanjangan|ibu ?kota|mata uang|jabatan|profesi) .+)", f"\\1 {stated}"),
        (r"(?:apa|siapa)(?:kah)? (.+)", rng.choice((f"\\1 adalah {stated}", f"{stated} adalah \\1"))),
        (r"(?:kapan|bilamana)(?:kah)? (.+)", f"\\1 pada {bare}"),
        (r"(?:di ?mana)(?:kah)? (?:letak|lokasi) (.+)", f"\\1 terletak di {bare}"),
        (r"(?:di ?mana)(?:kah)? (.+)", f"\\1 di {bare}"),
        (r"dari ?mana(?:kah)? (.+?)(?: berasal)?", f"\\1 berasal dari {bare}"),
        (r"(di|pada|dari|ke|oleh) (?:\w+ ){0,2}(?:apa|mana|berapa|siapa)(?:kah)? (.+)", f"\\2 \\1 {bare}"),
        (r"tahun berapa(?:kah)? (.+)", f"\\1 pada tahun {bare}"),
        (r"tanggal berapa(?:kah)? (.+)", f"\\1 pada tanggal {bare}"),
        (r"(?:sejak kapan)(?:kah)? (.+)", f"\\1 sejak {bare}"),
        (r"berapa(?:kah)? (?:persen|orang|banyak|kali|buah|ekor|unit)(?:kah)? (.+)", f"{stated} \\1"),
        (r"berapa(?:kah)? (.+)", f"\\1 {stated}"),
        (r"ada berapa(?:kah)? (.+)", f"ada {stated} \\1"),
        (r"\w+ (?:apa|mana)(?:kah)? yang (.+)", f"{stated} yang \\1"),
        (r"(.+) (?:siapa|apa|kapan|berapa|\w+ mana|\w+ berapa)(?:kah)?", f"\\1 {stated}"),
    )
    for pattern, form in rules:
        match = re.fullmatch(pattern, question, re.IGNORECASE)
        if match:
            return f"{opening} {_expand(match, form)}{ending}"
    return ""


def _english(question: str, stated: str, rng: random.Random) -> str:
    ending = rng.choice((", right", ", is that right", "", "", ""))
    dated = re.sub(r"^(?:in|on|at|since) ", "", stated)
    when = "in" if re.fullmatch(r"\D*\d{4}", dated) else "on"
    true = "is it true that"
    rest = r"(.+)"
    rules: tuple[tuple[str, str], ...] = (
        (rf"when {_AUXILIARY} {rest}", f"\\1 \\2 {when} {dated}"),
        (rf"where {_AUXILIARY} {rest}", f"\\1 \\2 in {dated}"),
        (rf"(?:who|whom|what) (is|was|are|were) {rest}", rng.choice((f"\\1 {stated} \\2", f"\\1 \\2 {stated}"))),
        (rf"(?:who|whom|what) (did|does|do) {rest}", f"\\1 \\2 {stated}"),
        (rf"(?:who|what) {_AUXILIARY} {rest}", f"\\1 {stated} \\2"),
        (rf"(?:what|which) (?:\S+ ){{1,3}}?(did|does|do) {rest}", f"\\1 \\2 {stated}"),
        (rf"({_PREPOSITIONS}) (?:what|which) (?:\S+ ){{0,3}}?{_AUXILIARY} {rest}", f"\\2 \\3 \\1 {dated}"),
        (rf"how (?:many|much) (?:\S+ ){{0,4}}?(did|does|do) {rest}", f"\\1 \\2 {stated}"),
        (rf"how (?:old|large|big|long|high|tall|far|much|deep|wide) {_AUXILIARY} {rest}", f"\\1 \\2 {stated}"),
        (rf"how (?:many|much) \S+ {rest}", f"{true} {stated} \\1"),
        (rf"(?:who|what|which \S+) {rest}", rng.choice((f"{true} {stated} \\1", f"was it {stated} that \\1"))),
    )
    for pattern, form in rules:
        match = re.fullmatch(pattern, question, re.IGNORECASE)
        if match:
            return f"{_expand(match, form)}{ending}"
    return ""


def _expand(match: re.Match[str], form: str) -> str:
    """``form`` with its group references filled in; an answer may have backslashes of its own, so not ``expand``."""
    groups = [group[0].lower() + group[1:] if len(group.split()) == 1 else group for group in match.groups()]
    return re.sub(r"\\([1-3])", lambda found: groups[int(found[1]) - 1], form)
