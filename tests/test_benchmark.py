"""The benchmark against other programs: how it takes turns, what it counts, its tables, its record and its guard."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from fakes import FirstSentence, WordEncoder
from newsqa import Article, InputError
from newsqa.evaluation.benchmark import _parser, circumstances, compare, contenders, run
from newsqa.evaluation.contenders import Asker, Finder, NewsQAAsker, NewsQAFinder
from newsqa.evaluation.measuring import Rounds, judge_answers, judge_finding, measure
from newsqa.evaluation.plots import draw_bars, write_bars
from newsqa.evaluation.questions import Question, QuestionFile, read_questions
from newsqa.evaluation.ratios import (
    Circumstances,
    Figures,
    Quality,
    Recall,
    Spread,
    not_measured,
    read_ratios,
    worse,
    write_record,
)
from newsqa.evaluation.report import report
from newsqa.evaluation.sample import Findable
from newsqa.passages import PassageSettings, split_into_passages

DATA = Path(__file__).parent / "data"
RICE = Article("rice", "Beras", "Harga beras naik. Petani senang.")
FERRY = Article("ferry", "", "The ferry was cancelled. Waves were high.")


class Clock:
    """Stands still but for what the contenders take."""

    def __init__(self) -> None:
        self.now = 0.0
        self.log: list[str] = []

    def __call__(self) -> float:
        return self.now


class FakeAsker:
    """Takes ``seconds`` a question and answers with the article's first word, or declines where there is no "?"."""

    def __init__(self, name: str, clock: Clock, seconds: float, trained: bool = True) -> None:
        self.name = name
        self.trained = trained
        self._clock = clock
        self._seconds = seconds
        self._article: Article | None = None

    def about(self, article: Article) -> None:
        self._article = article
        self._clock.log.append(f"{self.name} about {article.id}")

    def ask(self, question: str) -> str:
        assert self._article is not None
        self._clock.log.append(f"{self.name}: {question}")
        self._clock.now += self._seconds
        return self._article.text.split()[0] if "?" in question else ""


class FakeFinder:
    """Takes ``seconds`` a passage and a tenth of it a question; finds the passages in the order of their positions."""

    def __init__(self, name: str, clock: Clock, seconds: float) -> None:
        self.name = name
        self._clock = clock
        self._seconds = seconds
        self._size = 0

    def index(self, passages: Sequence[Article]) -> None:
        self._size = len(passages)
        self._clock.log.append(f"{self.name} indexes {self._size}")
        self._clock.now += self._seconds * self._size

    def find(self, question: str, k: int) -> list[int]:
        self._clock.log.append(f"{self.name}: {question}")
        self._clock.now += self._seconds / 10
        return list(range(min(k, self._size)))


def question(number: int, text: str, article: Article, answer: str) -> Question:
    start = article.text.find(answer)
    spans = (article.span(start, start + len(answer)),) if answer else ()
    return Question(str(number), text, article.id, spans, spans)


FILE = QuestionFile(
    "two",
    (RICE, FERRY),
    (
        question(0, "Apa yang naik?", RICE, "Harga"),
        question(1, "What was cancelled?", FERRY, "ferry"),
        question(2, "Kapan", RICE, ""),
    ),
)
SPREADS = {"newsqa": Spread(50.0, 45.0, 55.0, 60), "Haystack": Spread(600.0, 550.0, 700.0, 60)}
FIGURES = Figures(
    asking=SPREADS,
    indexing={"newsqa": Spread(40.0, 39.5, 40.5, 5), "LangChain": Spread(16.0, 15.0, 17.0, 5)},
    retrieving={},
    quality={"newsqa": Quality(0.8333, 0.877, 1.0), "Haystack": Quality(0.5, 0.75, math.nan)},
    recall={"newsqa": Recall(0.96, 1.0)},
)


