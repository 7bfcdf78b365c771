"""When a packet came, by the kernel: a process that had to wait for the processor reads it later."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Sequence

_SO_TIMESTAMPNS = 35  # of Linux; the module socket doesn't name it
_TIMESPEC = struct.Struct("@ll")
_OLDEST_S = 10.0  #: a socket holds no more; what is older is a clock that was put right meanwhile

NOTES_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)  #: what `recvmsg` needs for it


def ask_for_stamps(receiving: socket.socket) -> None:
    receiving.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)


def age_s(notes: Sequence[tuple[int, int, bytes]]) -> float:
    """Since when a packet has waited, from what came beside it."""
    for _, kind, data in notes:
        if kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            age = time.time() - seconds - nanoseconds / 1e9
            return age if 0 < age < _OLDEST_S else 0.0
    return 0.0
