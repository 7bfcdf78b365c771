"""An errand in, PCM in its sinks and lines of JSON out: the process that decodes, limited and sealed before it reads a byte.

Run in a process of its own by `forking.py`.
"""

from __future__ import annotations

import errno
import io
import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Any, BinaryIO, cast

import av
import av.subtitles.codeccontext
import av.subtitles.stream  # PyAV would import both when it needs them, and then nothing can be opened any more
from av.error import FFmpegError

from asr import seal
from asr.container import declared_duration_s, looks_like_media, outgrew_its_header, tolerance_s
from asr.ending import stops_inside_its_last_unit
from asr.errand import SAMPLE_BYTES, SAMPLE_RATE_HZ, Errand, Fault
from asr.holes import Skips, missing_share
from asr.track import TooLong, Track

_FORMATS = "wav,w64,mp3,mov,mp4,flac,ogg,matroska,webm,aac,aiff,caf,au,amr,asf,avi,mpegts,mpeg,dss"
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "none"}
"""A playlist could name other files or addresses. The process can open neither; this says so earlier and more clearly."""

_LOWEST_HZ, _HIGHEST_HZ = 1_000, 768_000
_MOST_CHANNELS = 64
_MOST_LOST_S = 1.0
_REPORT_EVERY_S = 0.25


class _Refused(Exception):
    def __init__(self, fault: Fault, **facts: float) -> None:
        super().__init__(fault)
        self.line = {"fault": fault, **facts}


class _Source(io.FileIO):
    """The recording. Has the name by which FFmpeg may guess its form, and says that it is still being read."""

    def __init__(self, descriptor: int, suffix: str) -> None:
        super().__init__(descriptor, "rb", closefd=False)
        self.name = f"recording{suffix}"
        self.reading = _Reading()

    def read(self, size: int | None = -1, /) -> bytes:
        self.reading.tick()
        return super().read(size)


class _Reading:
    """How far a file could be read."""

    def __init__(self) -> None:
        self.frames = 0
        self.end_s = 0.0  #: where the last packet of any track ends
        self.end_bytes = 0  #: the same as a place in the file
        self.lost_s = 0.0  #: packets that could not be decoded, and what is missing between the others
        self.stopped = False  #: whether the container could not be read to its end
        self.skips = Skips()
        self._told_s = time.monotonic()

    def tick(self) -> None:
        """Tell the parent, now and then, that there is progress."""
        if (at_s := time.monotonic()) - self._told_s >= _REPORT_EVERY_S:
            self._told_s = at_s
            _tell({"at_s": self.frames / SAMPLE_RATE_HZ})


def work(errand: Errand, files: Sequence[int]) -> None:
    """Do an errand, and end this process.

    Args:
        files: descriptors of the recording and of the sinks.
    """
    file_bytes = round(errand.longest_s * SAMPLE_RATE_HZ) * SAMPLE_BYTES
    seal.limit(memory_bytes=errand.memory_bytes, file_bytes=file_bytes, cpu_s=errand.cpu_s)
    source = _Source(files[0], errand.suffix)
    sinks = [open(sink, "wb", closefd=False) for sink in files[1:]]  # noqa: SIM115
    _tell({"sealed": seal.seal()})
    try:
        _tell(_decode(source, sinks, errand.longest_s))
    except _Refused as e:
        _tell(e.line)
    except MemoryError:
        _tell({"fault": Fault.EXHAUSTED})
    except OSError as e:
        _tell(_failing_call(e))
    except Exception as e:  # noqa: BLE001 - the outermost: nothing but this line leaves the process
        _tell({"fault": Fault.FAILED, "kind": type(e).__name__})
    os._exit(0)


def _failing_call(error: OSError) -> dict[str, Any]:
    if error.errno == errno.EFBIG:
        return {"fault": Fault.TOO_LONG}
    if error.errno == errno.EINVAL:  # a size in the file led FFmpeg to a place that no file has
        return {"fault": Fault.FAILED, "kind": type(error).__name__}
    return {"fault": Fault.DISK, "errno": error.errno or errno.EIO}


def _tell(line: dict[str, Any]) -> None:
    os.write(sys.stdout.fileno(), json.dumps(line).encode() + b"\n")


