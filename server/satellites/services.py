"""What satellites are served with: their sound heard, their words replied to, a reply spoken.

One is heard at a time and one spoken, as two would both be slow on two cores.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import TypedDict, TypeVar

from starlette.concurrency import run_in_threadpool
from wyoming.info import AsrModel, AsrProgram, Attribution, HandleModel, HandleProgram, Info, TtsProgram, TtsVoice

from core.audience import Audience
from core.errors import Busy
from server.questions import heard
from server.satellites.recording import Recording
from server.service import Service
from voice_skill.satellite import Reply

PATIENCE_S = 30.0  #: that a satellite waits for its turn
RETRY_S = 0.5
LANGUAGE = "ja"
_NAME = "madoguchi"

Done = TypeVar("Done")


class _Artifact(TypedDict):
    """What every service, model and voice says of itself."""

    name: str
    attribution: Attribution
    installed: bool
    description: str | None
    version: str | None


class Services:
    """The services of one listener."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._hearing, self._speaking = asyncio.Semaphore(1), asyncio.Semaphore(1)

    @property
    def longest_s(self) -> float:
        """That a question may take to be spoken."""
        return self._service.settings.max_voice_question_s

    def info(self) -> Info:
        """The services, as a satellite's hub lists them."""
        city, voice = self._service.settings.city, self._service.settings.voice
        model, spoken = _artifact("日本語"), _artifact("日本語", voice)
        return Info(
            asr=[AsrProgram(models=[AsrModel(**model, languages=[LANGUAGE])], **_artifact(f"{city}への質問の聞き取り"))],
            handle=[HandleProgram(models=[HandleModel(**model, languages=[LANGUAGE])], **_artifact(f"{city}のご案内"))],
            tts=[
                TtsProgram(
                    voices=[TtsVoice(**spoken, languages=[LANGUAGE])],
                    supports_synthesize_streaming=True,
                    **_artifact(f"{city}のご案内の読み上げ"),
                )
            ],
        )

    async def hear(self, recording: Recording) -> str:
        """The words of a recorded question; empty where nothing was said. Raises UnreadableMedia, ModelError, NotReady, Busy."""
        return await _in_turn(self._hearing, lambda: self._heard(recording))

    async def reply(self, text: str, conversation: str) -> Reply:
        """What is said to the words of a resident."""
        return await run_in_threadpool(self._service.satellite.reply, text, conversation)

    async def read(self, text: str) -> bytes:
        """A WAV file in which a text is spoken. Raises ModelError, Busy."""
        return await _in_turn(self._speaking, lambda: self._service.reader.read(text))

    def _heard(self, recording: Recording) -> str:
        wav = recording.wav()
        text, first = heard(self._service, io.BytesIO(wav), Audience.RESIDENT) if wav else ("", "")
        if text:
            self._service.satellite.heard(text, first)
        return text


def _artifact(description: str, name: str = _NAME) -> _Artifact:
    maker = Attribution(name="Madoguchi", url="")
    return _Artifact(name=name, attribution=maker, installed=True, description=description, version=None)


async def _in_turn(turn: asyncio.Semaphore, work: Callable[[], Done]) -> Done:
    """What the work gives, done in a thread. Who waits for a turn, of satellites or of the pages, takes no thread from others."""
    waits_until_s = asyncio.get_running_loop().time() + PATIENCE_S
    try:
        async with asyncio.timeout_at(waits_until_s):
            await turn.acquire()
    except TimeoutError:
        raise Busy from None
    try:
        return await _once_free(work, waits_until_s)
    finally:
        turn.release()


async def _once_free(work: Callable[[], Done], waits_until_s: float) -> Done:
    """A speaker has no button to press again, and would fall silent within its answer."""
    while True:
        try:
            return await run_in_threadpool(work)
        except Busy:
            if asyncio.get_running_loop().time() > waits_until_s:
                raise
        await asyncio.sleep(RETRY_S)
