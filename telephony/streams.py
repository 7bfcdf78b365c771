"""What signalling and media say to each other: where sound comes from, in what form, and where it is received."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from telephony.ongoing import OngoingCall


@dataclass(frozen=True, slots=True)
class Codec:
    """A form of sound as SDP names it."""

    payload_type: int
    name: str  #: in capitals: PCMU, PCMA, G722, OPUS, TELEPHONE-EVENT
    clock_hz: int
    channels: int = 1  #: 2 for Opus, whatever it sends (RFC 7587, 7)


@dataclass(frozen=True, slots=True)
class Keys:
    """How a stream is encrypted (SDES, RFC 4568)."""

    suite: str  #: AES_CM_128_HMAC_SHA1_80
    master: bytes  #: key and salt


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a peer wants to send."""

    host: str  #: as the peer writes it, be it a name or nothing
    port: int
    may_be_sent_to: bool = True  #: and not only be heard from there
    codecs: tuple[Codec, ...]  #: in the peer's order
    keys: Keys | None = None
    sends: bool = True  #: False while it is held or inactive


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Where and how it is received, for the answer."""

    port: int
    codecs: tuple[Codec, ...]  #: of those offered the ones that are understood, in the peer's order
    keys: Keys | None = None


class CallMedia(Protocol):
    """The sound of one call. Everything is called from the event loop that the recorder runs on."""

    async def receive(self, leg: int, offered: Offered) -> Received | None:
        """Begin to receive a leg, or go on with it as offered now, at the same port. None: no form is understood, and what
        was agreed before stands. Raises Busy where no port is free."""

    def drop(self, leg: int) -> None:
        """The peer took this stream back."""

    @property
    def silent_s(self) -> float:
        """Since when no packet came on a leg that is not held; without an end while all are held."""

    async def close(self) -> None:
        """Have all sound on the disk and free the ports."""


class Media(Protocol):
    """Receives sound for all calls."""

    def begin(self, call: OngoingCall) -> CallMedia:
        """Take up a call, whose sound is written into its folder."""
