"""The page: a conversation beside the article."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from newsqa.errors import InputError
from newsqa.qa import NewsQA
from newsqa.serving import PageLimits
from newsqa.types import Article, Language
from newsqa.ui.adding import Adding
from newsqa.ui.download import conversation_markdown
from newsqa.ui.entries import last_language, messages_of
from newsqa.ui.feedback import KINDS, FeedbackFile, ReportKind, kinds_for
from newsqa.ui.incoming import Incoming
from newsqa.ui.layout import (
    I18N,
    SUGGESTED,
    AddForms,
    Reporting,
    Suggested,
    Tools,
    add_forms,
    asset,
    chat_window,
    example_questions,
    question_row,
    reporting,
    scope_choice,
    suggested_questions,
    tools,
)
from newsqa.ui.leaving import Leaving
from newsqa.ui.render import harmless, parse_sentence_id, plain
from newsqa.ui.scripts import COPY, FOCUS, SAVE
from newsqa.ui.shelf import Scopes, Shelf
from newsqa.ui.talk import Talk
from newsqa.ui.texts import page_language
from newsqa.ui.visit import View, Visit
from newsqa.wire import answer_to_json

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_ASKING: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
# Reading a file or a link takes seconds, and so do the suggestions of a new article: neither is to keep questions
# waiting.
_READING: dict[str, Any] = {**_ASKING, "concurrency_id": "reading", "concurrency_limit": 2}
_SUGGESTING: dict[str, Any] = {**_QUIET, "concurrency_id": "suggesting", "concurrency_limit": 1}


class Page:
    """The page's parts, wired. It keeps nothing between calls: all that a reader does lives in gradio's session.

    Args:
        qa: answers the questions.
        examples: questions that the page offers; without any it offers some that the article answers.
        feedback: where reports go; None takes none.
        limits: what readers may do, and how much.
        incoming: makes articles of what readers send; by default as ``limits`` say.
    """

    def __init__(
        self,
        qa: NewsQA,
        examples: Sequence[str] = (),
        feedback: FeedbackFile | None = None,
        limits: PageLimits | None = None,
        incoming: Incoming | None = None,
    ) -> None:
        self._qa = qa
        self._examples = list(examples)
        self._reports = feedback is not None
        self.limits = limits or PageLimits()
        self._links = bool(self.limits.links)
        self._incoming = incoming or Incoming(self.limits, self._links)
        self.scopes = Scopes(qa)
        self.talk = Talk(self.scopes, feedback)
        self.adding = Adding(qa, self.scopes, self.limits)

    def build(self) -> gr.Blocks:
        """The page as gradio blocks."""
        with gr.Blocks(title="newsqa", analytics_enabled=False, fill_width=True) as blocks:
            visit = gr.State(Visit(), time_to_live=self.limits.idle_seconds)
            gr.Markdown("# newsqa")
            gr.Markdown(I18N("intro"), elem_id="newsqa-intro")
            with gr.Row():
                with gr.Column(scale=5, min_width=320):
                    chatbot = chat_window()
                    question, send = question_row()
                    suggested = suggested_questions()
                    if self._examples:
                        offered = example_questions(self._examples)
                        # Not ``gr.Examples``: its clicks skip the queue, which the gate lets nobody do.
                        offered.click(lambda row: row[0], offered, question, **_QUIET)
                    reports = reporting() if self._reports else None
                    under = tools()
                    gr.Markdown(I18N("note"), elem_id="newsqa-note")
                with gr.Column(scale=6, min_width=320):
                    choice, scope = scope_choice(self.scopes.choices(None, "en"), self.scopes.default)
                    forms = add_forms(self.limits, links=self._links) if self.limits.session_articles else None
                    pane = gr.HTML(self.talk.pane(Visit()), js_on_load=asset("page.js"), elem_id="newsqa-article")
            shown = [question, visit, chatbot, pane, choice, scope]
            shown += [forms.remove, forms.notice] if forms else []
            events = self._conversation(shown, send, suggested.buttons, under.clear)
            events.append(choice.input(self._chosen, [visit, choice], shown, **_QUIET))
            if forms:
                events += self._adding(shown, forms)
            self._offers(blocks, events, visit, scope, suggested, reports)
            self._copies(visit, under)
            pane.click(self._opened, visit, [visit, pane], **_QUIET)
            # In the reader's language, and at the beginning: a browser keeps a choice over a reload. Nothing else, for
            # the reader may have asked by the time that this comes.
            blocks.load(self._arrived, None, [choice, scope], **_QUIET)
            blocks.unload(Leaving(blocks, self.limits.closed_seconds).closed)
            gr.api(self.ask, api_name="ask")  # type: ignore[attr-defined]
        return blocks  # type: ignore[no-any-return]

    def _conversation(self, shown: list[Any], send: Any, suggestions: Sequence[Any], clear: Any) -> list[Any]:
        """Wire what changes the conversation."""
        question, visit, chatbot, _, _, scope, *_ = shown
        talk = self.talk

        def reply(question: str, visit: Visit, scope: str, request: gr.Request) -> list[Any]:
            return self._updates(talk.reply(question, visit, scope), scope, request)

        def retry(visit: Visit, scope: str, request: gr.Request) -> list[Any]:
            return self._updates(talk.retry(visit, scope), scope, request)

        def undo(visit: Visit, scope: str, request: gr.Request) -> list[Any]:
            return self._updates(talk.undo(visit, scope), scope, request)

        def emptied(visit: Visit, scope: str, request: gr.Request) -> list[Any]:
            return self._updates(talk.clear(visit, scope), scope, request)

        return [
            gr.on([question.submit, send.click], reply, [question, visit, scope], shown, **_ASKING),
            *(button.click(reply, [button, visit, scope], shown, **_ASKING) for button in suggestions),
            chatbot.retry(retry, [visit, scope], shown, **_ASKING),
            chatbot.undo(undo, [visit, scope], shown, **_QUIET),
            gr.on([clear.click, chatbot.clear], emptied, [visit, scope], shown, **_QUIET),
        ]

    def _adding(self, shown: list[Any], forms: AddForms) -> list[Any]:
        """Wire what adds and removes articles."""
        _, visit, _, _, _, scope, *_ = shown
        typed = [forms.title, forms.text] + ([forms.link] if forms.link else [])
        reading: dict[str, Any] = {**_READING, "show_progress_on": forms.notice}

        def added(read: Callable[[], Article], visit: Visit, scope: str, request: gr.Request) -> list[Any]:
            view = self.adding.add(read, visit, scope, _language(request))
            # The box closes: on a phone it would stand between the reader and the article.
            after = [gr.Accordion(open=False), *[""] * len(typed)] if view.done else [gr.skip()] * (1 + len(typed))
            return [*self._updates(view, scope, request), *after]

        def file(visit: Visit, scope: str, event: gr.EventData, request: gr.Request) -> list[Any]:
            return added(lambda: self._incoming.file(event._data), visit, scope, request)

        def text(title: str, text: str, visit: Visit, scope: str, request: gr.Request) -> list[Any]:
            return added(lambda: self._incoming.text(title, text), visit, scope, request)

        def link(link: str, visit: Visit, scope: str, request: gr.Request) -> list[Any]:
            return added(lambda: self._incoming.link(link), visit, scope, request)

        def remove(visit: Visit, scope: str, request: gr.Request) -> list[Any]:
            return self._updates(self.adding.remove(visit, scope, _language(request)), scope, request)

        outputs = [*shown, forms.box, *typed]
        events = [
            forms.add_text.click(text, [forms.title, forms.text, visit, scope], outputs, **reading),
            forms.remove.click(remove, [visit, scope], shown, **_QUIET),
        ]
        if forms.file:
            events.append(forms.file.upload(file, [visit, scope], outputs, **reading))
        if forms.link and forms.add_link:
            inputs = [forms.link, visit, scope]
            events.append(gr.on([forms.link.submit, forms.add_link.click], link, inputs, outputs, **reading))
        return events

    def _offers(
        self,
        blocks: Any,
        events: Sequence[Any],
        visit: Any,
        scope: Any,
        suggested: Suggested,
        reports: Reporting | None,
    ) -> None:
        """Wire what is offered after each change of the conversation: a step of its own, since it may take longer."""
        places = [suggested.box, suggested.heading, *suggested.buttons]
        blocks.load(self._suggested, [visit, scope], places, **_SUGGESTING)
        for event in events:
            event.then(None, None, None, js=FOCUS, **_QUIET)
            event.then(self._suggested, [visit, scope], places, **_SUGGESTING)
        if reports is None:
            return
        verdicts = [reports.box, *reports.buttons.values(), reports.thanks]
        for event in events:
            event.then(self._reportable, visit, verdicts, **_QUIET)
        for kind, button in reports.buttons.items():
            button.click(self._reporter(kind), visit, [reports.box, reports.thanks], **_QUIET)

    def _copies(self, visit: Any, under: Tools) -> None:
        """Wire copying and downloading: the server gives the text, the browser does the rest."""

        def markdown(visit: Visit) -> str:
            return conversation_markdown(visit.entries, last_language(visit.entries, "en"))

        for button, script in ((under.copy, COPY), (under.download, SAVE)):
            button.click(markdown, visit, under.text, **_QUIET).then(None, under.text, None, js=script, **_QUIET)

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

    def _arrived(self, request: gr.Request) -> list[Any]:
        return self._choice(None, self.scopes.default, request)

    def _chosen(self, visit: Visit, scope: str, request: gr.Request) -> list[Any]:
        return self._updates(self.talk.choose(visit, scope), None, request)

    def _opened(self, visit: Visit, event: gr.EventData) -> tuple[Visit, str]:
        """The article that a mark in the conversation points to, when the pane shows another one."""
        target = parse_sentence_id(str(event._data.get("target", "")))
        if target is None or self.scopes.article(target[0], visit.shelf) is None:
            raise gr.Error("no such article", print_exception=False)
        visit = replace(visit, shown=target[0])
        return visit, self.talk.pane(visit)

    def _suggested(self, visit: Visit, scope: str, request: gr.Request) -> list[Any]:
        """Up to three questions that the article answers, for their box, heading and buttons."""
        own_scope = scope != self.scopes.default
        if self._examples and not visit.entries and not own_scope:
            return _suggestions("", ())
        return _suggestions(*self.talk.suggestions(visit, scope, _language(request)))

    def _reportable(self, visit: Visit) -> list[Any]:
        """What can be said of the last answer, for the box of the reports, its buttons and the thanks."""
        turn = visit.entries[-1].turn if visit.entries else None
        kinds = kinds_for(turn) if turn else ()
        buttons = [gr.Button(visible=kind in kinds) for kind in KINDS]
        return [gr.Column(visible=turn is not None), *buttons, gr.Markdown("", visible=False)]

    def _reporter(self, kind: ReportKind) -> Callable[[Visit], list[Any]]:
        def report(visit: Visit) -> list[Any]:
            return [gr.Column(visible=False), gr.Markdown(plain(self.talk.report(kind, visit)), visible=True)]

        return report

    def _updates(self, view: View, before: str | None, request: gr.Request) -> list[Any]:
        """What ``view`` makes of the page; the choice only where it is another than ``before``."""
        visit = view.visit
        updates = [view.box, visit, messages_of(visit.entries), self.talk.pane(visit)]
        if view.scope == before:
            updates += [gr.skip(), gr.skip()]
        else:
            updates += self._choice(visit.shelf, view.scope, request)
        if self.limits.session_articles:
            own = visit.shelf is not None and visit.shelf.get(view.scope.removeprefix("own:")) is not None
            notice = gr.Markdown(plain(view.notice), visible=bool(view.notice))
            updates += [gr.Button(visible=own and view.scope.startswith("own:")), notice]
        return updates

    def _choice(self, shelf: Shelf | None, scope: str, request: gr.Request) -> list[Any]:
        choices = self.scopes.choices(shelf, _language(request))
        return [gr.Dropdown(choices, value=scope, visible=len(choices) > 1), scope]


def _language(request: gr.Request) -> Language:
    return page_language(request.headers.get("accept-language", ""))


def _suggestions(heading: str, questions: Sequence[str]) -> list[Any]:
    padded = [*questions, *[""] * SUGGESTED][:SUGGESTED]
    buttons = [gr.Button(harmless(question), visible=bool(question)) for question in padded]
    return [gr.Column(visible=bool(questions)), gr.Markdown(plain(heading)), *buttons]
