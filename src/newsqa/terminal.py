"""A conversation in the terminal, and answers printed there."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from newsqa.errors import InputError
from newsqa.phrases import PHRASES
from newsqa.types import Answer, Citation, Language, Turn

if TYPE_CHECKING:
    from newsqa.chat import Chat

_LINE_END = re.compile(r"\r?\n|[\t\r]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# What the terminal says of itself; ``/help`` is followed by what newsqa answers.
TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "commands": "/sources shows the sources of the last answer, /new starts a new conversation, /help shows this "
        "text, /quit ends.",
        "new": "A new conversation.",
        "unknown": "There is no command {command}; /help names them all.",
    },
    "id": {
        "commands": "/sources menampilkan sumber jawaban terakhir, /new memulai percakapan baru, /help menampilkan "
        "teks ini, /quit mengakhiri.",
        "new": "Percakapan baru.",
        "unknown": "Perintah {command} tidak ada; lihat /help.",
    },
}


class Conversation:
    """Asks for questions and answers them until the input ends or the reader quits.

    Args:
        start: gives a new conversation, whose chat answers the questions.
        out: for replies.
        errors: for what is wrong with a question.
        read: gives the next line; ``EOFError`` ends the conversation.
        language: of the texts until something was said.
    """

    def __init__(
        self,
        start: Callable[[], Chat],
        out: Console,
        errors: Console,
        read: Callable[[], str],
        language: Language = "en",
    ) -> None:
        self._start = start
        self._out = out
        self._errors = errors
        self._read = read
        self._language = language
        self._chat = start()

    def run(self) -> None:
        """Go on until the end."""
        while True:
            try:
                line = self._read().strip()
            except EOFError:
                return
            if line == "/quit":
                return
            if line.startswith("/"):
                self._command(line)
            elif line:
                self._ask(line)

    def _ask(self, question: str) -> None:
        try:
            turn = self._chat.ask(question)
        except InputError as error:
            self._errors.print(f"newsqa: {escape(str(error))}")
            return
        self._language = turn.answer.language
        self._print_turn(turn)

    def _command(self, line: str) -> None:
        texts = TEXTS[self._language]
        if line == "/new":
            self._chat = self._start()
            self._out.print(Text(texts["new"], style="dim"))
        elif line == "/sources":
            self._print_sources()
        elif line == "/help":
            self._out.print(Text(PHRASES[self._language].help))
            self._out.print(Text(texts["commands"]))
            self._print_suggestions()
        else:
            self._out.print(Text(texts["unknown"].format(command=line.split()[0])))

    def _print_turn(self, turn: Turn) -> None:
        phrases = PHRASES[turn.answer.language]
        if turn.query != turn.question:
            self._out.print(Text(f"{phrases.understood} {_flat(turn.query)}", style="dim"))
        print_answer(self._out, turn.answer)
        if turn.near_miss:
            self._out.print(
                Text.assemble(phrases.near_miss, " ", (f"“{_flat(turn.near_miss.sentence.text)}”", "italic"))
            )
        if turn.kind == "question" and turn.answer.abstained:
            self._print_suggestions()

    def _print_suggestions(self) -> None:
        questions = self._chat.suggestions(self._language)
        if questions:
            self._out.print(Text(PHRASES[self._language].suggestions))
        for question in questions:
            self._out.print(Text(f"  {_flat(question)}", style="cyan"))

    def _print_sources(self) -> None:
        cited = (turn.answer.citations for turn in reversed(self._chat.turns) if turn.answer.citations)
        citations = next(cited, ())
        if not citations:
            self._out.print(Text(PHRASES[self._language].nothing_to_show))
        for citation in citations:
            article = citation.article
            known = (article.title or article.id, article.site, article.author, article.published, article.url)
            about = ", ".join(_flat(part) for part in known if part)
            self._out.print(Text.assemble((f"[{citation.number}] ", "cyan"), (about, "dim")))
            self._out.print(Text(f"    {_flat(citation.sentence.text)}"))


def prompt() -> str:
    """The next line from stdin: with a prompt, line editing and history if a reader sits before it.

    Raises:
        EOFError: the input has ended.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return input()
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  (line editing and history for input)
    return input("> ")


def terminal_language() -> Language:
    """The language that the environment asks for."""
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "id" if wanted.startswith("id") else "en"


def print_answer(out: Console, answer: Answer) -> None:
    """The message and, one a line, its sources."""
    out.print(Text(visible(answer.message), style="bold"))
    for citation in answer.citations:
        out.print(_source(citation, answer.language, marked=not out.is_terminal))


def visible(text: str) -> str:
    """``text`` on one line, with a mark where a character would steer the terminal or turn the text around."""
    return _CONTROL.sub("\ufffd", _LINE_END.sub(" ", text))


def _source(citation: Citation, language: Language, *, marked: bool) -> Text:
    """``[1] title, page 3: sentence``, the answer's span in reverse, or ``marked``: between » and «."""
    sentence = citation.sentence
    span = citation.highlight or sentence
    before, inside, after = (
        visible(part)
        for part in (
            sentence.text[: span.start - sentence.start],
            span.text,
            sentence.text[span.end - sentence.start :],
        )
    )
    if marked and citation.highlight:
        inside = f"»{inside}«"
    name = citation.article.title or citation.article.id
    if citation.page is not None:
        name += f", {PHRASES[language].page.format(number=citation.page)}"
    number, name = f"[{citation.number}] ", f"{visible(name)}: "
    return Text.assemble((number, "cyan"), (name, "dim"), before, (inside, "reverse"), after)


def _flat(text: str) -> str:
    return visible(" ".join(text.split()))
