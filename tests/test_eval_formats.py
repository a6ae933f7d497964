"""Yes/no and conversation files, asked with readers whose figures can be counted by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from fakes import WordEncoder
from newsqa import Article
from newsqa.evaluation.conversations import ConversationsReport, evaluate_conversations
from newsqa.evaluation.questions import ConversationFile, YesNoFile, read_file
from newsqa.evaluation.rows import GoldTurn
from newsqa.evaluation.yes_no import VerdictReport, evaluate_yes_no
from scripted import ScriptedReader

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def yes_no() -> YesNoFile:
    file = read_file(DATA / "seed_yes_no.jsonl")
    assert isinstance(file, YesNoFile)
    return file


@pytest.fixture(scope="module")
def conversations() -> ConversationFile:
    file = read_file(DATA / "few_conversations.jsonl")
    assert isinstance(file, ConversationFile)
    return file


def test_the_files_are_about_the_seed_article(
    yes_no: YesNoFile, conversations: ConversationFile, seed_article: Article
) -> None:
    articles = [row.article for row in yes_no.rows] + [row.article for row in conversations.rows]
    assert {article.text for article in articles} == {seed_article.text}
    assert [question.label for question in yes_no.rows[0].questions] == ["yes"] * 3 + ["no"] * 3 + ["unknown"] * 2
    assert [len(row.turns) for row in conversations.rows] == [5, 4]


def test_verdicts_are_counted_by_language(yes_no: YesNoFile) -> None:
    reader = ScriptedReader(
        answers={("*", "Apakah Putin juga menelepon Joe Biden?"): "Abdel Fattah al-Sisi"},
        verdicts={
            "Apakah Putin menelepon Netanyahu?": "yes",
            "Serangan Hamas itu dilancarkan dari Tepi Barat, ya?": "no",
            "Apakah Israel sudah membom selama sebulan?": "yes",
            "Did Putin call Netanyahu?": "yes",
            "Did Putin call Joe Biden too?": "no",
        },
    )
    report = evaluate_yes_no(yes_no, WordEncoder(), reader)
    assert (report.name, report.questions) == ("seed_yes_no", 8)
    assert report.languages == (
        # Of the unknown ones one got no verdict but an answer.
        VerdictReport("id", 8, 2, 3, right=2 / 6, wrong=1 / 3, unknown_withheld=1.0, unknown_declined=0.5),
        VerdictReport("en", 8, 2, 2, right=1 / 6, wrong=1 / 2, unknown_withheld=0.5, unknown_declined=0.5),
    )


def test_a_limit_counts_questions_and_conversations(yes_no: YesNoFile, conversations: ConversationFile) -> None:
    reader = ScriptedReader()
    asked = evaluate_yes_no(yes_no, WordEncoder(), reader, limit=3)
    assert (asked.questions, [part.questions for part in asked.languages]) == (3, [3, 3])
    assert evaluate_conversations(conversations, WordEncoder(), reader, limit=1).conversations == 1


ANSWERS = {
    # In Indonesian the first answer is right and carries the next one; the second conversation starts with a refusal.
    ("*", "Siapa yang ditelepon Putin?"): "Benjamin Netanyahu",
    ("Benjamin Netanyahu", "Kenapa?"): "demi menyelesaikan konflik di Jalur Gaza",
    ("demi menyelesaikan konflik di Jalur Gaza", "Berapa lama mereka bicara?"): "10 hari",
    ("*", "Berapa orang yang tewas akibat pengeboman Israel?"): "sedikitnya 2.750 orang",
    ("sedikitnya 2.750 orang", "Sudah berapa hari berlangsungnya?"): "10 hari",
    ("Bashar al-Assad", "Kalau Mesir?"): "Abdel Fattah al-Sisi",
    ("Abdel Fattah al-Sisi", "Putin minta bantuan apa dari negaranya?"): "mengevakuasi warga Rusia dari Gaza",
    # In English newsqa's own answers never help, so that it does not matter what the chat brings in.
    ("*", "Who did Putin call?"): "Mahmoud Abbas",
    ("Benjamin Netanyahu", "Why?"): "demi menyelesaikan konflik di Jalur Gaza",
    ("*", "How many people did Israel's bombing kill?"): "2.750 orang",
    ("sedikitnya 2.750 orang", "And how many days had it lasted?"): "10 hari",
    ("*", "Who is the president of Syria?"): "Bashar al-Assad",
    ("Abdel Fattah al-Sisi", "What did Putin ask his country for?"): "mengevakuasi warga Rusia dari Gaza",
    ("mengevakuasi warga Rusia dari Gaza", "When was he elected?"): "7 Oktober",
}


@pytest.fixture(scope="module")
def report(conversations: ConversationFile) -> ConversationsReport:
    return evaluate_conversations(conversations, WordEncoder(), ScriptedReader(ANSWERS))


@pytest.mark.parametrize(
    ("language", "turns", "way", "figures"),
    [
        # questions, EM, F1, F1 on answerable ones, refused
        ("id", "later", "gold", (7, 6 / 7, 6 / 7, 5 / 5, 1 / 2)),
        ("id", "later", "never", (7, 3 / 7, 3 / 7, 1 / 5, 2 / 2)),
        ("id", "later", "always", (7, 4 / 7, 4 / 7, 3 / 5, 1 / 2)),
        ("en", "later", "gold", (7, 4 / 7, 4.8 / 7, 3.8 / 5, 1 / 2)),
        ("en", "later", "never", (7, 2 / 7, 2.8 / 7, 0.8 / 5, 2 / 2)),
        ("en", "later", "always", (7, 2 / 7, 2.8 / 7, 0.8 / 5, 2 / 2)),
        ("en", "later", "chat", (7, 1 / 7, 1.8 / 7, 0.8 / 5, 1 / 2)),
        ("id", "first", "never", (2, 1 / 2, 1 / 2, 1 / 2, math.nan)),
        ("id", "first", "chat", (2, 1 / 2, 1 / 2, 1 / 2, math.nan)),
        ("en", "first", "chat", (2, 1 / 2, 1 / 2, 1 / 2, math.nan)),
        ("id", "alone", "chat", (1, 1.0, 1.0, 1.0, math.nan)),
        ("en", "alone", "never", (1, 0.0, 0.8, 0.8, math.nan)),
        ("en", "alone", "chat", (1, 0.0, 0.8, 0.8, math.nan)),
    ],
)
def test_turns_are_asked_with_and_without_history(
    report: ConversationsReport, language: str, turns: str, way: str, figures: tuple[float, ...]
) -> None:
    (part,) = (part for part in report.scores if (part.language, part.turns, part.way) == (language, turns, way))
    found = (part.questions, part.exact_match, part.f1, part.f1_answerable, part.refused)
    assert found == pytest.approx(figures, nan_ok=True)


def test_each_kind_of_turns_has_its_rows(report: ConversationsReport) -> None:
    assert (report.name, report.conversations) == ("few_conversations", 2)
    assert [(part.turns, part.way) for part in report.scores if part.language == "en"] == [
        ("later", "gold"),
        ("later", "never"),
        ("later", "always"),
        ("later", "chat"),
        ("first", "never"),
        ("first", "chat"),
        ("alone", "never"),
        ("alone", "chat"),
        ("all", "chat"),
    ]


def test_a_turn_is_right_with_the_gold_sentence_only(conversations: ConversationFile) -> None:
    answers = {("*", "Siapa presiden Palestina?"): "Mahmoud Abbas"}
    (row, _) = conversations.rows
    text = row.article.text
    wordings = {"id": "Siapa presiden Palestina?", "en": "Who is the president of Palestine?"}
    # The reader finds him in the sentence about the presidents, which is not the first that names him.
    for start, right in ((text.rindex("Mahmoud Abbas"), 1.0), (text.index("Mahmoud Abbas"), 0.0)):
        turn = GoldTurn(wordings, wordings["en"], row.article.span(start, start + len("Mahmoud Abbas")))
        file = ConversationFile("one", (replace(row, turns=(turn,)),))
        report = evaluate_conversations(file, WordEncoder(), ScriptedReader(answers))
        assert [(part.f1, part.right) for part in report.scores if part.turns == "all"] == [(1.0, right), (0.0, 0.0)]


def test_the_seed_conversations_are_twenty_of_three_turns(seed_article: Article) -> None:
    file = read_file(DATA / "seed_conversations.jsonl")
    assert isinstance(file, ConversationFile)
    assert [len(row.turns) for row in file.rows] == [3] * 20
    assert {row.article.text for row in file.rows} == {seed_article.text}
    assert sum(turn.answer is None for row in file.rows for turn in row.turns) == 12
