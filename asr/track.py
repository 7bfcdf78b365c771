"""Frames of one audio track in, PCM in the sinks out; pauses in the timestamps become silence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO

from asr.errand import SAMPLE_BYTES, SAMPLE_RATE_HZ
from asr.mixdown import SIDES, Mixdown
from asr.resampling import pulled, resampling

_SHORTEST_GAP_S = 0.5  # smaller jumps between timestamps are rounding
_LONGEST_GAP_S = 600.0  # a larger one is a pause only if the following timestamps agree, and may be a damaged timestamp
_FURTHEST_BACK_S = 5.0  # no clock of a recorder is so slow: the timestamps begin again
_AGREEING_S = 5.0
_SILENCE = bytes(SAMPLE_RATE_HZ * SAMPLE_BYTES)


class TooLong(Exception):
    """More than the recording may last."""


class Track:
    """Resamples frames and appends them to one file a channel. Frames behind a doubtful jump are held until it is understood.

    Attributes:
        frames: the samples so far, in each file.
    """

    def __init__(self, files: Sequence[BinaryIO], longest_s: float) -> None:
        self.frames = 0
        self._files = files
        self._mixdown = Mixdown(files[0]) if len(files) == 1 else None
        self._most_frames = round(longest_s * SAMPLE_RATE_HZ)
        self._form: tuple[object, ...] | None = None
        self._graph: Any = None
        self._base_s = 0.0  #: how far the timestamps are ahead of what is written
        self._held: list[Any] = []
        self._held_s = 0.0
        self._jump_s = 0.0  #: what the held frames jump by

    def write(self, frame: Any, at_s: float | None) -> float:
        """Append a frame. Gives by how much it jumps ahead of what came before, 0.0 where it follows on."""
        gap_s = self._gap_s(at_s)
        if self._held:
            if at_s is None or abs(gap_s - self._jump_s) <= _SHORTEST_GAP_S:
                self._hold(frame)
                return 0.0
            self._release(agreed=False)
            gap_s = self._gap_s(at_s)
        if -_FURTHEST_BACK_S < gap_s < _LONGEST_GAP_S:
            if gap_s > _SHORTEST_GAP_S:
                self._pause(gap_s)
            self._resample(frame)
        else:
            self._jump_s = gap_s
            self._hold(frame)
        return gap_s if gap_s > _SHORTEST_GAP_S else 0.0

    def close(self) -> None:
        """Write what is still held back."""
        self._release(agreed=False)
        self._drain()
        if self._mixdown:
            self._mixdown.flush()
        for file in self._files:
            file.flush()

    def _gap_s(self, at_s: float | None) -> float:
        return 0.0 if at_s is None else at_s - self._base_s - self._held_s - self.frames / SAMPLE_RATE_HZ

    def _hold(self, frame: Any) -> None:
        self._held.append(frame)
        self._held_s += frame.samples / frame.sample_rate
        if self._held_s >= _AGREEING_S:
            self._release(agreed=True)

    def _release(self, *, agreed: bool) -> None:
        held, self._held, self._held_s = self._held, [], 0.0
        if agreed:
            if self._jump_s > 0 and self.frames + round(self._jump_s * SAMPLE_RATE_HZ) < self._most_frames:
                self._pause(self._jump_s)
            else:  # no recording has such a pause: its clock was set
                self._base_s += self._jump_s
        for frame in held:
            self._resample(frame)

    def _pause(self, length_s: float) -> None:
        frames = round(length_s * SAMPLE_RATE_HZ)
        for first in range(0, frames, SAMPLE_RATE_HZ):
            count = min(SAMPLE_RATE_HZ, frames - first)
            self._append(count, [_SILENCE[: count * SAMPLE_BYTES]] * len(self._files))

    def _resample(self, frame: Any) -> None:
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._form:  # a stream may change its rate or layout on the way
            self._drain()
            self._graph = self._graph_of(frame)
            self._form = form
        frame.pts = None
        self._push(frame)

    def _graph_of(self, frame: Any) -> Any:
        channels = frame.layout.nb_channels
        if len(self._files) == 2:
            return resampling(frame, "stereo")
        if channels == 2:
            return resampling(frame, "stereo", SIDES)
        # FFmpeg's own mix takes many microphones for a cinema's loudspeakers, and drops the one for the bass
        shares = "+".join(f"{1 / channels:.6f}*c{i}" for i in range(channels))
        return resampling(frame, "mono", f"mono|c0={shares}" if channels > 2 else "")

    def _drain(self) -> None:
        if self._graph is not None:
            self._push(None)
            self._graph = None
            self._form = None

    def _push(self, frame: Any) -> None:
        self._graph.push(frame)
        for part in pulled(self._graph):
            self._append(part.samples, [memoryview(plane)[: part.samples * SAMPLE_BYTES] for plane in part.planes])

    def _append(self, count: int, planes: list[Any]) -> None:
        self.frames += count
        if self.frames > self._most_frames:
            raise TooLong
        if self._mixdown:
            self._mixdown.write(planes[0], planes[1] if len(planes) == 2 else bytes(count * SAMPLE_BYTES))
            return
        for file, samples in zip(self._files, planes, strict=True):
            file.write(samples)
