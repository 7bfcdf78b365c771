"""A file that one process holds at a time; the kernel frees it when that process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
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
