"""Promises of a failing GPU: work goes on, on the CPU if need be, one line is logged, and nothing of the text is lost.

No test machine has a GPU, so the CPU's engine stands in for it and failures are forced at chosen calls.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile

import models.whisper
from asr.export import Format
from asr.pipeline import Options, transcribe
from core.errors import ModelError
from core.passing import Passing
from core.settings import Settings
from models.device import CUDA
from models.engine import Aligned, Decoded, Encoded, Engine, Features, Search
from models.fallback import Fallback
from models.whisper import Whisper, load_whisper
from server.commands.transcribe import Batch

Speech = Callable[..., Path]
NO_MEMORY = "CUDA failed with error out of memory"
BROKEN = "CUDA failed with error an illegal memory access was encountered"
SENTENCES = ("転入届は、市民課の窓口で受け付けています。", "粗大ごみの出し方について、環境課に問い合わせました。")


class FailingGpu:
    """The CPU's engine, but a call that `fails` says so of (its name, how many were before it, clips) raises."""

    device = CUDA

    def __init__(self, real: Engine, fails: Callable[[str, int, int], str | None]) -> None:
        self._real = real
        self._fails = fails
        self.calls: list[tuple[str, int]] = []

    def _count(self, call: str, clips: int) -> None:
        before = len(self.calls)
        self.calls.append((call, clips))
        if error := self._fails(call, before, clips):
            raise RuntimeError(error)

    @property
    def clips_at_once(self) -> int:
        return self._real.clips_at_once

    def features(self, samples: Features, frames: int) -> Features:
        return self._real.features(samples, frames)

    def encode(self, features: Features) -> Encoded:
        self._count("encode", len(features))
        return self._real.encode(features)

    def generate(self, encoded: Encoded, prompt: Sequence[int], search: Search) -> list[Decoded]:
        self._count("generate", len(encoded))
        return self._real.generate(encoded, prompt, search)

    def align(self, encoded: Encoded, texts: Sequence[list[int]], frames: Sequence[int], start: Sequence[int]) -> list[Aligned]:
        self._count("align", len(encoded))
        return self._real.align(encoded, texts, frames, start)


