"""What a city decides of the signalling of its calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from telephony.networks import PRIVATE, Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """With what TLS is spoken."""

    chain: Path
    key: Path
    authorities: Path | None = None  #: whose certificates peers must show; None: they need not show any


@dataclass(frozen=True, slots=True, kw_only=True)
class SipSettings:
    host: str = "127.0.0.1"  #: where it listens
    port: int = 5060  #: for UDP and TCP; 0 takes a free one
    tls_port: int = 5061
    certificate: Certificate | None = None  #: without it there is no TLS
    told_host: str = ""  #: the address that peers are told; empty: the one at which they reached us
    networks: tuple[Network, ...] = PRIVATE  #: from elsewhere nothing is answered
    our_numbers: tuple[str, ...] = ()  #: of the city hall; 09867600* means all that begin so
    unrecorded_numbers: tuple[str, ...] = ()  #: of either side; nothing is kept of a call with one of them
    passwords: Mapping[str, str] = field(default_factory=dict)  #: of phones by their names; empty: nobody is asked for one
    digests: tuple[str, ...] = ("SHA-256", "MD5")  #: how they may show them, the better first; old phones bear MD5 alone
    trusted: tuple[Network, ...] = ()  #: exchanges that are not asked for one
    keys_in_clear: bool = False  #: whether keys of encrypted sound are taken over unencrypted signalling
    most_calls: int = 100
    most_connections: int = 256
    silence_s: float = 120.0  #: without a packet, after which a call is taken to be over
    longest_s: float = 4 * 3600.0
    least_free_bytes: int = 1_000_000_000  #: on the disk, for a new call
    t1_s: float = 0.5  #: the estimate of a round trip, from which the times of RFC 3261 follow

    @property
    def t2_s(self) -> float:
        return 8 * self.t1_s

    @property
    def given_up_s(self) -> float:
        """After which an answer is not waited for any more."""
        return 64 * self.t1_s
