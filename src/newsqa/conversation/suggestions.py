"""Questions that an article answers, made from its own names, quotations, dates and numbers.

Templates propose, the reader disposes: a question is kept only if its answer is given with high confidence and from
the sentence it was made from.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from newsqa.conversation.mentions import NameFinder, dates, quotations
from newsqa.embedding import Encoder
from newsqa.language import question_language
from newsqa.types import Answer, Article, Language, Span

CONFIDENCE = 0.5
_KEPT = 8
_TRIED = 20
_ARTICLES = 64
_WHO: dict[Language, str] = {"en": "Who is {}?", "id": "Siapa {}?"}
_SAID: dict[Language, str] = {"en": "What did {} say?", "id": "Apa kata {}?"}
_ON_DAY: dict[Language, str] = {"en": "What happened on {}?", "id": "Apa yang terjadi pada {}?"}
_COUNTED: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b\d[\d.,]* (?P<noun>(?:[a-z]+ )?[a-z]+s|people|men|women|children)\b"),
    "id": re.compile(
        r"\b(?:\d[\d.,]*|dua|tiga|empat|lima|puluhan|ratusan) "
        r"(?P<noun>(?:orang|warga|korban|\w+)(?: [A-Z]\w+| (?!(?:yang|pada|dari|untuk|dalam|dengan|oleh)\b)\w{4,})?)"
    ),
}
_HOW_MANY: dict[Language, str] = {"en": "How many {}?", "id": "Berapa {}?"}
_UNITS = frozenset(
    "januari februari maret april mei juni juli agustus september oktober november desember percent "
    "persen juta miliar triliun ribu tahun years days hari bulan months jam menit detik meter kilometer kali "
    "hours minutes seconds metres meters kilometres miles times".split()
)

Ask = Callable[[str, Article], Answer]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, the sentences that may answer it, and names that would make an answer wrong."""

    question: str
    sources: tuple[Span, ...]
    wrong: frozenset[str] = frozenset()


class Suggestions:
    """Suggested questions by article and language, each kept once found.

    Args:
        sentences: of an article, tiling its text.
        encoder: tells which names are people.
        ask: answers a question from one article.
    """

    def __init__(self, sentences: Callable[[Article], Sequence[Span]], encoder: Encoder, ask: Ask) -> None:
        self._sentences = sentences
        self._names = NameFinder(encoder)
        self._ask = ask
        self._found: OrderedDict[tuple[str, int, Language], tuple[str, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, article: Article, language: Language) -> tuple[str, ...]:
        """Up to eight questions in ``language`` that ``article`` answers, varied; the first call reads the article."""
        # Another article may have the id by now; and no text is kept longer than its article.
        key = (article.id, hash(article), language)
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        kept: list[str] = []
        for tried, candidate in enumerate(self._candidates(article, language)):
            if tried >= _TRIED or len(kept) >= _KEPT:
                break
            if candidate.question not in kept and self._answers(candidate, article):
                kept.append(candidate.question)
        with self._lock:
            self._found[key] = tuple(kept)
            if len(self._found) > _ARTICLES:
                self._found.popitem(last=False)
        return tuple(kept)

    def _answers(self, candidate: Candidate, article: Article) -> bool:
        answer = self._ask(candidate.question, article)
        return (
            not answer.abstained
            and answer.confidence >= CONFIDENCE
            and answer.text.casefold() not in candidate.question.casefold()
            and not any(name in answer.text for name in candidate.wrong)
            and any(
                source.contains(citation.highlight or citation.sentence)
                for source in candidate.sources
                for citation in answer.citations
            )
        )

    def _candidates(self, article: Article, language: Language) -> Iterator[Candidate]:
        """One of each sort in turn, so that what is kept is varied."""
        sentences = self._sentences(article)
        people = self._names.people(article, sentences)
        last = {person.text: person.text.split()[-1] for person in people}
        speakers = [person.text for person in people if quotations(sentences, last[person.text])]
        sorts: list[list[Candidate]] = [
            [
                Candidate(_SAID[language].format(name), tuple(one for one in sentences if last[name] in one.text))
                for name in speakers
            ],
            [
                Candidate(
                    _WHO[language].format(person.text),
                    (_around(person, sentences),),
                    frozenset(last.values()) - {last[person.text]},
                )
                for person in people
            ],
            [
                Candidate(_ON_DAY[language].format(re.sub(r"[()]", "", one.span.text)), (one.sentence,))
                for one in dates(sentences)
            ],
        ]
        # The thing counted is named in the article's words, so these are asked in its language only.
        if question_language(article.text[:1000]) == language:
            sorts.append(list(_counted(sentences, language)))
        return (candidate for candidate in chain.from_iterable(zip_longest(*sorts)) if candidate)


def _counted(sentences: Sequence[Span], language: Language) -> Iterator[Candidate]:
    for sentence in sentences:
        for match in _COUNTED[language].finditer(sentence.text):
            if match["noun"].split()[0].lower() not in _UNITS:
                yield Candidate(_HOW_MANY[language].format(match["noun"]), (sentence,))


def _around(span: Span, sentences: Sequence[Span]) -> Span:
    return next(sentence for sentence in sentences if sentence.contains(span))
