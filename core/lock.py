"""A file or folder that one process holds at a time; the kernel frees it when that process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def lock_file(path: Path, *, create: bool = True) -> int | None:
    """Hold a file as long as this process lives or until what is returned is closed; None where another one holds it.

    Raises:
        FileNotFoundError: it isn't there and is not to be created.
    """
    fd = os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


@contextmanager
def locked(folder: Path, flags: int = 0) -> Iterator[None]:
    """Hold a folder for a block, once nobody else does. Raises BlockingIOError with LOCK_NB where another one holds it."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | flags)
        yield
    finally:
        os.close(fd)
