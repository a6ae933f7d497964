"""The comparison of the engines' answers, with scripted readers in their place."""

from __future__ import annotations

from fakes import WordEncoder
from newsqa import Article
from newsqa.evaluation.engines import Contender, EngineQuality, compare, table
from newsqa.evaluation.questions import Question, QuestionFile
from newsqa.types import Span
from scripted import ScriptedReader

FLOOD = Article("flood", "", "The river Ciliwung rose by two metres. Three bridges were closed.")
TRIAL = Article("trial", "", "The court heard the mayor on Monday.")


def question(article: Article, text: str, answer: str = "") -> Question:
    start = article.text.index(answer)
    spans = (Span(article.id, start, start + len(answer), answer),) if answer else ()
    return Question(text, text, article.id, spans, spans)


FILE = QuestionFile(
    "small",
    (FLOOD, TRIAL),
    (
        question(FLOOD, "Which river rose?", "Ciliwung"),
        question(FLOOD, "How many bridges were closed?", "Three"),
        question(TRIAL, "Who closed bridges?"),
        question(TRIAL, "Who closed the river?", "mayor"),
    ),
)
GOOD = {("*", "Which river rose?"): "Ciliwung", ("*", "How many bridges were closed?"): "Three"}
BAD = {("*", "Which river rose?"): "river Ciliwung", ("*", "Who closed bridges?"): "the mayor"}


def test_engines_are_compared_with_the_last() -> None:
    encoder = WordEncoder()
    reports = compare(
        FILE, [Contender("bad", encoder, ScriptedReader(BAD)), Contender("good", encoder, ScriptedReader(GOOD))]
    )
    # Right in form: "Three" is missing, "river Ciliwung" has F1 2/3, "the mayor" is no answer.
    assert reports == [
        EngineQuality("small", 4, "bad", 2 / 3, 0.0, (2 / 3) / 4, 0.0, 1 / 4),
        EngineQuality("small", 4, "good", 2 / 3, 3 / 4, 3 / 4, 1.0, 1.0),
    ]


def test_of_a_limited_number_of_questions_each_engine_gets_the_same() -> None:
    encoder = WordEncoder()
    one, other = (Contender(name, encoder, ScriptedReader(GOOD)) for name in ("a", "b"))
    first, second = compare(FILE, [one, other], limit=2)
    assert (first.questions, first.same) == (2, 1.0)
    assert (first.f1, first.recall_at_1) == (second.f1, second.recall_at_1)


def test_a_table_has_a_row_for_each_engine() -> None:
    reports = [
        EngineQuality("facqa", 311, "onnx", 0.884, 0.691, 0.841, float("nan"), 0.957),
        EngineQuality("facqa", 311, "torch", 0.887, 0.694, 0.843, float("nan"), 1.0),
    ]
    assert table(reports) == (
        "| file | questions | engine | recall@1 | EM | F1 | refused | same answer |\n"
        "|---|--:|---|--:|--:|--:|--:|--:|\n"
        "| facqa | 311 | onnx | 88.4 | 69.1 | 84.1 | - | 95.7 |\n"
        "| facqa | 311 | torch | 88.7 | 69.4 | 84.3 | - | 100.0 |\n"
    )
