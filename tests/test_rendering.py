from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa import Answer, Article, Citation
from newsqa.sentences import sentence_spans
from newsqa.types import Span
from newsqa.ui.render import article_html, harmless, message_html, parse_sentence_id, plain, sentence_id, short_name
from newsqa.ui.texts import PAGE, REPLIES

ARTICLE = Article("seeds/a 1", "Judul <b>", "Judul <b>\n\nPutin & “Netanyahu”. <script>alert(1)</script> [x](y)\n")


def tiles(article: Article) -> list[Span]:
    return [article.span(start, end) for start, end in sentence_spans(article.text)]


def cited(highlight: Span | None) -> str:
    return article_html(ARTICLE, tiles(ARTICLE), [Citation(1, ARTICLE, ARTICLE.span(11, 31), highlight)])


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


@given(st.text())
def test_text_is_shown_letter_for_letter_and_never_as_markup(text: str) -> None:
    shown = plain(text)
    assert not re.search(r"[*_`\[\]()#!~|\\$:@/+.-]", re.sub(r"&#\d+;|<br>", "", shown))
    lines = [line.strip() for line in re.split(r"[\r\n\u2028\u2029]+", harmless(text))]
    assert (
        html.unescape(shown.replace("<br>", "\n")) == html.unescape("\n".join(line for line in lines if line))
        or "&" in text
    )


def test_markup_in_a_question_is_text() -> None:
    assert plain("<b>*x*</b>\n# y") == "&#60;b&#62;&#42;x&#42;&#60;&#47;b&#62;<br>&#35; y"


def test_the_article_is_shown_whole_and_escaped() -> None:
    shown = article_html(ARTICLE, tiles(ARTICLE))
    assert text_of(shown) == ARTICLE.text
    assert "<script" not in shown
    assert 'class="newsqa-sentence newsqa-headline"' in shown
    assert "<mark" not in shown


@pytest.mark.parametrize("title", ["Lain <i>", ""])
def test_a_title_that_the_text_lacks_is_put_above_it(title: str) -> None:
    article = Article("a", title, "Isi.")
    assert article_html(article, tiles(article)).startswith('<article class="newsqa-article"')
    assert ("<h2>Lain &lt;i&gt;</h2>" in article_html(article, tiles(article))) == bool(title)


def test_a_cited_sentence_is_marked_and_its_span_more_strongly() -> None:
    shown = cited(ARTICLE.span(20, 29))
    mark = re.search(r"<mark[^>]*>(.*?)</mark>", shown)
    assert mark is not None
    assert mark.group(1) == (
        'Putin &amp; “<strong class="newsqa-span">Netanyahu</strong>”.<sup class="newsqa-number">1</sup>'
    )
    assert f'id="{sentence_id("seeds/a 1", 11)}"' in mark.group(0)


def test_a_whole_sentence_as_answer_is_the_mark_itself() -> None:
    assert "<strong>Putin &amp; “Netanyahu”.</strong>" in cited(None)


def test_citations_of_another_article_are_passed_over() -> None:
    other = Article("b", "", "Lain.")
    assert "<mark" not in article_html(ARTICLE, tiles(ARTICLE), [Citation(1, other, other.span(0, 5))])


def test_marks_in_a_message_are_links_to_sentences() -> None:
    citation = Citation(1, ARTICLE, ARTICLE.span(11, 31), ARTICLE.span(20, 29))
    answer = Answer("Siapa?", "Netanyahu", "id", "Netanyahu [1]", 0.9, (citation,))
    target = "newsqa-73656564732f612031-11"
    assert message_html(answer) == f'Netanyahu <a href="#{target}" class="newsqa-mark" title="Sumber 1">[1]</a>'


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(min_value=0, max_value=10**6))
def test_sentence_ids_lead_back(article_id: str, start: int) -> None:
    identity = sentence_id(article_id, start)
    assert re.fullmatch(r"[a-z0-9-]+", identity)
    assert parse_sentence_id(identity) == (article_id, start)


@pytest.mark.parametrize("target", ["", "newsqa-zz-1", "newsqa-61", "newsqa-616-1", "x", "newsqa-61--1"])
def test_other_ids_lead_nowhere(target: str) -> None:
    assert parse_sentence_id(target) is None


def test_every_text_exists_in_both_languages() -> None:
    for texts in (PAGE, REPLIES):
        assert set(texts) == {"en", "id"}
        assert set(texts["en"]) == set(texts["id"])
        assert all(texts["en"][key] != texts["id"][key] for key in texts["en"])


def test_what_turns_text_around_is_seen_and_what_cannot_be_seen_is_left_out() -> None:
    assert harmless("a\u202eb\u2066c\u2069\x1b[0m") == "a\ufffdb\ufffdc\ufffd\ufffd[0m"
    assert harmless("ze\u200bro\ufeff\u2060\U000e0041") == "zero"
    # Scripts, emoji and hyphenation need these.
    kept = "\u0645\u06cc\u200c\u062e \U0001f468\u200d\U0001f469 so\u00adft \u200f\n\tend"
    assert harmless(kept) == kept


def test_nothing_of_an_article_turns_the_page_around() -> None:
    evil = "\u202eevil\u2066"
    article = Article(
        f"id{evil}", f"Title {evil}", f"Text {evil}.", author=f"By {evil}", site=f"<b>{evil}", published=evil
    )
    markup = article_html(article, tiles(article), [Citation(1, article, article.span(0, len(article.text)))])
    assert not set("\u202e\u2066") & set(markup)
    assert "<bdi>&lt;b&gt;\ufffdevil\ufffd</bdi> · <bdi>By \ufffdevil\ufffd</bdi>" in markup
    assert short_name(article) == "Title \ufffdevil\ufffd"
    assert short_name(Article("\u200b", "\u200b" * 3, "x")) == "?"
    assert len(short_name(Article("a", "x" * 200, "x"))) == 80