def test_all_take_turns_and_none_is_always_first() -> None:
    clock = Clock()
    fast, slow = FakeAsker("newsqa", clock, 0.05), FakeAsker("Haystack", clock, 0.6, trained=False)
    rounds = Rounds(("Who?", "When?"), 2, [[RICE]])
    figures = measure([fast, slow], [], RICE, replace(FILE, questions=()), (), rounds, clock)
    assert clock.log == [
        "newsqa about rice",
        "newsqa: Who?",
        "Haystack about rice",
        "Haystack: Who?",
        "newsqa: Who? (0)",
        "newsqa: When? (0)",
        "Haystack: Who? (0)",
        "Haystack: When? (0)",
        "Haystack: Who? (1)",
        "Haystack: When? (1)",
        "newsqa: Who? (1)",
        "newsqa: When? (1)",
    ]
    assert {name: spread.count for name, spread in figures.asking.items()} == {"newsqa": 4, "Haystack": 4}
    assert [spread.median for spread in figures.asking.values()] == pytest.approx([50.0, 600.0])
    assert figures.ratios() == {"asking, Haystack": pytest.approx(12.0)}


def test_random_readers_are_not_judged() -> None:
    clock = Clock()
    askers = [FakeAsker("newsqa", clock, 0.05), FakeAsker("random", clock, 0.6, trained=False)]
    figures = measure(askers, [], RICE, FILE, FILE.questions, Rounds(("Who?",), 1, [[RICE]]), clock)
    assert list(figures.asking) == ["newsqa", "random"]
    assert list(figures.quality) == ["newsqa"]


def test_indexing_is_counted_in_passages_a_second() -> None:
    clock = Clock()
    finders = [FakeFinder("newsqa", clock, 0.01), FakeFinder("LangChain", clock, 0.03)]
    rounds = Rounds(("Who?",), 1, [[RICE, FERRY], [RICE, FERRY, RICE, FERRY]])
    figures = measure([], finders, RICE, FILE, FILE.questions, rounds, clock)
    assert list(figures.indexing) == ["newsqa", "LangChain"]
    assert [spread.count for spread in figures.indexing.values()] == [2, 2]
    assert [spread.median for spread in figures.indexing.values()] == pytest.approx([100.0, 100 / 3])
    assert [spread.low for spread in figures.indexing.values()] == pytest.approx([100.0, 100 / 3])
    assert figures.retrieving["LangChain"].median == pytest.approx(3.0)
    assert figures.ratios() == {
        "retrieving, LangChain": pytest.approx(3.0),
        "indexing, LangChain": pytest.approx(3.0),
    }
    # Two passages each to begin with, not counted; then by turns.
    assert [line for line in clock.log if "indexes" in line][:6] == [
        "newsqa indexes 2",
        "LangChain indexes 2",
        "newsqa indexes 2",
        "LangChain indexes 2",
        "LangChain indexes 4",
        "newsqa indexes 4",
    ]


def test_no_question_is_timed_twice() -> None:
    clock = Clock()
    rounds = Rounds(("Who?", "When?"), 3, [[RICE]])
    measure([FakeAsker("newsqa", clock, 0.1)], [FakeFinder("newsqa", clock, 0.1)], RICE, FILE, (), rounds, clock)
    asked = [line for line in clock.log if line.endswith(")")]
    assert len(asked) == len(set(asked)) == 12


def test_answers_are_judged_on_the_questions_own_article() -> None:
    clock = Clock()
    # "Harga" is right, "The" for "ferry" is wrong, and the last question is rightly declined.
    quality = judge_answers(FakeAsker("newsqa", clock, 0.0), FILE, FILE.questions)
    assert (quality.exact_match, quality.f1, quality.refused) == pytest.approx((2 / 3, 2 / 3, 1.0))
    assert [line for line in clock.log if "about" in line] == [
        "newsqa about rice",
        "newsqa about ferry",
        "newsqa about rice",
    ]


def test_the_right_passage_is_one_with_a_gold_source() -> None:
    long = Article("long", "", "Harga beras naik di Jakarta. " * 40 + "Petani senang.")
    passages = [passage.span.text.strip() for passage in split_into_passages(long, PassageSettings())]
    assert len(passages) == 2
    questions = (question(0, "Siapa senang?", long, "Petani"), *FILE.questions)
    file = QuestionFile("three", (long, RICE, FERRY), questions)
    findable = Findable.of(file, questions)
    assert [passage.text for passage in findable.passages] == [*passages, RICE.text, FERRY.text]
    assert findable.questions == ("Siapa senang?", "Apa yang naik?", "What was cancelled?")
    assert findable.gold == (frozenset({1}), frozenset({2}), frozenset({3}))
    assert findable.ranks([[0, 1], [2], [0]]) == [2, 1, None]
    # The fake finds 0, 1, 2, 3 in this order.
    assert judge_finding(FakeFinder("newsqa", Clock(), 0.0), findable) == Recall(0.0, 1.0)


