"""Whose packets a port takes: those of one sender."""

from __future__ import annotations

from ipaddress import ip_address

from telephony.networks import Network, within

Address = tuple[str, int]


class Latch:
    """The first who sends something valid, until the one whom the signalling names does."""

    def __init__(self, named: Address | None, networks: tuple[Network, ...]) -> None:
        self.named, self._networks = named, networks
        self.owner: Address | None = None

    def may_own(self, source: Address) -> bool:
        return source == self.owner or self.owner is None or source == self.named

    def is_stranger(self, source: Address) -> bool:
        """Nobody named it, and it is none of the city's. A gateway sends from another port than it is reached at, perhaps."""
        return (self.named is None or source[0] != self.named[0]) and not within(source[0], self._networks)

    def take(self, source: Address) -> bool:
        """Give it to a sender who may own it. True: somebody else had it."""
        changed = self.owner is not None and source != self.owner
        self.owner = source
        return changed


def address(host: str, port: int, *, ipv6: bool) -> Address | None:
    """As a socket of that family writes it; None for what is no sender's address. Names are not looked up: that takes time."""
    try:
        ip = ip_address(host)
    except ValueError:
        return None
    if ip.is_unspecified or ip.is_multicast or not 0 < port <= 65_535 or (ip.version == 6 and not ipv6):
        return None
    return (f"::ffff:{ip}" if ipv6 and ip.version == 4 else str(ip)), port
