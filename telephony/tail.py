"""A file of lines that grows: each line once, when it is whole."""

from __future__ import annotations

import os
from contextlib import suppress
from io import FileIO
from pathlib import Path


class Tail:
    """Where its reader is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0

    def lines(self) -> list[str]:
        """Those that came since the last time. A file that is not there yet has none."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return []
        if size <= self._at:
            return []
        with self._path.open("rb") as f:
            f.seek(self._at)
            whole, end, _ = f.read().rpartition(b"\n")
        self._at += len(whole) + len(end)
        return whole.decode("utf-8", errors="replace").split("\n") if end else []

    def skip(self) -> None:
        """Whoever reads has what came since the last time."""
        with suppress(FileNotFoundError):
            self._at = self._path.stat().st_size

    def cut_rest(self) -> None:
        """Take away a line that was never finished, so that the next one begins its own."""
        if self._path.exists():
            os.truncate(self._path, self._at)


def add_line(f: FileIO, line: str) -> None:
    """Write a line at the end of such a file, whole or not at all: what a full disk took of it would spoil the next. For one
    writer at a time. Raises OSError."""
    left = memoryview(f"{line}\n".encode())
    end = f.seek(0, os.SEEK_END)
    try:
        while left:  # a disk that is nearly full takes a part
            left = left[f.write(left) :]
    except OSError:
        f.truncate(end)
        raise
