"""What tests have confined processes do."""

from __future__ import annotations

import os
import time
from pathlib import Path

SEEN: list[str] = []


def seen(path: str) -> list[str]:
    """The files that this process read."""
    SEEN.append(path)
    return SEEN


def crash(_: str) -> None:
    os.abort()


def leave(_: str) -> None:
    os._exit(0)


def hoard(_: str) -> int:
    return len(bytearray(2_000_000_000))


def spin(_: str) -> None:
    while True:
        pass


def stall(_: str) -> None:
    time.sleep(600)


def linger(path: str) -> None:
    Path(path).write_text(str(os.getpid()), "utf-8")
    time.sleep(600)


def babble(_: str) -> str:
    return "x" * 60_000_000


def sockets(_: str) -> int:
    """How many sockets the process holds: by its own it tells how it ends."""
    return sum("socket:" in os.path.realpath(held) for held in Path("/proc/self/fd").iterdir())


def threads(_: str) -> int:
    """Of the process that this one was forked from."""
    return len(list(Path(f"/proc/{os.getppid()}/task").iterdir()))


def parent(_: str) -> int:
    return os.getppid()
