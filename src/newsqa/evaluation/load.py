"""A load test of the page: ``python -m newsqa.evaluation.load --sessions 50 --minutes 10``.

Many readers at once, each with a session as a browser holds it: they open the page, keep its heartbeat, ask, wait for
the answer, think, and ask again; every fifth adds an article of its own first. Without a URL a page of its own is
served, on one of this machine's ports, with the limit of requests a minute lifted.

``--askers 1 4 16`` asks the page's API instead, with one program at a time, four, sixteen, which do not think: how many
questions a second it answers, and how long one waits.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

QUESTIONS = (
    "Who did Putin call?",
    "Kenapa?",
    "Siapa yang ditelepon Putin?",
    "What is the capital of France?",
    "Berapa orang yang tewas?",
    "Who else?",
    "What is this article about?",
    "Terima kasih!",
)
# They stand alone; the last is declined.
ASKED = (
    "Who did Putin call?",
    "Siapa yang ditelepon Putin?",
    "How many Israelis were killed?",
    "Kapan serangan dari Gaza dilancarkan?",
    "What is the capital of France?",
)
ARTICLE = "Harga beras naik\n\nHarga beras di Jakarta naik menjadi 15.000 rupiah pada Rabu. Petani di Karawang senang."
_SLICES = 10
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Request:
    """One event that a reader sent: when it was finished, in seconds from the beginning; how long it took; its end.

    ``end`` is "" if all was well, "refused" if a limit of the page turned it away, or what went wrong.
    """

    finished: float
    seconds: float
    end: str


class Reader:
    """One session on the page. Give it a client of its own; ``config`` is the page's."""

    def __init__(self, client: httpx.AsyncClient, config: dict[str, Any]) -> None:
        self._client = client
        self._config = config
        self.session = secrets.token_hex(6)

    def event(self, element: str, kind: str) -> dict[str, Any]:
        """What the page does on event ``kind`` ("click", …) of the component with the id ``element``.

        Raises:
            LookupError: the page has no such event.
        """
        ids = {part["id"] for part in self._config["components"] if part["props"].get("elem_id") == element}
        for dependency in self._config["dependencies"]:
            if any(target[0] in ids and target[1] == kind for target in dependency["targets"]):
                return dict(dependency)
        raise LookupError(f"the page has no {kind} of {element}")

    async def send(self, event: dict[str, Any], *typed: Any, event_data: Any = None) -> tuple[str, list[Any]]:
        """Send an event and wait for its end.

        Args:
            event: of ``event``.
            typed: the values of its inputs that are not kept by the server, in order.
            event_data: what comes beside them.

        Returns:
            How it ended, as in ``Request``, and the values that came back.
        """
        states = {part["id"] for part in self._config["components"] if part["type"] == "state"}
        values = iter(typed)
        data = [None if part in states else next(values) for part in event["inputs"]]
        body = {"data": data, "fn_index": event["id"], "session_hash": self.session, "event_data": event_data}
        # With the escapes of JSON, which can say what UTF-8 cannot.
        joined = await self._client.post(
            "gradio_api/queue/join", content=json.dumps(body), headers={"content-type": "application/json"}
        )
        if joined.status_code != 200:
            return "refused" if joined.status_code == 429 else f"status {joined.status_code}", []
        async with contextlib.aclosing(self._messages()) as messages:
            async for message in messages:
                if message["msg"] == "process_completed" and message["event_id"] == joined.json()["event_id"]:
                    output = message["output"]
                    return "" if message["success"] else str(output.get("error")), output.get("data", [])
        return "the connection ended", []

    async def _messages(self) -> AsyncGenerator[dict[str, Any], None]:
        async with self._client.stream(
            "GET", "gradio_api/queue/data", params={"session_hash": self.session}
        ) as response:
            async for line in response.aiter_lines():
                if line.startswith("data:"):
                    yield json.loads(line[5:])

    @contextlib.asynccontextmanager
    async def present(self) -> AsyncIterator[None]:
        """Keep the window open meanwhile."""
        async with self._client.stream("GET", f"gradio_api/heartbeat/{self.session}", timeout=None):
            yield


