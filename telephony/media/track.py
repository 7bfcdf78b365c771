"""One leg's packets on their way into the call's folder: put in order, decoded, placed, written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np

from telephony.media.codecs import TICKS_HZ, Decoder, Form, Keys
from telephony.media.losses import Losses
from telephony.media.soundfile import SoundFile
from telephony.media.stream import PAUSE, WAIT, Arrival, Ordered, Run, Streams
from telephony.media.timeline import Timeline
from telephony.ongoing import Event, Happened, OngoingCall, Samples

_SETTLED = TICKS_HZ // 2  #: after which nothing more is expected, so that who listens along hears the silence
_SHORTEST_KEY = TICKS_HZ // 25
_MOST_UNTOLD = 1_000


class Track:
    """A leg. Times are ticks since the call began; everything is called from one thread."""

    def __init__(self, call: OngoingCall, leg: int) -> None:
        self.file = SoundFile(call, leg)
        self._call, self._leg = call, leg
        self._streams = Streams()
        self._timeline = Timeline()
        self._losses = Losses(leg)
        self._decoders: dict[Form, Decoder] = {}
        self._block: list[Samples] = []
        self._block_form: Form | None = None
        self._block_at = self._block_end = 0
        self._heard_at = 0
        self._key: tuple[int, int] | None = None
        self._key_at = -_SHORTEST_KEY
        self._untold: deque[Event] = deque(maxlen=_MOST_UNTOLD)

    def write(self, arrivals: Iterable[Arrival], now: int) -> None:
        """Take what came, and write what needs to wait no longer."""
        for arrival in arrivals:
            if isinstance(arrival.form, Keys):
                self._press(arrival)
            self._streams.add(arrival)
        runs = self._streams.ready(now)
        for run in runs:
            self._hear(run)
        self._write_block()
        if not runs:
            self.file.rest(now - _SETTLED)
        self._untold += self._losses.settle(self._timeline.end)
        self._tell()

    def finish(self, now: int) -> None:
        """Write all there is: nothing more comes."""
        self.write((), now + WAIT)
        self.file.rest(self._timeline.end)
        self._untold += self._losses.settle()
        self._tell()

    def _press(self, arrival: Arrival) -> None:
        """All packets of one press have the same timestamp (RFC 4733, 2.5.1)."""
        key = arrival.packet.ssrc, arrival.packet.timestamp
        if key != self._key and arrival.at - self._key_at >= _SHORTEST_KEY:
            self._key, self._key_at = key, arrival.at
            self._untold.append(Event(kind=Happened.KEY, at_s=arrival.at / TICKS_HZ, leg=self._leg))

    def _hear(self, run: Run) -> None:
        packets = run.packets
        if run.anew:
            self._timeline.begin(packets)
            self._decoders = {}
        for i, packet in enumerate(packets):
            if packet.at - self._heard_at >= PAUSE and not (run.anew and i == 0):
                self._timeline.go_on(packets[i:])
            self._heard_at = packet.at
            if packet.form is None or not packet.payload:
                self._timeline.skip(packet)
            else:
                self._sound(packet, packet.form)

    def _sound(self, packet: Ordered, form: Form) -> None:
        decoder = self._decoders.get(form) or self._decoders.setdefault(form, form.decoder())
        samples, length = decoder.decode(packet.payload), len(packet.payload)
        place = self._timeline.place(packet, length, samples)
        if place is None or place.skip == length:
            return
        if place.lost:
            self._untold += self._losses.add(place.at - place.lost, place.lost)
        if place.at != self._block_end or form is not self._block_form:
            self._write_block()
            self._block_at, self._block_form = place.at, form
        self._block.append(samples[place.skip * form.samples_a_tick :])
        self._block_end = place.at + length - place.skip

    def _write_block(self) -> None:
        """Sound that lies together is written together."""
        if not self._block or self._block_form is None:
            return
        block, self._block = np.concatenate(self._block), []
        if not self.file.put(self._block_at, block, self._block_form.rate_hz):
            self._untold += self._losses.add(self._block_at, self._block_end - self._block_at)
        self._block_at = self._block_end

    def _tell(self) -> None:
        """Note what happened; what a full disk doesn't take waits."""
        while self._untold:
            try:
                self._call.note(self._untold[0])
            except OSError:
                return
            self._untold.popleft()
