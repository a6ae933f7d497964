from __future__ import annotations

import pytest

from fakes import WordEncoder
from newsqa import Article, Citation, InputError, NewsQA
from newsqa.citing import compose
from newsqa.language import question_language
from newsqa.qa import MAX_QUESTION_CHARACTERS
from newsqa.types import Language, Reading, ScoredSpan
from newsqa.wire import answer_to_json

ARTICLE = Article("a", "Judul", "Putin menelepon Netanyahu.\nIa juga berbicara\ndengan Abbas [2] kemarin. ")
FIRST, SECOND = ARTICLE.span(0, 27), ARTICLE.span(27, len(ARTICLE.text))


def candidate(start: int, end: int, sentence_start: int) -> ScoredSpan:
    return ScoredSpan(ARTICLE.span(start, end), FIRST if sentence_start == 0 else SECOND, 1.0)


def test_a_span_is_cited_by_its_sentence() -> None:
    netanyahu = candidate(16, 25, 0)
    answer = compose("Siapa?", "id", Reading((netanyahu,), (netanyahu,), 0.0, 0.8), {"a": ARTICLE})
    assert (answer.text, answer.message, answer.confidence) == ("Netanyahu", "Netanyahu [1]", 0.8)
    assert answer.citations == (Citation(1, ARTICLE, ARTICLE.span(0, 26), ARTICLE.span(16, 25)),)
    assert not answer.abstained


def test_a_whole_sentence_has_no_highlight_of_its_own() -> None:
    whole = candidate(0, 26, 0)
    answer = compose("Siapa?", "id", Reading((whole,), (whole,), 0.0, 0.8), {"a": ARTICLE})
    assert answer.citations == (Citation(1, ARTICLE, ARTICLE.span(0, 26), None),)


def test_several_answers_are_numbered_in_order() -> None:
    abbas, netanyahu = candidate(52, 61, 27), candidate(16, 25, 0)
    answer = compose("Who?", "en", Reading((abbas, netanyahu), (abbas, netanyahu), 0.0, 0.8), {"a": ARTICLE})
    assert answer.text == "Abbas [2]; Netanyahu"
    # The mark that the article itself carries must not pass for a citation.
    assert answer.message == "Abbas (2) [1]; Netanyahu [2]"
    assert [citation.sentence.start for citation in answer.citations] == [27, 0]


def test_a_message_is_one_line_and_the_text_verbatim() -> None:
    across = candidate(27, 57, 27)
    answer = compose("Apa?", "id", Reading((across,), (across,), 0.0, 0.8), {"a": ARTICLE})
    assert answer.text == "Ia juga berbicara\ndengan Abbas"
    assert answer.message == "Ia juga berbicara dengan Abbas [1]"


@pytest.mark.parametrize(
    ("language", "articles", "message"),
    [
        ("en", 1, "The article does not say."),
        ("id", 1, "Artikel ini tidak menyebutkannya."),
        ("en", 2, "The articles do not say."),
        ("id", 2, "Artikel-artikel ini tidak menyebutkannya."),
    ],
)
def test_an_abstention_is_in_the_readers_language_and_uncited(language: Language, articles: int, message: str) -> None:
    known = {str(number): ARTICLE for number in range(articles)}
    answer = compose("?", language, Reading((candidate(0, 5, 0),), (), 0.0, 0.1), known)
    assert (answer.text, answer.message, answer.citations, answer.abstained) == ("", message, (), True)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Who did Putin call?", "en"),
        ("Siapa yang ditelepon Putin?", "id"),
        ("Kapan Sky to the Sky bubar?", "id"),
        ("When was Toko Gunung Agung closed?", "en"),
        ("Berapa?", "id"),
        ("why", "en"),
        ("Wen hat Putin angerufen?", "en"),
        ("Qui Poutine a-t-il appelé ?", "en"),
        ("谁打了电话?", "en"),
        ("18/10/2023?", "en"),
        ("\ud800?", "en"),
        ("Putin bilang what?", "en"),
    ],
)
def test_the_language_of_a_question(question: str, language: Language) -> None:
    assert question_language(question) == language


@pytest.fixture(scope="module")
def qa() -> NewsQA:
    articles = [Article("a", "", "Putin menelepon Netanyahu. Harga beras naik.")]
    return NewsQA.from_articles(articles, encoder=WordEncoder(), reader="sentence")


@pytest.mark.parametrize("question", ["", "  \n", "?!", "…"])
def test_an_empty_question_is_refused(qa: NewsQA, question: str) -> None:
    with pytest.raises(InputError, match="the question is empty"):
        qa.ask(question)


def test_a_question_of_10000_characters_is_refused(qa: NewsQA) -> None:
    with pytest.raises(InputError, match=r"the question has 10,000 characters, more than 1,000; ask a shorter one"):
        qa.ask("a" * 10_000)
    qa.ask("a" * MAX_QUESTION_CHARACTERS)


def test_half_a_character_in_a_question_is_replaced(qa: NewsQA) -> None:
    assert qa.ask("Siapa\ud800?").question == "Siapa\ufffd?"


def test_a_chat_keeps_its_turns_and_survives_an_error(qa: NewsQA) -> None:
    chat = qa.chat()
    turn = chat.ask(" Siapa yang ditelepon Putin? ")
    with pytest.raises(InputError):
        chat.ask("")
    assert turn.question == turn.query == "Siapa yang ditelepon Putin?"
    assert turn.answer == qa.ask("Siapa yang ditelepon Putin?")
    assert chat.turns == (turn,)
    assert qa.chat().turns == ()


def test_json_holds_offsets_and_names() -> None:
    netanyahu = candidate(16, 25, 0)
    answer = compose("Siapa?", "id", Reading((netanyahu,), (netanyahu,), 0.0, 0.81239), {"a": ARTICLE})
    assert answer_to_json(answer) == {
        "question": "Siapa?",
        "text": "Netanyahu",
        "verdict": None,
        "abstained": False,
        "confidence": 0.8124,
        "language": "id",
        "message": "Netanyahu [1]",
        "citations": [
            {
                "number": 1,
                "article": {"id": "a", "title": "Judul", "url": None, "published": None},
                "page": None,
                "sentence": {"start": 0, "end": 26, "text": "Putin menelepon Netanyahu."},
                "highlight": {"start": 16, "end": 25, "text": "Netanyahu"},
            }
        ],
    }
