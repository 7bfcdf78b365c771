"""Which processes of a role are alive on this machine: each holds a locked file that the kernel frees when it dies."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.lock import lock_file


class Seat:
    """A numbered place such as `serve-1`, taken by one live process at a time.

    A process that starts again takes the lowest free number, so it finds its own unfinished work under the same name.
    """

    def __init__(self, folder: Path, role: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        for number in itertools.count(1):
            lock = lock_file(folder / f"{role}-{number}.lock")
            if lock is not None:
                self.name, self._lock = f"{role}-{number}", lock
                break

    def leave(self) -> None:
        os.close(self._lock)

    @contextmanager
    def others_dead(self) -> Iterator[list[str]]:
        """Names whose process is gone. Nobody can take one of them while the context is open."""
        locks = {p.stem: lock_file(p) for p in sorted(self._folder.glob("*.lock")) if p.stem != self.name}
        try:
            yield [name for name, lock in locks.items() if lock is not None]
        finally:
            for lock in locks.values():
                if lock is not None:
                    os.close(lock)
