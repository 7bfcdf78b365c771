"""Any common audio or video file in, mono 16 kHz PCM on disk out: decoded in blocks, never held whole."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
import numpy.typing as npt
from av.error import FFmpegError

from asr.container import declared_duration_s, looks_like_media, stops_inside_a_block, stops_inside_a_page, tolerance_s
from core.errors import UnreadableMedia

SAMPLE_RATE_HZ = 16_000

_FORMATS = "wav,w64,mp3,mov,mp4,flac,ogg,matroska,webm,aac,aiff,caf,au,amr,asf,avi,mpegts,mpeg,dss"
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
"""A playlist could make the decoder read other files or addresses, so only plain containers are opened."""

_SHORTEST_GAP_S = 0.5  # smaller jumps between timestamps are rounding
_LONGEST_GAP_S = 600.0  # a larger one is a damaged timestamp, not a pause
_MOST_LOST_S = 1.0
_BLOCK_HEADER_BYTES = 4  # a packet's place in a Matroska file is that of its block's header


class Channels(StrEnum):
    """Whether the channels of a recording are one scene, or a person each."""

    MIXED = "mixed"
    SEPARATE = "separate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pcm:
    """A raw file of mono 16-bit little-endian samples at `SAMPLE_RATE_HZ`."""

    path: Path
    frames: int

    @property
    def duration_s(self) -> float:
        return self.frames / SAMPLE_RATE_HZ

    def read(self, start_s: float, end_s: float) -> npt.NDArray[np.float32]:
        """Samples in [-1, 1] of a stretch, cut to what there is. Only the stretch is brought into memory."""
        first = min(max(0, round(start_s * SAMPLE_RATE_HZ)), self.frames)
        last = min(max(first, round(end_s * SAMPLE_RATE_HZ)), self.frames)
        raw = np.fromfile(self.path, "<i2", count=last - first, offset=first * 2)
        return raw.astype(np.float32) / np.float32(32768)


def decode(
    source: Path, work: Path, *, channels: Channels = Channels.MIXED, progress: Callable[[float], None] | None = None
) -> tuple[Pcm, ...]:
    """Decode `source` into files under `work`: one for MIXED, one a channel (at most two) for SEPARATE.

    Args:
        progress: called with the seconds decoded so far.

    Raises:
        UnreadableMedia: missing, empty, not audio, without an audio track, of no length, damaged, or breaking off.
    """
    _require_content(source)
    try:
        with av.open(f"file:{source}", options=_OPTIONS, metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise UnreadableMedia("音声が入っていないファイルです。音声のある録音か録画を選んでください。")
            tracks = _track_count(container, channels)
            work.mkdir(parents=True, exist_ok=True)
            names = ["mixed.pcm"] if channels is Channels.MIXED else [f"channel-{i}.pcm" for i in range(tracks)]
            sinks = [work / f".{name}.part" for name in names]
            try:
                reading = _read(container, sinks, progress or _ignore)
                _require_whole(source, container, reading)
                for sink, name in zip(sinks, names, strict=True):
                    sink.replace(work / name)
            finally:
                for sink in sinks:
                    sink.unlink(missing_ok=True)
    except FFmpegError as e:
        raise _unopened(source) from e
    return tuple(Pcm(path=work / name, frames=reading.frames) for name in names)


@dataclass(slots=True, kw_only=True)
class _Reading:
    """How far a file could be read."""

    frames: int = 0
    end_s: float = 0.0  #: where the last packet of any track ends
    end_bytes: int = 0  #: the same as a place in the file
    lost_s: float = 0.0  #: packets that could not be decoded


def _require_content(source: Path) -> None:
    if source.is_dir():
        raise UnreadableMedia("フォルダです。録音ファイルを指定してください。")
    if not source.is_file():
        raise UnreadableMedia("ファイルが見つかりません。名前と場所を確認してください。")
    try:
        size_bytes = source.stat().st_size
        with source.open("rb"):
            pass
    except PermissionError:
        raise UnreadableMedia("ファイルを開く権限がありません。ファイルの権限を確認してください。") from None
    if size_bytes == 0:
        raise UnreadableMedia("ファイルが空です(0バイト)。録音し直すか、元のファイルをコピーし直してください。")


def _unopened(source: Path) -> UnreadableMedia:
    if looks_like_media(source):
        return UnreadableMedia(
            "ファイルが途中で切れているか壊れているため、開けません。元のファイルをコピーし直すか、録音し直してください。"
        )
    return UnreadableMedia("音声として読み取れないファイルです。録音したファイルかどうかを確認してください。")


def _track_count(container: Any, channels: Channels) -> int:
    return 1 if channels is Channels.MIXED else min(2, int(container.streams.audio[0].codec_context.channels or 1))


def _read(container: Any, sinks: list[Path], progress: Callable[[float], None]) -> _Reading:
    """Decode the first audio track into the sinks; the packets of other tracks only say how far the file goes."""
    reading = _Reading()
    audio = container.streams.audio[0]
    start_s = (container.start_time or 0) / av.time_base
    with ExitStack() as files:
        track = _Track([files.enter_context(s.open("wb")) for s in sinks], reading)
        try:
            for packet in container.demux():
                _note_end(packet, reading, start_s)
                if packet.stream_index == audio.index:
                    _decode_packet(packet, track, start_s)
                    progress(reading.frames / SAMPLE_RATE_HZ)
        except FFmpegError:
            reading.lost_s += _MOST_LOST_S if not reading.frames else 0.0  # the end of the file will be compared
        track.flush()
    reading.end_s = max(reading.end_s, reading.frames / SAMPLE_RATE_HZ)
    return reading


def _note_end(packet: Any, reading: _Reading, start_s: float) -> None:
    if packet.pts is not None:
        end_s = float((packet.pts + (packet.duration or 0)) * packet.time_base) - start_s
        reading.end_s = max(reading.end_s, end_s)
    if packet.pos is not None:
        reading.end_bytes = max(reading.end_bytes, packet.pos + packet.size)


def _decode_packet(packet: Any, track: _Track, start_s: float) -> None:
    try:
        for frame in packet.decode():
            at_s = None if frame.pts is None else float(frame.pts * frame.time_base) - start_s
            track.write(frame, at_s)
    except FFmpegError:
        track.reading.lost_s += float((packet.duration or 0) * packet.time_base)


class _Track:
    """Resamples frames and appends them to one file a channel; pauses in the timestamps become silence."""

    def __init__(self, files: list[BinaryIO], reading: _Reading) -> None:
        self.reading = reading
        self._files = files
        self._form: tuple[object, ...] | None = None
        self._resampler: Any = None

    def write(self, frame: Any, at_s: float | None) -> None:
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._form:  # a stream may change its rate or layout on the way
            self.flush()
            layout = "stereo" if len(self._files) == 2 else "mono"
            self._resampler = av.AudioResampler(format="s16", layout=layout, rate=SAMPLE_RATE_HZ)
            self._form = form
        if at_s is not None:
            gap_s = at_s - self.reading.frames / SAMPLE_RATE_HZ
            if _SHORTEST_GAP_S < gap_s < _LONGEST_GAP_S:
                self._append(np.zeros((round(gap_s * SAMPLE_RATE_HZ), len(self._files)), np.int16))
        frame.pts = None
        for part in self._resampler.resample(frame):
            self._append(part.to_ndarray().reshape(-1, len(self._files)))

    def flush(self) -> None:
        if self._resampler is not None:
            for part in self._resampler.resample(None):
                self._append(part.to_ndarray().reshape(-1, len(self._files)))
            self._resampler = None
            self._form = None

    def _append(self, samples: npt.NDArray[np.int16]) -> None:
        for i, file in enumerate(self._files):
            file.write(samples[:, i].astype("<i2").tobytes())
        self.reading.frames += len(samples)


def _require_whole(source: Path, container: Any, reading: _Reading) -> None:
    name = container.format.name
    declared_s = declared_duration_s(source, name, container.duration / av.time_base if container.duration else None)
    read_s = reading.frames / SAMPLE_RATE_HZ
    if declared_s is not None and reading.end_s < declared_s - tolerance_s(name, declared_s):
        raise UnreadableMedia(
            f"録音が途中で切れています(全体 {_clock(declared_s)} のうち {_clock(reading.end_s)} まで)。"
            "元のファイルをコピーし直すか、録音し直してください。"
        )
    if _stops_inside_its_last_unit(source, name, declared_s, reading):
        raise UnreadableMedia(
            f"録音が {_clock(read_s)} 付近で途切れています。元のファイルをコピーし直すか、録音し直してください。"
        )
    if reading.lost_s >= _MOST_LOST_S:
        raise UnreadableMedia("ファイルが壊れていて、読み取れない部分があります。元のファイルをコピーし直してください。")
    if reading.frames == 0:
        raise UnreadableMedia("音声の長さが0秒です。録音できているかを確認してください。")


def _stops_inside_its_last_unit(source: Path, format_name: str, declared_s: float | None, reading: _Reading) -> bool:
    if format_name == "ogg":
        return stops_inside_a_page(source)
    if format_name.startswith("matroska") and declared_s is None:
        return stops_inside_a_block(source, reading.end_bytes + _BLOCK_HEADER_BYTES)
    return False


def _clock(seconds: float) -> str:
    """Minutes and seconds for people: 1:02:03 or 2:03."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def _ignore(_: float) -> None:
    return None
