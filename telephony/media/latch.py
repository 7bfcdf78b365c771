"""Whose packets a port takes: those of one sender."""

from __future__ import annotations

from ipaddress import ip_address

from telephony.media.codecs import TICKS_HZ
from telephony.media.rtp import SEQUENCE_BITS, Packet
from telephony.networks import Network, within

Address = tuple[str, int]
GIVES_WAY = TICKS_HZ  #: who was silent for so long may have moved, as a phone behind a gateway does without a word
_MOST_LOST = 100  #: packets, in a stream that goes on
_MOST_OVERTAKEN = 10  #: as long as is waited for them


class Latch:
    """The first who sends something valid, until the one whom the signalling names does, or falls silent and another sends. Times
    are ticks since the call began."""

    def __init__(self, named: Address | None, networks: tuple[Network, ...], before: Latch | None = None) -> None:
        """`before` is that of the port until the signalling named another."""
        self.named, self._networks = named, networks
        self.owner: Address | None = None
        self.heard_at: int = before.heard_at if before else 0  #: when the owner was
        self._last: Packet | None = before._last if before else None

    def may_own(self, source: Address, at: int) -> bool:
        return self.owner is None or source in (self.owner, self.named) or at - self.heard_at >= GIVES_WAY

    def is_stranger(self, source: Address) -> bool:
        """Nobody named it, and it is none of the city's. A gateway sends from another port than it is reached at, perhaps."""
        return (self.named is None or source[0] != self.named[0]) and not within(source[0], self._networks)

    def goes_on(self, packet: Packet) -> bool:
        """Whether it is the owner's, soon after its last or overtaken by it, wherever it comes from: nobody else knows by what it
        is told from others."""
        last = self._last
        return last is not None and (
            follows(packet, last, within=_MOST_LOST) or follows(last, packet, within=_MOST_OVERTAKEN) or packet == last
        )

    def take(self, source: Address, at: int, packet: Packet) -> bool:
        """A sender who may own it, or goes on with what the owner sent, is heard. True: somebody else had it."""
        changed = self.owner is not None and source != self.owner
        self.owner, self.heard_at, self._last = source, at, packet
        return changed


def follows(packet: Packet, last: Packet, *, within: int) -> bool:
    """Whether it is one of so many packets that come next in a stream."""
    return packet.ssrc == last.ssrc and 0 < (packet.sequence - last.sequence) % (1 << SEQUENCE_BITS) <= within


def address(host: str, port: int, *, ipv6: bool) -> Address | None:
    """As a socket of that family writes it; None for what is no sender's address. Names are not looked up: that takes time."""
    try:
        ip = ip_address(host)
    except ValueError:
        return None
    if ip.is_unspecified or ip.is_multicast or not 0 < port <= 65_535 or (ip.version == 6 and not ipv6):
        return None
    return (f"::ffff:{ip}" if ipv6 and ip.version == 4 else str(ip)), port
