"""What a recording says keeps its place in time, whatever its timestamps do."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from asr.audio import decode
from tests.asr.test_audio import tone

Encode = Callable[..., Path]

LENGTH_S = 20


def test_a_pause_of_more_than_ten_minutes_is_kept(encode: Encode, tmp_path: Path) -> None:
    (pcm,) = decode(encode(tone(440, LENGTH_S, 16_000), 16_000, "live.webm", pause=(10, 700)), tmp_path / "work")
    assert pcm.duration_s == pytest.approx(LENGTH_S + 700, abs=0.1)
    assert np.abs(pcm.read(9, 9.9)).max() > 0.3
    assert np.abs(pcm.read(10.1, 709.9)).max() == 0
    assert np.abs(pcm.read(710.1, 711)).max() > 0.3


def test_a_clock_that_was_set_adds_no_silence(encode: Encode, tmp_path: Path) -> None:
    source = encode(tone(440, LENGTH_S, 16_000), 16_000, "live.webm", pause=(10, 7_000))
    (pcm,) = decode(source, tmp_path / "work", longest_s=3_600)
    assert pcm.duration_s == pytest.approx(LENGTH_S, abs=0.1)


def set_clock(source: Path, cluster: int, by_s: int) -> None:
    """Change the time of one cluster (RFC 9559, section 5.1.3): that of all blocks in it."""
    raw = bytearray(source.read_bytes())
    at = -1
    for _ in range(cluster + 1):
        at = raw.index(b"\x1f\x43\xb6\x75", at + 1)
    at = raw.index(b"\xe7", at + 4)
    width = raw[at + 1] & 0x7F
    then_ms = int.from_bytes(raw[at + 2 : at + 2 + width], "big")
    raw[at + 1 : at + 2 + width] = struct.pack(">BI", 0x84, then_ms + by_s * 1_000)
    source.write_bytes(raw)


@pytest.mark.parametrize("by_s", [700, 40_000])
def test_a_damaged_timestamp_moves_nothing(by_s: int, encode: Encode, tmp_path: Path) -> None:
    source = encode(tone(440, LENGTH_S, 16_000), 16_000, "live.webm")
    set_clock(source, 2, by_s)
    (pcm,) = decode(source, tmp_path / "work")
    assert pcm.duration_s == pytest.approx(LENGTH_S, abs=0.1)
    assert np.abs(pcm.read(0, LENGTH_S - 1)).reshape(-1, 1_600).max(axis=1).min() > 0.3


def test_a_pause_behind_a_clock_that_was_set_is_still_kept(encode: Encode, tmp_path: Path) -> None:
    source = encode(tone(440, LENGTH_S, 16_000), 16_000, "live.webm", pause=(6, 7_000))
    count = source.read_bytes().count(b"\x1f\x43\xb6\x75")
    for cluster in range(count):
        if cluster >= count - 4:
            set_clock(source, cluster, 3)
    (pcm,) = decode(source, tmp_path / "work", longest_s=3_600)
    assert pcm.duration_s == pytest.approx(LENGTH_S + 3, abs=0.1)
