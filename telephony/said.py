"""What was understood of a call while it went on: a file in its folder that only grows, a line an utterance."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from core.durable import sync_directory
from core.lock import lock_file
from telephony.tail import Tail, add_line

LIVE_TEXT = "live.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One utterance. Its text never changes."""

    leg: int
    start_s: float  #: since the call began
    end_s: float
    text: str


class LiveText:
    """That file of a call, as far as it was read. One process at a time writes it, and holds it as long as it does."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LIVE_TEXT
        self._tail = Tail(self._path)
        self._held: int | None = None

    def read(self) -> list[Said]:
        """What was kept since the last time, in the order in which it was understood; a line that is none is left out."""
        found = []
        for line in self._tail.lines():
            with suppress(ValueError, TypeError):
                found.append(Said(**json.loads(line)))
        return found

    def begin(self) -> list[Said] | None:
        """Hold the file and have it there to be written on. Returns what was kept since the last time; None where another one
        holds it. What a crash left of a line is cut off. Raises OSError, and then it is not held."""
        held = lock_file(self._path)
        if held is None:
            return None
        try:
            whole = Tail(self._path)
            whole.lines()
            whole.cut_rest()
            sync_directory(self._path.parent)
            said = self.read()
        except OSError:
            os.close(held)
            raise
        self._held = held
        return said

    @property
    def is_written(self) -> bool:
        """Whether anybody holds it."""
        try:
            lock = lock_file(self._path, create=False)
        except FileNotFoundError:
            return False
        if lock is not None:
            os.close(lock)
        return lock is None

    def add(self, said: Said) -> None:
        """On return it survives power loss; where the disk is full, the next line begins its own. Raises OSError, as
        FileNotFoundError once the call is taken away, and makes no new file."""
        with self._path.open("r+b", buffering=0) as f:
            add_line(f, json.dumps(asdict(said), ensure_ascii=False))
            os.fsync(f.fileno())

    def leave(self) -> None:
        """Another one may write it. What was written meanwhile came from here and is not read again."""
        if self._held is not None:
            self._tail.skip()
            os.close(self._held)
            self._held = None
