"""The reader that ships, on the seed article: answers are spans, verdicts are cited, near misses refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fakes import WordEncoder, hits_of
from newsqa import Article, ModelError, NewsQA
from newsqa.citing import compose
from newsqa.embedding import Encoder
from newsqa.models import adapter
from newsqa.reading import load_reader
from newsqa.reading.bundled import CALIBRATION, VERDICT_WEIGHTS, WEIGHTS, BundledReader, ReaderCalibration
from newsqa.reading.history import Exchange
from newsqa.reading.verdicts import Judgement
from newsqa.types import Reading, ScoredSpan

MODELS = Path(adapter.__file__).parent


@pytest.fixture(scope="module")
def reader() -> BundledReader:
    return BundledReader.load()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who did Putin call?", "Benjamin Netanyahu"),
        ("Siapa yang ditelepon Putin?", "Benjamin Netanyahu"),
        ("How many Israelis were killed?", "1.300"),
        ("Berapa warga Israel yang tewas?", "1.300"),
        ("Kapan serangan dari Gaza dilancarkan?", "7 Oktober"),
    ],
)
def test_answers_are_spans_in_their_sentence(seed_qa: NewsQA, question: str, answer: str) -> None:
    found = seed_qa.ask(question)
    citation = found.citations[0]
    assert answer in found.text
    assert len(found.text) < 60
    assert citation.highlight is not None
    assert citation.highlight.text == found.text
    assert citation.sentence.contains(citation.highlight)
    assert found.verdict is None


def test_history_tells_what_a_question_leans_on(reader: BundledReader, seed_article: Article) -> None:
    hits = hits_of(seed_article)
    history = [Exchange("Siapa yang ditelepon Putin?", "Benjamin Netanyahu")]
    leaning, alone = reader.read("Kenapa?", hits, history), reader.read("Kenapa?", hits)
    assert "menyelesaikan konflik" in leaning.answers[0].span.text
    assert leaning.margin > alone.margin + 3


def test_no_passage_no_answer(reader: BundledReader) -> None:
    assert reader.read("Siapa?", []) == Reading((), (), 0.0, 0.0)


def test_several_answers_each_with_its_citation(reader: BundledReader, seed_article: Article) -> None:
    hits = hits_of(seed_article)
    several = reader.read("Pemimpin mana saja yang diajak bicara oleh Putin?", hits)
    single = reader.read("Siapa yang ditelepon Putin?", hits)
    assert len(single.answers) == 1
    assert 1 <= len(several.answers) <= 5
    assert len({answer.span.text.casefold() for answer in several.answers}) == len(several.answers)
    answer = compose("?", "id", several, {seed_article.id: seed_article})
    assert [citation.number for citation in answer.citations] == list(range(1, len(several.answers) + 1))


def test_a_verdict_is_the_word_in_the_questions_language_and_cites_its_evidence() -> None:
    article = Article("a", "", "Putin menelepon Netanyahu.")
    evidence = ScoredSpan(article.span(0, 25), article.span(0, 26), 1.0)
    reading = Reading((evidence,), (evidence,), 0.0, 0.9, "no")
    indonesian = compose("Apakah?", "id", reading, {"a": article})
    assert (indonesian.text, indonesian.message, indonesian.verdict) == ("Tidak", "Tidak [1]", "no")
    english = compose("Did he?", "en", Reading((evidence,), (evidence,), 0.0, 0.9, "yes"), {"a": article})
    assert (english.text, english.message, english.verdict) == ("Yes", "Yes [1]", "yes")
    assert english.citations[0].highlight == article.span(0, 25)


def calibrated(folder: Path, **values: float) -> BundledReader:
    """The bundled weights with a calibration of the test's own."""
    for name in (WEIGHTS, VERDICT_WEIGHTS):
        shutil.copy(MODELS / name, folder)
    default = {
        "threshold": 0.0,
        "english_threshold": 0.0,
        "follow_up_threshold": 0.0,
        "slope": 0.3,
        "intercept": 0.0,
        "verdict_threshold": 1.0,
    }
    (folder / CALIBRATION).write_text(json.dumps(default | values), encoding="utf-8")
    return BundledReader.load(folder=folder)


