"""The promise of the README, kept on the article that ships."""

from __future__ import annotations

import pytest

from newsqa import NewsQA

CALL = (
    "ERA.id - Presiden Rusia Vladimir Putin melakukan sambungan telepon dengan Perdana Menteri Israel, "
    "Benjamin Netanyahu."
)


@pytest.mark.parametrize(
    ("question", "language"), [("Who did Putin call?", "en"), ("Siapa yang ditelepon Putin?", "id")]
)
def test_the_sentence_about_netanyahu_is_cited_first(seed_qa: NewsQA, question: str, language: str) -> None:
    answer = seed_qa.ask(question)
    citation = answer.citations[0]
    assert citation.number == 1
    assert citation.sentence.text == CALL
    assert (citation.sentence.start, citation.sentence.end) == (64, 181)
    assert answer.language == language
    assert answer.message.endswith("Benjamin Netanyahu [1]")
    assert citation.highlight is not None
    assert citation.highlight.text == answer.text
    assert 0.5 < answer.confidence < 1


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("What is the capital of France?", "The article does not say."),
        ("Siapa yang memenangkan Piala Dunia?", "Artikel ini tidak menyebutkannya."),
    ],
)
def test_what_the_article_does_not_say_is_said_so(seed_qa: NewsQA, question: str, message: str) -> None:
    answer = seed_qa.ask(question)
    assert (answer.message, answer.citations, answer.text) == (message, (), "")
    assert answer.confidence < 0.5


def test_every_citation_is_verbatim(seed_qa: NewsQA) -> None:
    for question in ("Berapa warga Israel yang tewas?", "Who is the president of Egypt?", "Why did Putin call?"):
        for citation in seed_qa.ask(question).citations:
            sentence = citation.sentence
            assert citation.article.text[sentence.start : sentence.end] == sentence.text
