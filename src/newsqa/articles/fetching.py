"""Links: what a stranger's link may reach is the public web, and no more of it than one page.

The name in a link is looked up once, every address it has must be public, and the connection goes to one of those
addresses, so a second answer of the name server changes nothing. TLS still checks the certificate against the name.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any, NoReturn
from urllib.parse import urljoin

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import DecodeError, HTTPError, LocationParseError

from newsqa.articles.addresses import is_public
from newsqa.articles.limits import Limits
from newsqa.errors import InputError

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[tuple[str, int], float], socket.socket]

_PORTS = {"http": 80, "https": 443}
_MAX_LINK_CHARACTERS = 2_000
_FORBIDDEN = re.compile("[\x00-\x20\x7f\\\\\ud800-\udfff]")
# Hosts that C libraries read as IPv4 addresses: 2130706433, 0x7f.1, 0177.0.0.1.
_NUMERIC_HOST = re.compile(r"(?:.*\.)?(?:\d+|0[xX][0-9a-fA-F]*)\.?")
_REDIRECTS = {301, 302, 303, 307, 308}
_PIECE = 65_536
# For one address; a host may have a second one that answers.
_CONNECT_SECONDS = 5.0
_KINDS = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "text",
    "text/markdown": "markdown",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}
_HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; newsqa)",
    "Accept": ", ".join(_KINDS),
    "Accept-Encoding": "gzip, deflate",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a link led to: its last address and host, the format (as in ``sources.KINDS``) and charset, its bytes."""

    url: str
    host: str
    kind: str
    charset: str | None
    data: bytes


@dataclass(frozen=True, slots=True)
class _Target:
    """A link taken apart; ``path`` with the query."""

    url: str
    scheme: str
    host: str
    port: int
    path: str