class LoadTest:
    """Readers who ask until the time is over.

    Args:
        url: of the page.
        sessions: how many readers.
        seconds: how long.
        think: seconds between an answer and the next question of a reader.
    """

    def __init__(self, url: str, sessions: int, seconds: float, think: float) -> None:
        self._url = url
        self._sessions = sessions
        self._seconds = seconds
        self._think = think
        self._start = time.monotonic()
        self.requests: list[Request] = []
        self.memory: list[tuple[float, int]] = []

    async def run(self, pid: int | None) -> None:
        """Ask, and note the memory of process ``pid`` meanwhile."""
        self._start = time.monotonic()
        watching = asyncio.create_task(self._watch(pid))
        await asyncio.gather(*(self._read(number) for number in range(self._sessions)))
        watching.cancel()

    def _now(self) -> float:
        return time.monotonic() - self._start

    async def _watch(self, pid: int | None) -> None:
        while pid is not None:
            self.memory.append((self._now(), resident_megabytes(pid)))
            await asyncio.sleep(min(5.0, self._seconds / _SLICES / 2))

    async def _read(self, number: int) -> None:
        # Not all at once: readers arrive over the first few seconds of thinking.
        await asyncio.sleep(self._think * number / self._sessions)
        async with httpx.AsyncClient(base_url=self._url, timeout=_PATIENCE) as client:
            config = (await client.get("config")).json()
            reader = Reader(client, config)
            async with reader.present():
                scope = self._default_scope(config)
                if number % 5 == 4:
                    scope = await self._add(reader, scope)
                position = number
                while self._now() < self._seconds:
                    await self._ask(reader, QUESTIONS[position % len(QUESTIONS)], scope)
                    position += 1
                    await asyncio.sleep(self._think)

    async def _ask(self, reader: Reader, question: str, scope: str) -> None:
        began = self._now()
        try:
            end, _ = await reader.send(reader.event("newsqa-send", "click"), question, scope)
        except httpx.HTTPError as error:
            end = type(error).__name__
        self.requests.append(Request(self._now(), self._now() - began, end))

    async def _add(self, reader: Reader, scope: str) -> str:
        """Add an article; the scope in which it is asked."""
        with contextlib.suppress(LookupError, httpx.HTTPError):
            end, values = await reader.send(reader.event("newsqa-add-text", "click"), "", ARTICLE, scope)
            return str(values[5]) if not end else scope
        return scope

    @staticmethod
    def _default_scope(config: dict[str, Any]) -> str:
        return str(
            next(
                part["props"]["value"]
                for part in config["components"]
                if part["props"].get("elem_id") == "newsqa-choice"
            )
        )


async def ask_by_api(url: str, askers: int, seconds: float) -> list[Request]:
    """Let so many programs ask the page's API, each its next question as soon as it has an answer.

    Each question has a number, so that none is answered from memory.

    Args:
        url: of the page, with a slash at its end.
        askers: how many at a time.
        seconds: after that nobody asks another question.
    """
    requests: list[Request] = []
    start = time.monotonic()

    async def ask(asker: int) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE) as client:
            for number in itertools.count(asker):
                began = time.monotonic()
                end = await _api_answer(client, f"{ASKED[number % len(ASKED)]} ({asker}, {number})")
                now = time.monotonic()
                requests.append(Request(now - start, now - began, end))
                if now - start >= seconds:
                    break

    await asyncio.gather(*(ask(asker) for asker in range(askers)))
    return requests


async def _api_answer(client: httpx.AsyncClient, question: str) -> str:
    """Ask one question; how it ended, as in ``Request``."""
    try:
        joined = await client.post("gradio_api/call/ask", json={"data": [question]})
        if joined.status_code != 200:
            return "refused" if joined.status_code == 429 else f"status {joined.status_code}"
        done = await client.get(f"gradio_api/call/ask/{joined.json()['event_id']}")
    except httpx.HTTPError as error:
        return type(error).__name__
    if "event: complete" in done.text:
        return ""
    return done.text.strip()[:200] or "the connection ended"


