"""The edges of a span: no half quotation marks or brackets, no stray punctuation."""

from __future__ import annotations

import re

_CLOSERS = {"“": "”", "‘": "’", "«": "»", "(": ")", "[": "]", "{": "}"}
_OPENERS = {closer: opener for opener, closer in _CLOSERS.items() if closer != "’"}
_STRAIGHT = '"'
_MARK = re.compile("[" + re.escape("".join({*_CLOSERS, *_OPENERS, _STRAIGHT})) + "]")
_NEVER_FIRST = frozenset(" \t\n\r\u00a0,;:.!?)]}”»–—-/")
_NEVER_LAST = frozenset(" \t\n\r\u00a0,;:([{“«–—-/")
# A partner further away than this belongs to something else than the answer.
_REACH = 100
_ROUNDS = 6


def tidy(text: str, start: int, end: int, limits: tuple[int, int]) -> tuple[int, int]:
    """``[start, end)`` of ``text`` moved to edges at which a reader would cut.

    A quotation mark or bracket whose partner is outside the span is left out where it stands at an edge; one within
    takes in its partner if that is near and inside ``limits``, else the span is cut there.

    Args:
        text: a passage.
        start: first character of the span.
        end: behind its last.
        limits: half-open, how far the span may grow: its sentence.

    Returns:
        The new offsets; the span is empty if nothing is left.
    """
    for _ in range(_ROUNDS):
        start, end = _trimmed(text, start, end)
        position = _unmatched(text, start, end)
        if position is None:
            break
        start, end = _mended(text, start, end, position, limits)
    return start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _NEVER_FIRST:
        start += 1
    while start < end and text[end - 1] in _NEVER_LAST:
        end -= 1
    return start, end


def _unmatched(text: str, start: int, end: int) -> int | None:
    """Where the first mark without its partner stands; a ’ may be an apostrophe and never counts as one."""
    if not _MARK.search(text, start, end):  # as a rule
        return None
    waiting: list[int] = []
    straight: int | None = None
    for position in range(start, end):
        character = text[position]
        if character in _CLOSERS:
            waiting.append(position)
        elif waiting and character == _CLOSERS[text[waiting[-1]]]:
            waiting.pop()
        elif character in _OPENERS:
            return position
        elif character == _STRAIGHT:
            straight = position if straight is None else None
    return waiting[0] if waiting else straight


def _mended(text: str, start: int, end: int, position: int, limits: tuple[int, int]) -> tuple[int, int]:
    character = text[position]
    first, last = limits
    if position == start:
        return start + 1, end
    # A straight mark closes if it is the second, fourth … of the sentence.
    if character in _OPENERS or (character == _STRAIGHT and text.count(_STRAIGHT, first, position) % 2):
        opener = text.rfind(_OPENERS.get(character, _STRAIGHT), max(first, start - _REACH), start)
        if position == end - 1 and opener < 0:
            return start, end - 1
        return (opener, end) if opener >= 0 else (position + 1, end)
    closer = text.find(_CLOSERS.get(character, _STRAIGHT), end, min(last, end + _REACH))
    return (start, closer + 1) if closer >= 0 else (start, position)
