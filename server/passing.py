"""What is read at once and forgotten, such as a recorded question: a folder for each while that lasts."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.lock import lock_file
from core.settings import Settings

_LOCK = ".lock"  #: held as long as a folder is in use


@dataclass(frozen=True, slots=True)
class Passing:
    """Such folders. Durable work has its own, which it clears of what it does not know."""

    root: Path

    @classmethod
    def of(cls, settings: Settings) -> Passing:
        return cls(settings.home / "passing")

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A new folder, gone when the block ends, or with the next `sweep` of any process where this one is killed."""
        self.root.mkdir(parents=True, exist_ok=True)
        folder, lock = self._hold()
        try:
            yield folder
        finally:
            os.close(lock)
            shutil.rmtree(folder, ignore_errors=True)  # a sweep may be at it, too

    def sweep(self) -> None:
        """Remove what a crash left behind: what nobody holds."""
        for folder in self.root.glob("*"):
            with suppress(FileNotFoundError, PermissionError):  # another process may be done with it, or another user's own it
                lock = lock_file(folder / _LOCK)
                if lock is not None:
                    shutil.rmtree(folder, ignore_errors=True)
                    os.close(lock)

    def _hold(self) -> tuple[Path, int]:
        while True:  # a sweep may come between making and holding
            folder = Path(tempfile.mkdtemp(dir=self.root))
            with suppress(FileNotFoundError):
                lock = lock_file(folder / _LOCK)
                if lock is not None and folder.exists():
                    return folder, lock
                if lock is not None:
                    os.close(lock)
