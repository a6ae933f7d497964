"""newsqa: ask a news article a question and get the answer with its source sentences, or an honest "not said".

from newsqa import NewsQA, load_articles

qa = NewsQA.from_articles(load_articles("seeds"))
print(qa.ask("Who did Putin call?").message)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsqa.errors import IndexFileError, InputError, ModelError, NewsQAError
from newsqa.types import Answer, Article, Citation, Span, Turn

if TYPE_CHECKING:
    from newsqa.articles import load_articles
    from newsqa.chat import Chat
    from newsqa.qa import NewsQA

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Article",
    "Chat",
    "Citation",
    "IndexFileError",
    "InputError",
    "ModelError",
    "NewsQA",
    "NewsQAError",
    "Span",
    "Turn",
    "load_articles",
]

# Imported when first used (PEP 562): they bring faiss and numpy, and a script's start should not wait for them.
_LAZY = {"Chat": "newsqa.chat", "NewsQA": "newsqa.qa", "load_articles": "newsqa.articles"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        import importlib

        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
