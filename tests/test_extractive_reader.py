from __future__ import annotations

import math
from pathlib import Path

import pytest

from fakes import WordEncoder, hits_of, write_tiny_qa_model
from newsqa import Article, ModelError, NewsQA
from newsqa.reading import load_reader
from newsqa.reading.extractive import ExtractiveReader

WORDS = ["who", "spoke", "the", "prime", "minister", "said", "filler", "text", ".", "?"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_qa_model(tmp_path_factory.mktemp("model"), WORDS)


@pytest.fixture(scope="module")
def reader(model: Path) -> ExtractiveReader:
    return ExtractiveReader.load(str(model))


def test_the_answer_is_the_span(reader: ExtractiveReader) -> None:
    article = Article("a", "", "Filler text. The begin prime minister finish said text.")
    reading = reader.read("Who spoke?", hits_of(article))
    (answer,) = reading.answers
    assert (answer.span.start, answer.span.end, answer.span.text) == (17, 44, "begin prime minister finish")
    assert answer.sentence.text == "The begin prime minister finish said text."
    assert reading.null_score == 0.0
    assert answer.score == pytest.approx(5.8, abs=0.1)
    assert reading.confidence == pytest.approx(1 / (1 + math.exp(-answer.score)))


def test_without_an_answer_the_reader_abstains(reader: ExtractiveReader) -> None:
    reading = reader.read("Who spoke?", hits_of(Article("a", "", "Filler text. The begin text said.")))
    assert reading.answers == ()
    assert reading.candidates[0].score < 0
    assert reading.confidence < 0.5


def test_an_answer_beyond_the_first_window_is_found(reader: ExtractiveReader) -> None:
    # 48 positions hold a fraction of this passage, so it takes several windows; the answer is in a late one.
    text = "Filler text said. " * 30 + "The begin minister finish said. " + "Filler text said. " * 10
    reading = reader.read("Who spoke?", hits_of(Article("a", "", text), max_characters=900))
    (answer,) = reading.answers
    start = text.index("begin")
    assert (answer.span.start, answer.span.text) == (start, "begin minister finish")


def test_the_best_of_several_passages_wins(reader: ExtractiveReader) -> None:
    article = Article("a", "", "Filler begin text. " * 4 + "Said begin filler finish text.")
    reading = reader.read("Who spoke?", hits_of(article, max_characters=20))
    assert [answer.span.text for answer in reading.answers] == ["begin filler finish"]


def test_a_question_longer_than_the_model_leaves_room_for_the_passage(reader: ExtractiveReader) -> None:
    reading = reader.read("who " * 200, hits_of(Article("a", "", "Text begin filler finish said.")))
    assert [answer.span.text for answer in reading.answers] == ["begin filler finish"]


def test_no_passage_no_answer(reader: ExtractiveReader) -> None:
    reading = reader.read("Who spoke?", [])
    assert (reading.candidates, reading.answers, reading.confidence) == ((), (), 0.0)


def test_newsqa_answers_with_it(model: Path) -> None:
    article = Article("a", "Judul", "Filler text. The begin prime minister finish said text.")
    qa = NewsQA.from_articles([article], encoder=WordEncoder(), reader=str(model))
    answer = qa.ask("Who spoke?")
    assert answer.text == "begin prime minister finish"
    assert answer.message == "begin prime minister finish [1]"
    (citation,) = answer.citations
    assert citation.sentence.text == "The begin prime minister finish said text."
    assert citation.highlight is not None
    assert citation.highlight.text == "begin prime minister finish"


def test_models_that_cannot_read_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match=r"there is no model folder .*nowhere"):
        ExtractiveReader.load(str(tmp_path / "nowhere"))
    headless = write_tiny_qa_model(tmp_path / "headless", WORDS, with_head=False)
    with pytest.raises(ModelError, match="has no question-answering head"):
        ExtractiveReader.load(str(headless))
    monkeypatch.setenv("NEWSQA_READER", str(tmp_path / "elsewhere"))
    with pytest.raises(ModelError, match="elsewhere"):
        load_reader(None, WordEncoder())
