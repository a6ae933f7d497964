"""The web page."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from newsqa.errors import InputError
from newsqa.qa import NewsQA
from newsqa.ui.feedback import FeedbackFile
from newsqa.ui.layout import I18N, THEME, asset
from newsqa.ui.page import Page

if TYPE_CHECKING:
    import gradio as gr

_QUEUE = 64
_CONCURRENT = 2
_SESSIONS = 1000


def serve(
    qa: NewsQA,
    *,
    host: str | None = None,
    port: int | None = None,
    examples: Sequence[str] = (),
    feedback: str | os.PathLike[str] | None = None,
    block: bool = True,
) -> Any:
    """Serve the page, and with it the API endpoint ``/ask``, until interrupted.

    Args:
        qa: answers the questions.
        host: address to listen on; by default ``GRADIO_SERVER_NAME`` or 127.0.0.1.
        port: by default ``GRADIO_SERVER_PORT`` or the first free one from 7860.
        examples: questions that the page offers; without any it offers some that the article answers.
        feedback: a file to which readers' reports on answers are appended; without it none are taken.
        block: False returns at once and leaves the server running in a thread.

    Returns:
        The gradio blocks that are served.

    Raises:
        InputError: the address cannot be listened on, or the feedback file not be written.
    """
    blocks = Page(qa, examples, FeedbackFile(feedback) if feedback else None).build()
    blocks.queue(max_size=_QUEUE, default_concurrency_limit=_CONCURRENT)
    try:
        _launch(blocks, host, port)
    except OSError as error:
        raise InputError(f"cannot serve on {host or 'this machine'}, port {port or '7860 to 7959'}: {error}") from error
    if block:
        blocks.block_thread()
    return blocks


def _launch(blocks: gr.Blocks, host: str | None, port: int | None) -> None:
    blocks.launch(
        server_name=host,
        server_port=port,
        share=False,
        allowed_paths=[],
        # Nothing is uploaded to this page, and gradio's upload route cannot be taken away.
        max_file_size="1kb",
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