def test_questions_with_a_history_have_a_threshold_of_their_own(tmp_path: Path, seed_article: Article) -> None:
    reader = calibrated(tmp_path, threshold=-1000.0, follow_up_threshold=1000.0)
    hits = hits_of(seed_article)
    alone = reader.read("Kenapa?", hits)
    assert (len(alone.answers), alone.null_score) == (1, -1000.0)
    leaning = reader.read("Kenapa?", hits, [Exchange("Siapa yang ditelepon Putin?", "Benjamin Netanyahu")])
    assert (leaning.answers, leaning.null_score) == ((), 1000.0)
    assert leaning.candidates


@pytest.mark.parametrize(
    ("question", "text", "null"),
    [
        ("Who did Putin call?", "On Monday Putin called Netanyahu and spoke with him about the war.", 1000.0),
        ("Siapa yang ditelepon Putin?", "On Monday Putin called Netanyahu and spoke with him about the war.", -1000.0),
        ("Who did Putin call?", "Am Montag rief Putin Netanjahu an und sprach mit ihm \u00fcber den Krieg.", -1000.0),
        ("Who did Putin call?", "Pada Senin Putin menelepon Netanyahu dan berbicara tentang perang.", -1000.0),
    ],
)
def test_english_questions_on_english_articles_have_a_threshold_of_their_own(
    tmp_path: Path, question: str, text: str, null: float
) -> None:
    reader = calibrated(tmp_path, threshold=-1000.0, english_threshold=1000.0)
    reading = reader.read(question, hits_of(Article("a", "", text)))
    assert reading.null_score == null
    assert len(reading.answers) == int(null < 0)


@pytest.mark.parametrize(("threshold", "given"), [(0.0, True), (0.999, False)])
def test_a_verdict_is_given_from_its_threshold_on(
    tmp_path: Path, seed_article: Article, threshold: float, given: bool
) -> None:
    reader = calibrated(tmp_path, threshold=-1.0, verdict_threshold=threshold)
    hits = hits_of(seed_article)
    polar = reader.read("Did Putin call Netanyahu?", hits)
    assert (polar.verdict in ("yes", "no")) == given
    assert not given or len(polar.answers) == 1
    assert all(answer.sentence.contains(answer.span) for answer in polar.answers)
    # An ordinary question never gets one.
    assert reader.read("Who did Putin call?", hits).verdict is None


def test_a_verdict_needs_evidence() -> None:
    with pytest.raises(ValueError, match="the verdict 'yes' has no evidence"):
        Reading((), (), 0.0, 0.9, "yes")


def test_the_likelier_verdict_wins() -> None:
    assert Judgement(yes=0.2, no=0.7, unknown=0.1).best() == ("no", 0.7)
    assert Judgement(yes=0.2, no=0.1, unknown=0.7).best() == ("yes", 0.2)


def test_confidence_is_a_logistic_of_the_score() -> None:
    calibration = ReaderCalibration(
        threshold=0.0, english_threshold=0.0, follow_up_threshold=0.0, slope=2.0, intercept=-1.0, verdict_threshold=0.6
    )
    assert calibration.confidence(0.5) == 0.5
    assert calibration.confidence(1.0) == pytest.approx(0.7310586)
    assert calibration.confidence(-1e9) == pytest.approx(0.0)


def test_it_is_the_default_reader(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSQA_READER", raising=False)
    assert isinstance(load_reader(None, encoder), BundledReader)
    assert isinstance(load_reader("bundled", WordEncoder()), BundledReader)


def test_missing_or_damaged_weights_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot read the calibration .*reader\.json"):
        BundledReader.load(folder=tmp_path)
    shutil.copy(MODELS / CALIBRATION, tmp_path)
    with pytest.raises(ModelError, match=r"cannot read the reader's weights .*reader\.safetensors"):
        BundledReader.load(folder=tmp_path)
