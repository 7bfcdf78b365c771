"""What we say on the phone: nothing, once in a while, so that nobody hangs up on a dead line."""

from __future__ import annotations

import secrets

from telephony.media.codecs import Form
from telephony.media.rtp import Packet, pack

EVERY_S = 1.0


class Nothing:
    """A stream of silence with pauses between its packets, as RTP allows (RFC 3551, 4.1)."""

    def __init__(self) -> None:
        self._ssrc, self._sequence, self._timestamp = secrets.randbits(32), secrets.randbits(15), secrets.randbits(31)

    def next(self, payload_type: int, form: Form) -> bytes:
        self._sequence += 1
        self._timestamp += round(EVERY_S * form.clock_hz)
        packet = Packet(payload_type, self._sequence, self._timestamp, self._ssrc, form.silence)
        return pack(packet, marker=True)
