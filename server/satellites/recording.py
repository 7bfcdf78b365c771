"""Chunks of sound in the format that a satellite names in, a WAV file out: what its recogniser decodes as any other recording."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, field

from wyoming.audio import AudioFormat

from core.errors import InvalidInput, TooLarge
from server.questions import MAX_QUESTION_BYTES

MOST_BYTES = MAX_QUESTION_BYTES - 100  #: the file has a header, too
RATES_HZ, WIDTHS_BYTES, CHANNELS = range(8_000, 192_001), range(1, 5), range(1, 9)


@dataclass(slots=True, kw_only=True)
class Recording:
    """A question while it is spoken."""

    format: AudioFormat
    longest_s: float
    _sound: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        f = self.format
        if f.rate not in RATES_HZ or f.width not in WIDTHS_BYTES or f.channels not in CHANNELS:
            raise InvalidInput("対応していない形式の音声です。16 kHz、16ビット、モノラルの PCM で送ってください。")

    def __len__(self) -> int:
        return len(self._sound)

    def add(self, chunk: AudioFormat, sound: bytes) -> None:
        """Raises InvalidInput when the chunk is in another format, TooLarge when the whole gets too long."""
        f = self.format
        if (chunk.rate, chunk.width, chunk.channels) != (f.rate, f.width, f.channels):
            raise InvalidInput("途中で形式の変わる音声です。はじめに伝えた形式で送ってください。")
        self._sound += sound
        if len(self) > min(MOST_BYTES, self.longest_s * f.rate * f.width * f.channels):
            raise TooLarge("録音が長すぎます。質問を短く区切って、もう一度お話しください。")

    def wav(self) -> bytes:
        """A WAV file, without half a sample at its end; empty where nothing was recorded."""
        f, out = self.format, io.BytesIO()
        whole = len(self) - len(self) % (f.width * f.channels)
        if not whole:
            return b""
        with wave.open(out, "wb") as file:
            file.setframerate(f.rate)
            file.setsampwidth(f.width)
            file.setnchannels(f.channels)
            file.writeframes(memoryview(self._sound)[:whole])
        return out.getvalue()
