"""A stream's packets in their order, and which of several streams of a leg is the one to hear."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from telephony.media.codecs import TICKS_HZ, Form, Keys
from telephony.media.rtp import SEQUENCE_BITS, TIMESTAMP_BITS, Packet, unwrapped

WAIT = TICKS_HZ * 120 // 1_000  #: for packets that others overtook
_EVER = sys.maxsize
PAUSE = TICKS_HZ  #: nothing came for so long
_SILENT = TICKS_HZ // 10  #: after which a stream may give way to another
_MOST_BEHIND = 100  #: packets; what is further behind has begun anew
_MOST_HELD = 50  #: packets of a stream that may become the leg's


class Arrival(NamedTuple):
    """A packet as it came."""

    packet: Packet
    at: int  #: ticks since the call began
    form: Form | Keys | None  #: None for what only shares the sequence
    epoch: int  #: counts what signalling says anew: another source, gone on after a hold


class Ordered(NamedTuple):
    """A packet in its place."""

    sequence: int  #: doesn't wrap, nor does the next
    timestamp: int  #: in ticks
    at: int
    form: Form | None
    payload: bytes


class Stream:
    """The packets of one sender. One after a gap waits for those before it, one after a pause for those behind it, which tell
    whether it was late."""

    def __init__(self, first: Arrival) -> None:
        assert isinstance(first.form, Form), "no stream begins with what is no sound"
        self.ssrc, self.epoch, self._clock_hz = first.packet.ssrc, first.epoch, first.form.clock_hz
        self.last_at = first.at
        self._newest = first.packet.sequence
        self._timestamp = first.packet.timestamp
        self._next: int | None = None
        self._heard_at = first.at - PAUSE
        self._waiting: dict[int, Ordered] = {}

    def add(self, arrival: Arrival) -> bool:
        """Take a packet that goes on with it. False: it doesn't."""
        packet, at, form, epoch = arrival
        if packet.ssrc != self.ssrc or epoch != self.epoch:
            return False
        sound = form if isinstance(form, Form) else None
        if sound and sound.clock_hz != self._clock_hz:
            return False  # a sender that changes its form counts time anew
        sequence = unwrapped(packet.sequence, self._newest, SEQUENCE_BITS)
        if sequence < self._newest - _MOST_BEHIND:
            return False
        self.last_at = at
        if self._next is not None and sequence < self._next:
            return True  # a double, or too late
        timestamp = self._timestamp
        if form is None or form.clock_hz == self._clock_hz:  # keys may be told by another clock than the sound's
            timestamp = unwrapped(packet.timestamp, self._timestamp, TIMESTAMP_BITS)
        if sequence > self._newest:
            self._newest, self._timestamp = sequence, timestamp
        ticks = timestamp * TICKS_HZ // self._clock_hz
        self._waiting.setdefault(sequence, Ordered(sequence, ticks, at, sound, packet.payload))
        return True

    def ready(self, now: int) -> list[Ordered]:
        """What needs to wait no longer, in its order."""
        ready = []
        for sequence in sorted(self._waiting):
            ordered = self._waiting[sequence]
            follows = sequence == self._next and ordered.at - self._heard_at < PAUSE
            if not follows and ordered.at + WAIT > now:
                break
            ready.append(self._waiting.pop(sequence))
            self._next, self._heard_at = sequence + 1, ordered.at
        return ready


class Run(NamedTuple):
    """Packets that go on, or the first of a stream."""

    packets: list[Ordered]
    anew: bool


class Streams:
    """The streams of a leg. Another sender, or one that counts anew, is heard once the one before has fallen silent, and none
    of it is lost; at once where signalling announced it."""

    def __init__(self) -> None:
        self._current: Stream | None = None
        self._is_new = False
        self._held: deque[Arrival] = deque(maxlen=_MOST_HELD)
        self._runs: list[Run] = []

    def add(self, arrival: Arrival) -> None:
        current = self._current
        if current is not None and current.add(arrival):
            return
        if not isinstance(arrival.form, Form):
            return  # no stream begins with what is no sound
        if current is None or arrival.epoch != current.epoch:
            self._begin([arrival])
        else:
            self._hold(arrival)

    def ready(self, now: int) -> list[Run]:
        """What can be heard now. `now` is ticks since the call began."""
        self._give_way(now)
        self._release(now)
        runs, self._runs = self._runs, []
        return runs

    def _hold(self, arrival: Arrival) -> None:
        if self._held and _sender(self._held[0]) != _sender(arrival):
            self._held.clear()
        self._held.append(arrival)
        self._give_way(arrival.at)

    def _give_way(self, now: int) -> None:
        current = self._current
        if current is None or now - current.last_at <= _SILENT:
            return
        if since := [arrival for arrival in self._held if arrival.at > current.last_at]:
            self._begin(since)

    def _begin(self, arrivals: Sequence[Arrival]) -> None:
        if self._current is not None:
            self._release(_EVER)  # nothing more of it is waited for
        self._current, self._is_new = Stream(arrivals[0]), True
        self._held.clear()
        for arrival in arrivals:
            self._current.add(arrival)

    def _release(self, now: int) -> None:
        if self._current is not None and (packets := self._current.ready(now)):
            self._runs.append(Run(packets, self._is_new))
            self._is_new = False


def _sender(arrival: Arrival) -> tuple[int, int]:
    """Who counts by which clock."""
    assert isinstance(arrival.form, Form), "no stream begins with what is no sound"
    return arrival.packet.ssrc, arrival.form.clock_hz
