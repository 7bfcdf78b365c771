"""Senders of sound for tests: known sound, packets of it, and a line on which time is simulated."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import numpy as np

from core.clock import JST
from telephony.media.codecs import TICKS_HZ, Form, Keys, form
from telephony.media.g711 import MU_LAW
from telephony.media.rtp import Packet
from telephony.media.soundfile import SoundFile
from telephony.media.stream import Arrival
from telephony.media.track import Track
from telephony.ongoing import LiveCall, OngoingCall, Samples
from telephony.streams import Codec

PCMU, PCMA, G722 = Codec(0, "PCMU", 8000), Codec(8, "PCMA", 8000), Codec(9, "G722", 8000)
OPUS = Codec(111, "OPUS", 48_000, 2)
TELEPHONE_EVENT = Codec(101, "TELEPHONE-EVENT", 8000)
WIDE_EVENT = Codec(102, "TELEPHONE-EVENT", 48_000)
FRAME = 160


def meant(codec: Codec) -> Form | Keys:
    found = form(codec)
    assert found is not None
    return found


def noise(seconds: float, seed: int = 1) -> bytes:
    """Bytes of mu-law or A-law, loud and never the same."""
    return np.random.default_rng(seed).integers(0, 256, round(seconds * TICKS_HZ), dtype=np.uint8).tobytes()


def mu_law(payload: bytes) -> Samples:
    return MU_LAW[np.frombuffer(payload, np.uint8)]


def begun(folder: Path, name: str = "a", protocol: str = "SIP") -> OngoingCall:
    return OngoingCall.begin(folder, LiveCall(id=name, began_at=datetime(2026, 11, 28, 9, tzinfo=JST), protocol=protocol))


def packets(
    payload: bytes, *, codec: Codec = PCMU, sequence: int = 0, timestamp: int = 0, ssrc: int = 7, frame: int = FRAME
) -> list[Packet]:
    """Sound as a sender cuts it."""
    parts = [payload[start : start + frame] for start in range(0, len(payload) - frame + 1, frame)]
    return [
        Packet(codec.payload_type, (sequence + i) % 2**16, (timestamp + i * frame) % 2**32, ssrc, part)
        for i, part in enumerate(parts)
    ]


class Line:
    """A leg without sockets: packets come at times that the test says, and are written every 200 ms as they are in a call."""

    def __init__(self, call: OngoingCall, leg: int = 0) -> None:
        self.call, self.leg = call, leg
        self.track, self.file = Track(), SoundFile(call, leg)
        self._arrivals: list[Arrival] = []
        self._now = 0
        self.epoch = 0

    def send(self, sent: Iterable[Packet], at_s: float, every_s: float = FRAME / TICKS_HZ) -> Line:
        """Packets evenly from a time on."""
        for i, packet in enumerate(sent):
            self.at(packet, at_s + i * every_s)
        return self

    def at(self, packet: Packet, at_s: float) -> Line:
        known = {c.payload_type: meant(c) for c in (PCMU, PCMA, G722, OPUS, TELEPHONE_EVENT, WIDE_EVENT)}
        self._arrivals.append(Arrival(packet, round(at_s * TICKS_HZ), known.get(packet.payload_type), self.epoch))
        return self

    def hear(self, until_s: float) -> Line:
        """Let time pass."""
        left = deque(sorted(self._arrivals, key=lambda a: a.at))
        while self._now < until_s * TICKS_HZ:
            self._now += TICKS_HZ // 5
            came = []
            while left and left[0].at <= self._now:
                came.append(left.popleft())
            self.file.write(self.track.place(came, self._now, is_quiet=self.file.is_quiet))
        self._arrivals = list(left)
        return self

    def end(self) -> Samples:
        """What the file says at last."""
        last = max((a.at for a in self._arrivals), default=self._now)
        self.hear(max(last, self._now) / TICKS_HZ)
        self.file.write(self.track.finish(self._now))
        return self.sound

    @property
    def sound(self) -> Samples:
        sound = self.call.sound(self.leg)
        return sound.read(0, len(sound)) if sound else np.empty(0, np.int16)


def is_in(known: Samples, sound: Samples, at_s: float, rate_hz: int = TICKS_HZ) -> bool:
    """Whether known sound lies exactly there."""
    start = round(at_s * rate_hz)
    return np.array_equal(sound[start : start + len(known)], known)
