"""An ended call as one recording: a stereo WAV with the city hall on the left and the other on the right."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import soxr

from telephony.ongoing import LEGS, OngoingCall, Samples, Sound
from telephony.wav import FRAME_BYTES, HEADER, header

_LOWEST_HZ = 8_000
_BLOCK = 1 << 16  # samples


class StereoWav:
    """The bytes, block by block, of what there was when it was made. Both sides are as long as the longer; one of a lower rate is
    resampled to the other's, equal rates are copied."""

    def __init__(self, call: OngoingCall) -> None:
        ours = call.call.our_leg
        self._sides = [_Side(call.sound(ours)), _Side(call.sound(next(leg for leg in LEGS if leg != ours)))]
        self.rate_hz = max(side.rate_hz for side in self._sides)
        self._frames = max(side.samples_at(self.rate_hz) for side in self._sides)

    @property
    def size_bytes(self) -> int:
        return HEADER.size + self._frames * FRAME_BYTES

    @property
    def duration_s(self) -> float:
        return self._frames / self.rate_hz

    def __iter__(self) -> Iterator[bytes]:
        yield header(self._frames, self.rate_hz)
        sides = [_evenly(side.read(self.rate_hz)) for side in self._sides]
        for start in range(0, self._frames, _BLOCK):
            frames = np.zeros((min(_BLOCK, self._frames - start), 2), "<i2")
            for channel, blocks in enumerate(sides):
                block = next(blocks, _NOTHING)[: len(frames)]
                frames[: len(block), channel] = block
            yield frames.tobytes()


_NOTHING: Samples = np.empty(0, np.int16)


class _Side:
    """What one said; nothing where it was never heard."""

    def __init__(self, sound: Sound | None) -> None:
        self._sound = sound
        self._samples = len(sound) if sound is not None else 0

    @property
    def rate_hz(self) -> int:
        return self._sound.rate_hz if self._sound is not None else _LOWEST_HZ

    def samples_at(self, rate_hz: int) -> int:
        return -(-self._samples * rate_hz // self.rate_hz)

    def read(self, rate_hz: int) -> Iterator[Samples]:
        """All of it at that rate, in blocks of any length."""
        if rate_hz == self.rate_hz:
            yield from self._blocks()
            return
        resampling = soxr.ResampleStream(self.rate_hz, rate_hz, 1, dtype="int16")
        for block in self._blocks():
            yield resampling.resample_chunk(block)
        yield resampling.resample_chunk(_NOTHING, last=True)

    def _blocks(self) -> Iterator[Samples]:
        for start in range(0, self._samples, _BLOCK):
            assert self._sound is not None
            yield self._sound.read(start, min(_BLOCK, self._samples - start))


def _evenly(blocks: Iterator[Samples]) -> Iterator[Samples]:
    """The same in blocks of one length, the last perhaps shorter."""
    held = _NOTHING
    for block in blocks:
        held = np.concatenate((held, block))
        while len(held) >= _BLOCK:
            yield held[:_BLOCK]
            held = held[_BLOCK:]
    if len(held):
        yield held
