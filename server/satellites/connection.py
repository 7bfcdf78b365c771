"""One connection of a satellite or its hub: events in, what they ask for out. Whatever is wrong ends this connection only."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable

from pydantic import BaseModel, Field
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioFormat
from wyoming.error import Error
from wyoming.event import Event, Eventable, async_write_event
from wyoming.handle import Handled, NotHandled
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStopped

from core.errors import Busy, InvalidInput, MadoguchiError
from core.logging import logger
from server.satellites.frames import read_data, read_event
from server.satellites.recording import Recording
from server.satellites.services import LANGUAGE, Services
from server.satellites.speech import require_sayable, spoken

IDLE_S = 60.0  #: for an event to come, whole
SENT_WITHIN_S = 20.0
CONVERSATION_CHARS = 200
ANSWERED = frozenset({"describe", "audio-stop", "transcript", "synthesize", "synthesize-stop"})
_log = logger("satellite")


class _Context(BaseModel):
    """What Home Assistant says of a transcript; a hub that says nothing has one conversation a connection."""

    conversation_id: str | None = Field(None, max_length=CONVERSATION_CHARS)


class _Gone(Exception):
    """The peer left or does not read any more."""


class Connection:
    """A connection, from the first event to the last."""

    def __init__(
        self, services: Services, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, may_hold: Callable[[], bool]
    ) -> None:
        """`may_hold` says whether all that is being recorded may still be held in memory."""
        self._services, self._reader, self._writer, self._may_hold = services, reader, writer, may_hold
        self._name = uuid.uuid4().hex
        self._recording: Recording | None = None
        self._dictated: str | None = None
        self._waiting: asyncio.Timeout | None = None
        self._ends = False

    @property
    def held_bytes(self) -> int:
        """Of sound."""
        return len(self._recording or b"")

    async def run(self) -> None:
        """Serve until the peer goes, is silent for too long, or sends what can't be served, which is told."""
        try:
            while event := await self._next():
                await self._serve(event)
                await asyncio.sleep(0)  # many events may have come at once, and others want their turn
        except _Gone:
            pass
        except MadoguchiError as error:
            await self._refuse(error)
        except Exception as error:  # noqa: BLE001  # the outermost loop: the others go on
            _log.error("unexpected error", exc_info=error)
            await self._refuse(MadoguchiError())
        finally:
            self._writer.close()

    def end(self) -> None:
        """After what is being served now."""
        self._ends = True
        if self._waiting is not None:
            self._waiting.reschedule(0)

    async def _next(self) -> Event | None:
        """The next event, or None when none is to be served any more."""
        if self._ends:
            return None
        try:
            async with asyncio.timeout(IDLE_S) as self._waiting:
                return await read_event(self._reader)
        except TimeoutError:
            return None
        except ConnectionError:
            raise _Gone from None
        finally:
            self._waiting = None

    async def _serve(self, event: Event) -> None:
        """Events that are not known are left alone, as the protocol wants it."""
        began = time.perf_counter()
        match event.type:
            case "describe":
                await self._send(self._services.info())
            case "transcribe":
                _require_japanese(read_data(Transcribe, event))
            case "audio-start" | "audio-chunk":
                self._record(event)
            case "audio-stop":
                await self._hear()
            case "transcript":
                await self._reply(read_data(Transcript, event))
            case "synthesize-start" | "synthesize-chunk":
                self._dictate(event)
            case "synthesize" | "synthesize-stop":
                await self._speak(event)
        if event.type in ANSWERED:
            _log.info("satellite served", extra={"type": event.type, "ms": round((time.perf_counter() - began) * 1000, 1)})

    def _record(self, event: Event) -> None:
        """Sound before its start or after its stop belongs to no question."""
        format_ = read_data(AudioFormat, event)
        if event.type == "audio-start":
            self._recording = Recording(format=format_, longest_s=self._services.longest_s)
        elif self._recording is not None:
            self._recording.add(format_, event.payload or b"")
            if not self._may_hold():
                raise Busy

    async def _hear(self) -> None:
        text = await self._services.hear(self._recording) if self._recording else ""
        self._recording = None  # until then it counts as held
        await self._send(Transcript(text=text, language=LANGUAGE))

    async def _reply(self, said: Transcript) -> None:
        context = read_data(_Context, Event(type="", data=said.context or {}))
        reply = await self._services.reply(said.text, context.conversation_id or self._name)
        await self._send(Handled(text=reply.text) if reply.helped else NotHandled(text=reply.text))

    def _dictate(self, event: Event) -> None:
        """A text that is to be spoken may come in pieces."""
        if event.type == "synthesize-start":
            self._dictated = ""
        elif self._dictated is not None:
            self._dictated += read_data(SynthesizeChunk, event).text
            require_sayable(self._dictated)

    async def _speak(self, event: Event) -> None:
        """A text that came whole; or, at its end, one that came in pieces: it comes whole as well, which is left alone."""
        if event.type == "synthesize":
            if self._dictated is None:
                await self._say(read_data(Synthesize, event).text)
            return
        text, self._dictated = self._dictated, None
        if text:
            await self._say(text)
        await self._send(SynthesizeStopped())

    async def _say(self, text: str) -> None:
        async for event in spoken(text, self._services.read):
            await self._send(event)

    async def _refuse(self, error: MadoguchiError) -> None:
        _log.info("satellite refused", extra={"code": error.code})
        with contextlib.suppress(_Gone):
            await self._send(Error(text=error.message, code=error.code))

    async def _send(self, event: Eventable) -> None:
        try:
            async with asyncio.timeout(SENT_WITHIN_S):
                await async_write_event(event.event(), self._writer)
        except (TimeoutError, ConnectionError):
            raise _Gone from None


def _require_japanese(wanted: Transcribe) -> None:
    if wanted.language and not wanted.language.lower().startswith(LANGUAGE):
        raise InvalidInput("聞き取れるのは日本語だけです。言語を日本語にしてください。")
