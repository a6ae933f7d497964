"""A Word file (.docx) to its text."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from newsqa.articles.document import Document, clean_text, one_line
from newsqa.articles.limits import Limits
from newsqa.articles.plain import headline
from newsqa.errors import InputError

_MAX_MEMBERS = 5_000
# What was deleted or moved away in a file with tracked changes, what a text box repeats for old programs, and fields'
# instructions; text boxes float, and would stand in the middle of a sentence.
_SKIPPED = {"del", "moveFrom", "Fallback", "instrText", "txbxContent", "pPr", "rPr", "sectPr", "tblPr", "tcPr"}
_SPECIAL = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def parse_docx(data: bytes, name: str, limits: Limits) -> Document:
    """Read the body of a Word file, tracked changes accepted, without headers, footnotes and text boxes.

    Returns:
        Paragraphs set apart by blank lines, a table row on a line with " | " between its cells. The title is the
        paragraph in the style Title, the first in Heading 1, the file's own title, or the first paragraph where that
        is short.

    Raises:
        InputError: it is no Word file, is encrypted, or unpacks to more than ``limits.unpacked_bytes``.
    """
    check_zip(data, name, limits)
    from docx import Document as open_docx
    from docx.text.paragraph import Paragraph

    document = open_docx(io.BytesIO(data))
    styled: dict[str, str] = {}
    blocks: list[str] = []
    for element in _outer_blocks(document.element.body):
        if _tag(element) == "tbl":
            blocks.append("\n".join(filter(None, map(_row, element.iter(f"{{{element.nsmap['w']}}}tr")))))
            continue
        text = clean_text("".join(_words(element))).strip()
        blocks.append(text)
        style = Paragraph(element, document).style
        if text and style is not None and style.name:
            styled.setdefault(style.name, one_line(text))
    text = "\n\n".join(filter(None, blocks))
    properties = document.core_properties
    title = styled.get("Title") or styled.get("Heading 1") or one_line(properties.title) or headline(text)
    return Document(text, title, one_line(properties.author) or None)


def check_zip(data: bytes, name: str, limits: Limits) -> None:
    """Refuse an archive that is none, or that is far larger inside than outside.

    The sizes that it declares are added up first; then every member is unpacked piece by piece and thrown away, for
    what is declared may be a lie, and members may share their bytes.

    Raises:
        InputError: it is not a zip archive, is damaged or encrypted, or unpacks to more than
            ``limits.unpacked_bytes``.
    """
    too_large = InputError(
        f"{name} unpacks to more than {limits.unpacked_bytes:,} bytes; it may be a zip bomb", "too_large"
    )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > _MAX_MEMBERS or sum(member.file_size for member in members) > limits.unpacked_bytes:
                raise too_large
            unpacked = 0
            for member in members:
                with archive.open(member) as stream:
                    while piece := stream.read(1_000_000):
                        unpacked += len(piece)
                        if unpacked > limits.unpacked_bytes:
                            raise too_large
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise InputError(
            f"{name} is not a Word file, or damaged ({error}); save it as .docx, without a password",
            "damaged",
        ) from error
    except RuntimeError as error:
        raise InputError(f"{name} is encrypted; save it without a password", "locked") from error


def _tag(element: Any) -> str:
    """The name of an XML element without its namespace; "" for comments."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _outer_blocks(element: Any) -> Iterator[Any]:
    """Paragraphs and tables below ``element`` that are in no other, through content controls and tracked changes."""
    for child in element:
        if _tag(child) in ("p", "tbl"):
            yield child
        elif _tag(child) not in _SKIPPED:
            yield from _outer_blocks(child)


def _row(row: Any) -> str:
    """The cells of a table row; a table inside a cell has rows of its own."""
    cells = []
    for cell in row:
        if _tag(cell) == "tc":
            paragraphs = (child for child in _outer_blocks(cell) if _tag(child) == "p")
            cells.append(one_line(" ".join("".join(_words(paragraph)) for paragraph in paragraphs)))
    return " | ".join(cells) if any(cells) else ""


def _words(element: Any) -> Iterator[str]:
    for child in element:
        tag = _tag(child)
        if tag == "t":
            yield child.text or ""
        elif tag in _SPECIAL:
            yield _SPECIAL[tag]
        elif tag not in _SKIPPED:
            yield from _words(child)
