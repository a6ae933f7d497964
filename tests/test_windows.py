from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from fakes import hits_of, write_tiny_qa_model
from newsqa import Article
from newsqa.reading.history import Exchange, question_part
from newsqa.reading.windows import MAX_WINDOWS, batches, encode_windows

WORDS = ["who", "spoke", "one", "two", "three", "four", "five", "."]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from transformers import AutoTokenizer

    folder: Path = write_tiny_qa_model(tmp_path_factory.mktemp("model"), WORDS)
    return AutoTokenizer.from_pretrained(folder).backend_tokenizer


def test_windows_cover_the_passage_and_share_tokens(tokenizer: Any) -> None:
    text = "one two three four five. " * 4
    windows = encode_windows(tokenizer, "who spoke", hits_of(Article("a", "", text)), max_length=16, stride=3)
    covered: set[int] = set()
    for window in windows:
        assert len(window) <= 16
        assert len(window.inputs["input_ids"]) == len(window) == len(window.in_passage)
        words = [
            text[start:end]
            for start, end, inside in zip(window.starts, window.ends, window.in_passage, strict=True)
            if inside
        ]
        assert set(words) <= {"one", "two", "three", "four", "five", "."}
        covered |= set(window.starts[window.in_passage].tolist())
    assert covered == {match.start() for match in re.finditer(r"\w+|\.", text)}
    shared = set(windows[0].starts[windows[0].in_passage].tolist()) & set(
        windows[1].starts[windows[1].in_passage].tolist()
    )
    assert len(shared) == 3


def test_of_a_passage_only_so_much_is_read(tokenizer: Any) -> None:
    (hit,) = hits_of(Article("a", "", "one " * 200))
    windows = encode_windows(tokenizer, "who", [hit, hit], max_length=8, stride=0)
    assert len(windows) == 2 * MAX_WINDOWS
    # Four tokens of the passage a window: [CLS] who [SEP] one one one one [SEP].
    assert windows[MAX_WINDOWS - 1].ends[-2] == 4 * 4 * MAX_WINDOWS - 1


def test_of_a_long_question_the_end_is_kept(tokenizer: Any) -> None:
    question = "one " * 50 + "who spoke"
    (window, *_) = encode_windows(tokenizer, question, hits_of(Article("a", "", "two three.")), max_length=16, stride=3)
    tokens = [tokenizer.id_to_token(token) for token in window.inputs["input_ids"]]
    assert tokens[7:10] == ["who", "spoke", "[SEP]"]
    assert len(window) <= 16


def test_no_hits_no_windows(tokenizer: Any) -> None:
    assert encode_windows(tokenizer, "who", [], max_length=16, stride=3) == []


def test_batches_are_bounded_with_their_padding(tokenizer: Any) -> None:
    texts = ["one", "one two three four five", "one two", "one two three", "one two three four"]
    hits = [hit for i, text in enumerate(texts) for hit in hits_of(Article(str(i), "", text))]
    windows = encode_windows(tokenizer, "who", hits, max_length=40, stride=3)
    grouped = list(batches(windows, 16))
    assert sorted(len(window) for batch in grouped for window in batch) == sorted(map(len, windows))
    assert all(len(batch) == 1 or max(map(len, batch)) * len(batch) <= 16 for batch in grouped)
    assert [len(window) for batch in grouped for window in batch] == sorted(map(len, windows))
    assert list(batches([], 16)) == []


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], "And when?"),
        ([Exchange("Who?", "Putin")], "Who? Putin || And when?"),
        ([Exchange("Who?", "")], "Who? - || And when?"),
        ([Exchange(f"Q{i}?", "A") for i in range(5)], "Q2? A || Q3? A || Q4? A || And when?"),
        ([Exchange("Old?", "A"), Exchange("x" * 396, "A")], f"{'x' * 396} A || And when?"),
        ([Exchange("Why?", "y" * 500)], f"Why? {'y' * 120} || And when?"),
    ],
)
def test_history_stands_before_the_question(history: list[Exchange], expected: str) -> None:
    assert question_part("And when?", history) == expected