def test_a_text_in_two_articles_is_one_passage() -> None:
    twin = replace(RICE, id="twin")
    asked = (question(0, "Apa?", twin, "Harga"),)
    findable = Findable.of(QuestionFile("twins", (RICE, twin), asked), asked)
    assert (len(findable.passages), findable.gold) == (1, (frozenset({0}),))


def test_newsqa_takes_part_as_it_is() -> None:
    encoder = WordEncoder()
    asker: Asker = NewsQAAsker("newsqa", encoder, FirstSentence())
    asker.about(RICE)
    assert asker.ask("Apa yang naik?") == "Harga beras naik."
    asker.about(FERRY)
    assert asker.ask("What was cancelled?") == "The ferry was cancelled."
    finder: Finder = NewsQAFinder("newsqa", encoder)
    finder.index([RICE, FERRY])
    assert finder.find("ferry cancelled", 2) == [1, 0]
    finder.index([FERRY, RICE])
    assert finder.find("ferry cancelled", 1) == [0]


def test_the_tables() -> None:
    assert report(FIGURES) == (
        "Asking, ms a question          median         quartiles  times  newsqa is faster\n"
        "newsqa                           50.0       45.0 - 55.0     60\n"
        "Haystack                        600.0     550.0 - 700.0     60           12.00 x\n"
        "\n"
        "Indexing, passages a second    median         quartiles  times  newsqa is faster\n"
        "newsqa                           40.0       39.5 - 40.5      5\n"
        "LangChain                        16.0       15.0 - 17.0      5            2.50 x\n"
        "\n"
        "Answers, %                         EM       F1  refused\n"
        "newsqa                           83.3     87.7    100.0\n"
        "Haystack                         50.0     75.0        -\n"
        "\n"
        "Right passage found, %          first  in five\n"
        "newsqa                           96.0    100.0\n"
    )


def test_median_and_quartiles() -> None:
    assert Spread.of([4.0, 1.0, 3.0, 2.0, 5.0]) == Spread(3.0, 2.0, 4.0, 5)


def test_a_record_is_json_and_its_ratios_are_read_again(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    write_record(path, FIGURES, Circumstances("a processor", 2, "3.11.4", {"torch": "2.13.0"}))
    record = json.loads(path.read_text(encoding="utf-8"))
    assert (record["processor"], record["threads"], record["versions"]) == ("a processor", 2, {"torch": "2.13.0"})
    assert record["asking"]["Haystack"] == {"median": 600.0, "low": 550.0, "high": 700.0, "count": 60}
    assert record["quality"]["Haystack"] == {"exact_match": 0.5, "f1": 0.75, "refused": None}
    assert read_ratios(path) == FIGURES.ratios() == {"asking, Haystack": 12.0, "indexing, LangChain": 2.5}


@pytest.mark.parametrize("text", ["", "[]", '{"ratios": 3}', '{"ratios": {"asking": "fast"}}'])
def test_what_is_no_record_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"record\.json is not a record of a benchmark; make one with --record$"):
        read_ratios(path)
    with pytest.raises(InputError, match=r"^cannot read the record .*none\.json: No such file or directory$"):
        read_ratios(tmp_path / "none.json")


def test_a_ratio_may_get_worse_by_a_quarter() -> None:
    recorded = {"asking, Haystack": 12.0, "indexing, LangChain": 2.0, "indexing, txtai": 3.0}
    measured = {"asking, Haystack": 9.0, "indexing, LangChain": 1.4, "retrieving, LangChain": 0.1}
    assert worse(measured, recorded) == [
        "indexing, LangChain: 1.40 times as fast, 2.00 in the record (30 % less; 25 % is tolerated)"
    ]
    assert worse(measured, recorded, 0.2) == [
        "asking, Haystack: 9.00 times as fast, 12.00 in the record (25 % less; 20 % is tolerated)",
        "indexing, LangChain: 1.40 times as fast, 2.00 in the record (30 % less; 20 % is tolerated)",
    ]
    assert not_measured(measured, recorded) == ["indexing, txtai"]


