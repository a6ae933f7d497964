"""The web page."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware

from newsqa.errors import InputError
from newsqa.qa import NewsQA
from newsqa.serving import PageLimits, links_by_default
from newsqa.ui.budget import Budget
from newsqa.ui.feedback import FeedbackFile
from newsqa.ui.gate import Gate
from newsqa.ui.incoming import Incoming
from newsqa.ui.layout import I18N, THEME, asset
from newsqa.ui.page import Page

if TYPE_CHECKING:
    import gradio as gr

# Sessions that gradio keeps, whether or not they have articles of their own; the one unused longest gives way.
_SESSIONS = 500


def serve(
    qa: NewsQA,
    *,
    host: str | None = None,
    port: int | None = None,
    examples: Sequence[str] = (),
    feedback: str | os.PathLike[str] | None = None,
    limits: PageLimits | None = None,
    incoming: Incoming | None = None,
    block: bool = True,
) -> Any:
    """Serve the page, and with it the API endpoint ``/ask``, until interrupted.

    Args:
        qa: answers the questions.
        host: address to listen on; by default ``GRADIO_SERVER_NAME`` or 127.0.0.1.
        port: by default ``GRADIO_SERVER_PORT`` or the first free one from 7860.
        examples: questions that the page offers; without any it offers some that the article answers.
        feedback: a file to which readers' reports on answers are appended; without it none are taken.
        limits: what readers may do, and how much; by default ``PageLimits()``.
        incoming: makes articles of what readers send; by default as ``limits`` say.
        block: False returns at once and leaves the server running in a thread.

    Returns:
        The gradio blocks that are served.

    Raises:
        InputError: the address cannot be listened on, or the feedback file not be written.
    """
    limits = limits or PageLimits()
    if limits.links is None:
        limits = replace(limits, links=links_by_default(host))
    blocks = start(Page(qa, examples, FeedbackFile(feedback) if feedback else None, limits, incoming), host, port)
    if block:
        blocks.block_thread()
    return blocks


def start(page: Page, host: str | None = None, port: int | None = None) -> gr.Blocks:
    """Serve ``page`` in a thread.

    Raises:
        InputError: the address cannot be listened on.
    """
    # Gradio keeps the times of its last 10,000 events and sums them up after each one, for a page that is closed here.
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "10")
    limits = page.limits
    blocks = page.build()
    blocks.queue(max_size=limits.queue, default_concurrency_limit=limits.concurrent, api_open=False)
    try:
        _launch(blocks, limits, host, port)
    except OSError as error:
        raise InputError(f"cannot serve on {host or 'this machine'}, port {port or '7860 to 7959'}: {error}") from error
    return blocks


def _launch(blocks: gr.Blocks, limits: PageLimits, host: str | None, port: int | None) -> None:
    blocks.launch(
        server_name=host,
        server_port=port,
        share=False,
        allowed_paths=[],
        # Nothing goes through gradio's own uploads; the gate closes them.
        max_file_size="1kb",
        app_kwargs={"middleware": [Middleware(Gate, limits=limits, budget=Budget(limits.requests))]},
        state_session_capacity=_SESSIONS,
        ssr_mode=False,
        run_history=False,
        footer_links=["api"],
        mcp_server=importlib.util.find_spec("mcp") is not None,
        i18n=I18N,
        theme=THEME,
        css=asset("page.css"),
        quiet=True,
        prevent_thread_lock=True,
    )
