"""The gate before the page's server: what the page does not need does not get in.

Gradio serves far more than a page uses: routes that store uploads, fetch addresses, skip the queue or write a session
to the disk. Files come as data inside an event here, so that they stay in memory, and none of those routes is open.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

from newsqa.serving import PageLimits
from newsqa.ui.budget import Budget
from newsqa.ui.texts import REPLIES, page_language

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_API = "/gradio_api/"
# What the page, gradio's client and, where it is installed, the MCP server need; all else below _API is closed.
_OPEN = ("info", "openapi.json", "startup-events", "app_id", "login_check", "user", "theme.css", "queue/status")
_OPEN_BELOW = ("heartbeat/", "queue/data", "call/", "mcp")
_EVENTS = ("queue/join", "call/", "mcp")
_QUIET = ("cancel", "reset")
_CLOSED = ("/monitoring", "/login", "/logout", "/dev")
_BYTES_A_TOKEN = 100_000
_MARGIN = 20_000


class Gate:
    """Lets through what the page needs, of bounded size, as often as ``budget`` allows.

    Args:
        app: the server behind it.
        limits: of the page.
        budget: of all readers together.
    """

    def __init__(self, app: App, limits: PageLimits, budget: Budget) -> None:
        self._app = app
        self._budget = budget
        # A character takes at most 12 bytes in JSON, three bytes of a file four.
        self._values = limits.article_characters + _MARGIN
        self._body = 12 * self._values + (limits.upload_bytes // 3 * 4 if limits.uploads else 0)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request of the ASGI protocol."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        replies = REPLIES[page_language(_header(scope, b"accept-language"))]
        path = scope["path"]
        if not _is_open(path):
            await _refuse(send, 404, "Not Found")
            return
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        body = await self._read(scope, receive)
        if body is None:
            await _refuse(send, 413, replies["too_much"])
        elif not self._acceptable(body):
            await _refuse(send, 400, replies["not_accepted"])
        elif not self._budget.take(_cost(path, body)):
            await _refuse(send, 429, replies["busy"])
        else:
            await self._app(scope, _replay(body, receive), _translating(send, replies["busy"]))

    async def _read(self, scope: Message, receive: Receive) -> bytes | None:
        """The whole body, or None if it is too large; no more than that is read."""
        declared = _header(scope, b"content-length")
        if declared.isdigit() and int(declared) > self._body:
            return None
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self._body:
                return None
            if not message.get("more_body", False):
                return bytes(body)

    def _acceptable(self, body: bytes) -> bool:
        """Whether an event holds no file of gradio's (a path or an address), and values of bounded size.

        Gradio keeps the values of a session, so those are bounded by what can be typed; a file comes beside them.
        """
        if not body:
            return True
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            return False
        if not isinstance(event, (dict, list)):
            return False
        if any(isinstance(part, dict) and "path" in part for part in _parts(event)):
            return False
        kept = [value for key, value in event.items() if key != "event_data"] if isinstance(event, dict) else event
        return sum(len(part) if isinstance(part, str) else 1 for part in _parts(kept)) <= self._values


def _is_open(path: str) -> bool:
    if not path.startswith(_API):
        return not path.startswith(_CLOSED)
    name = path.removeprefix(_API).rstrip("/")
    return name in _OPEN or name in _QUIET or name in _EVENTS or f"{name}/".startswith(_OPEN_BELOW)


def _cost(path: str, body: bytes) -> int:
    """What a request takes of the budget."""
    events = path.removeprefix(_API).startswith(_EVENTS)
    return int(events) + len(body) // _BYTES_A_TOKEN


def _parts(value: Any) -> Iterator[Any]:
    """Every value inside ``value``, and itself."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, dict):
            waiting += part.values()
            waiting += part.keys()
        elif isinstance(part, list):
            waiting += part


def _header(scope: Message, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives ``body`` first."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _translating(send: Send, busy: str) -> Send:
    """A ``send`` that says in the reader's language what gradio says in English only: that the queue is full."""
    full = False

    async def translated(message: Message) -> None:
        nonlocal full
        if message["type"] == "http.response.start" and message["status"] == 503:
            full = True
            return
        if not full:
            await send(message)
        elif not message.get("more_body", False):
            await _refuse(send, 429, busy)

    return translated


async def _refuse(send: Send, status: int, detail: str) -> None:
    body = json.dumps({"detail": detail}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
