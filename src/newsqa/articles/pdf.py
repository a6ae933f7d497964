"""A PDF to its text and pages; pypdf reads it."""

from __future__ import annotations

import io
import re
from typing import Any

from newsqa.articles.document import Document, clean_text, one_line
from newsqa.articles.limits import Limits
from newsqa.articles.pdf_text import Line, Page, running_text
from newsqa.articles.plain import headline
from newsqa.errors import InputError

# What programs put in the title when its author did not.
_NO_TITLE = re.compile(r"(?i)untitled|microsoft word - |.*\.(?:docx?|pdf|indd|html?|odt|tex)$")


def parse_pdf(data: bytes, name: str, limits: Limits) -> Document:
    """Read a PDF in the order in which it draws its text, which for columns is one column after the other.

    The dates in a PDF are those of the file, not of the article, so ``published`` stays None.

    Raises:
        InputError: it is encrypted, has more than ``limits.pages``, or holds no text, as scanned pages do.
    """
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        raise InputError(f"{name} is encrypted; save it without a password and without restrictions", "locked")
    count = len(reader.pages)
    if count > limits.pages:
        raise InputError(f"{name} has {count:,} pages, more than {limits.pages:,}; split it", "too_large")
    text, starts = running_text([_page(page) for page in reader.pages])
    if not text.strip():
        raise InputError(
            f"{name} holds no text that can be read; if its pages are pictures, run text recognition (OCR) first",
            "no_text",
        )
    metadata = reader.metadata
    title = one_line(metadata.title) if metadata is not None else ""
    author = one_line(metadata.author) if metadata is not None else ""
    if not title or _NO_TITLE.match(title):
        title = headline(text)
    return Document(text, title, author or None, pages=starts)


def _page(page: Any) -> Page:
    """The lines of one pypdf page."""
    collector = _Lines(float(page.mediabox.top), float(page.mediabox.left))
    page.extract_text(visitor_text=collector.visit)
    collector.end_line()
    return Page(tuple(collector.lines), float(page.mediabox.height))


class _Lines:
    """Collects the pieces that pypdf finds into lines with their places."""

    def __init__(self, top: float, left: float) -> None:
        self.lines: list[Line] = []
        self._top = top
        self._left = left
        self._pieces: list[str] = []
        self._place: tuple[float, float, float] | None = None

    def visit(self, text: str, user: list[float], matrix: list[float], font: Any, size: float) -> None:
        """Called by pypdf for each piece, with its transformations and its size before them."""
        for position, piece in enumerate(text.split("\n")):
            if position:
                self.end_line()
            if piece.strip() and self._place is None:
                across = matrix[4] * user[0] + matrix[5] * user[2] + user[4]
                up = matrix[4] * user[1] + matrix[5] * user[3] + user[5]
                scale = abs((matrix[0] * matrix[3] - matrix[1] * matrix[2]) * (user[0] * user[3] - user[1] * user[2]))
                self._place = (across - self._left, self._top - up, abs(size) * scale**0.5)
            self._pieces.append(piece)

    def end_line(self) -> None:
        """Close the line; one without text is none."""
        text = one_line(clean_text("".join(self._pieces)))
        if text and self._place is not None:
            self.lines.append(Line(text, *self._place))
        self._pieces = []
        self._place = None
