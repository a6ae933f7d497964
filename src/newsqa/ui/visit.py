"""What the page keeps of a reader's visit, in gradio's session, as one immutable value."""

from __future__ import annotations

from dataclasses import dataclass

from newsqa.ui.entries import Entries
from newsqa.ui.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Visit:
    """The conversation, the reader's own articles where there are any, and the id of the article in the pane."""

    entries: Entries = ()
    shelf: Shelf | None = None
    shown: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows next.

    Attributes:
        visit: what is kept.
        scope: what the next question is put to.
        box: what stands in the box for the question.
        notice: what is said about adding and removing.
        done: whether an article was added, so that what was typed for it can go and the box close.
    """

    visit: Visit
    scope: str
    box: str = ""
    notice: str = ""
    done: bool = False
