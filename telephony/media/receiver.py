"""The port of one leg: what came is read when somebody asks, opened and checked.

The kernel stamps packets and holds several seconds of them, so nobody has to be woken for each.
"""

from __future__ import annotations

from collections.abc import Callable

from core.logging import logger
from telephony.media.codecs import TICKS_HZ, Form, Keys, understood
from telephony.media.latch import Address, Latch, address, follows
from telephony.media.nothing import Nothing
from telephony.media.ports import Pair
from telephony.media.rtp import parse
from telephony.media.srtp import Sealing, Unsealing, own_keys, usable
from telephony.media.stamp import NOTES_BYTES, age_s
from telephony.media.stream import Arrival
from telephony.media.waiting import Waiting
from telephony.networks import Network
from telephony.streams import Offered, Received

_LARGEST_BYTES = 2_048  #: of a packet; Ethernet's are smaller
_MOST_AT_ONCE = 1_000  #: packets; the kernel holds fewer, but a flood doesn't end
_MOST_KEPT = 1_500  #: packets that wait for the disk, half a minute
_MOST_TOLD = 8  #: strangers, each by its address
_UNDER_WAY = TICKS_HZ // 4  #: that a hold may be told of before the last of its sound comes, or its end after the first
_UNBROKEN = TICKS_HZ // 10  #: from one packet to the next
_log = logger("telephony.media")


