from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from fakes import WordEncoder
from newsqa import Article, InputError
from newsqa.evaluation import metrics
from newsqa.evaluation.evaluate import cited_right, evaluate
from newsqa.evaluation.questions import read_questions, together
from newsqa.index import Index
from newsqa.qa import NewsQA
from newsqa.reading.history import Exchange
from newsqa.types import Hit, Reading, ScoredSpan

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    ("predicted", "golds", "exact", "f1"),
    [
        ("The Kremlin.", ["Kremlin"], 1.0, 1.0),
        ("Benjamin Netanyahu", ["PM Benjamin Netanyahu", "Netanyahu"], 0.0, 0.8),
        ("Abbas", ["Netanyahu"], 0.0, 0.0),
        ("", ["Netanyahu"], 0.0, 0.0),
        ("", [], 1.0, 1.0),
        ("Abbas", [], 0.0, 0.0),
    ],
)
def test_exact_match_and_f1_follow_squad_2(predicted: str, golds: list[str], exact: float, f1: float) -> None:
    assert metrics.exact_match(predicted, golds) == exact
    assert metrics.f1(predicted, golds) == pytest.approx(f1)


def test_ranks() -> None:
    ranks = [1, 3, None, 12]
    assert metrics.recall_at(ranks, 1) == 0.25
    assert metrics.recall_at(ranks, 5) == 0.5
    assert metrics.reciprocal_rank(ranks, 10) == pytest.approx((1 + 1 / 3) / 4)
    assert math.isnan(metrics.recall_at([], 1))


def test_calibration_error() -> None:
    assert metrics.expected_calibration_error([0.75] * 4, [True, True, True, False]) == 0.0
    assert metrics.expected_calibration_error([1.0, 1.0, 0.05], [True, False, False]) == pytest.approx(1.05 / 3)
    assert metrics.expected_calibration_error([], []) == 0.0


LINE = {
    "title": "Judul",
    "context": "Putin menelepon Netanyahu. Harga beras naik.",
    "questions": [
        {"id": 1, "question": "Siapa yang ditelepon Putin?", "answers": [{"text": "Netanyahu", "start": 16}]},
        {"id": 2, "question": "Siapa yang ditelepon Biden?", "answers": []},
    ],
}


def write(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_question_files_are_read(tmp_path: Path) -> None:
    other = {"context": "Hujan\u2028turun di Bogor.", "questions": LINE["questions"][1:]}
    file = read_questions(write(tmp_path / "some.jsonl", LINE, other, LINE))
    assert file.name == "some"
    assert [(article.id, article.title) for article in file.articles] == [("0", "Judul"), ("1", "")]
    assert [question.article_id for question in file.questions] == ["0", "0", "1", "0", "0"]
    first = file.questions[0]
    assert first.answers == first.sources == (file.articles[0].span(16, 25),)
    assert [question.answerable for question in file.questions] == [True, False, False, True, False]


def test_files_can_be_searched_together(tmp_path: Path) -> None:
    first = read_questions(write(tmp_path / "first.jsonl", LINE))
    second = read_questions(write(tmp_path / "second.jsonl", {**LINE, "context": f"{LINE['context']} Akhir."}, LINE))
    one, two = together([first, second])
    assert [article.id for article in one.articles] == ["first-0", "second-0"]
    assert one.articles == two.articles
    assert (one.name, two.name) == ("first", "second")
    assert [question.text for question in two.questions] == [question.text for question in second.questions]
    # What both files have is asked of the article of the first.
    assert {question.article_id for question in two.questions} == {"first-0", "second-0"}
    for question in (*one.questions, *two.questions):
        assert {span.article_id for span in (*question.answers, *question.sources)} <= {question.article_id}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"context": "x"}, "line 2: not a passage with questions"),
        ([], "line 2: not a passage"),
        (
            {**LINE, "questions": [{"id": 1, "question": "?", "answers": [{"text": "Abbas", "start": 16}]}]},
            "says 'Netan'",
        ),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_questions(write(tmp_path / "some.jsonl", LINE, line))


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no questions"):
        read_questions(write(tmp_path / "some.jsonl"))


class Oracle:
    """Reads "Netanyahu" wherever it stands, if Putin is asked about; otherwise abstains."""

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        for hit in hits:
            start = hit.passage.span.text.find("Netanyahu")
            if "Putin" in question and start >= 0:
                span = hit.passage.span.slice(start, start + 9)
                sentence = next(sentence for sentence in hit.passage.sentences if sentence.contains(span))
                found = ScoredSpan(span, sentence, 1.0)
                return Reading((found,), (found,), 0.0, 0.75)
        return Reading((), (), 0.0, 0.2)


def test_evaluation_measures_what_the_reader_does(tmp_path: Path) -> None:
    wrong = {
        "context": "Abbas ditelepon Putin kemarin. Netanyahu tidak.",
        "questions": [{"id": 3, "question": "Siapa ditelepon Putin?", "answers": [{"text": "Abbas", "start": 0}]}],
    }
    file = read_questions(write(tmp_path / "some.jsonl", LINE, {**wrong}))
    report = evaluate(file, WordEncoder(), Oracle())
    assert (report.articles, report.questions, report.answerable) == (2, 3, 2)
    assert report.reading.exact_match == pytest.approx(2 / 3)  # one right answer, one right refusal
    assert report.reading.f1_answerable == pytest.approx(1 / 2)
    assert (report.reading.answered, report.reading.refused) == (1.0, 1.0)
    # Two answers at 0.75, one of them cited right.
    assert report.reading.calibration_error == pytest.approx(0.25)
    # In the archive both questions are answered from the other article, which mentions Netanyahu too.
    assert (report.citation.precision, report.citation.recall, report.citation.first) == (0.0, 0.0, 0.5)
    assert report.retrieval.recall_at_5 == 1.0
    assert report.reading.verdicts == 0.0
    # One of three best candidates is right; the question without one counts.
    assert report.confidence.precision == report.confidence.precision_at_80 == pytest.approx(1 / 3)
    assert report.confidence.calibration_error == pytest.approx((2 * 0.25 + 0.2) / 3)


def test_a_citation_is_right_if_it_overlaps_a_gold_source() -> None:
    file = read_questions(DATA / "seed_questions_en.jsonl")
    (article,) = file.articles
    question = file.questions[0]
    qa = NewsQA(Index.build([article], WordEncoder()), WordEncoder(), Oracle())
    assert cited_right(question, qa.ask("Who did Putin call?")) == [False]  # the headline is no source
    other = Article("0", "", "x" * 200)
    assert question.sources[0].article_id == other.id


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_seed_questions_are_about_the_seed_article(language: str, seed_article: Article) -> None:
    file = read_questions(DATA / f"seed_questions_{language}.jsonl")
    assert [article.text for article in file.articles] == [seed_article.text]
    assert len(file.questions) == 36
    assert sum(not question.answerable for question in file.questions) == 10
    for question in file.questions:
        for answer in question.answers:
            assert any(source.contains(answer) for source in question.sources)
