"""Whether somebody stands waiting for an answer, who is better told at once that there is none than made to wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_hurried = ContextVar("hurried", default=False)


@contextmanager
def hurried() -> Iterator[None]:
    """Within it, no statement is waited for as long as one of a report or of a build; see `core/pulse.py`. Threads
    that are started within it have their time."""
    token = _hurried.set(True)
    try:
        yield
    finally:
        _hurried.reset(token)


def is_hurried() -> bool:
    return _hurried.get()
