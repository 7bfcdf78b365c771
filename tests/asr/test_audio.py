"""Any recording becomes PCM of its own length and sound, and one that is not whole is never taken for whole."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.audio import SAMPLE_RATE_HZ, Channels, Pcm, decode
from core.errors import UnreadableMedia

Encode = Callable[..., Path]
KINDS = ["wav", "mp3", "m4a", "flac", "ogg", "opus", "webm", "live.webm", "mp4", "fragmented.mp4"]
LENGTHLESS_KINDS = ["plain.mp3", "aac", "avi"]  # these declare no length that could be believed


def tone(hz: float, length_s: float, rate_hz: int) -> np.ndarray:
    return (0.4 * np.sin(2 * np.pi * hz * np.arange(int(length_s * rate_hz)) / rate_hz)).astype(np.float32)


def pitch_hz(pcm: Pcm, start_s: float = 0.5, end_s: float = 1.5) -> float:
    samples = pcm.read(start_s, end_s)
    return float(np.abs(np.fft.rfft(samples)).argmax() * SAMPLE_RATE_HZ / len(samples))


@pytest.mark.parametrize("kind", KINDS + LENGTHLESS_KINDS)
def test_every_common_format_keeps_its_length_and_sound(kind: str, encode: Encode, tmp_path: Path) -> None:
    source = encode(tone(440, 3, 48_000), 48_000, kind)
    (pcm,) = decode(source, tmp_path / "work")
    assert pcm.duration_s == pytest.approx(3, abs=0.08)
    assert pcm.path.stat().st_size == 2 * pcm.frames
    assert pitch_hz(pcm) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 44_100, 96_000])
def test_any_rate_is_read(rate_hz: int, encode: Encode, tmp_path: Path) -> None:
    (pcm,) = decode(encode(tone(440, 2, rate_hz), rate_hz, "wav"), tmp_path / "work")
    assert pcm.duration_s == pytest.approx(2, abs=0.01)
    assert pitch_hz(pcm) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("kind", ["wav", "m4a", "webm"])
def test_separate_channels_stay_separate(kind: str, encode: Encode, tmp_path: Path) -> None:
    source = encode(np.stack([tone(400, 2, 48_000), tone(900, 2, 48_000)], axis=1), 48_000, kind)
    left, right = decode(source, tmp_path / "work", channels=Channels.SEPARATE)
    assert pitch_hz(left) == pytest.approx(400, abs=2)
    assert pitch_hz(right) == pytest.approx(900, abs=2)
    assert left.frames == right.frames


def test_mono_has_one_track_however_it_is_asked_for(encode: Encode, tmp_path: Path) -> None:
    assert len(decode(encode(tone(400, 1, 16_000), 16_000, "wav"), tmp_path / "work", channels=Channels.SEPARATE)) == 1


def test_a_video_may_be_longer_than_its_sound(encode: Encode, tmp_path: Path) -> None:
    (pcm,) = decode(encode(tone(440, 2, 48_000), 48_000, "mp4", video_s=6), tmp_path / "work")
    assert pcm.duration_s == pytest.approx(2, abs=0.08)


def test_a_pause_in_the_timestamps_becomes_silence(encode: Encode, tmp_path: Path) -> None:
    (pcm,) = decode(encode(tone(440, 4, 48_000), 48_000, "live.webm", pause=(2, 3)), tmp_path / "work")
    assert pcm.duration_s == pytest.approx(7, abs=0.1)
    assert np.abs(pcm.read(2.5, 4.5)).max() == 0
    assert pitch_hz(pcm, 5.5, 6.5) == pytest.approx(440, abs=2)


def test_a_slice_is_cut_to_what_there_is(encode: Encode, tmp_path: Path) -> None:
    (pcm,) = decode(encode(tone(440, 2, 16_000), 16_000, "wav"), tmp_path / "work")
    assert len(pcm.read(0.5, 1.25)) == 0.75 * SAMPLE_RATE_HZ
    assert len(pcm.read(1.5, 9)) == 0.5 * SAMPLE_RATE_HZ
    assert len(pcm.read(5, 9)) == 0
    assert np.abs(pcm.read(0, 1)).max() == pytest.approx(0.4, abs=0.01)


def test_a_long_recording_is_never_held_in_memory(tmp_path: Path) -> None:
    source = tmp_path / "long.wav"
    soundfile.write(source, np.zeros(20 * 60 * 8_000, np.int16), 8_000)
    tracemalloc.start()
    try:
        (pcm,) = decode(source, tmp_path / "work")
        pcm.read(600, 601)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert pcm.path.stat().st_size > 38_000_000
    assert peak_bytes < 4_000_000


@pytest.mark.parametrize("kind", KINDS + LENGTHLESS_KINDS)
@pytest.mark.parametrize("share", [0.3, 0.85])
def test_a_file_that_breaks_off_is_refused(kind: str, share: float, encode: Encode, tmp_path: Path) -> None:
    source = encode(np.random.default_rng(1).normal(0, 0.1, 4 * 48_000), 48_000, kind)
    whole = source.read_bytes()
    source.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableMedia, match=r"途中で切れて|途切れて"):
        decode(source, tmp_path / "work")
    assert list((tmp_path / "work").glob("*")) == []


def test_a_tag_or_padding_behind_the_last_frame_is_no_break(encode: Encode, tmp_path: Path) -> None:
    source = encode(tone(440, 3, 16_000), 16_000, "plain.mp3")
    whole = source.read_bytes()
    for behind in (b"TAG" + b"x" * 125, bytes(1000), b"APETAGEX" + bytes(56)):
        source.write_bytes(whole + behind)
        (pcm,) = decode(source, tmp_path / "work")
        assert pcm.duration_s == pytest.approx(3, abs=0.15)


def test_the_refusal_says_how_far_the_file_goes(encode: Encode, tmp_path: Path) -> None:
    source = encode(tone(440, 90, 16_000), 16_000, "wav")
    source.write_bytes(source.read_bytes()[: 100 + 70 * 32_000])
    with pytest.raises(UnreadableMedia, match="全体 1:30 のうち 1:10 まで"):
        decode(source, tmp_path / "work")


def test_a_file_with_a_hole_is_refused(encode: Encode, tmp_path: Path) -> None:
    source = encode(np.random.default_rng(1).normal(0, 0.1, 6 * 48_000), 48_000, "mp4")
    whole = bytearray(source.read_bytes())
    third = len(whole) // 3
    whole[third : 2 * third] = bytes(third)
    source.write_bytes(whole)
    with pytest.raises(UnreadableMedia, match="壊れて"):
        decode(source, tmp_path / "work")


@pytest.mark.parametrize("size", [b"\xff\xff\xff\xff", bytes(4)])
def test_a_wav_whose_recorder_never_knew_its_size_is_read(size: bytes, encode: Encode, tmp_path: Path) -> None:
    source = encode(tone(440, 2, 16_000), 16_000, "wav")
    raw = source.read_bytes()
    at = raw.index(b"data") + 4
    source.write_bytes(raw[:at] + size + raw[at + 4 :])
    (pcm,) = decode(source, tmp_path / "work")
    assert pcm.duration_s == pytest.approx(2, abs=0.01)


def make_bad(kind: str, folder: Path, encode: Encode) -> Path:
    path = folder / "bad.wav"
    match kind:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("これは音声ではありません。" * 50)
        case "playlist":
            path.write_text("#EXTM3U\n#EXTINF:1\nhttp://127.0.0.1:9/secret.wav\n")
        case "concatenation":
            path.write_text("ffconcat version 1.0\nfile /etc/hostname\n")
        case "zero length":
            soundfile.write(path, np.zeros(0, np.int16), 16_000)
        case "no audio":
            path = folder / "bad.mp4"
            silent_film(path)
        case "folder":
            path.mkdir()
    return path


def silent_film(path: Path) -> None:
    import av

    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(10):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("missing", "見つかりません"),
        ("empty", "空です"),
        ("text", "音声として読み取れない"),
        ("playlist", "音声として読み取れない"),
        ("concatenation", "音声として読み取れない"),
        ("zero length", "0秒"),
        ("no audio", "音声が入っていない"),
        ("folder", "フォルダです"),
    ],
)
def test_each_kind_of_bad_file_has_its_own_sentence(kind: str, sentence: str, encode: Encode, tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match=sentence):
        decode(make_bad(kind, tmp_path, encode), tmp_path / "work")
