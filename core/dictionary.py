"""UniDic, opened once for the whole process.

A tagger for each thread would cost some megabytes that never come back, and whoever asks on a new thread the time to open it.
MeCab works under the interpreter's lock anyway, so that taking turns costs nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import fugashi

_turn = threading.RLock()


@contextmanager
def dictionary() -> Iterator[fugashi.Tagger]:
    """The tagger, for one thread at a time: its words are to be read before the block ends, the next text overwrites them."""
    with _turn:
        yield _tagger()


@cache
def _tagger() -> fugashi.Tagger:
    return fugashi.Tagger()
