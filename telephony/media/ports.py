"""Pairs of ports: an even one for sound and the next for its RTCP."""

from __future__ import annotations

import math
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from core.errors import Busy
from telephony.media.options import MediaOptions
from telephony.media.stamp import ask_for_stamps

_HELD_BYTES = 1 << 20  #: by the kernel, which gives less: about ten seconds


@dataclass(frozen=True, slots=True)
class Pair:
    """Two open sockets. The second is never read: it only keeps senders from being told that nobody is there."""

    rtp: socket.socket
    rtcp: socket.socket

    @property
    def port(self) -> int:
        return int(self.rtp.getsockname()[1])

    @property
    def is_ipv6(self) -> bool:
        return self.rtp.family == socket.AF_INET6


class Ports:
    """The pairs of a range, each given away again the later the better."""

    def __init__(self, options: MediaOptions, clock: Callable[[], float]) -> None:
        self._options, self._clock = options, clock
        self._family = socket.AF_INET6 if ip_address(options.host).version == 6 else socket.AF_INET
        evens = range(options.first_port, options.last_port, 2)
        self._free = deque((port, -math.inf) for port in evens)

    def take(self) -> Pair:
        """Open a pair. Raises Busy where none is free."""
        for _ in range(len(self._free)):
            port, since_s = self._free[0]
            if self._clock() - since_s < self._options.rest_s:
                break
            self._free.popleft()
            try:
                return self._open(port)
            except OSError:  # another program has it
                self._free.append((port, self._clock()))
        raise Busy("通話が多いため、これ以上録音できません。音声を受けるポートの範囲を広げてください。")

    def give_back(self, pair: Pair) -> None:
        port = pair.port
        pair.rtp.close()
        pair.rtcp.close()
        self._free.append((port, self._clock()))

    def _open(self, port: int) -> Pair:
        rtp = self._bound(port)
        try:
            ask_for_stamps(rtp)
            rtcp = self._bound(port + 1)
        except OSError:
            rtp.close()
            raise
        rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _HELD_BYTES)
        rtcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 0)  # as little as may be
        return Pair(rtp, rtcp)

    def _bound(self, port: int) -> socket.socket:
        bound = socket.socket(self._family, socket.SOCK_DGRAM)
        try:
            bound.setblocking(False)
            bound.bind((self._options.host, port))
        except OSError:
            bound.close()
            raise
        return bound
