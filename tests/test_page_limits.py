"""Attacks on the running page, over HTTP: what it does not allow, and how much of what it allows."""

from __future__ import annotations

import asyncio
import base64
import functools
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import httpx
import pytest

from fake_chat import FakeQA
from newsqa import InputError, NewsQA
from newsqa.evaluation.load import Reader, ask_by_api
from newsqa.serving import PageLimits
from newsqa.ui import start
from newsqa.ui.page import Page

LIMITS = PageLimits(
    links=False,
    upload_bytes=30_000,
    article_characters=2_000,
    session_articles=2,
    sessions=50,
    requests=100_000,
    closed_seconds=0.0,
)
TEXT = "Kabar dari {}. Semua senang."
SCOPE = "page:a"
ID = {"accept-language": "id"}


class Served:
    """A page and what a program can do to it."""

    def __init__(self, limits: PageLimits = LIMITS) -> None:
        self.page = Page(cast(NewsQA, FakeQA()), limits=limits)
        self.blocks = start(self.page)
        self.url = str(self.blocks.local_url)

    def client(self, **headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, timeout=60, headers=headers)

    async def reader(self, client: httpx.AsyncClient) -> Reader:
        return Reader(client, (await client.get("config")).json())


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    page = Served()
    yield page
    page.blocks.close()


def serve_with(**changes: Any) -> Served:
    import dataclasses

    return Served(dataclasses.replace(LIMITS, **changes))


def visiting(served: Served, act: Callable[[Reader], Any], **headers: str) -> Any:
    """What ``act`` gives for a new reader."""

    async def run() -> Any:
        async with served.client(**headers) as client:
            return await act(await served.reader(client))

    return asyncio.run(run())


async def pasted(reader: Reader, text: str, scope: str = SCOPE) -> tuple[str, list[Any]]:
    return await reader.send(reader.event("newsqa-add-text", "click"), "", text, scope)


async def find_event(reader: Reader, element: str, kind: str) -> dict[str, Any]:
    return reader.event(element, kind)


def notice_of(values: list[Any]) -> str:
    """What the page says about adding."""
    return str(values[7]["value"])


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came about")


# Routes


@pytest.mark.parametrize(
    "path",
    [
        "file=/etc/hostname",
        "file=https://example.com/",
        "file/etc/hostname",
        "proxy=https://example.com/",
        "upload_progress?upload_id=1",
        "deep_link?session_hash=x",
        "runs",
        "custom_component/1/client/component/index.js",
        "stream/a/b/c/playlist.m3u8",
        "../gradio_api/file=/etc/hostname",
        "queue/../file=/etc/hostname",
        "dev/reload",
    ],
)
def test_routes_that_the_page_does_not_need_are_closed(served: Served, path: str) -> None:
    assert httpx.get(f"{served.url}gradio_api/{path}").status_code == 404


@pytest.mark.parametrize("path", ["upload", "component_server", "run/ask", "api/ask", "process_recording", "vibe-edit"])
def test_nothing_is_uploaded_and_the_queue_is_not_skipped(served: Served, path: str) -> None:
    answer = httpx.post(f"{served.url}gradio_api/{path}", json={"data": ["Why?"]})
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    assert httpx.get(f"{served.url}monitoring").status_code == 404


