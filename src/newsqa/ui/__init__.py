"""The web page."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from newsqa.errors import InputError
from newsqa.qa import NewsQA
from newsqa.ui.page import I18N, THEME, Page, asset

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
    block: bool = True,
) -> Any:
    """Serve the page, and with it the API endpoint ``/ask``, until interrupted.

    Args:
        qa: answers the questions.
        host: address to listen on; by default ``GRADIO_SERVER_NAME`` or 127.0.0.1.
        port: by default ``GRADIO_SERVER_PORT`` or the first free one from 7860.
        examples: questions that the page offers.
        block: False returns at once and leaves the server running in a thread.

    Returns:
        The gradio blocks that are served.

    Raises:
        InputError: the address cannot be listened on.
    """
    blocks = Page(qa, examples).build()
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
