"""The three data formats: what is read, and what is said of a line that is not of its format."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from newsqa import InputError
from newsqa.evaluation.questions import ConversationFile, QuestionFile, YesNoFile, read_file
from newsqa.evaluation.rows import conversation_rows, question_rows, yes_no_rows
from newsqa.training.examples import Example, Kind, Passage, read_conversations, read_questions, read_yes_no

TEXT = "Putin menelepon Netanyahu.\u2028Harga beras naik."
QUESTIONS = {
    "context": TEXT,
    "context_lang": "id",
    "question_lang": "en",
    "questions": [{"id": 7, "question": "Who?", "answers": [{"text": "Netanyahu", "start": 16}]}],
}
POLAR = {"key": "k", "id": "Apakah naik?", "en": "Did it rise?", "label": "yes"}
YES_NO = {
    "context": TEXT,
    "context_lang": "id",
    "questions": [
        {**POLAR, "evidence": {"text": "beras naik", "start": 33}},
        {**POLAR, "key": "l", "label": "unknown", "evidence": None},
    ],
}
TURN = {"id": "Siapa?", "en": "Who?", "standalone_en": "Who called?", "answer": "Putin", "start": 0}
CONVERSATION = {
    "context": TEXT,
    "context_lang": "id",
    "source": "news",
    "turns": [TURN, {**TURN, "id": "Kapan?", "answer": "", "start": None}],
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def lines(*rows: object) -> Path:
        path = tmp_path / "some.jsonl"
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) if row else "" for row in rows), "utf-8")
        return path

    return lines


def test_a_format_is_told_by_the_content(write: Callable[..., Path]) -> None:
    empty = {"context": TEXT, "questions": []}
    questions = read_file(write(empty, None, QUESTIONS))
    assert isinstance(questions, QuestionFile)
    assert questions.questions[0].gold == ("Netanyahu",)
    yes_no = read_file(write(empty, YES_NO))
    assert isinstance(yes_no, YesNoFile)
    assert [(item.label, item.evidence) for item in yes_no.rows[1].questions] == [
        ("yes", yes_no.rows[1].article.span(33, 43)),
        ("unknown", None),
    ]
    assert dict(yes_no.rows[1].questions[0].wordings) == {"id": "Apakah naik?", "en": "Did it rise?"}
    conversations = read_file(write({**CONVERSATION, "turns": []}, CONVERSATION))
    assert isinstance(conversations, ConversationFile)
    assert [[turn.answer_text for turn in row.turns] for row in conversations.rows] == [[], ["Putin", ""]]


def test_training_reads_the_same_files(write: Callable[..., Path]) -> None:
    passage = Passage(TEXT, "", "id")
    assert read_questions(write(QUESTIONS)) == [Example("some", "7", "Who?", "en", passage, ((16, 25),))]
    examples = read_yes_no(write(YES_NO))
    assert [(one.key, one.question, one.answers, one.kind) for one in examples] == [
        ("k:id", "Apakah naik?", ((33, 43),), Kind.YES),
        ("k:en", "Did it rise?", ((33, 43),), Kind.YES),
        ("l:id", "Apakah naik?", (), Kind.UNKNOWN),
        ("l:en", "Did it rise?", (), Kind.UNKNOWN),
    ]
    turns = read_conversations(write(None, CONVERSATION), ["id"])
    assert [(turn.example.key, turn.number, turn.standalone) for turn in turns] == [
        ("news-0-1:id", 1, ""),
        ("news-0-2:id", 2, ""),
    ]
    assert [exchange.answer for exchange in turns[1].example.history] == ["Putin"]


MOVED = {"id": 1, "question": "?", "answers": [{"text": "Putin", "start": 1}]}


@pytest.mark.parametrize(
    ("read", "row", "message"),
    [
        (question_rows, {"context": "x"}, "not a passage with questions ('questions' is missing)"),
        (question_rows, [1], "not a passage with questions (not a JSON object)"),
        (question_rows, {**QUESTIONS, "context": 5}, "not a passage with questions ('context' is 5, not a text)"),
        (question_rows, {**QUESTIONS, "context": " "}, "not a passage with questions (article '2' has no text)"),
        (
            question_rows,
            {**QUESTIONS, "questions": [MOVED]},
            "not a passage with questions (at 1 the passage says 'utin ', not 'Putin')",
        ),
        (
            yes_no_rows,
            {**YES_NO, "questions": [{**POLAR, "label": "perhaps"}]},
            "not a passage with yes/no questions (the label 'perhaps' is none of yes, no and unknown)",
        ),
        (
            yes_no_rows,
            {**YES_NO, "questions": [POLAR]},
            "not a passage with yes/no questions ('evidence' is missing)",
        ),
        (conversation_rows, {"context": "x"}, "not a conversation ('turns' is missing)"),
        (
            conversation_rows,
            {**CONVERSATION, "turns": [{**TURN, "start": 99}]},
            "not a conversation (span [99, 104) is outside article '2' of 44 characters)",
        ),
        (read_questions, {**QUESTIONS, "question_lang": ""}, "'question_lang' is missing"),
        (read_yes_no, {**YES_NO, "context_lang": None}, "'context_lang' is missing"),
    ],
)
def test_a_line_that_is_not_of_the_format_is_named(
    write: Callable[..., Path], read: Callable[[Path], list[object]], row: object, message: str
) -> None:
    path = write(None, None, row)
    with pytest.raises(InputError) as raised:
        list(read(path))
    assert str(raised.value) == f"{path}, line 3: {message}"


def test_a_file_that_is_no_json_or_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text('{"context": ', "utf-8")
    with pytest.raises(InputError, match=r"some\.jsonl, line 1: not a passage with questions \(Expecting value"):
        read_file(path)
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"cannot read the question file .*some\.jsonl"):
        read_file(path)
