"""Promises of batching: every clip once, like with like, and work that the lanes share evenly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asr.audio import Pcm
from asr.clips import Clip
from asr.decoder import batches
from asr.recogniser import recognise
from asr.spans import Span
from models.whisper import Whisper


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lengths=st.lists(st.integers(1, 1000), max_size=60), lanes=st.integers(1, 4), at_once=st.integers(1, 9))
def test_every_clip_is_in_one_batch_and_no_lane_waits_long(
    whisper: Whisper, lengths: list[int], lanes: int, at_once: int
) -> None:
    clips = [np.zeros(n, np.float32) for n in lengths]
    made = batches(clips, replace(whisper, batch=at_once, lanes=lanes))
    assert sorted(i for batch in made for i in batch) == list(range(len(clips)))
    assert all(len(batch) <= at_once for batch in made)
    assert [lengths[i] for batch in made for i in batch] == sorted(lengths, reverse=True)
    if made:
        assert len(made) <= lanes * -(-len(clips) // (at_once * lanes))


def test_clips_heard_side_by_side_are_in_the_order_of_the_recording(
    whisper: Whisper, speech: Callable[..., Path], tmp_path: Path
) -> None:
    said = ("転入届が必要です。", "ただいまから、定例会議を始めます。", "十四日以内にお願いします。")
    sound = [soundfile.read(speech(text), dtype="float32")[0] for text in said]
    ends = np.cumsum([len(s) for s in sound]) / 16_000
    path = tmp_path / "pcm"
    path.write_bytes((np.concatenate(sound) * 32767).astype("<i2").tobytes())
    pcm = Pcm(path=path, frames=sum(map(len, sound)))
    clips = [Clip((Span(start_s=float(a), end_s=float(b)),)) for a, b in zip([0, *ends[:-1]], ends, strict=True)]
    found = recognise(pcm, clips, whisper=whisper)
    assert [s.start_s for s in found] == sorted(s.start_s for s in found)
    assert [s.text for s in found] == [recognise(pcm, [clip], whisper=whisper)[0].text for clip in clips]
    recognise(pcm, clips, whisper=whisper)
    own = [t for t in threading.enumerate() if t.name.startswith("recogniser")]
    assert len(own) <= whisper.lanes, "threads stay: each opens a dictionary whose memory would not come back"
