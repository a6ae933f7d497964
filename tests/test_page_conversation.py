"""What the page offers around a conversation, in Chromium, with answers that attack it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from browser import browser_test
from fake_chat import ATTACK, SUGGESTED, FakeQA
from newsqa import NewsQA

FIRST = "Why is rice dear?"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("feedback") / "reports.jsonl"


@pytest.fixture(scope="module")
def url(reports: Path) -> Iterator[str]:
    from newsqa.ui import serve

    blocks = serve(cast(NewsQA, FakeQA()), feedback=reports, block=False)
    yield blocks.local_url
    blocks.close()


@browser_test
def test_markup_from_the_article_is_text_everywhere(visit: Any) -> None:
    visitor = visit(locale="en-US")
    visitor.ask(f"Why {ATTACK}?")
    items = visitor.last.locator("li")
    assert [text[-3:] for text in items.all_inner_texts()] == ["[1]", "[2]"]
    assert items.first.inner_text() == f"Harga beras {ATTACK} naik. [1]"
    visitor.ask(f"Why {ATTACK}, too?")
    understood = visitor.last.locator(".newsqa-understood").inner_text()
    assert understood == f"Understood as: Why {ATTACK}, too? (Why {ATTACK}?)"
    visitor.ask("Why is gold dear?")
    assert visitor.last.locator("blockquote").inner_text() == f"Di pasar {ATTACK} cabai juga naik."
    assert visitor.page.locator("#newsqa-chat .message").locator("img, script, em, code").count() == 0
    visitor.page.get_by_role("button", name=SUGGESTED[0], exact=True).wait_for()


@browser_test
def test_an_abstention_shows_what_came_near_as_neither_answer_nor_citation(visit: Any) -> None:
    visitor = visit(locale="id-ID")
    assert visitor.ask("Mengapa harga emas naik?") == "Artikel ini tidak menyebutkannya."
    near = visitor.last.locator(".newsqa-near")
    assert near.inner_text().startswith("Yang disebutkan artikel ini:")
    assert visitor.last.locator("a").count() == 0
    assert visitor.page.locator("mark").count() == 0
    visitor.page.get_by_text("Yang bisa dijawab artikel ini:").wait_for()


@browser_test
@pytest.mark.parametrize(("locale", "heading"), [("en-US", "You could ask:"), ("id-ID", "Anda bisa bertanya:")])
def test_a_suggestion_is_asked_with_the_keyboard(visit: Any, locale: str, heading: str) -> None:
    visitor = visit(locale=locale)
    visitor.page.get_by_text(heading).wait_for()
    visitor.page.get_by_role("button", name="When?").press("Enter")
    visitor.page.wait_for_selector("#newsqa-chat [data-testid=bot]")
    assert visitor.page.locator("#newsqa-chat [data-testid=user]").inner_text().strip() == "When?"


@browser_test
def test_enter_sends_and_the_box_keeps_the_focus(visit: Any) -> None:
    visitor = visit(locale="en-US")
    visitor.page.fill("#newsqa-question textarea", FIRST)
    visitor.page.press("#newsqa-question textarea", "Enter")
    visitor.page.wait_for_selector("#newsqa-chat [data-testid=bot]")
    visitor.page.wait_for_function("() => document.activeElement.matches('#newsqa-question textarea')")


@browser_test
def test_confidence_is_a_word_that_leads_to_its_meaning(visit: Any) -> None:
    visitor = visit(locale="en-US")
    visitor.ask(FIRST)
    word = visitor.last.locator("a.newsqa-confidence")
    assert (word.inner_text(), word.get_attribute("title")) == (
        "sure",
        "By its own estimate, right with a probability of at least 80 %.",
    )
    word.click()
    visitor.page.wait_for_selector("#newsqa-note.newsqa-active")


@browser_test
def test_retry_undo_and_a_new_conversation(visit: Any) -> None:
    visitor = visit(locale="en-US")
    visitor.ask(FIRST)
    visitor.ask("When?")
    visitor.page.click("#newsqa-chat button[title=Retry]")
    visitor.page.wait_for_timeout(500)
    assert visitor.page.locator("#newsqa-chat [data-testid=bot]").count() == 2
    assert visitor.last.locator(".newsqa-understood").inner_text() == f"Understood as: When? ({FIRST})"
    visitor.page.click("#newsqa-chat button[title=Undo]")
    visitor.page.wait_for_function("() => document.querySelector('#newsqa-question textarea').value === 'When?'")
    assert visitor.page.locator("#newsqa-chat [data-testid=bot]").count() == 1
    visitor.page.click("#newsqa-clear")
    visitor.page.wait_for_function("() => !document.querySelector('#newsqa-chat [data-testid=bot], mark')")
    # Nothing of the old conversation is left: the same question now stands alone.
    visitor.ask("When?")
    assert visitor.last.locator(".newsqa-understood").count() == 0


@browser_test
def test_a_report_is_saved_and_thanked_for(visit: Any, reports: Path) -> None:
    visitor = visit(locale="id-ID")
    visitor.ask("Mengapa harga emas naik?")
    visitor.page.wait_for_selector("#newsqa-report-should_have_answered")
    assert visitor.page.locator("#newsqa-report-citation_wrong").count() == 0
    visitor.page.get_by_role("button", name="Seharusnya bisa dijawab").click()
    visitor.page.wait_for_selector("#newsqa-thanks[role=status]")
    assert visitor.page.locator("#newsqa-thanks").inner_text().strip() == "Terima kasih, laporan Anda sudah disimpan."
    (line,) = reports.read_text("utf-8").splitlines()
    saved = json.loads(line)
    assert (saved["kind"], saved["question"]) == ("should_have_answered", "Mengapa harga emas naik?")
    # The next answer can be reported again.
    visitor.ask("Mengapa harga beras naik?")
    visitor.page.wait_for_selector("#newsqa-report-citation_wrong")


@browser_test
def test_the_conversation_is_downloaded_and_copied(visit: Any) -> None:
    visitor = visit(locale="en-US", permissions=["clipboard-read", "clipboard-write"])
    visitor.ask(FIRST)
    with visitor.page.expect_download() as download:
        visitor.page.click("#newsqa-download")
    assert download.value.suggested_filename == "newsqa.md"
    text = Path(download.value.path()).read_text("utf-8")
    assert text.startswith("# Conversation with newsqa\n\n## Why is rice dear?\n\nHarga beras \\<img")
    assert "<https://example.com/a>" in text
    visitor.page.click("#newsqa-copy")
    visitor.page.wait_for_function("() => navigator.clipboard.readText().then((text) => text.startsWith('# Conv'))")


@browser_test
def test_all_of_it_fits_a_phone(visit: Any) -> None:
    visitor = visit(locale="id-ID", viewport={"width": 390, "height": 844})
    visitor.ask("Mengapa harga beras naik?")
    visitor.ask("Mengapa harga emas naik?")
    visitor.page.wait_for_selector("#newsqa-report-should_have_answered")
    visitor.page.get_by_role("button", name="When?").wait_for()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390
