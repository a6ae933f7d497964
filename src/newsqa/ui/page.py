"""The page: a conversation beside the article."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from newsqa.embedding import clean
from newsqa.errors import InputError
from newsqa.language import question_language
from newsqa.phrases import PHRASES
from newsqa.qa import MAX_QUESTION_CHARACTERS, NewsQA
from newsqa.types import Answer, Language
from newsqa.ui.download import conversation_markdown
from newsqa.ui.entries import MAX_ENTRIES, Entries, Entry, Message, last_language, messages_of, turns_of
from newsqa.ui.feedback import KINDS, FeedbackFile, ReportKind, kinds_for
from newsqa.ui.layout import (
    I18N,
    SUGGESTED,
    Reporting,
    Suggested,
    Tools,
    article_choice,
    asset,
    chat_window,
    question_row,
    reporting,
    suggested_questions,
    tools,
)
from newsqa.ui.render import article_html, parse_sentence_id, plain
from newsqa.ui.texts import REPLIES
from newsqa.wire import answer_to_json

logger = logging.getLogger(__name__)

# The box, the conversation, its messages, the article pane and the id of the article in it.
Shown = tuple[str, Entries, list[Message], str, str]

_FOCUS = "() => { document.querySelector('#newsqa-question textarea')?.focus({ preventScroll: true }); }"
_SAVE = """(text) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  link.download = "newsqa.md";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}"""
# Browsers offer the clipboard to pages over HTTPS or from the same machine only; elsewhere there is the old way.
_COPY = """(text) => {
  if (navigator.clipboard) { navigator.clipboard.writeText(text); return; }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}"""


class Page:
    """What happens on the page. It keeps nothing between calls: the conversation lives in the browser's session.

    Args:
        qa: answers the questions.
        examples: questions that the page offers; without any it offers some that the article answers.
        feedback: where reports go; None takes none.
    """

    def __init__(self, qa: NewsQA, examples: Sequence[str] = (), feedback: FeedbackFile | None = None) -> None:
        self._qa = qa
        self._examples = list(examples)
        self._feedback = feedback

    def build(self) -> gr.Blocks:
        """The page as gradio blocks."""
        articles = list(self._qa.index.articles.values())
        with gr.Blocks(title="newsqa", analytics_enabled=False, fill_width=True) as blocks:
            entries = gr.State(())
            gr.Markdown("# newsqa")
            gr.Markdown(I18N("intro"), elem_id="newsqa-intro")
            with gr.Row():
                with gr.Column(scale=5, min_width=320):
                    chatbot = chat_window()
                    question, send = question_row()
                    suggested = suggested_questions()
                    if self._examples:
                        gr.Examples(self._examples, question, label=I18N("examples"), elem_id="newsqa-examples")
                    reports = reporting() if self._feedback else None
                    under = tools()
                    gr.Markdown(I18N("note"), elem_id="newsqa-note")
                with gr.Column(scale=6, min_width=320):
                    choice = article_choice(articles)
                    pane = gr.HTML(self._article(articles[0].id), js_on_load=asset("page.js"), elem_id="newsqa-article")
            shown = [question, entries, chatbot, pane, choice]
            events = self._conversation(shown, send, suggested.buttons, under.clear)
            self._offers(blocks, events, entries, suggested, reports)
            self._copies(entries, under)
            choice.input(self._article, choice, pane, api_visibility="private", show_progress="hidden")
            pane.click(self.open, None, [pane, choice], api_visibility="private", show_progress="hidden")
            gr.api(self.ask, api_name="ask")  # type: ignore[attr-defined]
        return blocks  # type: ignore[no-any-return]

    def _conversation(self, shown: list[Any], send: Any, suggestions: Sequence[Any], clear: Any) -> list[Any]:
        """Wire what changes the conversation."""
        question, entries, chatbot, _, choice = shown
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        asking: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
        return [
            gr.on([question.submit, send.click], self.reply, [question, entries, choice], shown, **asking),
            *(button.click(self.reply, [button, entries, choice], shown, **asking) for button in suggestions),
            chatbot.retry(self.retry, [entries, choice], shown, **asking),
            chatbot.undo(self.undo, [entries, choice], shown, **quiet),
            gr.on([clear.click, chatbot.clear], self.clear, choice, shown, **quiet),
        ]

    def _offers(
        self, blocks: Any, events: Sequence[Any], entries: Any, suggested: Suggested, reports: Reporting | None
    ) -> None:
        """Wire what is offered after each change of the conversation: a step of its own, since it may take longer."""
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        places = [suggested.box, suggested.heading, *suggested.buttons]
        blocks.load(self.suggest, entries, places, **quiet)
        for event in events:
            event.then(None, None, None, js=_FOCUS, **quiet)
            event.then(self.suggest, entries, places, **quiet)
        if reports is None:
            return
        verdicts = [reports.box, *reports.buttons.values(), reports.thanks]
        for event in events:
            event.then(self.reportable, entries, verdicts, **quiet)
        for kind, button in reports.buttons.items():
            button.click(self._reporter(kind), entries, [reports.box, reports.thanks], **quiet)

    def _copies(self, entries: Any, under: Tools) -> None:
        """Wire copying and downloading: the server gives the text, the browser does the rest."""
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        for button, script in ((under.copy, _COPY), (under.download, _SAVE)):
            button.click(self.markdown, entries, under.text, **quiet).then(None, under.text, None, js=script, **quiet)

    def reply(self, question: str, entries: Entries, shown: str) -> Shown:
        """Answer ``question`` as the conversation goes on; a blank one changes nothing."""
        if not question.strip():
            return question, entries, messages_of(entries), self._article(shown), shown
        entry = self._entry(question, entries)
        return self._shown("", (*entries, entry)[-MAX_ENTRIES:], shown)

    def retry(self, entries: Entries, shown: str) -> Shown:
        """Ask the last question again, from the turns before it."""
        if not entries:
            return self.clear(shown)
        return self.reply(entries[-1].question, entries[:-1], shown)

    def undo(self, entries: Entries, shown: str) -> Shown:
        """Take the last question back into the box."""
        if not entries:
            return self.clear(shown)
        return self._shown(entries[-1].question, entries[:-1], shown)

    def clear(self, shown: str) -> Shown:
        """An empty conversation and an unmarked article."""
        return self._shown("", (), shown)

    def suggest(self, entries: Entries, request: gr.Request) -> list[Any]:
        """Up to three questions that the article answers, for their box, heading and buttons."""
        if self._examples and not entries:
            return _suggestions("", ())
        language = last_language(entries, page_language(request.headers.get("accept-language", "")))
        try:
            questions = self._qa.chat(turns_of(entries)).suggestions(language)[:SUGGESTED]
        except Exception:
            logger.exception("no questions could be suggested")
            questions = ()
        turn = entries[-1].turn if entries else None
        declined = turn is not None and turn.kind == "question" and turn.answer.abstained
        heading = PHRASES[language].suggestions if declined else REPLIES[language]["suggestions"]
        return _suggestions(heading, questions)

    def reportable(self, entries: Entries) -> list[Any]:
        """What can be said of the last answer, for the box of the reports, its buttons and the thanks."""
        turn = entries[-1].turn if entries else None
        kinds = kinds_for(turn) if turn else ()
        buttons = [gr.Button(visible=kind in kinds) for kind in KINDS]
        return [gr.Column(visible=turn is not None), *buttons, gr.Markdown("", visible=False)]

    def report(self, kind: ReportKind, entries: Entries) -> str:
        """Save what the reader says of the last answer; what to tell the reader of it."""
        turn = entries[-1].turn if entries else None
        replies = REPLIES[last_language(entries, "en")]
        if turn is None or self._feedback is None:
            return replies["not_reported"]
        try:
            self._feedback.report(kind, turn)
        except OSError:
            logger.exception("a report could not be saved")
            return replies["not_reported"]
        return replies["reported"]

    def markdown(self, entries: Entries) -> str:
        """The conversation with its sources."""
        return conversation_markdown(entries, last_language(entries, "en"))

    def open(self, event: gr.EventData) -> tuple[str, str]:
        """The article that a mark in the conversation points to, when the pane shows another one."""
        target = parse_sentence_id(str(event._data.get("target", "")))
        if target is None or target[0] not in self._qa.index.articles:
            raise gr.Error("no such article")
        return self._article(target[0]), target[0]

    def ask(self, question: str) -> dict[str, Any]:
        """Ask the article a question, in English or Indonesian.

        Args:
            question: such as "Who did Putin call?".

        Returns:
            text (verbatim from the article, "" if it does not say), abstained, confidence, language, message with
            [1] marks, verdict, and citations with article, sentence and highlight as character offsets.
        """
        try:
            return answer_to_json(self._qa.ask(question))
        except InputError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def _entry(self, question: str, entries: Entries) -> Entry:
        question = clean(question)
        replies = REPLIES[question_language(question)]
        try:
            return Entry(question, self._qa.chat(turns_of(entries)).ask(question))
        except InputError:
            return Entry(question, None, replies["unusable"].format(limit=MAX_QUESTION_CHARACTERS))
        except Exception:
            # Whatever went wrong, the reader's page stays usable and the operator finds it in the log.
            logger.exception("the question could not be answered")
            return Entry(question, None, replies["failed"])

    def _reporter(self, kind: ReportKind) -> Callable[[Entries], list[Any]]:
        def report(entries: Entries) -> list[Any]:
            return [gr.Column(visible=False), gr.Markdown(plain(self.report(kind, entries)), visible=True)]

        return report

    def _shown(self, box: str, entries: Entries, shown: str) -> Shown:
        turn = entries[-1].turn if entries else None
        answer = turn.answer if turn else None
        if answer is not None and answer.citations:
            shown = answer.citations[0].article.id
        return box, entries, messages_of(entries), self._article(shown, answer), shown

    def _article(self, article_id: str, answer: Answer | None = None) -> str:
        index = self._qa.index
        citations = answer.citations if answer is not None else ()
        return article_html(index.articles[article_id], index.sentences(article_id), citations)


def page_language(accepted: str) -> Language:
    """The language of the page for a browser that asks with the header ``Accept-Language: accepted``."""
    return "id" if accepted.strip().lower().startswith("id") else "en"


def _suggestions(heading: str, questions: Sequence[str]) -> list[Any]:
    padded = [*questions, *[""] * SUGGESTED][:SUGGESTED]
    buttons = [gr.Button(question, visible=bool(question)) for question in padded]
    return [gr.Column(visible=bool(questions)), gr.Markdown(plain(heading)), *buttons]
