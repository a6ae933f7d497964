"""A person before the page, in Chromium."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

browser_test = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("NEWSQA_REQUIRE_BROWSER"), reason="no Chromium on this machine"
)


class Visitor:
    """One browser window on the page; remembers errors and requests that leave for elsewhere."""

    def __init__(self, browser: Any, url: str, **options: Any) -> None:
        self.page = browser.new_context(**options).new_page()
        self.page.set_default_timeout(30_000)
        self.strayed: list[str] = []
        self.errors: list[str] = []
        self.at_home = (url, "data:", "blob:")
        self.page.on("request", self.notice_request)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self.notice_dialog)
        self.page.goto(url)
        self.page.wait_for_selector("#newsqa-question textarea")

    def notice_request(self, request: Any) -> None:
        if not request.url.startswith(self.at_home):
            self.strayed.append(request.url)

    def notice_dialog(self, dialog: Any) -> None:
        self.errors.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def ask(self, question: str) -> str:
        """The text of the reply."""
        before = self.page.locator("#newsqa-chat [data-testid=bot]").count()
        self.page.fill("#newsqa-question textarea", question)
        self.page.click("#newsqa-send")
        self.page.wait_for_function(
            "n => document.querySelectorAll('#newsqa-chat [data-testid=bot]').length > n"
            " && document.querySelector('#newsqa-question textarea').value === ''",
            arg=before,
        )
        return str(self.last.locator(".newsqa-reply").inner_text()).strip()

    @property
    def last(self) -> Any:
        """The last reply, with what is said beside the answer."""
        return self.page.locator("#newsqa-chat [data-testid=bot]").last
