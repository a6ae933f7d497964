"""Other programs as contenders; each test is skipped where its program is not installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes import write_tiny_qa_model
from newsqa import Article
from newsqa.evaluation.peers import HaystackAsker, LangChainFinder, TxtaiFinder, keep_to_this_machine
from newsqa.models.bundled import bundled_encoder

PASSAGES = (
    Article("a", "Beras", "Harga beras di Jakarta naik menjadi 15.000 rupiah."),
    Article("b", "", "The ferry to Batam was cancelled because of high waves."),
    Article("c", "", "Putin menelepon Netanyahu pada Senin."),
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = dict(os.environ)
    keep_to_this_machine()
    yield
    os.environ.clear()
    os.environ.update(before)


def test_nothing_is_reported_or_downloaded() -> None:
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert os.environ["HAYSTACK_TELEMETRY_ENABLED"] == "False"


def test_haystack_reads_the_passages_of_newsqa(tmp_path: Path) -> None:
    pytest.importorskip("haystack")
    pytest.importorskip("haystack_integrations.components.readers.transformers")
    words = "who did it he in may june says".split()
    write_tiny_qa_model(tmp_path / "reader", words)
    asker = HaystackAsker("Haystack", bundled_encoder(), tmp_path / "reader")
    assert (asker.name, asker.trained) == ("Haystack", True)
    asker.about(Article("a", "Who", "He did it in may. He says begin june finish."))
    assert asker.ask("who did it") == "begin june finish"
    # Another article takes the place of the first.
    asker.about(Article("b", "Who", "It says begin he finish."))
    assert asker.ask("who did it") == "begin he finish"


def test_langchain_finds_passages() -> None:
    pytest.importorskip("langchain_community")
    finder = LangChainFinder(bundled_encoder())
    finder.index(PASSAGES)
    assert finder.find("Siapa yang ditelepon Putin?", 1) == [2]
    finder.index(PASSAGES[1:])
    assert finder.find("Siapa yang ditelepon Putin?", 5)[0] == 1
    assert sorted(finder.find("Why is there no ferry?", 5)) == [0, 1]


def test_txtai_finds_passages() -> None:
    pytest.importorskip("txtai")
    finder = TxtaiFinder(bundled_encoder())
    finder.index(PASSAGES)
    assert finder.find("Siapa yang ditelepon Putin?", 1) == [2]
    finder.index(PASSAGES[1:])
    assert finder.find("Siapa yang ditelepon Putin?", 5)[0] == 1
    assert sorted(finder.find("Why is there no ferry?", 5)) == [0, 1]
