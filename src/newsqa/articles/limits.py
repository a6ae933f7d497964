"""How much one file or link may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too much. Sizes are in bytes, times in seconds.

    Attributes:
        file_bytes: one file, other than ``.jsonl``.
        jsonl_bytes: one ``.jsonl`` file, which is read line by line.
        characters: the text of one article.
        pages: one PDF.
        unpacked_bytes: everything in a ``.docx``, which is a zip archive.
        seconds: parsing one HTML, Markdown, PDF or DOCX file: on the clock, and of processor time.
        memory_bytes: the address space of the process that parses (where the system can limit it: not on Windows,
            and not reliably on macOS).
        link_bytes: what a link leads to, decompressed.
        link_seconds: fetching a link with all its redirects, on the clock.
        redirects: of one link.
    """

    file_bytes: int = 50_000_000
    jsonl_bytes: int = 2_000_000_000
    characters: int = 2_000_000
    pages: int = 500
    unpacked_bytes: int = 200_000_000
    seconds: float = 60.0
    memory_bytes: int = 1_000_000_000
    link_bytes: int = 10_000_000
    link_seconds: float = 20.0
    redirects: int = 5
