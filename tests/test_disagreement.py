"""Two articles that disagree on a number or a time are both shown, with their dates; others are not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from fakes import WordEncoder, hits_of
from newsqa import Answer, Article, NewsQA
from newsqa.disagreement import with_other_account
from newsqa.reading.history import Exchange
from newsqa.types import Hit, Reading, ScoredSpan

DEMAK = Article(
    "demak-1",
    "Banjir di Demak",
    "Banjir merendam Kabupaten Demak sejak Senin. Sedikitnya 12 orang tewas di Demak, kata juru bicara BNPB Abdul Muhari.",
    published="2024-03-18",
)
LATER = Article(
    "demak-2",
    "Korban bertambah",
    "Jumlah korban banjir di Demak bertambah. Menurut Abdul Muhari dari BNPB, 15 orang tewas di Demak hingga Rabu.",
    published="2024-03-20T08:00:00+07:00",
)
MEDAN = Article(
    "medan",
    "Banjir di Medan",
    "Banjir merendam Kota Medan sejak Senin. Sebanyak 15 orang tewas di Medan, kata juru bicara BNPB Abdul Muhari.",
    published="2024-03-19",
)
_DEATHS = re.compile(r"[\d.,]+ (?:orang|people|juta rupiah)|pukul [\d.]+|\d+/\d+(?:/\d+)?|\d+ [A-Z]\w+ \d+")


class Counts:
    """Finds every "… orang" and the like; the first passage has the best."""

    def __init__(self, null_score: float = 0.0, step: float = 1.0) -> None:
        self._null_score = null_score
        self._step = step

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        found = [
            (sentence.slice(*match.span()), sentence)
            for hit in hits
            for sentence in hit.passage.sentences
            for match in _DEATHS.finditer(sentence.text)
        ]
        candidates = tuple(ScoredSpan(*pair, 5.0 - self._step * rank) for rank, pair in enumerate(found))
        return Reading(candidates, candidates[:1], self._null_score, 0.5)


def told(question: str, *articles: Article, reader: Counts | None = None) -> list[str]:
    """The answers given to ``question``, the first article's first."""
    hits = [hit for article in articles for hit in hits_of(article)]
    reading = with_other_account(question, (reader or Counts()).read(question, hits), hits)
    return [answer.span.text for answer in reading.answers]


def asked(question: str, *articles: Article) -> Answer:
    return NewsQA.from_articles(articles, encoder=WordEncoder(), reader=Counts()).ask(question)


def test_two_articles_that_disagree_are_both_shown_with_their_dates() -> None:
    answer = asked("Berapa orang yang tewas dalam banjir di Demak?", DEMAK, LATER)
    parts = {"12 orang": "(Banjir di Demak, 2024-03-18)", "15 orang": "(Korban bertambah, 2024-03-20)"}
    texts = answer.text.split("; ")
    assert sorted(texts) == ["12 orang", "15 orang"]
    assert answer.message == "; ".join(f"{text} {parts[text]} [{n}]" for n, text in enumerate(texts, 1))
    assert {citation.article.id for citation in answer.citations} == {"demak-1", "demak-2"}
    assert all(citation.highlight for citation in answer.citations)


def test_one_article_that_is_asked_alone_has_one_answer() -> None:
    qa = NewsQA.from_articles([DEMAK, LATER], encoder=WordEncoder(), reader=Counts())
    answer = qa.ask("Berapa orang yang tewas di Demak?", articles=["demak-2"])
    assert answer.message == "15 orang [1]"


def test_articles_that_agree_give_one_answer() -> None:
    same = replace(LATER, text=LATER.text.replace("15", "12"))
    assert asked("Berapa orang yang tewas di Demak?", DEMAK, same).message == "12 orang [1]"


def test_an_article_about_another_event_is_not_shown() -> None:
    question = "Berapa orang yang tewas dalam banjir?"
    assert told(question, DEMAK, LATER) == ["12 orang", "15 orang"]
    # Another place, in the sentence and in the passage.
    assert told(question, DEMAK, MEDAN) == ["12 orang"]
    # The same place, another time.
    assert told(question, DEMAK, replace(LATER, published="2025-02-01")) == ["12 orang"]
    assert told(question, DEMAK, replace(LATER, published=None)) == ["12 orang", "15 orang"]
    # The question names what one of them does not.
    assert told("Berapa orang yang tewas di Kabupaten Demak?", DEMAK, LATER) == ["12 orang"]
    # Nothing that is named in both.
    bare = replace(LATER, text="Sebanyak 15 orang tewas dalam banjir.")
    assert told(question, replace(DEMAK, text="Sebanyak 12 orang tewas dalam banjir."), bare) == ["12 orang"]


def test_the_reader_must_believe_the_other_answer_too() -> None:
    question = "How many people died in Demak?"
    assert told(question, DEMAK, LATER, reader=Counts(null_score=3.9)) == ["12 orang", "15 orang"]
    assert told(question, DEMAK, LATER, reader=Counts(null_score=4.0)) == ["12 orang"]
    assert told(question, DEMAK, LATER, reader=Counts(step=2.9)) == ["12 orang", "15 orang"]
    assert told(question, DEMAK, LATER, reader=Counts(step=3.0)) == ["12 orang"]


@pytest.mark.parametrize(
    "question", ["Siapa yang tewas di Demak?", "Apa yang terjadi di Demak?", "Mengapa Demak banjir?"]
)
def test_only_questions_for_numbers_and_times_are_compared(question: str) -> None:
    assert told(question, DEMAK, LATER) == ["12 orang"]


@pytest.mark.parametrize(
    ("question", "first", "second", "differ"),
    [
        ("Berapa?", "1.200 orang", "1,200 people", False),
        ("Berapa?", "1.200 orang", "1.234 orang", False),  # a round number
        ("Berapa?", "1.201 orang", "1.234 orang", True),
        ("Berapa?", "1.000 orang", "1.500 orang", True),
        ("Berapa?", "1,5 juta rupiah", "1.5 juta rupiah", False),
        ("Berapa?", "1,5 juta rupiah", "2 juta rupiah", True),
        ("Berapa?", "2 juta rupiah", "15 orang", False),  # not counted in the same words
        ("Kapan?", "18/3", "18/3/2024", False),
        ("Kapan?", "18/3/2024", "19/3/2024", True),
        ("Kapan?", "18 Maret 2024", "18/3", False),
        ("Kapan?", "18 Maret 2024", "18 April 2024", True),
        ("When?", "pukul 10.30", "pukul 9.30", True),
    ],
)
def test_what_counts_as_another_number(question: str, first: str, second: str, differ: bool) -> None:
    articles = [
        Article(name, "", f"Kata Abdul Muhari dari BNPB, banjir di Demak: {text} menurut laporan.")
        for name, text in (("a", first), ("b", second))
    ]
    assert told(question, *articles) == ([first, second] if differ else [first])
