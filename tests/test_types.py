from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from newsqa import Answer, Article, Citation, InputError, Span
from newsqa.types import Passage, Reading, ScoredSpan

ARTICLE = Article("a", "Judul", "Satu dua. Tiga empat.\n")
SENTENCE = ARTICLE.span(0, 9)


def test_a_span_is_a_verbatim_slice() -> None:
    assert ARTICLE.span(10, 21) == Span("a", 10, 21, "Tiga empat.")
    assert ARTICLE.holds(SENTENCE)
    assert not ARTICLE.holds(Span("a", 0, 4, "Dua!"))
    assert not ARTICLE.holds(Span("b", 0, 4, "Satu"))


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 2), (0, 23)])
def test_a_span_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=rf"span \[{start}, {end}\) is outside article 'a' of 22 characters"):
        ARTICLE.span(start, end)


def test_a_span_that_does_not_fit_its_text_is_refused() -> None:
    with pytest.raises(ValueError, match=r"span \[0, 3\) does not fit a text of 4 characters"):
        Span("a", 0, 3, "Satu")


def test_strip_keeps_offsets() -> None:
    span = Span("a", 4, 13, " \u00a0dua. \n ")
    assert span.strip() == Span("a", 6, 10, "dua.")
    assert Span("a", 0, 2, " \n").strip() == Span("a", 0, 2, " \n")


def test_values_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        SENTENCE.start = 3  # type: ignore[misc]


def test_an_article_without_text_is_refused() -> None:
    with pytest.raises(InputError, match="article 'leer' has no text"):
        Article("leer", "", " \n")


def test_a_passage_is_tiled_by_its_sentences() -> None:
    whole = ARTICLE.span(0, 22)
    Passage(whole, (ARTICLE.span(0, 10), ARTICLE.span(10, 22)))
    with pytest.raises(ValueError, match="do not tile"):
        Passage(whole, (ARTICLE.span(0, 9), ARTICLE.span(10, 22)))


def test_a_citation_is_verbatim_and_its_highlight_inside() -> None:
    Citation(1, ARTICLE, SENTENCE, ARTICLE.span(0, 4))
    with pytest.raises(ValueError, match="citation 2 is not verbatim from article 'a'"):
        Citation(2, ARTICLE, Span("a", 0, 4, "Sato"))
    with pytest.raises(ValueError, match="highlight of citation 1 is not inside its sentence"):
        Citation(1, ARTICLE, SENTENCE, ARTICLE.span(5, 12))


@pytest.mark.parametrize("values", [("a\ud800", "t", "x"), ("a", "t\udfff", "x"), ("a", "t", "x\ud83d")])
def test_half_a_character_in_an_article_is_refused(values: tuple[str, str, str]) -> None:
    with pytest.raises(InputError, match=r"has half a character \(a lone surrogate\) at 1 of "):
        Article(*values)
    assert Article("a", "t", "x\U0001f600").text == "x😀"


def test_half_a_character_in_the_metadata_is_refused() -> None:
    for values in (("x\ud800",), (None, "x\ud800"), (None, None, "x\ud800"), (None, None, None, "x\ud800")):
        with pytest.raises(InputError, match=r"article 'a' has half a character \(a lone surrogate\) at 1 of 'x"):
            Article("a", "", "Isi.", *values)


def test_pages_tell_where_an_offset_lies() -> None:
    article = Article("a", "", "Satu dua tiga", pages=(0, 5, 5, 9, 13))
    assert [article.page(offset) for offset in (0, 4, 5, 8, 9, 12)] == [1, 1, 3, 3, 4, 4]
    assert Article("a", "", "Satu").page(3) is None
    for offset in (-1, 13):
        with pytest.raises(ValueError, match=rf"offset {offset} is outside article 'a' of 13 characters"):
            article.page(offset)


@pytest.mark.parametrize("pages", [(1, 2), (0, 3, 2), (0, 5)])
def test_pages_that_do_not_fit_the_text_are_refused(pages: tuple[int, ...]) -> None:
    with pytest.raises(
        InputError, match=r"the pages of article 'a' begin at \d, .*; give offsets that rise from 0 to at most 4"
    ):
        Article("a", "", "Satu", pages=pages)


def test_a_citation_names_the_page_on_which_its_answer_begins() -> None:
    article = Article("a", "", "Satu dua tiga.", pages=(0, 9))
    assert Citation(1, article, article.span(0, 14)).page == 1
    assert Citation(1, article, article.span(0, 14), article.span(9, 13)).page == 2
    assert Citation(1, ARTICLE, SENTENCE).page is None


def answer(text: str = "Satu", message: str = "Satu [1]", citations: tuple[Citation, ...] | None = None) -> Answer:
    cited = (Citation(1, ARTICLE, SENTENCE),) if citations is None else citations
    return Answer("Apa?", text, "id", message, 0.5, cited)


def test_an_answer_is_cited_and_an_abstention_is_not() -> None:
    assert not answer().abstained
    assert answer("", "Tidak disebutkan.", ()).abstained
    with pytest.raises(ValueError, match="if and only if"):
        answer("Satu", "Satu", ())
    with pytest.raises(ValueError, match="if and only if"):
        answer("")


def test_marks_and_citations_agree() -> None:
    second = Citation(2, ARTICLE, SENTENCE)
    with pytest.raises(ValueError, match=r"citations are numbered \[2\]"):
        answer(message="Satu [2]", citations=(second,))
    with pytest.raises(ValueError, match=r"the message marks \[1\] but the citations are \[1, 2\]"):
        answer(citations=(Citation(1, ARTICLE, SENTENCE), second))
    with pytest.raises(ValueError, match=r"the message marks \[1, 3\]"):
        answer(message="Satu [1] [3]")


def test_confidence_is_a_probability() -> None:
    with pytest.raises(ValueError, match=r"confidence 1\.2 is not a probability"):
        Answer("Apa?", "", "id", "Tidak.", 1.2)
    with pytest.raises(ValueError, match=r"confidence -0\.1 is not a probability"):
        Reading((), (), 0.0, -0.1)


def test_a_reading_answers_with_its_candidates_only() -> None:
    with pytest.raises(ValueError, match="not among the candidates"):
        Reading((), (ScoredSpan(SENTENCE, SENTENCE, 1.0),), 0.0, 0.5)
