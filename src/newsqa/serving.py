"""What the operator of a page allows its readers. The command line and the page both read it here."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass

from newsqa.errors import InputError


@dataclass(frozen=True, slots=True)
class PageLimits:
    """What readers of a page may do, and how much of it. Each is also an option of ``newsqa serve``.

    Attributes:
        uploads: whether readers may add files.
        links: whether readers may add articles by link; None decides by the address that is listened on
            (``links_by_default``).
        upload_bytes: one file, or what a link leads to.
        article_characters: the text of one article of a reader.
        session_articles: articles of their own that one reader may have at a time; 0 lets no one add any.
        sessions: readers who may have articles of their own at a time.
        requests: what all readers together may ask of the server in a minute. A question on the page is three (the
            answer, what can be reported, what is suggested), a question to the API is one; what carries much data
            counts one more for each 100,000 bytes.
        queue: requests that wait; further ones are told to come later.
        concurrent: questions answered at a time.
        idle_seconds: articles and conversation of a session that is not used for so long are forgotten.
        closed_seconds: and so long after its window was closed, in case it comes back.
    """

    uploads: bool = True
    links: bool | None = None
    upload_bytes: int = 5_000_000
    article_characters: int = 100_000
    session_articles: int = 5
    sessions: int = 50
    requests: int = 600
    queue: int = 64
    concurrent: int = 2
    idle_seconds: float = 3600.0
    closed_seconds: float = 600.0

    def __post_init__(self) -> None:
        for name in ("upload_bytes", "article_characters", "sessions", "requests", "queue", "concurrent"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; give a number from 1 upwards")
        if self.session_articles < 0:
            raise InputError(f"session_articles is {self.session_articles}; give 0 or more")


def links_by_default(host: str | None) -> bool:
    """Whether a page that listens on ``host`` (None: gradio's default) follows readers' links unless told otherwise.

    Only where the page is for the one who started it: on this machine alone. A stranger's link, though it can reach
    public addresses only, is fetched in the operator's name.
    """
    if os.environ.get("SPACE_ID"):
        return False
    host = host or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
