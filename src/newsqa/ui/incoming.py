"""What readers add to an article: files, texts and links, within the limits of the page."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from newsqa.articles import Limits, load_bytes, load_link
from newsqa.articles.document import one_line
from newsqa.articles.fetching import Fetcher
from newsqa.embedding import clean
from newsqa.errors import InputError
from newsqa.serving import PageLimits
from newsqa.types import Article

# The endings that the page takes; a .jsonl holds many articles and is for the command line.
ENDINGS = (".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".docx")
MAX_TITLE_CHARACTERS = 200
_NAME_CHARACTERS = 60


class Incoming:
    """Makes articles of what readers send.

    Args:
        limits: of the page.
        links: whether links are followed.
        fetcher: follows them; by default newsqa's own, which reaches public addresses only.
    """

    def __init__(self, limits: PageLimits, links: bool, fetcher: Fetcher | None = None) -> None:
        self._page = limits
        self._links = links
        self._limits = Limits(
            file_bytes=limits.upload_bytes,
            link_bytes=limits.upload_bytes,
            characters=limits.article_characters,
            pages=200,
            unpacked_bytes=10 * limits.upload_bytes,
            seconds=20.0,
            link_seconds=15.0,
        )
        self._fetcher = fetcher or Fetcher(self._limits)

    def file(self, sent: Any) -> Article:
        """The article in a file, as the page's script sends it: ``name`` and ``data`` (base64), or ``size`` alone.

        Raises:
            InputError: files are not taken, or there is no article in it.
        """
        if not self._page.uploads:
            raise InputError("files are not taken here")
        if not isinstance(sent, dict) or not isinstance(sent.get("name"), str):
            raise InputError("no file was sent", "damaged")
        # The name alone: browsers send no folders, others may.
        name = PureWindowsPath(PurePosixPath(clean(sent["name"])).name).name[-_NAME_CHARACTERS:] or "file"
        if not name.lower().endswith(ENDINGS):
            raise InputError(f"{name} is none of {', '.join(ENDINGS)}", "format")
        data = sent.get("data")
        if not isinstance(data, str) or len(data) > 4 * (self._page.upload_bytes // 3 + 1):
            raise InputError(f"{name} has more than {self._page.upload_bytes:,} bytes", "too_large")
        try:
            (article,) = load_bytes(base64.b64decode(data, validate=True), name, limits=self._limits)
        except (binascii.Error, ValueError) as error:
            raise InputError(f"{name} was not sent as base64", "damaged") from error
        return article

    def text(self, title: str, text: str) -> Article:
        """The article that a reader has typed or pasted; ``title`` may be empty.

        Raises:
            InputError: there is no text, or too much.
        """
        title = one_line(clean(title))[:MAX_TITLE_CHARACTERS]
        name = title or one_line(clean(text[: 4 * _NAME_CHARACTERS]))[:_NAME_CHARACTERS] or "text"
        (article,) = load_bytes(clean(text).encode(), "text.txt", limits=self._limits)
        return replace(article, id=name, title=title or article.title)

    def link(self, link: str) -> Article:
        """The article behind a link.

        Raises:
            InputError: links are not followed, this one is refused, or there is no article behind it.
        """
        if not self._links:
            raise InputError("links are not followed here")
        return load_link(clean(link), limits=self._limits, fetcher=self._fetcher)
