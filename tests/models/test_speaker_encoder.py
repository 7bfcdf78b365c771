"""The speaker encoder gives what PyTorch gives with the same weights, and its file can't run anything."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import ModelDamaged, ModelMissing
from core.settings import Settings
from models.checkpoint import read_checkpoint
from models.speaker_encoder import DIMENSIONS, SpeakerEncoder, load_speaker_encoder
from models.store import ModelStore

# The eight largest numbers, by position, from torch.nn.LSTM 2.13 on librosa 0.11's mel spectrogram of the same samples.
BY_PYTORCH = (
    {24: 0.215153, 238: 0.207831, 101: 0.196096, 124: 0.194358, 148: 0.183791, 43: 0.182028, 246: 0.181382, 140: 0.178723},
    {187: 0.30069, 153: 0.260017, 82: 0.252995, 83: 0.220101, 125: 0.208121, 218: 0.202336, 43: 0.192663, 113: 0.187881},
)


@pytest.fixture(scope="module")
def encoder(model_settings: Settings) -> SpeakerEncoder:
    return load_speaker_encoder(model_settings)


def hum(pitch_hz: float, formant_hz: float) -> np.ndarray:
    """1.6 s of harmonics with a vibrato and one formant."""
    t = np.arange(25_600) / 16_000
    x = sum(
        np.exp(-(((h * pitch_hz - formant_hz) / 600) ** 2))
        * np.sin(2 * np.pi * h * pitch_hz * t + 0.3 * h * np.sin(2 * np.pi * 5 * t))
        for h in range(1, 30)
    )
    return (x / np.abs(x).max() * 0.2).astype(np.float32)


def test_vectors_equal_those_of_pytorch(encoder: SpeakerEncoder) -> None:
    vectors = encoder.embed(np.stack([hum(120, 700), hum(220, 1500)]))
    for vector, expected in zip(vectors, BY_PYTORCH, strict=True):
        assert np.allclose(vector[list(expected)], list(expected.values()), atol=2e-5)
        assert set(np.argsort(-vector)[:8]) == set(expected)
    assert [int((v > 0).sum()) for v in vectors] == [123, 93]
    assert float(vectors[0] @ vectors[1]) == pytest.approx(0.34107, abs=1e-4)


def test_a_vector_does_not_depend_on_its_neighbours(encoder: SpeakerEncoder) -> None:
    windows = np.random.default_rng(7).normal(0, 0.05, (150, 3_200)).astype(np.float32)
    together = encoder.embed(windows)
    assert together.shape == (150, DIMENSIONS)
    for i in (0, 127, 128, 149):
        assert np.allclose(encoder.embed(windows[i : i + 1])[0], together[i], atol=1e-5)


def test_windows_along_a_recording_are_those_cut_out_of_it(encoder: SpeakerEncoder, speech: Callable[..., Path]) -> None:
    sound, _ = soundfile.read(speech("転入届は、市民課の窓口で受け付けています。"), dtype="float32")
    starts_s = np.array([0.1, 0.3, 0.52])
    windows = np.stack([sound[round(s * 16_000) :][:25_600] for s in starts_s])
    loud = windows * (10 ** (-30 / 20) / np.sqrt(np.square(windows).mean(axis=1, keepdims=True)))
    for volume in (1.0, 0.05):
        assert np.allclose(encoder.embed_along(sound * np.float32(volume), starts_s), encoder.embed(loud), atol=1e-4)


def test_silence_and_nothing_are_no_error(encoder: SpeakerEncoder) -> None:
    assert np.isfinite(encoder.embed(np.zeros((1, 25_600), np.float32))).all()
    assert encoder.embed(np.empty((0, 25_600), np.float32)).shape == (0, DIMENSIONS)


def test_the_same_voice_is_closer_than_another(encoder: SpeakerEncoder, speech: Callable[..., Path]) -> None:
    def vector(text: str, voice: str) -> np.ndarray:
        samples, _ = soundfile.read(speech(text, voice), dtype="float32")
        return encoder.embed(samples[None, 1_600 : 1_600 + 25_600])[0]

    first = vector("転入届は、市民課の窓口で受け付けています。", "jf_alpha")
    same = vector("転入届は、どこに出せばよいですか。", "jf_alpha")
    other = vector("転入届は、どこに出せばよいですか。", "jm_kumo")
    assert first @ same > first @ other + 0.1


def test_a_file_that_names_anything_but_tensors_is_refused_and_not_run(tmp_path: Path) -> None:
    file = tmp_path / "pretrained.pt"
    trace = tmp_path / "ran"

    class Harmful:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return Path.touch, (trace,)

    parts = (0x1950A86A20F9469CFC6C, 1001, {}, {"model_state": Harmful()}, [])
    file.write_bytes(b"".join(pickle.dumps(part, protocol=2) for part in parts))
    with pytest.raises(ModelDamaged, match="models pull"):
        read_checkpoint(file, "model_state")
    assert not trace.exists()


@pytest.mark.parametrize("keep", [0, 10, 3_000, 6_000, 1_000_000])
def test_a_file_that_breaks_off_is_damaged(keep: int, tmp_path: Path, model_settings: Settings) -> None:
    whole = ModelStore(model_settings.home / "models").resolve("ge2e-speaker-encoder").path / "pretrained.pt"
    part = tmp_path / "part.pt"
    part.write_bytes(whole.read_bytes()[:keep])
    with pytest.raises(ModelDamaged):
        read_checkpoint(part, "model_state")


def test_without_the_model_the_error_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="models pull ge2e-speaker-encoder"):
        load_speaker_encoder(Settings(home=tmp_path))
