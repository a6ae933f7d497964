"""Text to sentence spans that tile it. sentencex finds the boundaries; what it cuts wrongly is merged back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import sentencex

# A longer "sentence" (a table, a list, a line of 100 kB) is cut: no encoder reads it and no reader wants it cited.
MAX_SENTENCE_CHARACTERS = 600

# Never the last word of a sentence: a name, a number or an address follows.
_LEADING = (
    "Ir|H|Hj|KH|Drs|Dra|Dr|dr|drg|Prof|Rp|Jl|Jln|Gg|No|Nomor|Kab|Kec|Kel|Ds|Bpk|Sdr|Sdri|Yth|Tn|Ny|Nn|Alm|Almh|alm|almh"
    "|Kol|Letkol|Mayjen|Brigjen|Letjen|Jend|Kapt|Kombes|Kompol|Irjen|Komjen|Pdt|Ust|Hlm|hlm|hal|Vol|vol|a\\.n|u\\.p|d\\.a|s\\.d"
    "|Mr|Mrs|Ms|St|Gen|Col|Sgt|Sen|Gov|Rep"
)
# May end a sentence: it does when what follows starts like a new one.
_TRAILING = (
    "Tbk|dkk|dll|dsb|dst|tsb|Inc|Ltd|Co|Corp|Jr|Sr|[A-Z]\\.[A-Z]|[A-Z]\\.(?:Si|Sc|Hum|Kom|Pd|Ag|Ked|IP|Sos|Psi|Kes|Ak)"
)
_LONGEST_ABBREVIATION = 32
_BLOCK_CHARACTERS = 20_000
_ENDS_WITH_LEADING = re.compile(rf"(?<![\w.])(?:{_LEADING})\.\s*$")
_ENDS_WITH_TRAILING = re.compile(rf"(?<![\w.])(?:{_TRAILING})\.[ \t]*$")
_ENDS_WITH_SHORT_WORD = re.compile(r"(?<!\w)\w{1,5}\.[ \t]*$")
_CLAUSE_END = re.compile(r"[;:,)\]”\"。，、；!?.]\s+|[。，、；]")
_WORD_END = re.compile(r"\s+")
_BREAK = re.compile(r"[\r\n\u2028\u2029]")
_ZERO_WIDTH_JOINER = "\u200d"


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Split ``text`` into sentences.

    Returns:
        Half-open character offsets that tile the text: each starts where the one before ends, the first at 0, the
        last ends at ``len(text)``. White space belongs to the sentence before it; none is longer than
        ``MAX_SENTENCE_CHARACTERS``; none is white space only, unless the whole text is. An empty text has none.
    """
    ends = _merged_ends(text, _boundaries(text))
    spans = []
    start = 0
    for end in ends:
        spans.extend(_bounded(text, start, end))
        start = end
    return spans


def _boundaries(text: str) -> list[int]:
    """The ends of sentencex's sentences, the last at ``len(text)``."""
    # sentencex replaces what UTF-8 cannot carry, so lone surrogates go in as one harmless character each.
    safe = "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    ends: list[int] = []
    position = 0
    for block in _blocks(safe):
        # By where they begin, not by how long they are: of a long text sentencex leaves out a line break now and then.
        starts = [position + boundary["start_index"] for boundary in sentencex.get_sentence_boundaries("en", block)]
        position += len(block)
        ends += [*starts[1:], position]
    return ends if text else []


def _blocks(text: str) -> Iterator[str]:
    """``text`` in blocks that end with a blank line, a line or a word if possible.

    Where quotation marks are never closed, sentencex takes a time that grows with the square of the length.
    """
    start = 0
    while len(text) - start > _BLOCK_CHARACTERS:
        limit = start + _BLOCK_CHARACTERS
        ends = (text.rfind(separator, start, limit) + len(separator) for separator in ("\n\n", "\n", " "))
        end = next((end for end in ends if end > start + _BLOCK_CHARACTERS // 2), limit)
        yield text[start:end]
        start = end
    yield text[start:]


def _merged_ends(text: str, ends: list[int]) -> list[int]:
    """The boundaries that stay: not after an abbreviation, and not before or within bare white space."""
    kept: list[int] = []
    start = piece = 0
    blank = True
    for position, end in enumerate(ends):
        following = text[end : ends[position + 1]] if position + 1 < len(ends) else ""
        blank = blank and not text[piece:end].strip()
        # The end of the sentence only: one of a thousand abbreviations is not to be read through a thousand times.
        tail = text[max(start, piece - _LONGEST_ABBREVIATION) : end]
        if blank and kept:
            kept[-1] = end
        elif end < len(text) and (blank or _continues(tail, following)):
            piece = end
            continue
        else:
            kept.append(end)
        start = piece = end
        blank = True
    return kept


def _continues(sentence: str, following: str) -> bool:
    """Whether the boundary between the two is only the full stop of an abbreviation."""
    if not following or not following.strip() or _BREAK.search(sentence[len(sentence.rstrip()) :]):
        return False
    if _ENDS_WITH_LEADING.search(sentence):
        return True
    first = following.lstrip()[0]
    if _ENDS_WITH_TRAILING.search(sentence):
        return first.islower() or first.isdigit() or first in "(,;:–-/"
    return first.islower() and bool(_ENDS_WITH_SHORT_WORD.search(sentence))


def _bounded(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """``[start, end)`` in pieces of at most ``MAX_SENTENCE_CHARACTERS``, cut after a clause or a word if possible."""
    pieces = []
    while end - start > MAX_SENTENCE_CHARACTERS:
        cut = _cut(text, start, start + MAX_SENTENCE_CHARACTERS)
        if not text[cut:end].strip():
            break
        pieces.append((start, cut))
        start = cut
    pieces.append((start, end))
    return pieces


def _cut(text: str, start: int, limit: int) -> int:
    """The best place to cut in ``(start, limit]``."""
    for separator in (_CLAUSE_END, _WORD_END):
        ends = [match.end() for match in separator.finditer(text, start, limit)]
        if ends and ends[-1] > start + MAX_SENTENCE_CHARACTERS // 2 and text[start : ends[-1]].strip():
            return ends[-1]
    cut = limit
    while cut > start + 1 and _joins(text[cut - 1], text[cut]):
        cut -= 1
    return cut if cut > start + 1 else limit


def _joins(before: str, after: str) -> bool:
    """Whether a cut between the two characters would split what a reader sees as one."""
    return _ZERO_WIDTH_JOINER in (before, after) or unicodedata.category(after) in {"Mn", "Mc", "Me", "Sk", "Cf"}