def _decode(source: _Source, sinks: Sequence[BinaryIO], longest_s: float) -> dict[str, Any]:
    reading, file = source.reading, cast(BinaryIO, source)
    try:
        options = _OPTIONS | ({"ignore_length": "1"} if outgrew_its_header(file) else {})
        file.seek(0)
        with av.open(source, options=options, metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise _Refused(Fault.NO_AUDIO)
            used = sinks[: _channel_count(container, len(sinks))]
            _read(container, Track(used, longest_s), reading)
            _require_whole(file, container, reading)
    except MemoryError:
        raise
    except TooLong as e:
        raise _Refused(Fault.TOO_LONG) from e
    except FFmpegError as e:
        raise _Refused(Fault.UNOPENED if looks_like_media(file) else Fault.UNREADABLE) from e
    return {"frames": reading.frames, "tracks": len(used)}


def _channel_count(container: Any, wanted: int) -> int:
    codec = container.streams.audio[0].codec_context
    if codec is None:
        raise _Refused(Fault.STRANGE)
    channels = codec.channels or 1
    if not (_LOWEST_HZ <= (codec.sample_rate or SAMPLE_RATE_HZ) <= _HIGHEST_HZ and channels <= _MOST_CHANNELS):
        raise _Refused(Fault.STRANGE)
    if wanted > 1 and channels > wanted:
        raise _Refused(Fault.CHANNELS)
    return int(channels)


def _read(container: Any, track: Track, reading: _Reading) -> None:
    """Decode the first audio track into the sinks; the packets of other tracks only say how far the file goes."""
    audio = container.streams.audio[0]
    audio.codec_context.thread_count = 1
    start_s = (container.start_time or 0) / av.time_base
    try:
        for packet in container.demux():
            reading.tick()
            _note_end(packet, reading, start_s)
            if packet.stream_index == audio.index:
                _decode_packet(packet, track, reading, start_s)
    except FFmpegError as e:
        _require_memory(e)
        reading.stopped = True
    track.close()
    reading.frames = track.frames
    reading.end_s = max(reading.end_s, reading.frames / SAMPLE_RATE_HZ)


def _note_end(packet: Any, reading: _Reading, start_s: float) -> None:
    if packet.pts is not None:
        end_s = float((packet.pts + (packet.duration or 0)) * packet.time_base) - start_s
        reading.end_s = max(reading.end_s, end_s)
    if packet.pos is not None:
        reading.end_bytes = max(reading.end_bytes, packet.pos + packet.size)
        reading.skips.pass_over(packet.pos, packet.size)


def _decode_packet(packet: Any, track: Track, reading: _Reading, start_s: float) -> None:
    try:
        for frame in packet.decode():
            at_s = None if frame.pts is None else float(frame.pts * frame.time_base) - start_s
            jump_s = track.write(frame, at_s)
            reading.frames = track.frames
            reading.lost_s += jump_s if reading.skips.hear(jump_s > 0) else 0.0
    except FFmpegError as e:
        _require_memory(e)
        reading.skips.fail(packet.size)
        reading.lost_s += float((packet.duration or 0) * packet.time_base)


def _require_memory(error: FFmpegError) -> None:
    if isinstance(error, MemoryError):
        raise error


def _require_whole(source: BinaryIO, container: Any, reading: _Reading) -> None:
    name = container.format.name
    declared_s = declared_duration_s(source, name, container.duration / av.time_base if container.duration else None)
    if declared_s is not None and reading.end_s < declared_s - tolerance_s(name, declared_s):
        raise _Refused(Fault.CUT, whole_s=declared_s, at_s=reading.end_s)
    if stops_inside_its_last_unit(source, name, declared_s, reading.end_bytes):
        raise _Refused(Fault.STOPS, at_s=reading.frames / SAMPLE_RATE_HZ)
    if (reading.stopped and declared_s is None) or reading.lost_s + _missing_s(source, name, reading) >= _MOST_LOST_S:
        raise _Refused(Fault.DAMAGED)
    if reading.frames == 0:
        raise _Refused(Fault.NO_LENGTH)


def _missing_s(source: BinaryIO, name: str, reading: _Reading) -> float:
    return missing_share(source, name, reading.end_bytes) * reading.frames / SAMPLE_RATE_HZ
