"""Shared ground of the tests: real models, a temporary home, spoken fixtures made by the product's own voices."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sqlalchemy.engine import Engine

from asr.recording import Recording, Recordings, State
from asr.workflow import Transcription
from core.blobs import BlobStore
from core.database import open_database
from core.jobs import Role, open_jobs
from core.settings import CHECKOUT, Settings
from models.speaker_encoder import load_speaker_encoder
from models.voice import SAMPLE_RATE_HZ, Voice, load_voice
from models.whisper import Whisper, load_whisper

MODELS = Path(os.environ.get("MADOGUCHI_HOME") or CHECKOUT / "var") / "models"
SPEECH_CACHE = CHECKOUT / "var" / "test-speech"
SAMPLES = CHECKOUT / "samples" / "soo"

Speech = Callable[..., Path]


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees the defaults, whatever the shell that started it has set."""
    for name in [n for n in os.environ if n.startswith("MADOGUCHI_")]:
        monkeypatch.delenv(name)


def make_home(home: Path) -> Path:
    """An empty home that shares the pulled models."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "models").symlink_to(MODELS)
    return home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "home")


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_database(settings)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def model_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings for session-wide models; nothing is written into its home."""
    return Settings(home=make_home(tmp_path_factory.mktemp("models") / "home"))


@pytest.fixture(scope="session")
def whisper(model_settings: Settings) -> Whisper:
    return load_whisper(model_settings)


@pytest.fixture(scope="session")
def voice(model_settings: Settings) -> Voice:
    return load_voice(model_settings)


@pytest.fixture(scope="session")
def speech(request: pytest.FixtureRequest) -> Speech:
    """speech(text, voice="jf_alpha") -> a 16 kHz mono WAV file in which the text is spoken."""

    def speak(text: str, voice: str = "jf_alpha") -> Path:
        path = SPEECH_CACHE / f"{hashlib.sha256(f'{voice}|{text}'.encode()).hexdigest()[:20]}.wav"
        if not path.exists():
            SPEECH_CACHE.mkdir(parents=True, exist_ok=True)
            real: Voice = request.getfixturevalue("voice")
            samples = resample(real.speak(text, voice), SAMPLE_RATE_HZ, 16_000)
            part = path.with_suffix(f".{os.getpid()}.wav")
            soundfile.write(part, samples, 16_000, subtype="PCM_16")
            part.replace(path)
        return path

    return speak


def resample(samples: np.ndarray, source_hz: int, target_hz: int) -> np.ndarray:
    """Through the frequency domain: exact enough for speech, and free of further packages."""
    n = round(len(samples) * target_hz / source_hz)
    spectrum = np.fft.rfft(samples)[: n // 2 + 1]
    if target_hz > source_hz:
        spectrum = np.pad(spectrum, (0, n // 2 + 1 - len(spectrum)))
    return np.fft.irfft(spectrum, n).astype(np.float32) * (n / len(samples))


@pytest.fixture
def transcription(settings: Settings, engine: Engine, whisper: Whisper, model_settings: Settings) -> Iterator[Transcription]:
    """Durable transcription with the queue running, in parts so short that a few sentences make several."""
    transcription = Transcription(
        jobs=open_jobs(settings, Role.SERVE),
        recordings=Recordings(engine),
        blobs=BlobStore(settings.home / "blobs"),
        work=settings.home / "work",
        whisper=lambda: whisper,
        encoder=lambda: load_speaker_encoder(model_settings),
        longest_part_s=8.0,
    )
    transcription.define()
    transcription.jobs.start()
    yield transcription
    transcription.jobs.stop()


@pytest.fixture
def finished(transcription: Transcription) -> Callable[[str], Recording]:
    """finished(recording_id) -> the recording, once it is done or has failed."""

    def wait(recording_id: str) -> Recording:
        deadline = time.monotonic() + 120
        while (recording := transcription.recordings.get(recording_id)).state in (State.QUEUED, State.WORKING):
            assert time.monotonic() < deadline, "the recording was not finished in time"
            time.sleep(0.1)
        return recording

    return wait
