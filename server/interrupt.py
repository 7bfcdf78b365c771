"""Ctrl-C while modules are imported."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = 130  #: the exit code, as shells have it


@contextmanager
def importing() -> Iterator[None]:
    """Within it, Ctrl-C ends the process at once, which has begun nothing yet. An exception would be lost where a library that
    is not written in Python calls back into it, as pydantic does while classes are made, and the command would go on."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # else whoever started us has it ignored
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
