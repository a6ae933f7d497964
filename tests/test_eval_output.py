"""Times, tables and JSON of an evaluation."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from fakes import CountingEncoder, WordEncoder
from newsqa import Article
from newsqa.embedding import Vectors
from newsqa.evaluation.questions import read_file, read_questions, together
from newsqa.evaluation.run import Evaluation, evaluate_files
from newsqa.evaluation.tables import WIDTH, tables
from newsqa.evaluation.timing import LatencyReport, TimedNewsQA, peak_memory_mb
from newsqa.index import Index
from newsqa.reading.history import Exchange
from newsqa.types import Hit, Reading
from scripted import ScriptedReader

DATA = Path(__file__).parent / "data"


class Clock:
    """Goes on by a millisecond whenever it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


class SlowEncoder(WordEncoder):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        self._clock.now += 0.030
        return super().encode_questions(questions)


class SlowReader(ScriptedReader):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        self._clock.now += 0.2 if "pelan" in question else 0.1
        return super().read(question, hits, history)


def test_the_time_of_a_question_is_split_into_its_parts() -> None:
    clock = Clock()
    index = Index.build([Article("0", "", "Harga beras naik.")], WordEncoder())
    qa = TimedNewsQA(index, SlowEncoder(clock), SlowReader(clock), clock)
    assert qa.ask("Berapa harga beras?").abstained
    qa.ask("Berapa, pelan?")
    # The clock is looked at six times: at the start, around embedding, around reading, at the end.
    expected = LatencyReport(p50_ms=185, p95_ms=230, embed_ms=31, search_ms=2, read_ms=151)
    found = qa.report()
    for name in LatencyReport.__slots__:
        assert getattr(found, name) == pytest.approx(getattr(expected, name))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell")
def test_peak_memory_is_in_megabytes() -> None:
    peak = peak_memory_mb()
    assert peak is not None
    assert 20 < peak < 1_000_000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="macOS tells otherwise")
def test_peak_memory_is_not_that_of_the_parent() -> None:
    block = bytearray(400_000_000)
    block[::4096] = b"x" * len(block[::4096])  # in memory for certain
    code = "from newsqa.evaluation.timing import peak_memory_mb; print(peak_memory_mb())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    own = peak_memory_mb()
    assert own is not None
    assert float(told) < 350 < 400 < own


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    names = ("seed_questions_en", "seed_questions_id", "seed_yes_no", "few_conversations")
    files = [read_file(DATA / f"{name}.jsonl") for name in names]
    reader = ScriptedReader(
        answers={("*", "Siapa yang ditelepon Putin?"): "Benjamin Netanyahu"},
        verdicts={"Did Putin call Netanyahu?": "yes"},
    )
    return evaluate_files(files, WordEncoder(), reader)


def test_no_passage_is_embedded_twice() -> None:
    files = [read_questions(DATA / f"seed_questions_{language}.jsonl") for language in ("en", "id")]
    encoder = CountingEncoder()
    evaluate_files([*files, *together(files)], encoder, ScriptedReader(), limit=2)
    assert len(encoder.encoded) == len(set(encoder.encoded)) == 3


def test_every_file_is_reported_under_its_format(evaluation: Evaluation) -> None:
    assert [report.name for report in evaluation.questions] == ["seed_questions_en", "seed_questions_id"]
    assert [report.name for report in evaluation.yes_no] == ["seed_yes_no"]
    assert [report.name for report in evaluation.conversations] == ["few_conversations"]
    assert evaluation.pooled().questions == 72


def test_json_holds_every_figure_and_no_nan(evaluation: Evaluation) -> None:
    figures = json.loads(json.dumps(evaluation.to_json(), allow_nan=False))
    assert list(figures) == ["questions", "pooled_confidence", "yes_no", "conversations", "peak_memory_mb"]
    (english, indonesian) = figures["questions"]
    assert set(english) == {
        *("name", "articles", "questions", "answerable"),
        *("retrieval", "reading", "confidence", "citation", "latency"),
    }
    assert indonesian["reading"]["f1_answerable"] == pytest.approx(1 / 26)
    assert indonesian["confidence"]["questions"] == 36
    assert set(english["latency"]) == {"p50_ms", "p95_ms", "embed_ms", "search_ms", "read_ms"}
    assert figures["yes_no"][0]["languages"][1] == {
        "language": "en",
        "questions": 8,
        "unknown": 2,
        "verdicts": 1,
        "right": pytest.approx(1 / 6),
        "wrong": 0.0,
        "unknown_withheld": 1.0,
        "unknown_declined": 1.0,
    }
    first = next(part for part in figures["conversations"][0]["scores"] if part["turns"] == "first")
    assert first == {
        "language": "id",
        "turns": "first",
        "way": "never",
        "questions": 2,
        "exact_match": 0.5,
        "f1": 0.5,
        "f1_answerable": 0.5,
        "refused": None,
        "right": 0.5,
    }


def shown(evaluation: Evaluation) -> list[str]:
    console = Console(width=WIDTH)
    with console.capture() as capture:
        for table in tables(evaluation):
            console.print(table)
    return [line.rstrip() for line in capture.get().splitlines()]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_tables_show_the_figures(evaluation: Evaluation) -> None:
    lines = shown(evaluation)
    assert max(map(len, lines)) <= WIDTH
    rows = [cells(line) for line in lines if line.startswith("│")]
    assert ["seed_yes_no", "en", "8", "16.7", "1", "0.0", "2", "100.0", "100.0"] in rows
    assert ["few_conversations", "id", "first", "never", "2", "50.0", "50.0", "50.0", "-", "50.0"] in rows
    confidence = [row for row in rows if row[0] == "all"]
    assert [row[1] for row in confidence] == ["72"]
    assert lines[-1].startswith("Peak memory of the process: ")
    assert [line for line in lines if line.endswith(("article)", "archive)"))] == [
        "Retrieval (archive)",
        "Reading (own article)",
        "Confidence (own article)",
        "Citations (archive)",
        "Milliseconds a question (archive)",
        "Yes/no questions (own article)",
        "Conversations (own article)",
    ]


def test_formats_without_a_file_are_not_shown(evaluation: Evaluation) -> None:
    only = Evaluation((), evaluation.yes_no, (), None)
    lines = shown(only)
    assert lines[0] == "Yes/no questions (own article)"
    assert not any("Retrieval" in line or "Conversations" in line or "Peak" in line for line in lines)
    assert only.to_json()["pooled_confidence"] is None
    assert math.isnan(only.pooled().precision)
