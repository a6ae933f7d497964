"""The page: a conversation beside the article."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib import resources
from typing import Any

import gradio as gr

from newsqa.embedding import clean
from newsqa.errors import InputError
from newsqa.language import question_language
from newsqa.qa import MAX_QUESTION_CHARACTERS, NewsQA
from newsqa.types import Answer
from newsqa.ui.render import article_html, message_html, parse_sentence_id, plain
from newsqa.ui.texts import PAGE, REPLIES
from newsqa.wire import answer_to_json

logger = logging.getLogger(__name__)

Message = dict[str, Any]

# A conversation is shown from its latest messages; older ones leave the page, and the memory.
MAX_MESSAGES = 200
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


class Page:
    """What happens on the page. It keeps nothing between calls: the conversation lives in the browser's session."""

    def __init__(self, qa: NewsQA, examples: Sequence[str] = ()) -> None:
        self._qa = qa
        self._examples = list(examples)

    def build(self) -> gr.Blocks:
        """The page as gradio blocks."""
        articles = self._qa.index.articles
        first = next(iter(articles))
        with gr.Blocks(title="newsqa", analytics_enabled=False, fill_width=True) as blocks:
            gr.Markdown("# newsqa")
            gr.Markdown(I18N("intro"), elem_id="newsqa-intro")
            with gr.Row():
                with gr.Column(scale=5, min_width=320):
                    chatbot = gr.Chatbot(
                        label=I18N("chat_label"),
                        placeholder=I18N("chat_empty"),  # type: ignore[arg-type]
                        elem_id="newsqa-chat",
                        height=440,
                        sanitize_html=True,
                        allow_file_downloads=False,
                        latex_delimiters=[],
                        buttons=[],
                    )
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
                    if self._examples:
                        gr.Examples(self._examples, question, label=I18N("examples"), elem_id="newsqa-examples")
                    clear = gr.Button(I18N("clear"), size="sm", elem_id="newsqa-clear")
                    gr.Markdown(I18N("note"), elem_id="newsqa-note")
                with gr.Column(scale=6, min_width=320):
                    choice = gr.Dropdown(
                        [(article.title or article.id, article.id) for article in articles.values()],
                        value=first,
                        label=I18N("article_label"),
                        visible=len(articles) > 1,
                        elem_id="newsqa-choice",
                    )
                    pane = gr.HTML(self._article(first), js_on_load=asset("page.js"), elem_id="newsqa-article")
            gr.on(
                [question.submit, send.click],
                self.reply,
                [question, chatbot, choice],
                [question, chatbot, pane, choice],
                api_visibility="private",
                show_progress="minimal",
            )
            gr.on(
                [clear.click, chatbot.clear],
                self.clear,
                choice,
                [chatbot, pane],
                api_visibility="private",
                show_progress="hidden",
            )
            choice.input(self._article, choice, pane, api_visibility="private", show_progress="hidden")
            pane.click(self.open, None, [pane, choice], api_visibility="private", show_progress="hidden")
            gr.api(self.ask, api_name="ask")  # type: ignore[attr-defined]
        return blocks  # type: ignore[no-any-return]

    def reply(self, question: str, history: list[Message], shown: str) -> tuple[str, list[Message], str, str]:
        """Answer the question in the box.

        Returns:
            The emptied box, the conversation with two more messages, the article pane with the citations marked,
            and the id of the article in it.
        """
        if not question.strip():
            return question, history, self._article(shown), shown
        replies = REPLIES[question_language(question)]
        answer: Answer | None = None
        try:
            answer = self._qa.ask(question)
            text = message_html(answer)
        except InputError:
            text = plain(replies["unusable"].format(limit=MAX_QUESTION_CHARACTERS))
        except Exception:
            # Whatever went wrong, the reader's page stays usable and the operator finds it in the log.
            logger.exception("the question could not be answered")
            text = plain(replies["failed"])
        messages = [{"role": "user", "content": plain(clean(question))}, {"role": "assistant", "content": text}]
        if answer is not None and answer.citations:
            shown = answer.citations[0].article.id
        return "", (history + messages)[-MAX_MESSAGES:], self._article(shown, answer), shown

    def clear(self, shown: str) -> tuple[list[Message], str]:
        """An empty conversation and an unmarked article."""
        return [], self._article(shown)

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

    def _article(self, article_id: str, answer: Answer | None = None) -> str:
        index = self._qa.index
        citations = answer.citations if answer is not None else ()
        return article_html(index.articles[article_id], index.sentences(article_id), citations)
