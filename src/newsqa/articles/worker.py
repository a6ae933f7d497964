"""The process in which files are parsed: ``python -m newsqa.articles.worker LIMITS``, with the limits as JSON.

It reads requests from stdin, each a line of JSON (``kind``, ``name``, ``charset``, ``size``) and ``size`` bytes of
file, and answers each with a line of JSON on stdout: ``document``, or ``error`` and ``reason``; with ``last`` when it
ends after it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import sys
import time
from typing import Any

from newsqa.articles.document import Document, checked, one_line
from newsqa.articles.limits import Limits
from newsqa.errors import InputError


def main() -> None:
    """Answer requests until there are no more."""
    limits = Limits(**json.loads(sys.argv[1]))
    requests = sys.stdin.buffer
    replies = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not come between the replies.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _limit_memory(limits)
    while header := requests.readline():
        request = json.loads(header)
        _limit_time(limits)
        reply = _reply(request["kind"], requests.read(request["size"]), request["name"], request["charset"], limits)
        replies.write(json.dumps(reply).encode() + b"\n")
        replies.flush()
        if "last" in reply:
            return


def _reply(kind: str, data: bytes, name: str, charset: str | None, limits: Limits) -> dict[str, Any]:
    try:
        return {"document": dataclasses.asdict(parse(kind, data, name, charset, limits))}
    except InputError as error:
        return {"error": str(error), "reason": error.reason}
    except MemoryError:
        return {
            "error": f"{name} needs more than {limits.memory_bytes:,} bytes of memory to read; give a smaller file",
            "reason": "too_large",
            "last": True,
        }
    except RecursionError:
        return {
            "error": f"{name} is nested too deeply to be read; save it anew",
            "reason": "damaged",
            "last": True,
        }
    except Exception as error:  # a parser may raise anything at all on a file that is made to
        reason = f"{type(error).__name__}: {one_line(str(error))[:200]}"
        return {"error": f"{name} cannot be read ({reason}); it may be damaged, save it anew", "reason": "damaged"}


def parse(kind: str, data: bytes, name: str, charset: str | None, limits: Limits) -> Document:
    """Parse a file in this process.

    Args:
        kind: "html", "markdown", "pdf" or "docx".
        data: the file.
        name: for messages.
        charset: of a web page, where the server named one.
        limits: on pages, characters and unpacked bytes.

    Raises:
        InputError: the file is refused. On a damaged one the parsers raise other errors as well.
    """
    if kind == "html":
        from newsqa.articles.web_page import parse_page

        document = parse_page(data, name, charset)
    elif kind == "markdown":
        from newsqa.articles.markdown import parse_markdown

        document = parse_markdown(data, name)
    elif kind == "pdf":
        from newsqa.articles.pdf import parse_pdf

        document = parse_pdf(data, name, limits)
    elif kind == "docx":
        from newsqa.articles.word import parse_docx

        document = parse_docx(data, name, limits)
    else:
        raise ValueError(f"no parser for {kind!r}")
    return checked(document, name, limits.characters)


def _limit_memory(limits: Limits) -> None:
    """Limit the address space, and leave no memory dump behind; not on Windows, which knows no such limits."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))


def _limit_time(limits: Limits) -> None:
    """Let the system end this process when it has used its processor time, even if its parent is gone."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + limits.seconds) + 1, hard))


if __name__ == "__main__":
    main()
