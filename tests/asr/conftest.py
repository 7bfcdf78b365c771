"""Recordings in every container that people bring, made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

Encode = Callable[..., Path]

CONTAINERS = {  # suffix: (container, codec, options of the muxer)
    "wav": ("wav", "pcm_s16le", {}),
    "mp3": ("mp3", "libmp3lame", {}),
    "plain.mp3": ("mp3", "libmp3lame", {"write_xing": "0"}),  # without the number of its frames
    "aac": ("adts", "aac", {}),
    "ts": ("mpegts", "aac", {}),
    "avi": ("avi", "pcm_s16le", {}),
    "m4a": ("ipod", "aac", {}),
    "flac": ("flac", "flac", {}),
    "opus": ("ogg", "libopus", {}),
    "webm": ("webm", "libopus", {}),
    "live.webm": ("webm", "libopus", {"live": "1"}),  # as a browser's MediaRecorder writes it: no duration
    "mp4": ("mp4", "aac", {"movflags": "faststart"}),
    "fragmented.mp4": ("mp4", "aac", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
}


@pytest.fixture
def encode(tmp_path: Path) -> Encode:
    """encode(samples, rate_hz, kind, name="recording", video_s=0, pause=None) -> path; samples are (n,) or (n, 2) in [-1, 1].

    `pause` = (at_s, length_s) leaves a hole in the timestamps.
    """

    def make(
        samples: np.ndarray,
        rate_hz: int,
        kind: str,
        *,
        name: str = "recording",
        video_s: float = 0.0,
        pause: tuple[float, float] | None = None,
    ) -> Path:
        path = tmp_path / f"{name}.{kind}"
        if kind == "ogg":
            soundfile.write(path, samples, rate_hz, format="OGG", subtype="VORBIS")
            return path
        form, codec, options = CONTAINERS[kind]
        layout = "mono" if samples.ndim == 1 else "stereo"
        stream_hz = 48_000 if codec == "libopus" else rate_hz
        pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16).reshape(1, -1)
        with av.open(str(path), "w", format=form, options=options) as container:
            stream = container.add_stream(codec, rate=stream_hz, layout=layout)
            video = _add_video(container) if video_s else None
            frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout=layout)
            frame.sample_rate, frame.pts = rate_hz, 0
            resampler = av.AudioResampler(
                format=stream.codec_context.format, layout=layout, rate=stream_hz, frame_size=stream.codec_context.frame_size
            )
            for part in [*resampler.resample(frame), *resampler.resample(None), None]:
                for packet in stream.encode(part):
                    if pause and packet.pts is not None and packet.pts * packet.time_base >= pause[0]:
                        shift = int(pause[1] / packet.time_base)
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    container.mux(packet)
            if video is not None:
                _draw(container, video, video_s)
        return path

    return make


def _add_video(container: av.container.OutputContainer) -> av.VideoStream:
    stream = container.add_stream("mpeg4", rate=5)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    return stream


def _draw(container: av.container.OutputContainer, stream: av.VideoStream, length_s: float) -> None:
    for i in range(int(length_s * 5)):
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), i * 5 % 255, np.uint8), format="rgb24")
        frame.pts, frame.time_base = i, Fraction(1, 5)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
