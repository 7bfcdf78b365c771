"""What was understood of a call while it went on: a file in its folder that only grows, a line an utterance."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from core.durable import sync_directory
from telephony.tail import Tail

LIVE_TEXT = "live.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One utterance. Its text never changes."""

    leg: int
    start_s: float  #: since the call began
    end_s: float
    text: str


class LiveText:
    """That file of a call. One process writes it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LIVE_TEXT

    def read(self) -> list[Said]:
        """All that was kept, in the order in which it was understood."""
        return [Said(**json.loads(line)) for line in Tail(self._path).lines()]

    def begin(self) -> None:
        """Have the file there to be written on. What a power loss left of a line is cut off."""
        self._path.touch()
        tail = Tail(self._path)
        tail.lines()
        tail.cut_rest()
        sync_directory(self._path.parent)

    def add(self, said: Said) -> None:
        """On return it survives power loss. Raises FileNotFoundError once the call is taken away, and makes no new file."""
        line = json.dumps(asdict(said), ensure_ascii=False) + "\n"
        with self._path.open("r+b") as f:
            f.seek(0, os.SEEK_END)
            f.write(line.encode("utf-8"))
            f.flush()
            os.fsync(f.fileno())