class Receiver:
    """Who may send to one socket, and what it means."""

    def __init__(
        self, pair: Pair, ticks: Callable[[], int], *, call: str, until: int, epoch: int, networks: tuple[Network, ...]
    ) -> None:
        """`call` names it in the log."""
        self.pair = pair
        self._call = call
        self.epoch = epoch
        self.strangers = 0  #: packets of those who may not be heard
        self.others = 0  #: packets of those who may, while another is, and that were never heard
        self._told: set[str] = set()  # of them, by their addresses
        self.heard_at = self._emptied_at = ticks()
        self.is_held = False
        self._ticks, self._until = ticks, until
        self._kept: list[Arrival] = []
        self._forms: dict[int, Form | Keys] = {}
        self._speaks: tuple[int, Form] | None = None  #: payload type and form of what we send
        self._networks = networks
        self._latch = Latch(None, networks)
        self._moved = False  #: the signalling named another since anything was heard
        self._waiting = Waiting()
        self._held_at = 0
        self._while_held = Waiting()
        self._last: Arrival | None = None  #: that was kept
        self._may_be_sent_to = False
        self._unsealing: Unsealing | None = None
        self._sealing: Sealing | None = None
        self._nothing = Nothing()

    def agree(self, offered: Offered) -> Received | None:
        """Receive as it is offered from now on. None: it can't be understood, and what was agreed before stands."""
        known = understood(offered.codecs)
        if not known or (offered.keys and not usable(offered.keys)):
            return None
        self.read()  # it was sent as agreed before, as is what is under way
        self._forms |= {codec.payload_type: meant for codec, meant in known.items()}
        self._speaks = next((codec.payload_type, meant) for codec, meant in known.items() if isinstance(meant, Form))
        self._encrypt(offered)
        self._may_be_sent_to = offered.may_be_sent_to
        self._hold(not offered.sends)
        self._expect(address(offered.host, offered.port, ipv6=self.pair.is_ipv6))
        return Received(port=self.pair.port, codecs=tuple(known), keys=self._sealing.keys if self._sealing else None)

    def read(self) -> None:
        """Take from the kernel what it holds."""
        now = self._ticks()
        for _ in range(_MOST_AT_ONCE):
            if not self._read():
                self._emptied_at = now
                return

    def collect(self) -> list[Arrival]:
        """What came since."""
        self.read()
        kept, self._kept = self._kept, []
        return kept

    def say_nothing(self) -> None:
        """Send a packet of silence."""
        to = self._latch.owner or (self._latch.named if self._may_be_sent_to else None)
        if self._speaks is None or self.is_held or to is None:
            return
        data = self._nothing.next(*self._speaks)
        try:
            self.pair.rtp.sendto(self._sealing.seal(data) if self._sealing else data, to)
        except OSError:  # nobody is there, or not yet
            return

    def _encrypt(self, offered: Offered) -> None:
        if offered.keys is None:
            self._unsealing = self._sealing = None
            return
        if self._unsealing is None or self._unsealing.keys != offered.keys:
            self._unsealing = Unsealing(offered.keys)
        if self._sealing is None or self._sealing.keys.suite != offered.keys.suite:
            self._sealing = Sealing(own_keys(offered.keys.suite))

    def _expect(self, named: Address | None) -> None:
        if named != self._latch.named:
            self._latch = Latch(named, self._networks, self._latch)
            self._moved = True
            if named is not None and (waited := self._waiting.take(named, self._latch.heard_at)):
                self._hear_anew(named, waited)

    def _hold(self, held: bool) -> None:
        now = self._ticks()
        if held and not self.is_held:
            self._held_at = now
        elif self.is_held and not held:
            self.heard_at = now
            self._resume(self._while_held.take(self._latch.owner, now - _UNDER_WAY))
        self.is_held = held

    def _resume(self, came: list[Arrival]) -> None:
        """What came just before is heard too. A stream that was never interrupted goes on: no sentence is broken by it."""
        if not (came and self._last and _is_unbroken(self._last, came[0])):
            self.epoch += 1
        for arrival in came:
            self._keep(arrival._replace(epoch=self.epoch))

    def _read(self) -> bool:
        try:
            data, notes, _, source = self.pair.rtp.recvmsg(_LARGEST_BYTES + 1, NOTES_BYTES)
        except OSError:  # nothing more
            return False
        if len(data) <= _LARGEST_BYTES:
            # what came before the last time was read then, whatever a clock says that was put right meanwhile
            self._hear(data, source[:2], max(self._emptied_at, self._ticks() - round(age_s(notes) * TICKS_HZ)))
        return True

    def _hear(self, data: bytes, source: Address, at: int) -> None:
        may_own = self._latch.may_own(source, at)
        if source != self._latch.owner and self._latch.is_stranger(source):
            if may_own:
                self.strangers += 1
                self._tell_of_stranger(source[0].removeprefix("::ffff:"))
            return
        opened = self._unsealing.unseal(data) if self._unsealing else data
        packet = parse(opened) if opened is not None else None
        if packet is None:
            return
        goes_on = self._latch.goes_on(packet)
        form = self._forms.get(packet.payload_type)
        if form is None and source != self._latch.owner:
            return
        if not (may_own or goes_on):
            self.others += 1
            self._waiting.add(source, Arrival(packet, at, form, self.epoch))
            return
        since = self._latch.heard_at
        is_another, self._moved = self._latch.take(source, at, packet) or self._moved, False
        if is_another and not goes_on:
            self._hear_anew(source, self._waiting.take(source, since))
        if at > self._until:
            return  # so a call that nobody ends falls silent
        self.heard_at = at
        arrival = Arrival(packet, at, form, self.epoch)
        if self.is_held and at > self._held_at + _UNDER_WAY:
            self._while_held.add(source, arrival)
        else:
            self._keep(arrival)

    def _hear_anew(self, source: Address, waited: list[Arrival]) -> None:
        """Another than before, and nobody spoke while it waited."""
        self.epoch += 1
        self._moved = False
        self.others -= len(waited)
        for arrival in waited:
            self._latch.take(source, arrival.at, arrival.packet)
            self._keep(arrival._replace(epoch=self.epoch))

    def _keep(self, arrival: Arrival) -> None:
        if len(self._kept) < _MOST_KEPT:
            self._kept.append(arrival)
            self._last = arrival

    def _tell_of_stranger(self, host: str) -> None:
        """At once, as it may be a gateway that the city forgot, and the call is silent as long as it is not let in."""
        if host not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(host)
            _log.warning("stranger_not_heard", extra={"call": self._call, "from": host, "add_to": "MADOGUCHI_SIP_NETWORKS"})


def _is_unbroken(last: Arrival, next_: Arrival) -> bool:
    return follows(next_.packet, last.packet, within=1) and next_.at - last.at <= _UNBROKEN
