"""What is on the page: the components, without what they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import gradio as gr

from newsqa.qa import MAX_QUESTION_CHARACTERS
from newsqa.serving import PageLimits
from newsqa.ui.feedback import KINDS, ReportKind
from newsqa.ui.incoming import ENDINGS, MAX_TITLE_CHARACTERS
from newsqa.ui.texts import PAGE

SUGGESTED = 3
_CHOOSE = "() => { document.querySelector('#newsqa-file input').click(); }"
I18N = gr.I18n(**PAGE)
_FONT = ("ui-sans-serif", "system-ui", "Segoe UI", "Noto Sans", "sans-serif")
_MONO = ("ui-monospace", "Consolas", "monospace")
# Fonts of the reader's system: nothing is fetched from elsewhere.
THEME = gr.themes.Soft(primary_hue="amber", neutral_hue="slate", font=_FONT, font_mono=_MONO).set(
    # The hue's own tones for these are too pale to read (contrast below 4.5 to 1).
    block_label_text_color="*primary_800",
    block_title_text_color="*primary_800",
    button_primary_background_fill="*primary_700",
    button_primary_background_fill_hover="*primary_800",
)


def asset(name: str) -> str:
    """A file that ships beside this module."""
    return resources.files("newsqa.ui").joinpath(name).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Suggested:
    """Questions that are asked with a click, under a heading."""

    box: gr.Column
    heading: gr.Markdown
    buttons: tuple[gr.Button, ...]


@dataclass(frozen=True, slots=True)
class Reporting:
    """What a reader can say of the last answer, and the thanks for it."""

    box: gr.Column
    buttons: Mapping[ReportKind, gr.Button]
    thanks: gr.Markdown


@dataclass(frozen=True, slots=True)
class Tools:
    """What can be done with the conversation; ``text`` carries its Markdown to the browser."""

    clear: gr.Button
    copy: gr.Button
    download: gr.Button
    text: gr.Textbox


def chat_window() -> gr.Chatbot:
    """The conversation."""
    return gr.Chatbot(
        label=I18N("chat_label"),
        placeholder=I18N("chat_empty"),  # type: ignore[arg-type]
        elem_id="newsqa-chat",
        height=440,
        sanitize_html=True,
        allow_file_downloads=False,
        latex_delimiters=[],
        buttons=[],
    )


def question_row() -> tuple[gr.Textbox, gr.Button]:
    """The box for the question, and the button that sends it."""
    with gr.Row():
        question = gr.Textbox(
            label=I18N("question_label"),
            placeholder=I18N("question_placeholder"),
            elem_id="newsqa-question",
            max_length=MAX_QUESTION_CHARACTERS,
            max_lines=3,
            scale=5,
            autofocus=True,
        )
        send = gr.Button(I18N("send"), variant="primary", scale=1, min_width=90, elem_id="newsqa-send")
    return question, send


def example_questions(questions: Sequence[str]) -> gr.Dataset:
    """Questions to begin with; a click gives a list of the one that was clicked."""
    return gr.Dataset(
        components=[gr.Textbox(visible=False)],
        samples=[[question] for question in questions],
        label=I18N("examples"),
        elem_id="newsqa-examples",
    )


def suggested_questions() -> Suggested:
    """Room for suggested questions, not shown until there are some."""
    with gr.Column(visible=False, elem_id="newsqa-suggested") as box:
        heading = gr.Markdown()
        with gr.Row():
            buttons = tuple(
                gr.Button("", size="sm", min_width=160, visible=False, elem_classes="newsqa-suggestion")
                for _ in range(SUGGESTED)
            )
    return Suggested(box, heading, buttons)


def reporting() -> Reporting:
    """Room for reports, not shown until there is an answer."""
    with gr.Column(visible=False, elem_id="newsqa-report") as box:
        gr.Markdown(I18N("report"))
        with gr.Row():
            buttons = {
                kind: gr.Button(I18N(kind), size="sm", min_width=140, elem_id=f"newsqa-report-{kind}") for kind in KINDS
            }
    return Reporting(box, buttons, gr.Markdown(visible=False, elem_id="newsqa-thanks"))


def tools() -> Tools:
    """The buttons under the conversation."""
    with gr.Row():
        clear, copy, download = (
            gr.Button(I18N(name), size="sm", min_width=110, elem_id=f"newsqa-{name}")
            for name in ("clear", "copy", "download")
        )
    return Tools(clear, copy, download, gr.Textbox(visible="hidden", elem_id="newsqa-markdown"))


def scope_choice(choices: Sequence[tuple[str, str]], value: str) -> tuple[gr.Dropdown, gr.Textbox]:
    """The choice of what is asked, shown if there is one, and beside it what is chosen.

    The box carries the scope from event to event: a choice is checked by gradio against what it offered last, which
    is forgotten with the session.
    """
    choice = gr.Dropdown(
        list(choices), value=value, label=I18N("article_label"), visible=len(choices) > 1, elem_id="newsqa-choice"
    )
    return choice, gr.Textbox(value, visible="hidden")


@dataclass(frozen=True, slots=True)
class AddForms:
    """The ways to add an article, in their ``box``; those that are switched off are None."""

    box: gr.Accordion
    file: gr.HTML | None
    title: gr.Textbox
    text: gr.Textbox
    add_text: gr.Button
    link: gr.Textbox | None
    add_link: gr.Button | None
    notice: gr.Markdown
    remove: gr.Button


def add_forms(limits: PageLimits, *, links: bool) -> AddForms:
    """Room for adding articles, closed at first."""
    file, link, add_link = None, None, None
    with gr.Accordion(I18N("add"), open=False, elem_id="newsqa-add") as box:
        if limits.uploads:
            with gr.Tab(I18N("add_file")):
                gr.Markdown(I18N("file_note"))
                gr.Button(I18N("choose_file"), elem_id="newsqa-choose").click(None, None, None, js=_CHOOSE)
                file = gr.HTML(
                    f'<input type="file" tabindex="-1" aria-hidden="true" accept="{",".join(ENDINGS)}" '
                    f'data-most="{limits.upload_bytes}">',
                    js_on_load=asset("upload.js"),
                    elem_id="newsqa-file",
                )
        with gr.Tab(I18N("add_text")):
            title = gr.Textbox(label=I18N("title_label"), max_length=MAX_TITLE_CHARACTERS, elem_id="newsqa-title")
            text = gr.Textbox(
                label=I18N("text_label"),
                lines=4,
                max_lines=8,
                max_length=limits.article_characters,
                elem_id="newsqa-text",
            )
            add_text = gr.Button(I18N("add_send"), elem_id="newsqa-add-text")
        if links:
            with gr.Tab(I18N("add_link")):
                link = gr.Textbox(label=I18N("link_label"), max_length=2000, type="text", elem_id="newsqa-link")
                add_link = gr.Button(I18N("add_send"), elem_id="newsqa-add-link")
        gr.Markdown(I18N("add_note"), elem_id="newsqa-add-note")
    notice = gr.Markdown(visible=False, elem_id="newsqa-notice")
    remove = gr.Button(I18N("remove"), size="sm", visible=False, elem_id="newsqa-remove")
    return AddForms(box, file, title, text, add_text, link, add_link, notice, remove)
