"""Fixtures, and a guard: no test may reach beyond this machine."""

from __future__ import annotations

import ipaddress
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# As the command line does it, before the library that reads it is imported.
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"

import newsqa
from browser import CHROMIUM, Visitor
from newsqa import Article, NewsQA, load_articles
from newsqa.embedding import Encoder, load_encoder

ROOT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "data"


_ATTEMPTS: list[str] = []


def _refuse_to_leave(event: str, arguments: tuple[Any, ...]) -> None:
    host = None
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    if host is None or host in ("localhost", "", "0.0.0.0", b"localhost"):
        return
    try:
        if ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback:
            return
    except ValueError:
        pass
    # A library may swallow the exception, so it is remembered too.
    _ATTEMPTS.append(f"{event} {host!r} in {os.environ.get('PYTEST_CURRENT_TEST')}")
    raise ConnectionRefusedError(f"a test tried to reach {host!r}")


sys.addaudithook(_refuse_to_leave)


@pytest.fixture(scope="session", autouse=True)
def _nothing_left_this_machine() -> Iterator[None]:
    yield
    assert _ATTEMPTS == []


@pytest.fixture(scope="session", autouse=True)
def _no_thread_is_left_at_work() -> Iterator[None]:
    """Wait for what servers still answer: a thread that is in C++ code when the interpreter ends aborts the process."""
    yield
    end = time.monotonic() + 60
    while _at_work() and time.monotonic() < end:
        time.sleep(0.05)


def _at_work() -> bool:
    package = str(Path(newsqa.__file__).parent)
    others = (frame for thread, frame in sys._current_frames().items() if thread != threading.get_ident())
    return any(one.f_code.co_filename.startswith(package) for top in others for one, _ in traceback.walk_stack(top))


@pytest.fixture(scope="session")
def seed_article() -> Article:
    (article,) = load_articles(ROOT / "seeds")
    return article


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return load_encoder("bundled")


@pytest.fixture(scope="session")
def seed_qa(encoder: Encoder) -> NewsQA:
    return NewsQA.load(ROOT / "index", encoder=encoder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
        quiet += ["--disable-background-networking", "--disable-component-update"]
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Any, url: str) -> Iterator[Any]:
    """Opens windows on the page at ``url``, a fixture of the test's own module."""
    visitors: list[Visitor] = []

    def start(address: str = url, **options: Any) -> Visitor:
        visitors.append(Visitor(browser, address, **options))
        return visitors[-1]

    yield start
    for visitor in visitors:
        visitor.page.context.close()
        assert visitor.errors == []
        assert visitor.strayed == []
