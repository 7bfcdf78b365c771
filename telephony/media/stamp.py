"""When a packet came, by the kernel: a process that had to wait for the processor reads it later."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Sequence

_SO_TIMESTAMPNS = 35  # of Linux; the module socket doesn't name it
_TIMESPEC = struct.Struct("@ll")

NOTES_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)  #: what `recvmsg` needs for it


def ask_for_stamps(receiving: socket.socket) -> None:
    receiving.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)


def age_s(notes: Sequence[tuple[int, int, bytes]]) -> float:
    """Since when a packet has waited, from what came beside it."""
    for _, kind, data in notes:
        if kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            came_s: float = seconds + nanoseconds / 1e9
            return max(0.0, time.time() - came_s)
    return 0.0
