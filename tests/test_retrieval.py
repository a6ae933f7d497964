from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from fakes import WordEncoder
from newsqa import Article
from newsqa.embedding import Vectors
from newsqa.index import Index
from newsqa.lexical import LexicalIndex, terms
from newsqa.retrieval import Retriever

TEXTS = ["Putin menelepon Netanyahu.", "Harga beras naik 1.300 rupiah.", "Netanyahu tiba di Moskow."]


def test_terms_are_stemmed_words_and_whole_numbers() -> None:
    assert terms("Pimpinannya membocorkan 1.300 obrolan, 18/10!") == ["pimpin", "bocor", "1.300", "obrol", "18", "10"]
    assert terms("ditelepon teleponnya") == ["telepon", "telepon"]
    assert terms("?!") == []


def test_lexical_scores_say_how_much_of_the_question_is_found() -> None:
    index = LexicalIndex(TEXTS)
    full = index.scores("Putin menelepon Netanyahu")
    assert full.argmax() == 0
    assert full[1] == 0
    assert 0.7 < full[0] < 1.0
    # Half of the words unknown: less than half of the score.
    assert index.scores("Putin menelepon Netanyahu yesterday evening please")[0] < 0.5 * full[0]
    assert index.scores("quite unknown words").tolist() == [0.0, 0.0, 0.0]
    assert index.scores("?").tolist() == [0.0, 0.0, 0.0]


def test_english_function_words_find_nothing() -> None:
    # In an index of several languages they are rare, and would speak for whatever is in English.
    index = LexicalIndex(["The price of rice in Jakarta.", "Harga beras di pasar kota Jakarta."])
    first, second = index.scores("What was the fate of Jakarta in the end?")
    assert first == second > 0
    assert index.scores("Who is it?").tolist() == [0.0, 0.0]
    assert index.scores("What of the ...?")[0] > 0  # where there is nothing else, they are all there is to go by


def test_the_known_share_of_a_question() -> None:
    index = LexicalIndex(TEXTS)
    assert index.known_share("Putin menelepon siapa? Putin!") == pytest.approx(2 / 3)
    assert index.known_share("?") == 0.0


def test_texts_without_words_can_be_indexed() -> None:
    assert LexicalIndex(["?!", "…"]).scores("Putin").tolist() == [0.0, 0.0]


def retriever(dense_weight: float = 1.0, lexical_weight: float = 0.3) -> Retriever:
    articles = [Article(str(number), "", text) for number, text in enumerate(TEXTS)]
    index = Index.build(articles, WordEncoder())
    return Retriever(index, WordEncoder(), dense_weight=dense_weight, lexical_weight=lexical_weight)


def test_hits_are_ordered_and_carry_their_article() -> None:
    hits = retriever().retrieve("Berapa harga beras?", 2)
    assert [hit.article.id for hit in hits][0] == "1"
    assert len(hits) == 2
    assert hits[0].score > hits[1].score
    assert hits[0].passage.span.text == TEXTS[1]
    assert len(retriever().retrieve("Berapa harga beras?", 50)) == 3


def test_the_score_is_cosine_plus_weighted_lexical_score() -> None:
    question = "Siapa yang ditelepon Putin?"
    dense = {hit.article.id: hit.score for hit in retriever(lexical_weight=0.0).retrieve(question, 3)}
    lexical = {
        hit.article.id: hit.score for hit in retriever(dense_weight=0.0, lexical_weight=1.0).retrieve(question, 3)
    }
    fused = {hit.article.id: hit.score for hit in retriever(lexical_weight=0.5).retrieve(question, 3)}
    for article in dense:
        assert fused[article] == pytest.approx(dense[article] + 0.5 * lexical[article], abs=1e-6)
    assert lexical == pytest.approx({name: score**1.5 for name, score in enumerate_scores(question)}, abs=1e-6)


def enumerate_scores(question: str) -> list[tuple[str, float]]:
    return [(str(i), float(score)) for i, score in enumerate(LexicalIndex(TEXTS).scores(question))]


def test_titles_are_searchable() -> None:
    articles = [Article("a", "Gempa di Lombok", "Warga mengungsi."), Article("b", "", "Warga berpesta.")]
    (hit,) = Retriever(Index.build(articles, WordEncoder()), WordEncoder()).retrieve("gempa Lombok", 1)
    assert hit.article.id == "a"
    assert hit.passage.span.text == "Warga mengungsi."


def test_a_passage_that_only_the_words_find_is_among_the_hits() -> None:
    articles = [Article(str(number), "", f"Kalimat nomor {number} tentang sesuatu.") for number in range(300)]
    articles.append(Article("gold", "", "Zarathustra."))

    class Blind(WordEncoder):
        """Sees the same in every text, so the dense side keeps the first hundred."""

        def _encode(self, texts: Sequence[str]) -> Vectors:
            return np.tile(np.eye(1, 64, dtype=np.float32), (len(texts), 1))

    hits = Retriever(Index.build(articles, Blind()), Blind()).retrieve("Zarathustra", 1)
    assert hits[0].article.id == "gold"
