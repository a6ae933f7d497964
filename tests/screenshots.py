"""Takes the pictures of the README: ``python tests/screenshots.py`` (needs Chromium)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from browser import CHROMIUM, Visitor
from newsqa import NewsQA
from newsqa.serving import PageLimits
from newsqa.ui import serve

FOLDER = Path(__file__).parent / "screenshots"
DESKTOP: dict[str, Any] = {"locale": "en-US", "viewport": {"width": 1280, "height": 960}}
PHONE: dict[str, Any] = {"locale": "id-ID", "viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
# The name of each picture, the questions asked before it, and the window.
SHOTS = (
    ("page.png", ("Who did Putin call?",), DESKTOP),
    ("phone.png", ("Siapa yang ditelepon Putin?",), PHONE),
    ("conversation.png", ("Who did Putin call?", "Why?", "Who else did he talk to?"), DESKTOP),
    ("near_miss.png", ("Siapa yang ditelepon Putin?", "Di mana Putin bertemu Netanyahu?"), PHONE),
)
# A reader's own article, pasted, and a question to it: the name of each picture, texts of the page, and the window.
OWN = (
    ("own_article.png", "Text", "Own article: a ferry is late", "Who was waiting at the harbour?", DESKTOP),
    ("own_article_phone.png", "Teks", "Feri terlambat", "Siapa yang menunggu di pelabuhan?", PHONE),
)
FERRY = (
    "Feri dari Merak ke Bakauheni terlambat tiga jam pada Senin pagi karena angin kencang.\n\nSekitar 400 penumpang "
    "menunggu di pelabuhan. Menurut kepala pelabuhan, Rina Hartati, kapal berangkat begitu ombak turun di bawah dua "
    "meter."
)


def show_own_article(visitor: Visitor, tab: str, title: str, question: str) -> None:
    """Paste an article, and ask it."""
    page = visitor.page
    page.locator("#newsqa-add > button").click()
    page.get_by_role("tab", name=tab).click()
    page.fill("#newsqa-title textarea, #newsqa-title input", title)
    page.fill("#newsqa-text textarea", FERRY)
    page.click("#newsqa-add-text")
    page.wait_for_selector("#newsqa-notice", timeout=120_000)
    visitor.ask(question)
    page.wait_for_timeout(3000)


def main() -> None:
    qa = NewsQA.load(FOLDER.parent.parent / "index")
    blocks = serve(qa, limits=PageLimits(links=True), block=False)
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, questions, options in SHOTS:
            visitor = Visitor(browser, blocks.local_url, **options)
            for question in questions:
                visitor.ask(question)
            if name == "phone.png":
                visitor.page.click("#newsqa-chat a.newsqa-mark")
            visitor.page.mouse.move(1, 1)
            visitor.page.wait_for_selector(".newsqa-suggestion", timeout=120_000)
            visitor.page.wait_for_timeout(1500)
            visitor.page.screenshot(path=FOLDER / name)
        for name, tab, title, question, options in OWN:
            visitor = Visitor(browser, blocks.local_url, **options)
            show_own_article(visitor, tab, title, question)
            visitor.page.screenshot(path=FOLDER / name, full_page=name == "own_article_phone.png")
        browser.close()
    blocks.close()


if __name__ == "__main__":
    main()
