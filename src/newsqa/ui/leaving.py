"""What happens when a reader closes the window: the session is forgotten, and its articles with it."""

from __future__ import annotations

import asyncio
from datetime import datetime

import gradio as gr


class Leaving:
    """Forgets sessions whose window was closed and that were not used again.

    Gradio would keep a closed session's values for an hour, and what its components showed for longer. A phone closes
    its connection when it is laid aside, so a window is given some time to come back.

    Args:
        blocks: whose sessions.
        seconds: how long.
    """

    def __init__(self, blocks: gr.Blocks, seconds: float) -> None:
        self._blocks = blocks
        self._seconds = seconds

    async def closed(self, request: gr.Request) -> None:
        """Called by gradio when the connection of a window ends."""
        asyncio.get_running_loop().call_later(self._seconds, self._forget, request.session_hash, datetime.now())

    def _forget(self, session: str | None, closed: datetime) -> None:
        holder = self._blocks.state_holder
        used = holder.time_last_used.get(session or "")
        if session is not None and used is not None and used <= closed:
            holder.session_data.pop(session, None)
            holder.time_last_used.pop(session, None)
