"""Opus (RFC 6716): how long a packet lasts, and its sound, which a sealed process decodes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from asr.opus import Opus
from core.errors import MadoguchiError
from telephony.ongoing import Samples

RATE_HZ = 16_000  #: of what is decoded
SILENCE = b"\xf8\xff\xfe"  #: a packet of 20 ms

_MS = RATE_HZ // 1_000
_LONGEST = 120 * _MS
_SPEECH = (10 * _MS, 20 * _MS, 40 * _MS, 60 * _MS)  #: of a frame, by the last bits of its configuration (3.1, table 2)
_HYBRID = (10 * _MS, 20 * _MS) * 2
_MUSIC = (5 * _MS // 2, 5 * _MS, 10 * _MS, 20 * _MS)
_FRAME = (*_SPEECH * 3, *_HYBRID, *_MUSIC * 4)
_LONGEST_STREAM_S = 4 * 3_600.0  #: that a process may have the time for; after it comes the next
_HELD_BACK = 16  #: samples that the resampler of a process keeps until more comes
_MOST_PROCESSES = 3  #: of a stream: what ends one ends the next, perhaps


def length(payload: bytes) -> int:
    """How many samples a packet holds, by its head; 0 for what is none."""
    if not payload:
        return 0
    counted = payload[1] & 63 if len(payload) > 1 else 0
    frames = (1, 2, 2, counted)[payload[0] & 3]
    samples = frames * _FRAME[payload[0] >> 3]
    return samples if samples <= _LONGEST else 0


class OpusDecoder:
    """Of one stream. A process that ends before its stream is followed by another, so often and no more."""

    def __init__(self) -> None:
        self._process: Opus | None = None
        self._left = _MOST_PROCESSES
        self._held: Samples = np.zeros(0, np.int16)

    def decode(self, payloads: Sequence[bytes]) -> list[Samples | None]:
        """None for what can't be decoded, or is not as long as its head says."""
        while self._left:
            try:
                self._process = self._process or self._begun()
                heard = self._process.decode(payloads)
            except (MadoguchiError, OSError):  # the latter where there are too many files or processes
                self.close()
                self._left -= 1
            else:
                return [self._whole(length(payload), pcm) for payload, pcm in zip(payloads, heard, strict=True)]
        return [None] * len(payloads)

    def _begun(self) -> Opus:
        self._held = np.zeros(_HELD_BACK, np.int16)
        return Opus(_LONGEST_STREAM_S)

    def _whole(self, samples: int, pcm: Samples | None) -> Samples | None:
        """As much as the head of a packet says, always as late as the first had to be made."""
        if pcm is None:
            return None
        known = np.concatenate((self._held, pcm))
        self._held = known[samples:][:_HELD_BACK]
        return known[:samples] if len(known) >= samples else None

    def close(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None
