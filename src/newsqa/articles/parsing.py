"""Files that take a parser, and may be made to harm it, are parsed in a process of their own."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import newsqa
from newsqa.articles.limits import Limits
from newsqa.errors import InputError
from newsqa.types import Article

# Libraries that parse keep caches; a new process now and then keeps them small.
_FILES_A_PROCESS = 200
_WORKER = "newsqa.articles.worker"


class Parser:
    """Parses one file after another in a child process (``newsqa.articles.worker``), started when first needed.

    The child may use so much memory and processor time, and is killed when a file takes too long; the next file gets
    a new one. Leaving ``with`` ends it. Use it from one thread.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._parsed = 0

    def __enter__(self) -> Parser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def article(self, kind: str, data: bytes, article_id: str, name: str, charset: str | None = None) -> Article:
        """Parse a file.

        Args:
            kind: "html", "markdown", "pdf" or "docx".
            data: the file.
            article_id: for the article.
            name: for messages.
            charset: of a web page, where the server named one.

        Raises:
            InputError: the file cannot be read, or exceeds a limit.
        """
        header = {"kind": kind, "name": name, "charset": charset, "size": len(data)}
        reply = self._exchange(json.dumps(header).encode() + b"\n" + data, name)
        if "error" in reply:
            raise InputError(str(reply["error"]), reply["reason"])
        document = reply["document"]
        return Article(article_id, **{**document, "pages": tuple(document["pages"])})

    def _exchange(self, request: bytes, name: str) -> dict[str, Any]:
        process = self._started(name)
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._limits.seconds, stop)
        timer.start()
        try:
            # A process that ends early breaks the pipe; then the missing reply tells.
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(request)
                process.stdin.flush()
            # A character takes at most 12 bytes in JSON.
            line = process.stdout.readline(12 * self._limits.characters + 1_000_000)
        except BaseException:
            self.close()  # interrupted: what the child says next belongs to no request
            raise
        finally:
            timer.cancel()
            timer.join()
        if not line.endswith(b"\n"):
            self.close()
            raise self._failure(process, name, late=late.is_set())
        reply: dict[str, Any] = json.loads(line)
        self._parsed += 1
        if late.is_set() or "last" in reply or self._parsed >= _FILES_A_PROCESS:
            self.close()
        return reply

    def _started(self, name: str) -> subprocess.Popen[bytes]:
        if self._process is None:
            folder = str(Path(newsqa.__file__).resolve().parents[1])
            path = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))
            limits = json.dumps(dataclasses.asdict(self._limits))
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", _WORKER, limits],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env={**os.environ, "PYTHONPATH": path},
                )
            except OSError as error:
                raise InputError(f"{name} cannot be read: no process can be started ({error.strerror})") from error
            self._parsed = 0
        return self._process

    def _failure(self, process: subprocess.Popen[bytes], name: str, *, late: bool) -> InputError:
        """Why a child ended without a reply."""
        import signal

        if late or -process.returncode == getattr(signal, "SIGXCPU", None):
            return InputError(
                f"{name} takes longer than {self._limits.seconds:g} s to read; give a smaller file, or save it anew",
                "too_large",
            )
        return InputError(
            f"{name} cannot be read (its parser broke down, {process.returncode}); it may be damaged, save it anew",
            "damaged",
        )