def throughput_table(tests: Mapping[int, Sequence[Request]]) -> str:
    """A Markdown table with a row for each number of askers."""
    rows = [
        "| askers | questions | errors | refused | a second | p50 | p95 |",
        "|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for askers, requests in tests.items():
        answered = sum(not one.end for one in requests)
        rate = answered / max((one.finished for one in requests), default=1.0)
        rows.append(f"| {askers} | {_figures(requests, f'{rate:.1f}')} |")
    wrong = sorted({one.end for requests in tests.values() for one in requests if one.end not in ("", "refused")})
    return "\n".join(rows + [f"\nerror: {end}" for end in wrong]) + "\n"


def table(test: LoadTest, seconds: float) -> str:
    """What happened, as a Markdown table: a row for each tenth of the time, and one for all of it."""
    rows = [
        "| until | questions | errors | refused | p50 | p95 | memory |",
        "|--:|--:|--:|--:|--:|--:|--:|",
    ]
    edges = [seconds * number / _SLICES for number in range(_SLICES + 1)]
    edges[-1] = float("inf")
    for begin, end in zip(edges, edges[1:], strict=False):
        last = f"{min(end, seconds) / 60:.1f} min"
        rows.append(
            _row(last, [one for one in test.requests if begin <= one.finished < end], _memory(test, begin, end))
        )
    rows.append(_row("**all**", test.requests, _memory(test, 0, float("inf"))))
    wrong = sorted({one.end for one in test.requests if one.end not in ("", "refused")})
    return "\n".join(rows + [f"\nerror: {end}" for end in wrong]) + "\n"


def _row(name: str, requests: Sequence[Request], memory: str) -> str:
    return f"| {name} | {_figures(requests)} | {memory} |"


def _figures(requests: Sequence[Request], rate: str = "") -> str:
    """Their number, errors and refusals, ``rate`` if there is one, and median and 95th percentile of the time."""
    times = sorted(one.seconds for one in requests if not one.end)
    refused = sum(one.end == "refused" for one in requests)
    errors = sum(bool(one.end) for one in requests) - refused
    quantiles = [
        f"{1000 * times[min(int(part * len(times)), len(times) - 1)]:,.0f} ms" if times else "-" for part in (0.5, 0.95)
    ]
    return " | ".join([str(len(requests)), str(errors), str(refused), *filter(None, [rate]), *quantiles])


def _memory(test: LoadTest, begin: float, end: float) -> str:
    values = [megabytes for moment, megabytes in test.memory if begin <= moment < end]
    return f"{max(values):,} MB" if values else "-"


def resident_megabytes(pid: int) -> int:
    """The memory that a process holds, in millions of bytes; 0 where the system does not tell (it does on Linux)."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 // 1_000_000
    return 0


@contextlib.contextmanager
def own_page(index: str, sessions: int) -> Iterator[tuple[str, int]]:
    """The URL and process id of a page served for the test."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "newsqa", "serve", "--index", index, "--port", str(port)]
    command += ["--requests", "1000000", "--sessions", str(sessions), "--queue", str(4 * sessions)]
    url = f"http://127.0.0.1:{port}/"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                with contextlib.suppress(httpx.HTTPError):
                    if httpx.get(f"{url}config", timeout=5).status_code == 200:
                        break
                time.sleep(0.5)
            yield url, process.pid
        finally:
            process.terminate()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the test and print its table."""
    parser = argparse.ArgumentParser(prog="python -m newsqa.evaluation.load", description="Load test of the page.")
    parser.add_argument("url", nargs="?", help="of a running page (default: one of its own is served)")
    parser.add_argument("--pid", type=int, help="of the running page's process, for its memory")
    parser.add_argument("--sessions", type=int, default=50, help="readers at a time (default: 50)")
    parser.add_argument("--minutes", type=float, help="how long (default: 10; half a minute for each of --askers)")
    parser.add_argument("--askers", type=int, nargs="+", help="programs that ask the API at a time")
    parser.add_argument("--think", type=float, default=20.0, help="seconds between questions of a reader (default: 20)")
    parser.add_argument("--index", default="index", help="the index folder of its own page (default: index)")
    options = parser.parse_args(arguments)
    with contextlib.ExitStack() as stack:
        url, pid = options.url, options.pid
        if url is None:
            url, pid = stack.enter_context(own_page(options.index, options.sessions))
        url = url.rstrip("/") + "/"
        if options.askers:
            seconds = 60 * (options.minutes or 0.5)
            asyncio.run(ask_by_api(url, 1, 0.0))  # what is loaded late is not to count
            tests = {askers: asyncio.run(ask_by_api(url, askers, seconds)) for askers in options.askers}
            sys.stdout.write(throughput_table(tests))
            return
        seconds = 60 * (options.minutes or 10.0)
        test = LoadTest(url, options.sessions, seconds, options.think)
        asyncio.run(test.run(pid))
        sys.stdout.write(table(test, seconds))


if __name__ == "__main__":
    main()