@pytest.mark.parametrize("path", ["/etc/hostname", "https://example.com/a", "http://169.254.169.254/", "/tmp/gradio/a"])
def test_no_file_and_no_address_comes_in_as_a_value(served: Served, path: str) -> None:
    for body in (
        {"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}]},
        {"data": [[{"a": {"path": path, "meta": {"_type": "gradio.FileData"}}}]]},
    ):
        # The escapes of JSON hide nothing.
        for sent in (json.dumps(body), json.dumps(body).replace("path", "p\\u0061th")):
            answer = httpx.post(f"{served.url}gradio_api/call/ask", content=sent)
            assert (answer.status_code, answer.json()) == (400, {"detail": "This page does not accept this request."})


def test_gradios_own_client_gets_no_further(served: Served, tmp_path: Path) -> None:
    """A file that it uploads, a file of the server, an address, and the page's private events."""
    (tmp_path / "a.txt").write_text("x", "utf-8")
    script = (
        "import sys; from gradio_client import Client, handle_file\n"
        "client = Client(sys.argv[1], verbose=False, analytics_enabled=False)\n"
        "meta = {'_type': 'gradio.FileData'}\n"
        "for sent in (handle_file(sys.argv[2]), {'path': '/etc/hostname', 'meta': meta}, "
        "{'path': 'http://127.0.0.1:1/', 'url': 'http://127.0.0.1:1/', 'meta': meta}):\n"
        "    try: print('got', client.predict(sent, api_name='/ask'))\n"
        "    except Exception as error: print('refused', type(error).__name__)\n"
        "for name in ('/reply', '/file', '/text', '/link', '/_opened'):\n"
        "    try: print('got', client.predict(api_name=name))\n"
        "    except ValueError as error: print('no', name)\n"
    )
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "GRADIO_ANALYTICS_ENABLED": "False"}
    command = [sys.executable, "-c", script, served.url, str(tmp_path / "a.txt")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["refused"] * 3 + ["no"] * 5, done.stdout + done.stderr


def test_bodies_are_bounded_before_they_are_read_whole(served: Served) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield b" " * 10_000

    for content in (b" " * 1_000_000, endless()):
        answer = httpx.post(f"{served.url}gradio_api/call/ask", content=content, headers=ID)
        assert (answer.status_code, answer.json()) == (
            413,
            {"detail": "Ini melebihi yang diterima halaman ini sekaligus."},
        )
    # Gradio keeps what was typed, so that is bounded further: a file is not typed.
    answer = httpx.post(f"{served.url}gradio_api/call/ask", json={"data": ["x" * 30_000]})
    assert answer.status_code == 400


@pytest.mark.parametrize("content", [b"{", b"[" * 50_000, b"1", b'"\xff"', b'{"data": [' + b"[" * 10_000])
def test_what_is_no_event_is_refused(served: Served, content: bytes) -> None:
    assert httpx.post(f"{served.url}gradio_api/queue/join", content=content).status_code == 400


# Requests a minute, and the queue


def test_all_readers_together_ask_so_often_and_are_told() -> None:
    served = serve_with(requests=3)
    try:
        answers = [httpx.post(f"{served.url}gradio_api/call/ask", json={"data": ["Why?"]}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].json() == {
            "detail": "There are too many requests at the moment. Please wait a minute and try again."
        }
        # The page's own events count, too.
        end, _ = visiting(served, lambda reader: reader.send(reader.event("newsqa-send", "click"), "Why?", SCOPE))
        assert end == "refused"
        answer = httpx.post(f"{served.url}gradio_api/queue/join", json={}, headers=ID)
        assert answer.json() == {"detail": "Saat ini terlalu banyak permintaan. Tunggu satu menit, lalu coba lagi."}
        assert httpx.get(served.url).status_code == 200
    finally:
        served.blocks.close()


def test_what_carries_much_counts_more(served: Served) -> None:
    limited = serve_with(requests=3, upload_bytes=300_000)
    data = {"name": "a.txt", "data": base64.b64encode(b"x" * 290_000).decode()}
    try:
        end, _ = visiting(
            limited, lambda reader: reader.send(reader.event("newsqa-file", "upload"), SCOPE, event_data=data)
        )
        assert end == "refused"
    finally:
        limited.blocks.close()


def test_programs_that_ask_by_api_are_answered_or_told_why_not(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Mock(side_effect=served.page._qa.ask)
    monkeypatch.setattr(served.page._qa, "ask", ask)
    assert [request.end for request in asyncio.run(ask_by_api(served.url, 3, 0.0))] == ["", "", ""]
    assert len({call.args for call in ask.call_args_list}) == 3  # so none is answered from memory
    limited = serve_with(requests=1)
    try:
        assert sorted(request.end for request in asyncio.run(ask_by_api(limited.url, 2, 0.0))) == ["", "refused"]
    finally:
        limited.blocks.close()


def test_a_full_queue_says_so_in_the_readers_language() -> None:
    served = serve_with(queue=1, concurrent=1)
    slow: Any = served.page._qa
    slow.ask = lambda question: time.sleep(3)
    try:
        answers = [
            httpx.post(f"{served.url}gradio_api/call/ask", json={"data": ["Why?"]}, headers=ID) for _ in range(4)
        ]
        assert answers[-1].status_code == 429
        assert answers[-1].json() == {
            "detail": "Saat ini terlalu banyak permintaan. Tunggu satu menit, lalu coba lagi."
        }
    finally:
        served.blocks.close()


# Readers' own articles


def test_links_and_files_that_are_switched_off_cannot_be_sent_either() -> None:
    served = serve_with(uploads=False)
    try:
        for element, kind in (("newsqa-file", "upload"), ("newsqa-add-link", "click")):
            with pytest.raises(LookupError, match=element):
                visiting(served, functools.partial(find_event, element=element, kind=kind))
        with pytest.raises(InputError, match="links are not followed here"):
            served.page._incoming.link("https://example.com/")
        with pytest.raises(InputError, match="files are not taken here"):
            served.page._incoming.file({"name": "a.txt", "data": "QQ=="})
    finally:
        served.blocks.close()


def test_an_article_has_so_many_characters(served: Served) -> None:
    _, values = visiting(served, lambda reader: pasted(reader, "x" * 2_001), **{"accept-language": "id"})
    assert notice_of(values).replace("&#46;", ".").replace("&#44;", ",") == (
        "Ini terlalu besar&#58; saya menerima berkas sampai 0,03 MB dan artikel sampai 2.000 karakter."
    )


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "../../etc/passwd", "data": "QQ=="}, "I read text"),
        ({"name": "a.jsonl", "data": "QQ=="}, "I read text"),
        ({"name": "a.txt", "data": "%%%"}, "It cannot be read"),
        ({"name": "a.txt", "data": 7}, "This is too large"),
        ({"name": "a.txt", "data": "QQ" * 30_000}, "This is too large"),
        ({"name": ["a.txt"], "data": "QQ=="}, "It cannot be read"),
        (["a.txt"], "It cannot be read"),
        ({"name": "a.docx", "data": base64.b64encode(b"PK\x03\x04").decode()}, "It cannot be read"),
    ],
)
def test_a_file_that_is_sent_by_a_program_is_checked(served: Served, sent: Any, said: str) -> None:
    end, values = visiting(
        served, lambda reader: reader.send(reader.event("newsqa-file", "upload"), SCOPE, event_data=sent)
    )
    assert (end, notice_of(values).startswith(said)) == ("", True)


