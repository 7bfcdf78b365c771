"""A recording that was damaged in its middle is refused, however long it still seems; one that only looks odd is read whole."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.audio import decode
from core.errors import UnreadableMedia
from tests.asr.test_audio import KINDS, LENGTHLESS_KINDS, pitch_hz, tone

Encode = Callable[..., Path]

LENGTH_S = 20
ALL_KINDS = [*KINDS, *LENGTHLESS_KINDS, "ts"]
KINDS_THAT_TELL = [kind for kind in ALL_KINDS if kind not in ("wav", "avi")]  # bare samples: any is as good as another
LOUD = np.random.default_rng(5).normal(0, 0.1, LENGTH_S * 16_000)


def damage(source: Path, first: float, last: float, by: Callable[[int], bytes]) -> None:
    whole = source.read_bytes()
    start, end = int(len(whole) * first), int(len(whole) * last)
    source.write_bytes(whole[:start] + by(end - start) + whole[end:])


def noise(count: int) -> bytes:
    return np.random.default_rng(7).bytes(count)


@pytest.mark.parametrize("kind", KINDS_THAT_TELL)
@pytest.mark.parametrize("by", [bytes, noise])
def test_a_stretch_written_over_is_refused(kind: str, by: Callable[[int], bytes], encode: Encode, tmp_path: Path) -> None:
    source = encode(LOUD, 16_000, kind)
    damage(source, 0.4, 0.6, by)
    with pytest.raises(UnreadableMedia, match=r"壊れて|途中で切れて"):
        decode(source, tmp_path / "work")
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.parametrize("kind", ["ogg", "opus", "flac", "fragmented.mp4"])
def test_a_stretch_taken_out_is_refused(kind: str, encode: Encode, tmp_path: Path) -> None:
    source = encode(LOUD, 16_000, kind)
    damage(source, 0.4, 0.6, lambda _: b"")
    with pytest.raises(UnreadableMedia, match=r"壊れて|途中で切れて"):
        decode(source, tmp_path / "work")


def test_one_byte_that_costs_a_page_of_seconds_is_refused(encode: Encode, tmp_path: Path) -> None:
    source = encode(tone(440, LENGTH_S, 16_000), 16_000, "ogg")
    damage(source, 0.5, 0.5 + 1.5 / source.stat().st_size, noise)
    with pytest.raises(UnreadableMedia, match="壊れて"):
        decode(source, tmp_path / "work")


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_whole_file_is_not_taken_for_a_damaged_one(kind: str, encode: Encode, tmp_path: Path) -> None:
    (pcm,) = decode(encode(LOUD, 16_000, kind), tmp_path / "work")
    assert pcm.duration_s == pytest.approx(LENGTH_S, abs=0.15)


@pytest.mark.parametrize("kind", ["plain.mp3", "aac"])
def test_tags_in_front_between_and_behind_are_no_damage(kind: str, encode: Encode, tmp_path: Path) -> None:
    source = encode(LOUD, 16_000, kind)
    whole = source.read_bytes()
    picture = b"ID3\x04\0\0\0\x06\0\0" + noise(6 << 14).replace(b"\xff", b"\0")
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, 1_000, 1, 0) + bytes(8 + 1_000)
    source.write_bytes(picture + whole + b"TAG" + bytes(125) + picture + whole + ape + b"TAG" + bytes(125))
    (pcm,) = decode(source, tmp_path / "work")
    assert pcm.duration_s == pytest.approx(2 * LENGTH_S, abs=0.3)


@pytest.mark.parametrize("kind", ["ogg", "opus"])
def test_two_recordings_in_one_ogg_file_are_whole(kind: str, encode: Encode, tmp_path: Path) -> None:
    source = encode(LOUD, 16_000, kind)
    source.write_bytes(2 * source.read_bytes())
    (pcm,) = decode(source, tmp_path / "work")
    assert pcm.duration_s == pytest.approx(2 * LENGTH_S, abs=0.15)


@pytest.mark.parametrize("kind", ["live.webm", "webm", "opus", "ts", "m4a", "fragmented.mp4"])
def test_a_pause_is_no_damage(kind: str, encode: Encode, tmp_path: Path) -> None:
    (pcm,) = decode(encode(LOUD, 16_000, kind, pause=(7, 4)), tmp_path / "work")
    assert pcm.duration_s == pytest.approx(LENGTH_S + 4, abs=0.15)


def outgrown(source: Path) -> None:
    """As a recorder leaves a WAV when its battery is empty: the size is that of a while ago."""
    raw = source.read_bytes()
    at = raw.index(b"data") + 4
    source.write_bytes(raw[:at] + struct.pack("<I", (len(raw) - at) // 4 & ~1) + raw[at + 4 :])


def test_a_wav_whose_header_lags_behind_is_read_to_its_end(encode: Encode, tmp_path: Path) -> None:
    source = encode(tone(440, LENGTH_S, 16_000), 16_000, "wav")
    outgrown(source)
    (pcm,) = decode(source, tmp_path / "work")
    assert pcm.duration_s == pytest.approx(LENGTH_S, abs=0.01)
    assert pitch_hz(pcm, LENGTH_S - 2, LENGTH_S - 1) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(
    "behind", [b"LIST" + struct.pack("<I", 80_000) + noise(80_000), bytes(80_000), noise(2_000)], ids=["chunk", "room", "scrap"]
)
def test_what_follows_the_sound_of_a_wav_is_not_heard(behind: bytes, encode: Encode, tmp_path: Path) -> None:
    source = encode(tone(440, 3, 16_000), 16_000, "wav")
    source.write_bytes(source.read_bytes() + behind)
    (pcm,) = decode(source, tmp_path / "work")
    assert pcm.duration_s == pytest.approx(3, abs=0.01)


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_samples_that_are_no_numbers_are_silence(subtype: str, tmp_path: Path) -> None:
    samples = tone(440, 3, 48_000)
    samples[48_000:48_010] = np.nan
    soundfile.write(tmp_path / "nan.wav", samples, 48_000, subtype=subtype)
    (pcm,) = decode(tmp_path / "nan.wav", tmp_path / "work")
    assert np.abs(pcm.read(0, 3)).max() < 0.45
    assert pitch_hz(pcm) == pytest.approx(440, abs=2)


def test_a_size_that_leads_out_of_the_file_is_the_fault_of_the_file(tmp_path: Path) -> None:
    source = tmp_path / "recording.caf"
    soundfile.write(source, tone(440, 3, 16_000), 16_000)
    source.write_bytes(source.read_bytes() + struct.pack(">4sq", b"zzzz", 1 << 62) + noise(100))
    with pytest.raises(UnreadableMedia, match="壊れて"):
        decode(source, tmp_path / "work")
