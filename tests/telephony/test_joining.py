"""Promises of joining: two files, a side each, become one stereo recording on which each side keeps its channel and its time."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import InvalidInput, UnreadableMedia
from telephony.joining import joined

RATE_HZ = 16_000


def tone(path: Path, seconds: float, rate_hz: int, hz: float, subtype: str = "PCM_16") -> Path:
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz), rate_hz, subtype=subtype)
    return path


def join(ours: Path, other: Path, work: Path) -> tuple[np.ndarray, int]:
    content = b"".join(joined(("市役所側", ours), ("相手側", other), work))
    samples, rate_hz = soundfile.read(io.BytesIO(content))
    assert len(content) == 44 + samples.size * 2
    return samples, rate_hz


def loudest_hz(samples: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(samples)).argmax() * RATE_HZ / len(samples))


@pytest.mark.parametrize("seconds", [(2.0, 3.5), (3.5, 2.0), (61.0, 30.0), (0.1, 60.0)])
def test_sides_of_other_lengths_and_rates_begin_together_and_the_shorter_ends_in_silence(
    tmp_path: Path, seconds: tuple[float, float]
) -> None:
    ours = tone(tmp_path / "rx.wav", seconds[0], 8_000, 440, "ULAW")
    other = tone(tmp_path / "tx.wav", seconds[1], 48_000, 700)
    samples, rate_hz = join(ours, other, tmp_path / "work")
    assert (rate_hz, samples.shape) == (RATE_HZ, (round(max(seconds) * RATE_HZ), 2))
    for channel, (hz, length_s) in enumerate(zip((440, 700), seconds, strict=True)):
        side = samples[:, channel]
        said, rest = side[: round(length_s * RATE_HZ)], side[round((length_s + 0.01) * RATE_HZ) :]
        assert loudest_hz(said) == pytest.approx(hz, abs=6)
        assert np.std(said[: RATE_HZ // 20]) == pytest.approx(0.35, abs=0.05), "it begins at once"
        assert not rest.any()


def test_what_is_wrong_says_of_which_side(tmp_path: Path) -> None:
    ours = tone(tmp_path / "rx.wav", 1, 8_000, 440)
    note = tmp_path / "note.wav"
    note.write_text("録音ではありません")
    for pair, side in (((ours, note), "相手側のファイル: "), ((note, ours), "市役所側のファイル: ")):
        with pytest.raises(UnreadableMedia, match=side):
            join(*pair, tmp_path / "work")
    with pytest.raises(UnreadableMedia, match="長すぎます"):
        list(joined(("市役所側", ours), ("相手側", ours), tmp_path / "work", longest_s=0.5))


def test_one_file_is_not_both_sides(tmp_path: Path) -> None:
    ours = tone(tmp_path / "rx.wav", 1, 8_000, 440)
    again = tmp_path / "again.wav"
    again.write_bytes(ours.read_bytes())
    with pytest.raises(InvalidInput, match="同じファイル"):
        join(ours, again, tmp_path / "work")
