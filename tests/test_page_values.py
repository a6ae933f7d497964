"""The page without a browser: entries, reports, Markdown, and what it does when something fails."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fake_chat import ARTICLE, ATTACK, SUGGESTED, FakeQA, FirstWords, answered, declined
from fakes import CountingEncoder
from newsqa import Answer, Article, Citation, InputError, NewsQA, Turn, __version__
from newsqa.evaluation.load import LoadTest, Request, throughput_table
from newsqa.evaluation.load import table as load_table
from newsqa.types import Language
from newsqa.ui.download import conversation_markdown
from newsqa.ui.entries import MAX_ENTRIES, Entry, history, messages_of
from newsqa.ui.feedback import FeedbackFile, kinds_for
from newsqa.ui.page import Page
from newsqa.ui.render import confidence_word, turn_html
from newsqa.ui.shelf import Scopes
from newsqa.ui.talk import Talk
from newsqa.ui.texts import page_language
from newsqa.ui.visit import Visit

TAGS = {"div", "a", "ul", "li", "blockquote", "span", "br"}


SCOPE = "page:a"


def talk(feedback: FeedbackFile | None = None) -> Talk:
    return Talk(Scopes(cast(NewsQA, FakeQA())), feedback)


def asked(*questions: str) -> Visit:
    visit = Visit()
    for question in questions:
        visit = talk().reply(question, visit, SCOPE).visit
    return visit


@pytest.mark.parametrize("turn", [answered(ATTACK, f"{ATTACK} (x)", "en"), declined(ATTACK, "id")])
def test_no_markup_of_the_article_or_the_question_is_left(turn: Turn) -> None:
    (question, reply) = messages_of([Entry(ATTACK, turn)])
    for content in (question["content"], reply["content"]):
        assert set(re.findall(r"</?([a-z]+)", content)) <= TAGS
        assert not re.search(r"[*`]|\]\(", re.sub(r"<[^>]*>", "", content))


def test_several_answers_are_a_list_each_with_its_own_mark() -> None:
    shown = turn_html(answered("Why?", "Why?", "en"))
    assert re.findall(r">\[(\d)\]</a></li>", shown) == ["1", "2"]


def test_a_near_miss_has_no_mark() -> None:
    shown = turn_html(declined("Why?", "en"))
    assert "<blockquote>Di pasar" in shown
    assert "<a " not in shown
    assert "newsqa-confidence" not in shown


@pytest.mark.parametrize(
    ("confidence", "word"), [(1.0, "sure"), (0.8, "sure"), (0.79, "likely"), (0.5, "likely"), (0.49, "unsure")]
)
def test_confidence_in_words(confidence: float, word: str) -> None:
    assert confidence_word(confidence) == word


def test_only_answers_to_questions_have_a_confidence() -> None:
    sentence = ARTICLE.span(0, 5)
    answer = Answer("Title?", "Harga", "en", "Harga [1]", 1.0, (Citation(1, ARTICLE, sentence),))
    assert "newsqa-confidence" in turn_html(Turn("Title?", "Title?", answer))
    assert "newsqa-confidence" not in turn_html(Turn("Title?", "Title?", answer, "headline"))


def test_a_question_that_fails_leaves_the_conversation_usable(caplog: pytest.LogCaptureFixture) -> None:
    entries = asked("Why?", "please crash", "?!", "When?").entries
    assert [entry.notice for entry in entries] == [
        "",
        "Something went wrong while looking for the answer. Please ask again.",
        "I need a question of at most 1000 characters, with words in it.",
        "",
    ]
    turn = entries[3].turn
    assert turn is not None
    assert turn.query == "When? (Why?)"
    assert "the question could not be answered" in caplog.text


def test_a_long_conversation_loses_its_oldest_questions() -> None:
    entries = tuple(Entry(str(number), None, "x") for number in range(MAX_ENTRIES))
    kept = talk().reply("Why?", Visit(entries), SCOPE).visit.entries
    assert (len(kept), kept[0].question, kept[-1].question) == (MAX_ENTRIES, "1", "Why?")


def test_retry_asks_from_the_turns_before() -> None:
    again = talk().retry(asked("Why?", "When?"), SCOPE).visit.entries
    assert [entry.turn and entry.turn.query for entry in again] == ["Why?", "When? (Why?)"]
    assert talk().retry(Visit(), SCOPE).visit.entries == ()


@pytest.mark.parametrize(
    ("accepted", "language"), [("id-ID,id;q=0.9,en;q=0.8", "id"), ("en-US,id;q=0.5", "en"), ("", "en"), ("de", "en")]
)
def test_the_page_speaks_as_the_browser_asks(accepted: str, language: Language) -> None:
    assert page_language(accepted) == language


def test_examples_of_the_operator_come_before_suggestions() -> None:
    request: Any = SimpleNamespace(headers={"accept-language": "id"})
    box, heading, *buttons = Page(cast(NewsQA, FakeQA()))._suggested(Visit(), SCOPE, request)
    assert (box.visible, [button.value for button in buttons]) == (True, [*SUGGESTED, ""])
    assert heading.value == "Anda bisa bertanya&#58;"
    box, *_ = Page(cast(NewsQA, FakeQA()), ["Why?"])._suggested(Visit(), SCOPE, request)
    assert box.visible is False


def test_a_report_is_one_json_line(tmp_path: Path) -> None:
    path = tmp_path / "reports.jsonl"
    FeedbackFile(path).report("citation_wrong", answered("Why?", "Why? (x)", "en"))
    FeedbackFile(path).report("should_have_answered", declined("Kenapa?\n", "id"))
    first, second = map(json.loads, path.read_text("utf-8").splitlines())
    assert set(first) == {"time", "kind", "question", "query", "answer", "version"}
    assert (first["kind"], first["query"], first["version"]) == ("citation_wrong", "Why? (x)", __version__)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", first["time"])
    assert len(first["answer"]["citations"]) == 2
    assert second["question"] == "Kenapa?\n"


def test_reports_from_several_threads_do_not_mix(tmp_path: Path) -> None:
    file = FeedbackFile(tmp_path / "reports.jsonl")
    threads = [threading.Thread(target=file.report, args=("good", declined("Why?", "en"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (tmp_path / "reports.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["good"] * 8


def test_a_full_file_takes_no_more_and_the_reader_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "reports.jsonl"
    visit = asked("Mengapa harga emas naik?")
    full = talk(FeedbackFile(path, max_bytes=700))
    assert full.report("good", visit) == "Terima kasih, laporan Anda sudah disimpan."
    before = path.read_bytes()
    assert full.report("good", visit) == "Laporan Anda tidak dapat disimpan. Silakan coba lagi nanti."
    assert path.read_bytes() == before
    assert "larger than 700 bytes" in caplog.text


def test_nothing_is_reported_without_a_file() -> None:
    assert talk().report("good", asked("Why?")) == "Your report could not be saved. Please try again later."


def test_a_feedback_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write the feedback file .*No such file or directory; name a file"):
        FeedbackFile(tmp_path / "none" / "reports.jsonl")


def test_what_can_be_said_of_an_answer() -> None:
    assert kinds_for(answered("Why?", "Why?", "en")) == ("good", "citation_wrong", "answer_wrong")
    assert kinds_for(declined("Why?", "en")) == ("good", "should_have_answered")


def test_markdown_has_questions_replies_and_numbered_sources() -> None:
    text = conversation_markdown([Entry("Why?", answered("Why?", "Why? (x)", "en")), Entry("?!", None, "Words!")], "en")
    assert text.startswith("# Conversation with newsqa\n\n## Why?\n\nHarga beras ")
    assert "\n\n*Understood as\\: Why? (x\\)*\n\n" in text
    assert text.count("> — Harga \\<b\\>beras\\<\\/b\\>, <https://example.com/a>") == 0
    assert text.count("> — Harga \\<b\\>beras\\</b\\>, <https://example.com/a>") == 2
    assert "\n> \\[2\\] Di pasar " in text
    assert text.endswith("## ?\\!\n\nWords\\!\n")


def test_markdown_of_a_near_miss_is_a_quotation_without_a_number() -> None:
    text = conversation_markdown([Entry("Kenapa?", declined("Kenapa?", "id"))], "id")
    assert "Yang disebutkan artikel ini\\:\n\n> Di pasar" in text
    assert "\\[1\\]" not in text


def test_markdown_renders_as_text_whatever_the_article_says() -> None:
    from markdown_it import MarkdownIt

    attack = f"{ATTACK}\n# x\n- y &amp; <http://x.test> ![z](w) ~~s~~ 1. a"
    entries = [Entry(attack, answered(attack, f"{attack} (x)", "en")), Entry(attack, declined(attack, "en"))]
    markup = MarkdownIt("commonmark").render(conversation_markdown(entries, "en"))
    assert set(re.findall(r"</?([a-z0-9]+)", markup)) == {"h1", "h2", "p", "em", "blockquote", "a"}
    assert set(re.findall(r'href="([^"]*)"', markup)) == {"https://example.com/a"}
    assert markup.count("<h2>") == 2
    assert "&lt;script&gt;alert(2)&lt;/script&gt; **a** [b](javascript:alert(3)) `c` # x - y &amp;amp;" in markup


def test_the_download_turns_nothing_around() -> None:
    text = conversation_markdown([Entry("\u202eWhy\u200b?", answered("\u202eWhy?", "\u202eWhy? (x)", "en"))], "en")
    assert "\n## \ufffdWhy?\n" in text
    assert not set("\u202e\u200b") & set(text)


def test_a_question_leans_on_nothing_before_a_change_of_scope() -> None:
    turn = answered("Why?", "Why?", "en")
    entries = [Entry("a", turn, scope="x"), Entry("b", turn, scope="y"), Entry("c", turn, scope="x")]
    assert len(history(entries, "x")) == 1
    assert history(entries, "y") == ()
    assert len(history([*entries[:2], Entry("d", None, "?", "y")], "y")) == 1


def test_a_table_of_a_load_test_tells_errors_from_refusals() -> None:
    test = LoadTest("http://127.0.0.1/", 1, 100.0, 1.0)
    test.requests += [Request(1.0, 0.1, ""), Request(2.0, 0.3, ""), Request(95.0, 9.0, "refused")]
    test.requests.append(Request(120.0, 1.0, "ReadTimeout"))
    test.memory += [(3.0, 900), (96.0, 1100)]
    lines = load_table(test, 100.0).splitlines()
    assert lines[2] == "| 0.2 min | 2 | 0 | 0 | 300 ms | 300 ms | 900 MB |"
    assert lines[11] == "| 1.7 min | 2 | 1 | 1 | - | - | 1,100 MB |"
    assert lines[12] == "| **all** | 4 | 1 | 1 | 300 ms | 300 ms | 1,100 MB |"
    assert lines[-1] == "error: ReadTimeout"


def test_a_table_of_askers_counts_what_was_answered() -> None:
    slow = [Request(2.0, 2.0, ""), Request(4.0, 2.0, ""), Request(5.0, 1.0, "refused"), Request(5.0, 1.0, "status 500")]
    lines = throughput_table({1: [Request(0.5, 0.5, ""), Request(1.0, 0.5, "")], 4: slow, 16: []}).splitlines()
    assert lines[2:5] == [
        "| 1 | 2 | 0 | 0 | 2.0 | 500 ms | 500 ms |",
        "| 4 | 4 | 1 | 1 | 0.4 | 2,000 ms | 2,000 ms |",
        "| 16 | 0 | 0 | 0 | 0.0 | - | - |",
    ]
    assert lines[-1] == "error: status 500"


def test_what_comes_late_at_the_beginning_takes_no_question_away() -> None:
    page = Page(cast(NewsQA, FakeQA()))
    config = page.build().config
    names = {part["id"]: part["props"].get("elem_id") for part in config["components"]}
    loading = [one for one in config["dependencies"] if any(event == "load" for _, event in one["targets"])]
    changed = {names.get(output) for one in loading for output in one["outputs"]}
    assert "newsqa-choice" in changed
    assert not changed & {"newsqa-question", "newsqa-chat", "newsqa-article"}


def test_one_article_of_the_page_is_asked_without_embedding_it_again() -> None:
    encoder = CountingEncoder()
    articles = [Article("a", "", "Harga beras naik. Semua resah."), Article("b", "", "Harga teh turun. Semua senang.")]
    qa = NewsQA.from_articles(articles, encoder=encoder, reader=FirstWords())
    embedded = len(encoder.encoded)
    view = Talk(Scopes(qa)).reply("Apa yang naik?", Visit(), "page:b")
    turn = view.visit.entries[0].turn
    assert turn is not None
    assert turn.answer.message == "Harga teh [1]"
    assert len(encoder.encoded) == embedded
