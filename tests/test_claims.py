"""Yes/no questions made from span questions: their wording, their verdict, and when there is none."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from newsqa.reading.history import Exchange
from newsqa.training.claims import claim
from newsqa.training.examples import Example, Kind, Passage

TEXT = "Perang itu berakhir pada 1945, kata Sukarno. Pada 1950 ia menunjuk Hatta, dan 30 orang hadir."
PASSAGE = Passage(TEXT, "", "id")
ENGLISH_TEXT = "The war ended in 1945, said Sukarno. In 1950 he named Hatta, and 30 people came."
ENGLISH = Passage(ENGLISH_TEXT, "", "en")


def made(question: str, answer: str, passage: Passage = PASSAGE, language: str = "") -> list[Example]:
    """All the claims that a hundred draws make."""
    start = passage.text.find(answer)
    answers = ((start, start + len(answer)),) if answer else ()
    example = Example("qa", "k", question, language or passage.language, passage, answers)
    found = [claim(example, random.Random(seed)) for seed in range(100)]
    return [one for one in found if one]


def questions(claims: Sequence[Example], kind: Kind) -> set[str]:
    return {one.question for one in claims if one.kind is kind}


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("Kapan perang itu berakhir?", "1945", "Apakah perang itu berakhir pada 1945?"),
        ("Siapakah yang ditunjuk?", "Hatta", "Benarkah Hatta yang ditunjuk?"),
        ("Berapa orang yang hadir?", "30 orang", "Apakah 30 orang yang hadir?"),
        ("Apa nama wakilnya?", "Hatta", "Nama wakilnya Hatta, ya?"),
    ],
)
def test_a_right_answer_makes_yes_in_indonesian(question: str, answer: str, expected: str) -> None:
    found = made(question, answer)
    assert expected in questions(found, Kind.YES)
    assert all(one.answer_texts() == (answer,) for one in found)


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("When did the war end?", "1945", "Did the war end in 1945?"),
        ("Who was named?", "Hatta", "Was Hatta named?"),
        ("Who named Hatta?", "Sukarno", "Is it true that Sukarno named Hatta?"),
        ("In what year was Hatta named?", "1950", "Was Hatta named in 1950?"),
    ],
)
def test_a_right_answer_makes_yes_in_english(question: str, answer: str, expected: str) -> None:
    assert expected in questions(made(question, answer, ENGLISH), Kind.YES)


def test_another_name_or_number_of_the_passage_makes_no() -> None:
    found = questions(made("When did the war end?", "1945", ENGLISH), Kind.NO)
    assert "Did the war end in 1950?" in found
    assert not any("1945" in question for question in found)
    assert "Is it true that Hatta named him?" in questions(made("Who named him?", "Sukarno", ENGLISH), Kind.NO)


def test_a_number_is_changed_where_the_passage_has_no_other() -> None:
    alone = Passage("Perang itu berakhir pada 1945.", "", "id")
    found = questions(made("Kapan perang itu berakhir?", "1945", alone), Kind.NO)
    years = {
        question.removeprefix("Apakah perang itu berakhir pada ")[:4] for question in found if "Apakah" in question
    }
    assert years
    assert "1945" not in years
    assert all(year.startswith("19") for year in years)


def test_an_unanswerable_question_makes_unknown_without_evidence() -> None:
    found = made("Siapa yang ditunjuk pada 1999?", "")
    assert {one.kind for one in found} == {Kind.UNKNOWN}
    assert {one.answers for one in found} == {()}
    assert "Benarkah Sukarno yang ditunjuk pada 1999?" in questions(found, Kind.UNKNOWN)


def test_months_units_and_small_numbers_are_translated_other_words_are_not() -> None:
    text = "Ia lahir pada 17 Agustus 1945 di rumah sakit; ada tiga orang saksi bernama Budi."
    passage = Passage(text, "", "id")
    born = questions(made("When was he born?", "17 Agustus 1945", passage, "en"), Kind.YES)
    assert "Was he born on 17 August 1945?" in born
    assert made("Where was he born?", "rumah sakit", passage, "en") == []
    back = Passage("She was born on 17 August 1945.", "", "en")
    assert "Apakah dia lahir pada 17 agustus 1945?" in questions(
        made("Kapan dia lahir?", "17 August 1945", back, "id"), Kind.YES
    )


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Mengapa ia pergi?", "1945"),  # no pattern for reasons
        ("Apa yang terjadi?", "berakhir"),  # neither a name nor a number: nothing could stand in its place
        ("Siapa?", "Sukarno"),
    ],
)
def test_other_questions_make_none(question: str, answer: str) -> None:
    assert made(question, answer) == []


def test_a_question_with_history_makes_none() -> None:
    example = Example(
        "qa", "k", "When did it end?", "en", ENGLISH, ((17, 21),), history=(Exchange("What?", "The war"),)
    )
    assert claim(example, random.Random(0)) is None