@pytest.fixture(scope="module")
def meeting(speech: Speech, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pause = np.zeros(24_000, np.float32)
    parts = [x for text in SENTENCES * 2 for x in (soundfile.read(speech(text), dtype="float32")[0], pause)]
    path = tmp_path_factory.mktemp("meeting") / "meeting.wav"
    soundfile.write(path, np.concatenate(parts), 16_000, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def text(meeting: Path, whisper: Whisper, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], str]:
    """text(batch) -> as it is recognised without a failure: clips of a batch share the words that they are checked for."""

    @cache
    def recognised(batch: int) -> str:
        work = tmp_path_factory.mktemp("work")
        return transcribe(meeting, whisper=replace(whisper, batch=batch, many=None), options=Options(), work=work).text

    return recognised


@pytest.mark.parametrize("call", ["encode", "generate", "align"])
def test_a_gpu_that_fails_in_the_middle_of_a_job_loses_nothing(
    call: str, meeting: Path, text: Callable[[int], str], whisper: Whisper, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gpu = FailingGpu(whisper.engine, lambda name, before, _: BROKEN if name == call and before >= 3 else None)
    loaded: list[Engine] = []
    engine = Fallback(gpu, lambda: loaded.append(whisper.engine) or whisper.engine)  # type: ignore[func-returns-value]
    with caplog.at_level(logging.INFO, logger="madoguchi"):
        transcript = transcribe(
            meeting, whisper=replace(whisper, engine=engine, batch=1, lanes=1), options=Options(), work=tmp_path
        )
    assert transcript.text == text(1)
    assert transcript.device == "cpu"
    assert [r.message for r in caplog.records if r.message.startswith("gpu")] == ["gpu_failed"]
    assert len(gpu.calls) >= 4, "the GPU did the first clip"
    assert len(loaded) == 1, "the CPU's model is loaded once"


def test_memory_that_runs_out_halves_the_batch_and_stays_on_the_gpu(
    meeting: Path, text: Callable[[int], str], whisper: Whisper, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gpu = FailingGpu(whisper.engine, lambda _, __, clips: NO_MEMORY if clips > 1 else None)
    engine = Fallback(gpu, lambda: pytest.fail("the GPU is good enough"))
    with caplog.at_level(logging.INFO, logger="madoguchi"):
        transcript = transcribe(
            meeting, whisper=replace(whisper, engine=engine, batch=2, lanes=1), options=Options(), work=tmp_path
        )
    assert transcript.text == text(2)
    assert transcript.device == "cuda"
    assert max(clips for _, clips in gpu.calls[1:]) == 1, "what was found out is remembered"
    assert {r.message for r in caplog.records if r.message.startswith("gpu")} == {"gpu_batch_halved"}


def test_memory_that_is_not_enough_for_one_clip_is_a_failure(
    meeting: Path, text: Callable[[int], str], whisper: Whisper, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = Fallback(FailingGpu(whisper.engine, lambda *_: NO_MEMORY), lambda: whisper.engine)
    with caplog.at_level(logging.WARNING, logger="madoguchi"):
        transcript = transcribe(
            meeting, whisper=replace(whisper, engine=engine, batch=2, lanes=1), options=Options(), work=tmp_path
        )
    assert transcript.text == text(2)
    (line,) = [r for r in caplog.records if r.message == "gpu_failed"]
    assert line.__dict__["reason"] == "memory"


def test_when_the_cpu_fails_too_there_is_one_sentence(meeting: Path, whisper: Whisper, tmp_path: Path) -> None:
    broken = FailingGpu(whisper.engine, lambda *_: BROKEN)
    engine = Fallback(broken, lambda: FailingGpu(whisper.engine, lambda *_: BROKEN))
    with pytest.raises(ModelError, match="計算装置"):
        transcribe(meeting, whisper=replace(whisper, engine=engine, batch=2, lanes=1), options=Options(), work=tmp_path)


def test_a_gpu_that_can_not_take_the_model_is_left_unless_it_was_insisted_on(
    model_settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A machine that says it has a GPU, but whose ctranslate2 finds none when it loads: what a broken driver does."""
    monkeypatch.setattr(models.whisper, "choose_device", lambda *_, **__: CUDA)
    with caplog.at_level(logging.WARNING, logger="madoguchi"):
        assert load_whisper(model_settings, device="auto").device.kind == "cpu"
    assert [r.message for r in caplog.records] == ["gpu_failed"]
    with pytest.raises(ModelError, match="GPU でモデルを読み込めません"):
        load_whisper(model_settings, device="cuda")


def test_the_cpu_goes_on_with_what_a_gpu_encoded_in_half_precision(speech: Speech, whisper: Whisper) -> None:
    samples, _ = soundfile.read(speech(SENTENCES[0]), dtype="float32")
    encoded = whisper.encode([whisper.features(samples, 1100)])
    half = encoded.astype(np.float16)
    (exact,) = whisper.generate(encoded, whisper.tokens.start, Search(beam=3, longest=60))
    (decoded,) = whisper.generate(half, whisper.tokens.start, Search(beam=3, longest=60))
    assert decoded.logprob == pytest.approx(exact.logprob, abs=0.1)
    assert whisper.align(half, [exact.ids], [1000])[0].probabilities


def test_several_recordings_at_once_are_each_transcribed_as_by_themselves(
    speech: Speech, whisper: Whisper, tmp_path: Path
) -> None:
    sources = [speech(text) for text in SENTENCES]
    (tmp_path / "broken.wav").write_bytes(b"not audio" * 100)
    gpu = replace(whisper, engine=FailingGpu(whisper.engine, lambda *_: None))
    every = [*sources, tmp_path / "broken.wav"]
    targets = [(s, tmp_path / f"{s.stem}.txt") for s in every]
    passing = Passing(tmp_path / "passing")
    batch = Batch(whisper=gpu, options=Options(), form=Format.TXT, targets=targets, passing=passing)
    assert not batch.run(), "one of them can't be read"
    for source in sources:
        alone = transcribe(source, whisper=whisper, options=Options(), work=tmp_path)
        assert alone.text in (tmp_path / f"{source.stem}.txt").read_text("utf-8")