def test_a_folder_in_the_name_of_a_file_is_left_out(served: Served) -> None:
    sent = {"name": "C:\\x\\../etc/teh.txt", "data": base64.b64encode(b"Teh naik. Semua.").decode()}
    _, values = visiting(
        served, lambda reader: reader.send(reader.event("newsqa-file", "upload"), SCOPE, event_data=sent)
    )
    assert notice_of(values).startswith("“teh” has been added")


def test_a_reader_has_so_many_articles_and_none_twice(served: Served) -> None:
    async def act(reader: Reader) -> list[str]:
        texts = [TEXT.format("Solo"), TEXT.format("Solo"), TEXT.format("Ambon"), TEXT.format("Bima")]
        return [notice_of((await pasted(reader, text))[1]) for text in texts]

    first, again, second, third = visiting(served, act)
    assert first.startswith("“Kabar dari Solo&#46; Semua senang&#46;” has been added")
    assert again == "This article is here already&#46; Your questions now go to it&#46;"
    assert second.startswith("“Kabar dari Ambon")
    assert third == "You have 2 articles here&#44; and there can be no more&#46; Remove one first&#46;"


def test_a_scope_of_another_session_leads_nowhere(served: Served) -> None:
    async def act(reader: Reader) -> list[Any]:
        _, values = await pasted(reader, TEXT.format("Palu"))
        other = Reader(reader._client, reader._config)
        asked = await other.send(other.event("newsqa-send", "click"), "Ada apa?", str(values[5]))
        return [values[5], asked]

    scope, (end, values) = visiting(served, act)
    assert scope.startswith("own:Kabar dari Palu")
    assert end == ""
    assert "Palu" not in json.dumps(values)
    assert "Artikel Anda sudah tidak ada di sini" in json.dumps(values)
    assert values[5] == SCOPE


def test_a_session_takes_its_articles_along_when_it_ends() -> None:
    served = serve_with()
    room = served.page.adding.room

    async def act(reader: Reader) -> None:
        async with reader.present():
            assert (await pasted(reader, TEXT.format("Kupang")))[0] == ""
            assert len(room) == 1
            assert reader.session in served.blocks.state_holder.session_data

    def gone() -> bool:
        gc.collect()
        return len(room) == 0

    try:
        visiting(served, act)
        wait_until(gone)
        assert list(served.blocks.state_holder.session_data) == []
    finally:
        served.blocks.close()


def test_a_session_that_is_not_used_loses_its_articles() -> None:
    served = serve_with(idle_seconds=0.5)
    room = served.page.adding.room

    def gone() -> bool:
        gc.collect()
        return len(room) == 0

    try:
        assert visiting(served, lambda reader: pasted(reader, TEXT.format("Sorong")))[0] == ""
        wait_until(gone)
    finally:
        served.blocks.close()


def test_so_many_readers_have_articles_at_a_time() -> None:
    served = serve_with(sessions=2)

    async def act(reader: Reader) -> list[str]:
        others = [Reader(reader._client, reader._config) for _ in range(3)]
        return [notice_of((await pasted(other, TEXT.format(number)))[1]) for number, other in enumerate(others)]

    try:
        first, second, third = visiting(served, act)
        assert "has been added" in first
        assert "has been added" in second
        assert third.startswith("Too many readers have articles of their own here at the moment")
    finally:
        served.blocks.close()


# Hostile questions


@pytest.mark.parametrize(
    "question",
    ["\u202esiapa?", "x" * 1001, "\x00", "\ufdfa" * 900 + "?", "a" + "\u0301" * 990, "\ud800 who?", "<img src=x>?"],
    ids=["bidi", "long", "nul", "ligatures", "marks", "surrogate", "markup"],
)
def test_a_hostile_question_is_answered_or_refused_in_words(served: Served, question: str) -> None:
    end, values = visiting(served, lambda reader: reader.send(reader.event("newsqa-send", "click"), question, SCOPE))
    assert end == ""
    shown = json.dumps(values[2], ensure_ascii=False)
    assert "<img" not in shown
    assert not set("\u202e\x00") & set(shown)


# Operators
