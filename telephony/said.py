"""What was understood of a call while it went on: a file in its folder that only grows, a line an utterance."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from telephony.tail import Tail


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
        self._path = folder / "live.jsonl"

    def read(self) -> list[Said]:
        """All that was kept, in the order in which it was understood. What a power loss left of a line is cut off."""
        tail = Tail(self._path)
        kept = [Said(**json.loads(line)) for line in tail.lines()]
        tail.cut_rest()
        return kept

    def add(self, said: Said) -> None:
        """On return it survives power loss."""
        line = json.dumps(asdict(said), ensure_ascii=False) + "\n"
        with self._path.open("ab") as f:
            f.write(line.encode("utf-8"))
            f.flush()
            os.fsync(f.fileno())
