"""How much all readers together may ask of the server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Budget:
    """A bucket of tokens that fills steadily: ``a_minute`` of them a minute, and never more than that in it.

    Args:
        a_minute: tokens.
        clock: seconds, of any beginning.
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = float(a_minute)
        self._tokens = self._size
        self._clock = clock
        self._filled = clock()
        self._lock = threading.Lock()

    def take(self, tokens: float = 1) -> bool:
        """Take so many tokens if they are there; whether they were. More than the bucket holds are never there."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._size, self._tokens + (now - self._filled) * self._size / 60)
            self._filled = now
            if tokens > self._tokens:
                return False
            self._tokens -= tokens
            return True
