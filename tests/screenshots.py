"""Takes the pictures of the README: ``python tests/screenshots.py`` (needs Chromium)."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from newsqa import NewsQA
from newsqa.ui import serve

FOLDER = Path(__file__).parent / "screenshots"
SHOTS = (
    ("page.png", "Who did Putin call?", {"locale": "en-US", "viewport": {"width": 1280, "height": 860}}),
    (
        "phone.png",
        "Siapa yang ditelepon Putin?",
        {"locale": "id-ID", "viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    ),
)


def main() -> None:
    qa = NewsQA.load(FOLDER.parent.parent / "index")
    blocks = serve(
        qa, examples=("Who did Putin call?", "Siapa yang ditelepon Putin?", "Why did Putin call?"), block=False
    )
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, question, options in SHOTS:
            page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
            page.goto(blocks.local_url)
            page.fill("#newsqa-question textarea", question)
            page.click("#newsqa-send")
            page.wait_for_selector("mark.newsqa-cited")
            if name == "phone.png":
                page.click("#newsqa-chat a.newsqa-mark")
            page.mouse.move(1, 1)
            page.wait_for_timeout(1500)
            page.screenshot(path=FOLDER / name)
        browser.close()
    blocks.close()


if __name__ == "__main__":
    main()
