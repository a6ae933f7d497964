"""Who is named in an article, what is quoted in it, and what its first and last lines say of its origin.

Surface signs only: capital letters, quotation marks, datelines and bylines as newspapers print them. What a name
names, the classifier ``names`` tells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from newsqa.conversation.classifier import NAMES, Classifier, load_classifier
from newsqa.embedding import Encoder
from newsqa.types import Article, Span

_CAPITALISED = r"(?:al-|el-)?[^\W\d_a-z](?:[\w.'’-]*\w)?"
_PARTICLE = r"(?:bin|binti|al|el|van|von|der|de|da|di|la)"
_NAME = re.compile(rf"(?<![\w“\"'-]){_CAPITALISED}(?: (?:{_PARTICLE} )?{_CAPITALISED})*")
# Words in front of a name that are not part of it.
_TITLES = frozenset(
    "presiden wakil perdana menteri pm gubernur bupati wali walikota ketua kepala sekretaris jenderal "
    "direktur utama juru bicara jubir raja ratu pangeran komjen irjen kombes brigjen mayjen letjen "
    "kolonel pol tni kapolri kapolda pelatih kapten ustaz habib bapak ibu pak bu president vice prime "
    "minister secretary governor mayor king queen prince princess senator judge justice general captain "
    "chief executive director chairman chairwoman mr mrs ms miss sir lord lady".split()
)
_QUOTED = re.compile(r"[“\"]([^“”\"]{8,600})[”\"]")
_SPEECH = re.compile(
    r"\b(?:kata|ujar|tutur|ucap|jelas|tegas|ungkap|sebut|imbuh|tambah|papar|terang|berkata|mengatakan|menyebut\w*|katanya"
    r"|ujarnya|said|says|told|added|says|according|insisted|claimed|explained|stated)\b",
    re.IGNORECASE,
)
_DATELINE = re.compile(
    r"\s*(?:(?P<site>[A-Z][\w.]*\.(?:id|com|co\.id|net|org|co\.uk|COM|CO\.ID|NET))(?:,? [A-Z][\w ]+?)?|"
    r"[A-Z][\w ,]{2,30}\((?P<agency>[A-Z][\w .]+)\)|[A-Z][\w ]{2,30}, (?P<house>[A-Z][\w.]+))\s*(?:-{1,2}|–|—)\s"
)
_BYLINE = re.compile(
    r"^[ \t]*(?i:oleh|penulis|reporter|wartawan|pewarta|by|author|written by|laporan)[ \t]*:?[ \t]+"
    r"(?P<author>[^\W\d_a-z][\w.'’-]*(?:[ \t]+[^\W\d_a-z][\w.'’-]*){0,4})[ \t]*$",
    re.MULTILINE,
)
_MONTHS = (
    "Januari|Februari|Maret|April|Mei|Juni|Juli|Agustus|September|Oktober|November|Desember|January|February|March|May"
    "|June|July|August|October|December"
)
_DAYS = "Senin|Selasa|Rabu|Kamis|Jumat|Jum'at|Sabtu|Minggu|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_DATE = re.compile(
    rf"(?:(?:{_DAYS}),? )?\(?\d{{1,2}}(?:/\d{{1,2}}(?:/\d{{2,4}})?\)?| (?:{_MONTHS})(?: \d{{4}})?\)?)"
    rf"|(?:{_MONTHS}) \d{{1,2}}(?:, \d{{4}})?"
)


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words in quotation marks; ``span`` is inside the marks, ``sentence`` the one in which it begins."""

    span: Span
    sentence: Span


class NameFinder:
    """Finds the people whom an article names."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @cached_property
    def _classifier(self) -> Classifier:
        return load_classifier(NAMES, self._encoder)

    def people(self, article: Article, sentences: Sequence[Span], limit: int = 12) -> list[Span]:
        """The first full mention of each person, in the order of the text; a last name alone is the same person."""
        found = [name for sentence in sentences if not _is_title(sentence, article) for name in _names(sentence)]
        if not found:
            return []
        kinds = self._kinds({name.text for name in found})
        alone = {name for name, kind in kinds.items() if kind != "person"}
        bare = [_bare(name, alone) for name in found]
        kinds |= self._kinds({name.text for name in bare if name} - set(kinds))
        people: list[Span] = []
        for name in bare:
            if name is None or kinds[name.text] != "person":
                continue
            words = set(name.text.split())
            same = [index for index, other in enumerate(people) if words & set(other.text.split())]
            if not same:
                people.append(name)
            elif len(name.text) > len(people[same[0]].text) and set(people[same[0]].text.split()) <= words:
                people[same[0]] = name
        return people[:limit]

    def _kinds(self, names: set[str]) -> dict[str, str]:
        ordered = sorted(names)
        if not ordered:
            return {}
        shares = self._classifier.probabilities(self._encoder.encode_questions(ordered))
        return {name: self._classifier.kinds[share.argmax()] for name, share in zip(ordered, shares, strict=True)}


def _names(sentence: Span) -> list[Span]:
    """Runs of capitalised words; one at the beginning of the sentence only if it has several words."""
    start = len(sentence.text) - len(sentence.text.lstrip())
    return [
        sentence.slice(match.start(), match.end())
        for match in _NAME.finditer(sentence.text)
        if match.start() > start + 1 or " " in match.group()
    ]


def _bare(name: Span, others: set[str]) -> Span | None:
    """``name`` without titles, and without places and bodies that the article names elsewhere, in front of it."""
    position = 0
    words = list(re.finditer(r"\S+", name.text))
    while position < len(words) and (
        words[position].group().lower().rstrip(".") in _TITLES or words[position].group() in others
    ):
        position += 1
    return name.slice(words[position].start(), len(name.text)) if position < len(words) else None


def quotations(sentences: Sequence[Span], by: str = "") -> list[Quotation]:
    """What stands in quotation marks in a sentence that also says who speaks.

    Args:
        sentences: of one article.
        by: only those whose sentence, or the one before, has one of the words of this name; all for "".
    """
    wanted = {word.casefold() for word in by.split()}
    found = []
    for index, sentence in enumerate(sentences):
        before = sentences[index - 1].text if index else ""
        for match in _QUOTED.finditer(sentence.text):
            outside = sentence.text[: match.start()] + sentence.text[match.end() :]
            if not _SPEECH.search(outside):
                continue
            if wanted and not any(word in f"{before} {outside}".casefold() for word in wanted):
                continue
            found.append(Quotation(sentence.slice(match.start(1), match.end(1)), sentence))
    return found


def dateline(article: Article) -> Span | None:
    """The newspaper, site or agency that the article's first lines name, as in "Jakarta (ANTARA) - …"."""
    start = (
        len(article.title) + article.text.find(article.title) if article.text.lstrip().startswith(article.title) else 0
    )
    match = _DATELINE.match(article.text, start if article.title else 0)
    if match is None:
        return None
    group = next(name for name in ("site", "agency", "house") if match[name])
    return article.span(match.start(group), match.end(group))


def byline(article: Article) -> Span | None:
    """The author whom a line of its own names, as in "Penulis: Budi Santoso"."""
    match = _BYLINE.search(article.text)
    return article.span(match.start("author"), match.end("author")) if match else None


def dates(sentences: Sequence[Span]) -> list[Quotation]:
    """The days that the sentences name, each with its sentence."""
    return [
        Quotation(sentence.slice(match.start(), match.end()).strip(), sentence)
        for sentence in sentences
        for match in _DATE.finditer(sentence.text)
    ]


def _is_title(sentence: Span, article: Article) -> bool:
    return sentence.text.strip() == article.title.strip()
