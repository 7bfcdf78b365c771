"""Where in a leg's file sound belongs: by the sender's own clock, kept in step with ours. All times are in ticks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from telephony.media.codecs import TICKS_HZ
from telephony.media.drift import Drift
from telephony.media.stream import Ordered

_AHEAD = 2 * TICKS_HZ  #: of our clock, the most that a sender may be
_LATE = TICKS_HZ // 10  #: after a pause: the sender's clock stood still meanwhile
_DRIFT = TICKS_HZ // 100  #: which is put right where it is quiet
_MOST_DRIFT = TICKS_HZ // 50  #: which is put right anywhere, so that two legs stay within twice of it
QUIET = TICKS_HZ // 50  #: how much has to be quiet for a step not to be heard
_CUT_EVERY = 60 * TICKS_HZ  #: 20 ms a minute, more than any crystal is off
_TELLING = 500  #: packets that are looked at for the fastest, at a beginning


class Place(NamedTuple):
    """Where a packet's sound belongs."""

    at: int
    skip: int  #: of its beginning, which would lie on other sound
    lost: int  #: that never came, just before


class Timeline:
    """Places the sound of one leg, of one stream after the other. Sound never lies on sound and never far in the future."""

    def __init__(self) -> None:
        self.end = 0  #: of the sound so far
        self._offset = 0  #: from timestamps to places
        self._drift = Drift(0)
        self._last: Ordered | None = None
        self._length = 0  #: of the last sound
        self._cut_at = 0

    def begin(self, packets: Sequence[Ordered]) -> None:
        """Anchor a stream by its first packets: the one that came the fastest tells when it began."""
        first = packets[0]
        fastest = min(p.at - p.timestamp for p in packets[:_TELLING])
        self._move(max(fastest, first.at - first.timestamp - _AHEAD, self.end - first.timestamp), first.at)
        self._last = None

    def go_on(self, packets: Sequence[Ordered]) -> None:
        """After a pause. Packets that were delayed come in a burst, each less late than the one before; where all are as late as
        the first, the sender's clock has stood still."""
        late = [p.at - p.timestamp - self._offset for p in packets[:_TELLING]]
        if min(late) > _LATE and late[0] - min(late) < _LATE:
            self._move(self._offset + min(late), packets[0].at)

    def skip(self, packet: Ordered) -> None:
        """A packet without sound, which has its place in the sequence."""
        self._last = packet

    def place(self, packet: Ordered, length: int, *, is_quiet: bool) -> Place | None:
        """None for sound that claims to be of the future. `is_quiet` says that the sound before it ended quietly."""
        last, self._last = self._last, packet
        missing = packet.sequence - last.sequence - 1 if last else 0
        if self._is_credible(packet, last):
            self._keep_in_step(packet, length, is_quiet)
        else:
            self._move(max(self.end, packet.at) - packet.timestamp, packet.at)
            missing = 0
        at = packet.timestamp + self._offset
        if at > packet.at + _AHEAD:
            return None
        lost = min(max(0, at - self.end), missing * (self._length or length))
        skip = min(max(0, self.end - at), length)
        self.end, self._length = max(self.end, at + length), length
        return Place(at + skip, skip, lost)

    def _is_credible(self, packet: Ordered, last: Ordered | None) -> bool:
        goes_on = last is None or last.form is None or packet.timestamp > last.timestamp
        return goes_on and packet.timestamp + self._offset <= packet.at + _AHEAD

    def _keep_in_step(self, packet: Ordered, length: int, is_quiet: bool) -> None:
        """Move the places after silence, or after anything before it becomes too much. Silence can be put in at once; what has
        to give way is the silence, or the beginning of the sound, little at a time and seldom."""
        self._drift.hear(packet.at, packet.at - packet.timestamp - self._offset)
        owed = self._drift.owed
        if (is_quiet and owed >= _DRIFT) or owed >= _MOST_DRIFT:
            self._move(self._offset + owed, packet.at)
        elif is_quiet and owed <= -_DRIFT:
            step = min(-owed, length, QUIET)
            self.end -= step
            self._move(self._offset - step, packet.at)
        elif owed <= -_MOST_DRIFT and packet.at - self._cut_at >= _CUT_EVERY:
            self._cut_at = packet.at
            self._move(self._offset - min(length, _MOST_DRIFT), packet.at)

    def _move(self, offset: int, now: int) -> None:
        self._offset, self._drift = offset, Drift(now)
