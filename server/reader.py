"""Reads text aloud for the page: readings from the city's dictionary, one voice, the last answers kept."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache

import soundfile

from core.errors import Busy
from models.voice import SAMPLE_RATE_HZ, Voice
from voice_skill.ssml import for_tts

KEPT = 64  #: spoken answers, a few hundred kB each
WAITING = 3  #: readers at a time; the voice takes them one after the other


class Reader:
    """Text in, WAV out."""

    def __init__(self, voice: Callable[[], Voice], readings: Callable[[], Mapping[str, str]]) -> None:
        self._voice, self._readings = voice, readings
        self._speak = lru_cache(maxsize=KEPT)(self._render)
        self._places = threading.BoundedSemaphore(WAITING)

    def read(self, text: str) -> bytes:
        """A mono 16-bit WAV file at 24 kHz. Raises Busy when too many wait already."""
        if not self._places.acquire(blocking=False):
            raise Busy("読み上げが混み合っています。少し待ってから、もう一度押してください。")
        try:
            return self._speak(for_tts(text, self._readings()))
        finally:
            self._places.release()

    def _render(self, text: str) -> bytes:
        out = io.BytesIO()
        soundfile.write(out, self._voice().speak(text), SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
        return out.getvalue()
