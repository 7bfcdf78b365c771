"""The forms of sound that are understood: G.711 and G.722 (RFC 3551), Opus (RFC 7587), and keys told beside the sound (RFC 4733).

Time is counted in ticks of 1/8000 s. G.711 and G.722 have a byte in each, G.722 two samples too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from G722 import G722

from telephony.media import opus
from telephony.media.g711 import A_LAW, MU_LAW
from telephony.ongoing import Samples
from telephony.streams import Codec

TICKS_HZ = 8_000
_OPUS_HZ = 48_000
_G722_BITS_PER_S = 64_000


class Decoder(Protocol):
    """Sound of one stream; it remembers what came before."""

    def decode(self, payloads: Sequence[bytes]) -> list[Samples | None]:
        """What each holds, as long as its form says; None for what is broken."""

    def close(self) -> None:
        """Nothing more comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of sound."""

    clock_hz: int = TICKS_HZ  #: of timestamps
    rate_hz: int
    decoder: Callable[[], Decoder]  #: a new one, for a new stream
    ticks: Callable[[bytes], int] = len  #: how long a payload lasts; 0 for what is broken
    silence: bytes  #: a payload of 20 ms

    @property
    def samples_a_tick(self) -> int:
        return self.rate_hz // TICKS_HZ


@dataclass(frozen=True, slots=True)
class Keys:
    """Presses of keys, which share a stream's sequence but are no sound."""

    clock_hz: int = TICKS_HZ


@dataclass(frozen=True, slots=True)
class _G711:
    table: Samples

    def decode(self, payloads: Sequence[bytes]) -> list[Samples | None]:
        return [self.table[np.frombuffer(payload, np.uint8)] for payload in payloads]

    def close(self) -> None:
        """There is nothing to be closed."""


class _G722:
    """The library, whose state runs on from packet to packet."""

    def __init__(self) -> None:
        self._library = G722(2 * TICKS_HZ, _G722_BITS_PER_S)

    def decode(self, payloads: Sequence[bytes]) -> list[Samples | None]:
        return [np.frombuffer(self._library.decode(payload), np.int16) for payload in payloads]

    def close(self) -> None:
        """There is nothing to be closed."""


_FRAME = TICKS_HZ // 50
_SOUND = {  #: by name, clock and channels
    ("PCMU", TICKS_HZ, 1): Form(rate_hz=TICKS_HZ, decoder=lambda: _G711(MU_LAW), silence=b"\xff" * _FRAME),
    ("PCMA", TICKS_HZ, 1): Form(rate_hz=TICKS_HZ, decoder=lambda: _G711(A_LAW), silence=b"\xd5" * _FRAME),
    ("G722", TICKS_HZ, 1): Form(rate_hz=2 * TICKS_HZ, decoder=_G722, silence=b"\xfa" * _FRAME),
    ("OPUS", _OPUS_HZ, 2): Form(
        clock_hz=_OPUS_HZ,
        rate_hz=opus.RATE_HZ,
        decoder=opus.OpusDecoder,
        ticks=lambda payload: opus.length(payload) * TICKS_HZ // opus.RATE_HZ,
        silence=opus.SILENCE,
    ),
}
_KEYS = {("TELEPHONE-EVENT", clock_hz, 1): Keys(clock_hz) for clock_hz in (TICKS_HZ, _OPUS_HZ)}


def form(codec: Codec) -> Form | Keys | None:
    """What is meant by a codec; None for what isn't understood."""
    named = codec.name, codec.clock_hz, codec.channels
    return _SOUND.get(named) or _KEYS.get(named)


def understood(codecs: Iterable[Codec]) -> dict[Codec, Form | Keys]:
    """Those that are understood, in their order; none where there are keys but no sound."""
    known = {codec: meant for codec in codecs if (meant := form(codec)) is not None}
    return known if any(isinstance(meant, Form) for meant in known.values()) else {}
