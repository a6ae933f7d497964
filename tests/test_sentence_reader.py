from __future__ import annotations

from collections.abc import Sequence

import pytest

from fakes import WordEncoder, hits_of
from newsqa import Article
from newsqa.embedding import Vectors
from newsqa.index import Index
from newsqa.reading.answer_types import AnswerType, expected_type, offers
from newsqa.reading.sentence import FEATURES, SentenceReader, SentenceWeights, candidate_sentences
from newsqa.types import Reading

ARTICLE = Article(
    "a",
    "Putin menelepon",
    "Putin menelepon\n\nPutin menelepon Benjamin Netanyahu. Sebanyak 1.300 warga tewas.\n\n***\n\nIa pergi karena lelah.",
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who did Putin call?", "name"),
        ("Siapakah yang ditelepon Putin?", "name"),
        ("Di mana ia lahir?", "name"),
        ("When did it happen?", "time"),
        ("Tahun berapa ia lahir?", "time"),
        ("How many people died?", "number"),
        ("Berapa korban tewas?", "number"),
        ("Mengapa ia pergi?", "reason"),
        ("What did he say?", None),
        ("Apa katanya?", None),
    ],
)
def test_the_question_word_tells_the_type(question: str, expected: AnswerType | None) -> None:
    assert expected_type(question) == expected


@pytest.mark.parametrize(
    ("sentence", "answer_type", "question", "expected"),
    [
        ("Ia menelepon Benjamin Netanyahu.", "name", "Siapa?", 2 / 3),
        ("Ia menelepon Benjamin Netanyahu.", "name", "Siapa Netanyahu?", 1 / 3),
        ("Kemarin hujan.", "name", "Siapa?", 0.0),
        ("Ia tiba pada Rabu (18/10).", "time", "Kapan?", 1.0),
        ("Ia tiba.", "time", "Kapan?", 0.0),
        ("Lima belas orang tewas.", "number", "Berapa?", 1.0),
        ("Ia pergi karena lelah.", "reason", "Mengapa?", 1.0),
    ],
)
def test_sentences_offer_answers(sentence: str, answer_type: AnswerType, question: str, expected: float) -> None:
    assert offers(sentence, answer_type, question) == pytest.approx(expected)


def test_the_headline_and_bare_signs_are_no_answers() -> None:
    texts = [sentence.strip().text for _, sentence in candidate_sentences(hits_of(ARTICLE))]
    assert texts == ["Putin menelepon Benjamin Netanyahu.", "Sebanyak 1.300 warga tewas.", "Ia pergi karena lelah."]
    alone = Article("b", "Hanya judul", "Hanya judul")
    assert [sentence.text for _, sentence in candidate_sentences(hits_of(alone))] == ["Hanya judul"]


def weights(threshold: float = 0.0, **values: float) -> SentenceWeights:
    return SentenceWeights(tuple(values.get(name, 0.0) for name in FEATURES), -1.0, threshold, 2.0, 1.0)


def read(question: str, model: SentenceWeights) -> Reading:
    return SentenceReader(WordEncoder(), model).read(question, hits_of(ARTICLE))


def test_the_best_sentence_is_the_answer() -> None:
    reading = read("Siapa yang ditelepon Putin?", weights(cosine=1.0))
    (answer,) = reading.answers
    assert (answer.span.text, answer.span.start) == ("Putin menelepon Benjamin Netanyahu.", 17)
    assert answer.sentence.text == "Putin menelepon Benjamin Netanyahu. "
    assert answer == reading.candidates[0]
    assert len(reading.candidates) == 3


def test_the_type_of_answer_counts() -> None:
    assert read("Berapa?", weights(number=3.0)).answers[0].span.text == "Sebanyak 1.300 warga tewas."
    assert read("Mengapa?", weights(reason=3.0)).answers[0].span.text == "Ia pergi karena lelah."


def test_below_the_threshold_the_reader_abstains() -> None:
    # The logit is -1 + 3 = 2 for the sentence with a number.
    answered = read("Berapa?", weights(1.9, number=3.0))
    assert answered.answers[0].score == pytest.approx(0.1)
    refused = read("Berapa?", weights(2.1, number=3.0))
    assert refused.answers == ()
    assert refused.candidates[0].score == pytest.approx(-0.1)
    assert refused.confidence == answered.confidence == pytest.approx(0.99330715, abs=1e-6)


def test_no_passage_no_answer() -> None:
    assert SentenceReader(WordEncoder(), weights()).read("Siapa?", []) == Reading((), (), 0.0, 0.0)


def test_sentences_are_encoded_once() -> None:
    class Counting(WordEncoder):
        encoded = 0

        def encode_passages(self, passages: Sequence[str], *, progress: bool = False) -> Vectors:
            self.encoded += len(passages)
            return super().encode_passages(passages)

    encoder = Counting()
    reader = SentenceReader(encoder, weights(cosine=1.0))
    for question in ("Siapa?", "Berapa?", "Siapa?"):
        reader.read(question, hits_of(ARTICLE))
    assert encoder.encoded == 3


def test_the_bundled_weights_fit_the_features() -> None:
    assert len(SentenceWeights.bundled().weights) == len(FEATURES)


def test_with_the_archive_a_better_passage_counts() -> None:
    # Both sentences say the same; the passage that the retriever prefers decides.
    articles = [Article("x", "", "Ia menang!"), Article("y", "Pemilu 2024", "Ia menang.")]
    index = Index.build(articles, WordEncoder())
    from newsqa.retrieval import Retriever

    hits = Retriever(index, WordEncoder()).retrieve("Siapa menang Pemilu 2024?", 2)
    reading = SentenceReader(WordEncoder(), weights(passage=1.0, cosine=1.0)).read("Siapa menang Pemilu 2024?", hits)
    assert reading.candidates[0].span.article_id == "y"
