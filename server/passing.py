"""Recordings that are heard at once and forgotten: a folder for each while that lasts."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_LEFT_BEHIND_S = 24 * 3600.0  #: no recording is heard for so long, by whichever process


@dataclass(frozen=True, slots=True)
class Passing:
    """Such folders. Durable work has its own, which it clears of what it does not know."""

    root: Path

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A new folder, gone when the block ends."""
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.root) as made:
            yield Path(made)

    def sweep(self) -> None:
        """Remove what a crash left behind."""
        for folder in self.root.glob("*"):
            with suppress(FileNotFoundError):  # another process may be done with it meanwhile
                if time.time() - folder.stat().st_mtime > _LEFT_BEHIND_S:
                    shutil.rmtree(folder)