class Fetcher:
    """Fetches one link at a time, without cookies, caches or proxies; may be used from several threads.

    Args:
        limits: ``link_bytes``, ``link_seconds`` and ``redirects``.
        resolve: a host name and a port to the addresses of the host. Whatever it says is checked.
        connect: an address and a port, and a time limit in seconds, to a connected socket.
        ssl_context: whom to trust; by default the authorities of the system and those of certifi.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        resolve: Resolve | None = None,
        connect: Connect = socket.create_connection,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._resolve = resolve or _addresses
        self._connect = connect
        self._ssl_context = ssl_context

    def fetch(self, link: str) -> Fetched:
        """Fetch what ``link`` leads to.

        Raises:
            InputError: the link, or one it redirects to, is none that newsqa follows; or what it leads to cannot be
                had, is of a kind that newsqa does not read, or is more than the limits allow.
        """
        url = link
        with _Deadline(self._limits.link_seconds, link) as deadline:
            for _ in range(self._limits.redirects + 1):
                target = parse_link(url)
                with self._answer(target, deadline) as response:
                    location = response.headers.get("Location")
                    if response.status not in _REDIRECTS or location is None:
                        return self._read(target, response, deadline)
                url = _joined(target.url, location)
        raise InputError(
            f"{link} redirects more than {self._limits.redirects} times; give the link of the page itself",
            "unreachable",
        )

    @contextlib.contextmanager
    def _answer(self, target: _Target, deadline: _Deadline) -> Iterator[Any]:
        """The response to a request for ``target``, its body not yet read."""
        addresses = self._public_addresses(target)

        def open_socket() -> socket.socket:
            return deadline.watched(self._connected(target, addresses, deadline))

        connection: _PinnedHTTPConnection | _PinnedHTTPSConnection
        if target.scheme == "https":
            connection = _PinnedHTTPSConnection(
                target.host, target.port, cert_reqs="CERT_REQUIRED", ssl_context=self._ssl_context or _trust()
            )
        else:
            connection = _PinnedHTTPConnection(target.host, target.port)
        connection.open_socket = open_socket
        try:
            connection.request("GET", target.path, headers=_HEADERS, preload_content=False)
            with contextlib.closing(connection.getresponse()) as response:
                deadline.check()  # a header that was broken off looks like a short one
                yield response
        except (OSError, HTTPException, HTTPError) as error:
            deadline.check()
            raise InputError(
                f"{target.url} cannot be fetched ({_reason(error)}); check the link", "unreachable"
            ) from error
        finally:
            connection.close()

    def _public_addresses(self, target: _Target) -> Sequence[str]:
        host = target.host.strip("[]")
        try:
            addresses = [host] if _is_literal(host) else self._resolve(host, target.port)
        except (OSError, UnicodeError) as error:
            raise InputError(f"{target.url} cannot be fetched (no such host); check the link", "unreachable") from error
        # The addresses stay out of the message: those of a private network are nobody's business.
        if not addresses or not all(map(is_public, addresses)):
            raise InputError(f"{target.url} is not on the public internet; give a link to a public page", "bad_link")
        return addresses

    def _connected(self, target: _Target, addresses: Sequence[str], deadline: _Deadline) -> socket.socket:
        """A connection to the first of the addresses that takes one."""
        failure: OSError | None = None
        for address in addresses:
            try:
                return self._connect((address, target.port), min(deadline.remaining(), _CONNECT_SECONDS))
            except OSError as error:
                deadline.check()
                failure = error
        raise failure or OSError("no address")

    def _read(self, target: _Target, response: Any, deadline: _Deadline) -> Fetched:
        if response.status != 200:
            raise InputError(
                f"{target.url} cannot be fetched (status {response.status}); check the link", "unreachable"
            )
        header = Message()
        header["Content-Type"] = response.headers.get("Content-Type") or "unknown/unknown"
        kind = _KINDS.get(header.get_content_type())
        if kind is None:
            raise InputError(
                f"{target.url} is {header.get_content_type()[:60]!r}, which newsqa does not read; "
                "give a link to a page, a text or a PDF",
                "format",
            )
        data = bytearray()
        while piece := response.read(_PIECE, decode_content=True):
            deadline.check()
            data += piece
            if len(data) > self._limits.link_bytes:
                raise InputError(
                    f"{target.url} has more than {self._limits.link_bytes:,} bytes; give a smaller page", "too_large"
                )
        deadline.check()
        return Fetched(target.url, target.host, kind, header.get_content_charset(), bytes(data))


def parse_link(url: str) -> _Target:
    """Take a link apart as urllib3 will.

    Raises:
        InputError: it is not http or https, on another port than 80 and 443, with a user name or password, or with
            characters that programs read in different ways.
    """

    def refuse(why: str, cause: Exception | None = None) -> NoReturn:
        raise InputError(
            f"the link {url[:200]!r} {why}; give one such as https://example.org/page", "bad_link"
        ) from cause

    if len(url) > _MAX_LINK_CHARACTERS:
        refuse(f"has {len(url):,} characters")
    if _FORBIDDEN.search(url):
        refuse("holds a blank, a control character or a backslash")
    try:
        parsed = urllib3.util.parse_url(url)
    except (LocationParseError, ValueError) as error:
        refuse("is not a link", error)
    if parsed.scheme not in _PORTS:
        refuse("does not begin with http:// or https://")
    if parsed.auth is not None:
        refuse("holds a user name or a password")
    port = parsed.port or _PORTS[parsed.scheme]
    if parsed.port == 0 or port not in _PORTS.values():
        refuse(f"names the port {parsed.port}; only 80 and 443 are followed")
    host = parsed.host or ""
    if not host or "%" in host:
        refuse("names no host")
    if _NUMERIC_HOST.fullmatch(host) and not _is_literal(host):
        refuse("writes an address in an unusual way")
    return _Target(parsed._replace(fragment=None).url, parsed.scheme, host, port, parsed.request_uri)


def _joined(base: str, location: str) -> str:
    """Where a redirect leads. Header bytes beyond ASCII are UTF-8 more often than Latin-1, as which they were read."""
    with contextlib.suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        return urljoin(base, location.strip())
    except ValueError as error:
        raise InputError(f"{base} redirects to {location[:200]!r}, which is not a link", "unreachable") from error


def _is_literal(host: str) -> bool:
    try:
        is_public(host.strip("[]"))
    except ValueError:
        return False
    return True


def _addresses(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    if isinstance(error, DecodeError):
        return "its compression is damaged"
    if isinstance(error, HTTPException | HTTPError):
        return "the answer broke off, or is no HTTP"
    return getattr(error, "strerror", None) or type(error).__name__


class _PinnedHTTPConnection(HTTPConnection):
    open_socket: Callable[[], socket.socket]

    def _new_conn(self) -> socket.socket:
        return self.open_socket()


class _PinnedHTTPSConnection(HTTPSConnection):
    open_socket: Callable[[], socket.socket]

    def _new_conn(self) -> socket.socket:
        return self.open_socket()


class _Deadline:
    """A time limit on everything inside ``with``: when it is over, the watched connections break off.

    A timeout of the socket alone would begin anew with every byte that drips in.
    """

    def __init__(self, seconds: float, link: str) -> None:
        self._seconds = seconds
        self._link = link
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._break_off)
        self._timer.daemon = True

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for watched in self._sockets:
                watched.close()
            self._sockets = []

    def remaining(self) -> float:
        """Seconds left, more than none.

        Raises:
            InputError: there are none.
        """
        self.check()
        return max(self._end - time.monotonic(), 0.001)

    def check(self) -> None:
        """Raise if the time is over.

        Raises:
            InputError: it is.
        """
        if time.monotonic() >= self._end:
            raise InputError(
                f"{self._link} took longer than {self._seconds:g} s; try again, or save the page to a file",
                "unreachable",
            )

    def watched(self, connected: socket.socket) -> socket.socket:
        """``connected``, which breaks off when the time is over."""
        with self._lock:
            # A second handle on the same connection: TLS takes the first one for itself.
            self._sockets.append(connected.dup())
        # The limit on the whole is the deadline's.
        connected.settimeout(self._seconds)
        return connected

    def _break_off(self) -> None:
        with self._lock:
            for watched in self._sockets:
                with contextlib.suppress(OSError):
                    watched.shutdown(socket.SHUT_RDWR)
