"""Lines on pages to running text: paragraphs, words broken at line ends, page headers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

# Headers and footers stand in the outer tenth of a page.
_MARGIN = 0.1
# Lines of one paragraph are closer than this multiple of the usual distance, which is at most that of the size.
_LOOSE = 1.35
_MAX_LEADING = 1.5
_INDENT = 0.8
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_BULLET = re.compile(r"[•▪◦‣●■–]\s")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"\w+(?:-\w+)*")
# A hyphen that only typesetting puts there, and one that may be the word's own.
_SOFT_END = re.compile(r"(?<=\w) ?[\u2010\u00ad]$")
_HARD_END = re.compile(r"(?<!\w)(\w+)-$")
_FIRST_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on a page: in points, where it begins, counted from the upper left corner, and its type size."""

    text: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page in the order in which the file draws them, and its height in points."""

    lines: tuple[Line, ...]
    height: float


def running_text(pages: Sequence[Page]) -> tuple[str, tuple[int, ...]]:
    """Join the lines of all pages.

    Lines of a paragraph are joined with a blank, or without one where a word was broken; paragraphs are set apart by
    a blank line, and may run on over columns and pages. Headers and footers that come back on another page are left
    out.

    Returns:
        The text, and for each page the offset at which its text begins; a page without text begins where the next
        one does.
    """
    kept = _without_furniture(pages)
    leading = _leading(kept)
    words = _vocabulary(line.text for page in kept for line in page.lines)
    parts: list[str] = []
    length = 0
    starts: list[int] = []
    before: Line | None = None
    for number, page in enumerate(kept):
        first = True
        for line in page.lines:
            text = line.text
            if before is not None:
                kind = _ends_paragraph(before, line, leading, same_page=not first)
                cut, glue = (0, "\n\n") if kind else _glue(before.text, text, words)
                if cut:
                    parts[-1] = parts[-1][:-cut]
                parts.append(glue)
                length += len(glue) - cut
            if first:
                starts += [length] * (number + 1 - len(starts))
                first = False
            parts.append(text)
            length += len(text)
            before = line
    starts += [length] * (len(kept) - len(starts))
    return "".join(parts), tuple(starts)


def _without_furniture(pages: Sequence[Page]) -> list[Page]:
    """The pages without lines that stand at the same place in the margin of two pages, but for their numbers."""

    def key(line: Line, page: Page) -> tuple[str, int] | None:
        inside = _MARGIN * page.height < line.y < (1 - _MARGIN) * page.height
        return None if inside else (_DIGITS.sub("0", line.text), round(line.y))

    seen = Counter(found for page in pages for found in {key(line, page) for line in page.lines})
    kept = []
    for page in pages:
        lines = (
            Line(line.text.translate(_LIGATURES), line.x, line.y, line.size)
            for line in page.lines
            if line.text and ((place := key(line, page)) is None or seen[place] < 2)
        )
        kept.append(Page(tuple(lines), page.height))
    return kept


def _leading(pages: Iterable[Page]) -> dict[int, float]:
    """The usual distance of two lines, for each type size in whole points."""
    distances = defaultdict(list)
    for page in pages:
        for before, line in zip(page.lines, page.lines[1:], strict=False):
            if _same_size(before, line) and line.y > before.y + 0.5 * line.size:
                distances[round(line.size)].append(line.y - before.y)
    return {size: median(values) for size, values in distances.items()}


def _same_size(first: Line, second: Line) -> bool:
    return abs(first.size - second.size) <= 0.1 * max(first.size, second.size)


def _ends_paragraph(before: Line, line: Line, leading: dict[int, float], *, same_page: bool) -> bool:
    if not _same_size(before, line) or _BULLET.match(line.text):
        return True
    ends = _SENTENCE_END.search(before.text) is not None
    if not same_page or line.y < before.y - 0.5 * line.size:  # the next page or column
        return ends
    usual = min(leading.get(round(line.size), line.size), _MAX_LEADING * line.size)
    if line.y - before.y > _LOOSE * usual:
        return True
    below = line.y > before.y + 0.5 * line.size
    return ends and below and line.x - before.x > _INDENT * line.size


def _vocabulary(texts: Iterable[str]) -> set[str]:
    return {word.lower() for text in texts for word in _WORD.findall(text)}


def _glue(before: str, after: str, words: set[str]) -> tuple[int, str]:
    """How many characters to take off the end of ``before``, and what to put between it and ``after``."""
    following = _FIRST_WORD.match(after)
    soft = _SOFT_END.search(before)
    if soft and following:
        return len(soft.group()), ""
    hard = _HARD_END.search(before)
    if hard and following:
        return (0, "") if _keeps_hyphen(hard.group(1), following.group(), words) else (1, "")
    return 0, " "


def _keeps_hyphen(left: str, right: str, words: set[str]) -> bool:
    """Whether the hyphen between two halves is the word's own: Jakarta-Bandung, 31-year, anak-anaknya, well-known."""
    if not right[0].islower() or left[-1].isdigit():
        return True
    left, right = left.lower(), right.lower()
    if f"{left}-{right}" in words:
        return True
    if left + right in words:
        return False
    # Indonesian doubles words: anak-anaknya, berlari-larian.
    if len(left) >= 3 and right.startswith(left):
        return True
    return any(left.endswith(right[:length]) for length in range(4, len(right) + 1))
