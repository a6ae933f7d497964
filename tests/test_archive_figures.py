from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fakes import WordEncoder
from newsqa import Article
from newsqa.evaluation.archive import KnownVectors, build
from newsqa.evaluation.neighbours import nearest, recall
from newsqa.evaluation.synthetic import Archive, archive, real_passages
from newsqa.index import Index, searchable_text
from newsqa.passages import PassageSettings

WORDS = ("beras", "gempa", "cuaca", "pemilu", "banjir", "listrik", "jalan", "kereta", "pasar", "sekolah")
ARTICLES = [
    Article(word, f"Judul {word}", f"Kabar {word} pertama. Kabar {word} kedua. Kabar {word} ketiga.") for word in WORDS
]


@pytest.fixture(scope="module")
def made() -> Archive:
    vectors = WordEncoder().encode_passages([searchable_text(a.title, a.text) for a in real_passages(ARTICLES)])
    return archive(real_passages(ARTICLES), vectors, 25)


def test_real_passages_are_articles_and_each_text_is_there_once() -> None:
    real = real_passages([*ARTICLES, ARTICLES[0]])
    assert [(article.id, article.title, article.text) for article in real] == [
        (f"real-{number}", article.title, article.text) for number, article in enumerate(ARTICLES)
    ]


def test_a_small_archive_is_real() -> None:
    real = real_passages(ARTICLES)
    vectors = WordEncoder().encode_passages([article.text for article in real])
    small = archive(real, vectors, 7)
    assert (small.articles, small.real, small.made_nearness) == (real[:7], 7, ())
    assert small.vectors.tolist() == vectors[:7].tolist()


def test_made_passages_join_two_halves(made: Archive) -> None:
    assert (len(made.articles), made.vectors.shape, made.real) == (25, (25, 64), 10)
    assert np.linalg.norm(made.vectors, axis=1) == pytest.approx(np.ones(25), abs=1e-5)
    assert len({article.text for article in made.articles}) == 25
    for article in made.articles[10:]:
        first, second = article.title.removeprefix("Judul "), article.text.split()[-2]
        assert article.text == f"Kabar {first} pertama. Kabar {first} kedua. Kabar {second} ketiga."


def test_a_made_passage_is_not_longer_than_a_passage_may_be() -> None:
    # Of the two long ones no passage can be made together; of a long and a short one it can.
    texts = [f"{'Kata ' * 99}{word}. {'Kata ' * 60}{word}." for word in WORDS[:2]] + ["Satu. Dua.", "Tiga. Empat."]
    real = [Article(str(number), "", text) for number, text in enumerate(texts)]
    vectors = WordEncoder().encode_passages(texts)
    made = archive(real, vectors, 12)
    assert max(len(article.text) for article in made.articles) <= PassageSettings().max_characters
    assert len(Index.build(made.articles, WordEncoder()).passages) == 12


def test_recall_is_the_share_of_the_exact_nearest() -> None:
    vectors = np.eye(4, dtype=np.float32)
    questions = np.array([[0.9, 0.4, 0.1, 0.0], [0.0, 0.1, 0.5, 0.8]], dtype=np.float32)
    exact = nearest(vectors, questions, 2)
    assert [sorted(row) for row in exact.tolist()] == [[0, 1], [2, 3]]
    assert recall(np.array([[1, 0], [3, 1]]), exact) == 0.75


def test_an_archive_is_built_with_known_vectors_and_saved(made: Archive, tmp_path: Path) -> None:
    questions = WordEncoder().encode_questions(["kabar gempa", "kabar beras"])
    built = build(made, WordEncoder(), tmp_path / "index", questions)
    assert (built.passages, built.exact, built.recall) == (25, True, 1.0)
    index = Index.load(tmp_path / "index", WordEncoder())
    assert list(index.articles.values()) == list(made.articles)
    assert index.vectors.at(np.arange(25)).tolist() == made.vectors.tolist()
    assert KnownVectors(WordEncoder(), made).encode_passages(
        [searchable_text(made.articles[20].title, made.articles[20].text)]
    ).tolist() == [made.vectors[20].tolist()]
