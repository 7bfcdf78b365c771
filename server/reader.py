"""Reads text aloud for the page: readings from the city's dictionary, one voice, the last answers kept."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import lru_cache

import soundfile

from models.voice import SAMPLE_RATE_HZ, Voice
from voice_skill.ssml import for_tts

KEPT = 64  #: spoken answers, a few hundred kB each


class Reader:
    """Text in, WAV out."""

    def __init__(self, voice: Callable[[], Voice], readings: Callable[[], Mapping[str, str]]) -> None:
        self._voice, self._readings = voice, readings
        self._speak = lru_cache(maxsize=KEPT)(self._render)

    def read(self, text: str) -> bytes:
        """A mono 16-bit WAV file at 24 kHz."""
        return self._speak(for_tts(text, self._readings()))

    def _render(self, text: str) -> bytes:
        out = io.BytesIO()
        soundfile.write(out, self._voice().speak(text), SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
        return out.getvalue()
