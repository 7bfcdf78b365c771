"""One leg's packets on their way to its file: put in order and given their place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from telephony.media.codecs import TICKS_HZ, Keys
from telephony.media.soundfile import Batch, Piece
from telephony.media.stream import PAUSE, WAIT, Arrival, Run, Streams
from telephony.media.timeline import Timeline

_SETTLED = TICKS_HZ // 2  #: after which nothing more is expected, so that who listens along hears the silence
_SHORTEST_KEY = TICKS_HZ // 25


@dataclass(slots=True)
class Track:
    """A leg. Times are ticks since the call began."""

    _streams: Streams = field(default_factory=Streams)
    _timeline: Timeline = field(default_factory=Timeline)
    _heard_at: int = 0
    _key: tuple[int, int] | None = None
    _key_at: int = -_SHORTEST_KEY

    def place(self, arrivals: Iterable[Arrival], now: int, *, is_quiet: bool) -> Batch:
        """Take what came, and give out what needs to wait no longer. `is_quiet` says how what was
        given out before ended."""
        batch = Batch()
        for arrival in arrivals:
            if isinstance(arrival.form, Keys) and self._is_press(arrival):
                batch.keys.append(arrival.at)
            self._streams.add(arrival)
        for run in self._streams.ready(now):
            self._hear(run, batch, is_quiet)
        batch.end = self._timeline.end
        batch.settled = 0 if batch.pieces else now - _SETTLED
        return batch

    def finish(self, now: int) -> Batch:
        """The last: nothing more comes."""
        batch = self.place((), now + WAIT, is_quiet=False)
        batch.settled, batch.is_last = batch.end, True
        return batch

    def _is_press(self, arrival: Arrival) -> bool:
        """All packets of one press have the same timestamp (RFC 4733, 2.5.1)."""
        key = arrival.packet.ssrc, arrival.packet.timestamp
        if key == self._key or arrival.at - self._key_at < _SHORTEST_KEY:
            return False
        self._key, self._key_at = key, arrival.at
        return True

    def _hear(self, run: Run, batch: Batch, is_quiet: bool) -> None:
        packets, timeline, pieces = run.packets, self._timeline, batch.pieces
        begins = run.anew
        if begins:
            timeline.begin(packets)
        for i, packet in enumerate(packets):
            if packet.at - self._heard_at >= PAUSE and not (run.anew and i == 0):
                timeline.go_on(packets[i:])
            self._heard_at = packet.at
            form = packet.form
            if form is None or not packet.payload:
                timeline.skip(packet)
                continue
            length = form.ticks(packet.payload)
            if not length:
                continue  # as if it had never come
            place = timeline.place(packet, length, is_quiet=is_quiet and not pieces)
            if place is None or place.skip == length:
                continue
            if begins or place.skip or not pieces or not pieces[-1].goes_on(place.at, form):
                pieces.append(Piece(at=place.at, lost=place.lost, form=form, skip=place.skip, begins=begins))
            pieces[-1].add(packet.payload)
            begins = False