def test_the_guard_says_what_it_could_not_compare(caplog: pytest.LogCaptureFixture) -> None:
    assert compare({"asking, Haystack": 12.0}, {"asking, Haystack": 12.0, "asking, other": 3.0}, 0.25) == 0
    assert [record.message for record in caplog.records] == ["asking, other: in the record, not measured now"]
    caplog.clear()
    assert compare({"asking, Haystack": 6.0}, {"asking, Haystack": 12.0}, 0.25) == 1
    assert [record.message for record in caplog.records] == [
        "asking, Haystack: 6.00 times as fast, 12.00 in the record (50 % less; 25 % is tolerated)"
    ]
    with pytest.raises(InputError, match=r"^nothing in the record was measured now; measure the same contenders$"):
        compare({}, {"asking, Haystack": 12.0}, 0.25)


def test_a_run_prints_records_draws_and_compares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record, picture = tmp_path / "record.json", tmp_path / "bars.png"
    words = [str(DATA / "seed_questions_en.jsonl"), "--article", str(DATA.parent.parent / "seeds"), "--passages", "6"]
    words += ["--files", str(DATA / "seed_questions_en.jsonl"), "--parts", "2", "--rounds", "1", "--limit", "3"]

    def made(_: Path) -> tuple[list[Asker], list[Finder]]:
        clock = Clock()
        askers: list[Asker] = [FakeAsker("newsqa", clock, 0.0), FakeAsker("Haystack", clock, 0.0, trained=False)]
        return askers, [FakeFinder("newsqa", clock, 0.0), FakeFinder("LangChain", clock, 0.0)]

    options = _parser().parse_args([*words, "--record", str(record), "--plot", str(picture)])
    assert run(options, made) == 0
    printed = capsys.readouterr().out
    assert [line.split(",")[0] for line in printed.splitlines() if "," in line] == [
        "Asking", "Indexing", "Retrieving", "Answers", "Right passage found"
    ]  # fmt: skip
    assert picture.read_bytes().startswith(b"\x89PNG\r\n")
    assert set(json.loads(record.read_text(encoding="utf-8"))["ratios"]) == {
        "asking, Haystack",
        "indexing, LangChain",
        "retrieving, LangChain",
    }
    # Whatever the fakes took: it is between these.
    for before, code in ((1e-9, 0), (1e9, 1)):
        record.write_text(json.dumps({"ratios": {"indexing, LangChain": before}}), encoding="utf-8")
        assert run(_parser().parse_args([*words, "--against", str(record)]), made) == code


def test_without_the_extra_newsqa_is_measured_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for library in ("haystack", "langchain_community.embeddings", "txtai"):
        monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.setenv("NEWSQA_ENGINE", "onnx")
    askers, finders = contenders(tmp_path)
    assert [asker.name for asker in askers] == [finder.name for finder in finders] == ["newsqa", "newsqa, torch"]
    assert list(tmp_path.iterdir()) == []
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert [line.split(" (")[0] for line in warnings] == [
        "Haystack is left out",
        "LangChain is left out",
        "txtai is left out",
    ]
    assert all(line.endswith('; install it with: pip install "newsqa[peers]"') for line in warnings)


def test_the_circumstances_name_what_is_installed() -> None:
    found = circumstances(2)
    assert found.threads == 2
    assert found.processor
    assert {"newsqa", "torch", "transformers", "onnxruntime"} <= found.versions.keys()


def test_a_bar_for_each_with_its_time(tmp_path: Path) -> None:
    figure = draw_bars({"newsqa": 71.6, "newsqa, torch": 198.0, "Haystack, XLM-R base size": 1034.2})
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_yticklabels()] == [
        "newsqa",
        "newsqa, torch",
        "Haystack, XLM-R base size",
    ]
    assert [text.get_text() for text in axes.texts] == ["72 ms", "198 ms", "1,034 ms"]
    assert (axes.get_xscale(), axes.get_xlim()[0]) == ("log", 10.0)
    with pytest.raises(InputError, match=r"^cannot write the picture .*: No such file or directory$"):
        write_bars({"newsqa": 1.0}, tmp_path / "none" / "bars.png")


def test_the_default_question_file_is_there() -> None:
    options = _parser().parse_args([])
    root = DATA.parent.parent
    assert len(read_questions(root / options.questions).questions) == 36
    assert (root / options.article).is_dir()
