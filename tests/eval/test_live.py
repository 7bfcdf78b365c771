"""Promises of the measurement of captions: sound goes out as fast as it is spoken, and what comes back is timed and compared."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import InvalidInput
from eval.live import measure_live, tracks
from eval.recordings import RATE_HZ, Recording
from tests.conftest import API_KEY, LiveServer

SAID = "ただいまから、定例会議を始めます。"


@pytest.fixture
def recording(speech: Callable[..., Path], tmp_path: Path) -> Recording:
    samples, rate_hz = soundfile.read(speech(SAID), dtype="int16")
    assert rate_hz == RATE_HZ
    path = tmp_path / "said.wav"
    soundfile.write(path, samples, RATE_HZ)
    return Recording(set="read", path=path, references=(SAID,), duration_s=len(samples) / RATE_HZ)


def test_recordings_are_dealt_out_up_to_a_length(recording: Recording) -> None:
    one, other = tracks([recording] * 8, 2, longest_s=2.5 * recording.duration_s)
    assert one.reference == other.reference == SAID * 2
    assert one.duration_s == pytest.approx(2 * recording.duration_s + 3 * 1.2, abs=0.1)
    assert not np.any(one.samples[:RATE_HZ])
    one, other = tracks([recording], 2, longest_s=60)
    assert one.reference == other.reference == SAID, "where there are too few, several say the same"
    with pytest.raises(InvalidInput, match="録音がありません"):
        tracks([], 2, longest_s=60)


@pytest.mark.timed
@pytest.mark.process
def test_captions_are_measured_over_the_real_stream(recording: Recording, live_server: LiveServer) -> None:
    spoken = tracks([recording] * 2, 1, longest_s=60)
    url = live_server.url.replace("http", "ws") + "/api/asr/stream"
    began_s = time.monotonic()
    figures = measure_live(url, {"Authorization": f"Bearer {API_KEY}"}, live_server.process.pid, spoken)
    assert time.monotonic() - began_s >= spoken[0].duration_s
    assert figures.finals == 2
    assert figures.cer == 0
    assert figures.cpu_s > 0
    assert 0.4 < figures.final_after_s[0] <= figures.final_after_s[1]
