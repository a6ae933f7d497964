"""Archives in two languages: passages in the other language than the question."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from fakes import WordEncoder
from newsqa import Article, InputError
from newsqa.balance import LanguageBalance
from newsqa.embedding import Encoder, Vectors
from newsqa.evaluation.fit_balance import Asked, best_bonuses, discriminant, fit, write
from newsqa.evaluation.questions import read_questions
from newsqa.index import Index
from newsqa.retrieval import Retriever
from newsqa.types import Language

# The first component says how English a passage is.
BALANCE = LanguageBalance(np.array([1, 0, 0], dtype=np.float32), 0.0, {"id": 0.08, "en": 0.04})


def passages(*rows: Sequence[float]) -> Vectors:
    return np.array(rows, dtype=np.float32)


class Placed:
    """Knows the vector of each passage; every question is the second axis."""

    name = "placed"
    dimension = 3

    def __init__(self, places: Mapping[str, Sequence[float]]) -> None:
        self._places = places

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        return passages(*[(0, 1, 0)] * len(questions))

    def encode_passages(self, texts: Sequence[str], *, progress: bool = False) -> Vectors:
        return passages(*[self._places[text] for text in texts])


def retriever(places: Mapping[str, Sequence[float]], balance: LanguageBalance | None) -> Retriever:
    encoder = Placed(places)
    return Retriever(Index.build([Article(text, "", text) for text in places], encoder), encoder, balance)


def test_how_english_a_passage_is() -> None:
    rows = passages((-0.1, 0, 0), (0.25, 0, 0), (0.5, 0, 0), (0.75, 0, 0), (1.1, 0, 0))
    assert BALANCE.english(rows).tolist() == [0, 0, 0.5, 1, 1]
    moved = LanguageBalance(BALANCE.axis, -1.0, BALANCE.bonus)
    assert moved.english(rows - passages((1, 0, 0))).tolist() == [0, 0, 0.5, 1, 1]


@pytest.mark.parametrize(("language", "bonuses"), [("id", [0, 0.04, 0.08]), ("en", [0.04, 0.02, 0]), (None, [0, 0, 0])])
def test_a_passage_in_the_other_language_gets_a_bonus(language: Language | None, bonuses: list[float]) -> None:
    rows = passages((0, 0, 0), (0.5, 0, 0), (1, 0, 0))
    assert BALANCE.bonuses(language, rows).tolist() == pytest.approx(bonuses)
    # What is searched with gives the same, up to what it gives to all.
    gained = rows @ BALANCE.leaned(language, passages((0, 1, 0))[0])
    assert (gained - gained[0]).tolist() == pytest.approx([bonus - bonuses[0] for bonus in bonuses])


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Siapa yang memenangkan pertandingan itu?", "match"),
        ("Who has won that match?", "laga"),
        ("¿Quién ganó el partido de fútbol de ayer por la noche?", "laga"),
    ],
)
def test_the_bonus_decides_between_languages(question: str, first: str) -> None:
    places = {"laga": (0.0, 0.85, 0.1), "match": (1.0, 0.80, 0.1), "kursi": (0.0, 0.3, 0.0)}
    assert retriever(places, None).retrieve(question, 1)[0].article.id == "laga"
    hits = retriever(places, BALANCE).retrieve(question, 3)
    assert hits[0].article.id == first
    assert hits[2].article.id == "kursi"


def test_it_changes_nothing_among_passages_of_one_language() -> None:
    rng = np.random.default_rng(0)
    for end in (0.0, 1.0):
        places = {f"teks {n}": (end + rng.uniform(-0.2, 0.2), rng.uniform(0.7, 0.9), 0.0) for n in range(60)}
        for question in ("Siapa yang datang ke Jakarta?", "Who came to Jakarta?"):
            plain = [hit.article.id for hit in retriever(places, None).retrieve(question, 60)]
            assert [hit.article.id for hit in retriever(places, BALANCE).retrieve(question, 60)] == plain


def test_a_passage_is_found_behind_many_in_the_language_of_the_question() -> None:
    places: dict[str, Sequence[float]] = {f"kalimat {number}": (0.0, 0.85, 0.0) for number in range(150)}
    places["sentence"] = (1.0, 0.80, 0.0)
    question = "Siapa yang datang ke rumah itu?"
    assert "sentence" not in {hit.article.id for hit in retriever(places, None).retrieve(question, 150)}
    assert retriever(places, BALANCE).retrieve(question, 1)[0].article.id == "sentence"


def test_the_one_that_ships_is_for_the_bundled_encoder(encoder: Encoder) -> None:
    balance = LanguageBalance.load(encoder)
    assert balance is not None
    assert all(0 < bonus <= 0.1 for bonus in balance.bonus.values())
    texts = [
        "Harga beras di Jakarta naik menjadi 15.000 rupiah per kilogram sejak awal pekan ini.",
        "The council has postponed the vote on the new footbridge until next spring.",
    ]
    indonesian, english = balance.english(encoder.encode_passages(texts))
    assert indonesian < 0.1
    assert english > 0.9
    assert LanguageBalance.load(WordEncoder()) is None


def asked(file: int, language: Language, own: float, other: float) -> Asked:
    """A question whose answer is in the other language; the best passage in its own scores more."""
    english = np.array([1.0, 0.0] if language == "en" else [0.0, 1.0])
    return Asked(file, language, np.array([own, other]), english, np.array([False, True]))


def test_the_smallest_bonus_that_does_best_is_taken() -> None:
    questions = [asked(0, "id", 0.9, 0.875), asked(0, "id", 0.9, 0.865), asked(1, "en", 0.9, 0.895)]
    assert best_bonuses(questions) == {"id": 0.04, "en": 0.01}


def test_the_axis_tells_the_languages_apart() -> None:
    rng = np.random.default_rng(0)
    spread = np.array([0.05, 1.0, 0.05])  # the second component says nothing of the language
    indonesian, english = (rng.normal(size=(200, 3)) * spread + [place, 0, 0.3] for place in (0.2, 0.6))
    axis, origin = discriminant(indonesian.astype(np.float32), english.astype(np.float32))
    balance = LanguageBalance(axis, origin, {"id": 0, "en": 0})
    assert indonesian.mean(axis=0) @ axis == pytest.approx(origin, abs=1e-5)
    assert english.mean(axis=0) @ axis == pytest.approx(origin + 1, abs=1e-5)
    assert abs(axis[1]) < 0.05 * axis[0]
    assert balance.english(passages((0.2, 3, 0.3), (0.6, -3, 0.3))).tolist() == [0, 1]
    with pytest.raises(InputError, match="there are no articles in both languages"):
        discriminant(passages((1, 0, 0), (0, 1, 0)), passages((1, 0, 0)))


def test_a_balance_is_fitted_and_written(tmp_path: Path) -> None:
    rows = [
        ("Harga beras yang naik di pasar itu.", "id", "Berapa harga beras di pasar?"),
        ("Banjir yang datang di kota itu.", "id", "Kapan banjir yang datang di kota?"),
        ("The price of the rice in the market.", "en", "What is the price of the rice?"),
        ("The flood came to the town at the river.", "en", "When came the flood to the town?"),
    ]
    file = tmp_path / "berita.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for number, (text, language, question) in enumerate(rows):
            answer = {"text": text[:5], "start": 0}
            item = {"id": str(number), "question": question, "answers": [answer]}
            lines.write(json.dumps({"context": text, "context_lang": language, "questions": [item]}) + "\n")
    balance = fit([read_questions(file)], {text: language for text, language, _ in rows}, WordEncoder(), None)
    vectors = WordEncoder().encode_passages([text for text, _, _ in rows])
    assert (balance.english(vectors) > 0.5).tolist() == [False, False, True, True]
    assert dict(balance.bonus) == {"id": 0.0, "en": 0.0}  # each question finds its passage without
    write(balance, WordEncoder(), tmp_path / "balance.json")
    written = json.loads((tmp_path / "balance.json").read_text(encoding="utf-8"))
    assert set(written) == {"fingerprint", "bonus", "origin", "axis"}
    assert np.allclose(written["axis"], balance.axis, atol=1e-4)
