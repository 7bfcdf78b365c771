"""The forms of sound that are understood: G.711 and G.722 (RFC 3551), and keys told beside the sound (RFC 4733).

All of them count time in ticks of 1/8000 s, G.722 too although it has two samples in each, and have a byte a tick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from G722 import G722

from telephony.media.g711 import A_LAW, MU_LAW
from telephony.ongoing import Samples
from telephony.streams import Codec

TICKS_HZ = 8_000
_G722_BITS_PER_S = 64_000


class Decoder(Protocol):
    """Sound of one stream; it remembers what came before."""

    def decode(self, payload: bytes) -> Samples: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of sound."""

    rate_hz: int
    decoder: Callable[[], Decoder]  #: a new one, for a new stream
    silence: bytes  #: a tick of it

    @property
    def samples_a_tick(self) -> int:
        return self.rate_hz // TICKS_HZ


class Keys:
    """Presses of keys, which share a stream's sequence but are no sound."""


@dataclass(frozen=True, slots=True)
class _G711:
    table: Samples

    def decode(self, payload: bytes) -> Samples:
        return self.table[np.frombuffer(payload, np.uint8)]


class _G722:
    """The library, whose state runs on from packet to packet."""

    def __init__(self) -> None:
        self._library = G722(2 * TICKS_HZ, _G722_BITS_PER_S)

    def decode(self, payload: bytes) -> Samples:
        return np.frombuffer(self._library.decode(payload), np.int16)


KEYS = Keys()
_SOUND = {
    "PCMU": Form(rate_hz=TICKS_HZ, decoder=lambda: _G711(MU_LAW), silence=b"\xff"),
    "PCMA": Form(rate_hz=TICKS_HZ, decoder=lambda: _G711(A_LAW), silence=b"\xd5"),
    "G722": Form(rate_hz=2 * TICKS_HZ, decoder=_G722, silence=b"\xfa"),
}


def form(codec: Codec) -> Form | Keys | None:
    """What is meant by a codec; None for what isn't understood."""
    if codec.clock_hz != TICKS_HZ:
        return None
    return KEYS if codec.name == "TELEPHONE-EVENT" else _SOUND.get(codec.name)


def understood(codecs: Iterable[Codec]) -> dict[Codec, Form | Keys]:
    """Those that are understood, in their order; none where there are keys but no sound."""
    known = {codec: meant for codec in codecs if (meant := form(codec)) is not None}
    return known if any(isinstance(meant, Form) for meant in known.values()) else {}
