"""Takes the pictures of the README: ``python tests/screenshots.py`` (needs Chromium)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from browser import CHROMIUM, Visitor
from newsqa import NewsQA
from newsqa.ui import serve

FOLDER = Path(__file__).parent / "screenshots"
DESKTOP: dict[str, Any] = {"locale": "en-US", "viewport": {"width": 1280, "height": 960}}
PHONE: dict[str, Any] = {"locale": "id-ID", "viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
# The name of each picture, the questions asked before it, and the window.
SHOTS = (
    ("page.png", ("Who did Putin call?",), DESKTOP),
    ("phone.png", ("Siapa yang ditelepon Putin?",), PHONE),
    ("conversation.png", ("Who did Putin call?", "When?"), DESKTOP),
    ("near_miss.png", ("Siapa yang ditelepon Putin?", "Berapa jumlah tentara Palestina?"), PHONE),
)


def main() -> None:
    qa = NewsQA.load(FOLDER.parent.parent / "index")
    blocks = serve(qa, block=False)
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
        browser.close()
    blocks.close()


if __name__ == "__main__":
    main()
