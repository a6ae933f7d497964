"""A small web on the loopback interface that plays the public one: names, addresses and misbehaving servers."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence

import trustme

from newsqa.articles.fetching import Fetcher
from newsqa.articles.limits import Limits

PUBLIC = "93.184.216.34"

Page = bytes | Callable[[socket.socket], None]


def response(
    body: bytes, content_type: str | None = "text/html; charset=utf-8", *headers: str, status: str = "200 OK"
) -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def redirect(location: str) -> bytes:
    return response(b"", None, f"Location: {location}", status="302 Found")


class Web:
    """``pages`` are served by path, whatever the host. ``names`` are what the name server says, one answer after
    another, the last one for ever. What was asked for is recorded."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.names: dict[str, list[Sequence[str]]] = {"news.example": [[PUBLIC]]}
        self.resolved: list[str] = []
        self.dialled: list[tuple[str, int]] = []
        self.requests: list[bytes] = []
        self.refusing: set[str] = set()
        self.server_names: list[str | None] = []
        self.gave_up = threading.Event()  # a misbehaving server was hung up on
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority = trustme.CA()
        self._authority.issue_cert("news.example").configure_cert(context)
        context.sni_callback = lambda _socket, name, _context: self.server_names.append(name)
        self._tls = context
        self._listeners = {port: socket.create_server(("127.0.0.1", 0)) for port in (80, 443)}
        for port, listener in self._listeners.items():
            threading.Thread(target=self._serve, args=(listener, port), daemon=True).start()
        self.tls_answer: Callable[[socket.socket], None] | None = None

    def close(self) -> None:
        for listener in self._listeners.values():
            listener.close()

    def fetcher(self, **limits: float) -> Fetcher:
        trust = ssl.create_default_context()
        self._authority.configure_trust(trust)
        return Fetcher(
            Limits(**{"link_seconds": 20.0, **limits}),  # type: ignore[arg-type]
            resolve=self.resolve,
            connect=self.connect,
            ssl_context=trust,
        )

    def resolve(self, host: str, port: int) -> Sequence[str]:
        self.resolved.append(host)
        answers = self.names.get(host)
        if answers is None:
            raise socket.gaierror("unknown")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect(self, address: tuple[str, int], timeout: float) -> socket.socket:
        self.dialled.append(address)
        if address[0] in self.refusing:
            raise ConnectionRefusedError(111, "Connection refused")
        return socket.create_connection(self._listeners[address[1]].getsockname(), timeout)

    def _serve(self, listener: socket.socket, port: int) -> None:
        with contextlib.suppress(OSError):
            while True:
                connected, _ = listener.accept()
                threading.Thread(target=self._answer, args=(connected, port), daemon=True).start()

    def _answer(self, connected: socket.socket, port: int) -> None:
        with contextlib.suppress(OSError), connected:
            if port == 443 and self.tls_answer:
                return self.tls_answer(connected)
            stream = self._tls.wrap_socket(connected, server_side=True) if port == 443 else connected
            with stream:
                request = b""
                while b"\r\n\r\n" not in request and (piece := stream.recv(65_536)):
                    request += piece
                self.requests.append(request)
                page = self.pages.get(request.split(b" ")[1].decode(), response(b"", status="404 Not Found"))
                if isinstance(page, bytes):
                    stream.sendall(page)
                else:
                    page(stream)

    def send_for_ever(self, begin: bytes, piece: bytes, pause: float = 0.0) -> Callable[[socket.socket], None]:
        """A server that sends ``begin`` and then ``piece`` after ``piece`` until it is hung up on."""

        def serve(connected: socket.socket) -> None:
            connected.sendall(begin)
            while not self.gave_up.wait(pause):
                try:
                    connected.sendall(piece)
                except OSError:
                    self.gave_up.set()

        return serve


@contextlib.contextmanager
def local_web() -> Iterator[Web]:
    web = Web()
    try:
        yield web
    finally:
        web.close()
