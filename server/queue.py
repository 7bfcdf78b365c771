"""Work that is done one at a time, since two at once would both be slow; who would wait too long is told so at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import Busy


class Queue:
    """Waiting holds a thread that others need: so at most `most` wait or work."""

    def __init__(self, most: int, busy: str) -> None:
        self._places = threading.BoundedSemaphore(most)
        self._turn = threading.Lock()
        self._busy = busy

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Raises Busy, with the sentence of this work, when too many wait already."""
        if not self._places.acquire(blocking=False):
            raise Busy(self._busy)
        try:
            with self._turn:
                yield
        finally:
            self._places.release()
