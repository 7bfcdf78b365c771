"""A text in, the events in which it is spoken out: each sentence once it is ready, as a whole answer takes long on a CPU."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator, Awaitable, Callable

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Eventable

from core.errors import InvalidInput, TooLarge
from server.routes.speech import MAX_SPOKEN_CHARS
from voice_skill.wording import clean, sentences

CHUNK_FRAMES = 4_096
PAUSE_S = 0.35  #: between two sentences, as the voice makes it


def require_sayable(text: str) -> None:
    """Raises TooLarge."""
    if len(text) > MAX_SPOKEN_CHARS:
        raise TooLarge(f"読み上げる文が長すぎます。{MAX_SPOKEN_CHARS}字までに分けて送ってください。")


async def spoken(text: str, read: Callable[[str], Awaitable[bytes]]) -> AsyncIterator[Eventable]:
    """The events for `text`, whose sentences `read` makes WAV files of, all in one format.

    Raises:
        InvalidInput: there is nothing to say.
        TooLarge: there is too much.
    """
    require_sayable(text)
    found = sentences(clean(text))
    if not found:
        raise InvalidInput("読み上げる文がありません。")
    for place, sentence in enumerate(found):
        with wave.open(io.BytesIO(await read(sentence))) as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            if place == 0:
                yield AudioStart(rate=rate, width=width, channels=channels)
            else:
                silence = bytes(round(PAUSE_S * rate) * width * channels)
                yield AudioChunk(rate=rate, width=width, channels=channels, audio=silence)
            while frames := file.readframes(CHUNK_FRAMES):
                yield AudioChunk(rate=rate, width=width, channels=channels, audio=frames)
    yield AudioStop()
