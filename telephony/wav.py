"""The header of a stereo WAV file with 16-bit PCM, for who writes one block by block."""

from __future__ import annotations

import struct

HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
FRAME_BYTES = 4  # two samples
_LARGEST_BYTES = 0xFFFF_FFFF - HEADER.size  # that a header can say; readers take it for all that follows
_PCM, _CHANNELS, _SAMPLE_BITS = 1, 2, 16


def header(frames: int, rate_hz: int) -> bytes:
    """Of so many frames, that is, pairs of samples."""
    data_bytes = min(frames * FRAME_BYTES, _LARGEST_BYTES)
    form = (16, _PCM, _CHANNELS, rate_hz, rate_hz * FRAME_BYTES, FRAME_BYTES, _SAMPLE_BITS)
    return HEADER.pack(b"RIFF", HEADER.size - 8 + data_bytes, b"WAVE", b"fmt ", *form, b"data", data_bytes)
