"""/api/asr/stream: sound comes over a WebSocket while it is spoken, its partial and final texts go back; docs/streaming.md."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.concurrency import run_in_threadpool

from asr.incoming import Incoming, Rate
from asr.live import Closed, Failed, Given, Speaker
from asr.opus import Opus
from asr.stream import Final, Partial
from core.errors import Busy, InvalidInput, MadoguchiError, Refused, TooLarge, Unauthorised
from core.logging import logger
from server.auth import program_or_clerk_refusal
from server.service import Service
from server.websockets import NORMAL, NOT_UNDERSTOOD, Gone, close, error_message, first_of, refuse, send

router = APIRouter()

START_WITHIN_S, IDLE_S = 10.0, 60.0
MOST_MESSAGE_BYTES = 1_000_000
MOST_BEHIND_S, PATIENCE_S = 30.0, 20.0  #: speech that may wait to be recognised, and for how long
MOST_UNSENT, MOST_UNSENT_PARTIALS = 256, 8
_LOOK_EVERY_S = 0.1
_ASK_EVERY_S = 5.0  #: whether who speaks still may
_TOO_BIG, _FAILED, _TRY_LATER = 1009, 1011, 1013  # RFC 6455, IANA
_log = logger("stream")


class Start(BaseModel):
    """The first message."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["start"]
    format: Literal["pcm16", "opus"]
    rate: Literal[8000, 16000] = 16000
    language: Literal["ja"] = "ja"


@router.websocket("/api/asr/stream")
async def stream(websocket: WebSocket) -> None:
    service: Service = websocket.app.state.service
    if refused := await run_in_threadpool(program_or_clerk_refusal, websocket, service):
        await refuse(websocket, refused)
        return
    await websocket.accept()
    await _Conversation(websocket, service).run()


class _Conversation:
    """One client's stream, from its start message to the close."""

    def __init__(self, websocket: WebSocket, service: Service) -> None:
        self._websocket = websocket
        self._service = service
        self._loop = asyncio.get_running_loop()
        self._unsent: asyncio.Queue[Given] = asyncio.Queue()
        self._slow = asyncio.Event()
        self._speaker: Speaker | None = None
        self._idle_s: float | None = IDLE_S  #: that a client may be silent
        self._refused: MadoguchiError | None = None  #: why who speaks no longer may

    async def run(self) -> None:
        started_s = time.monotonic()
        try:
            outcome = await first_of(self._listen(), self._tell(), self._give_up_when_slow(), self._end_with_login())
            if isinstance(outcome, Gone):
                await close(self._websocket, NOT_UNDERSTOOD)
            elif outcome is not None and not isinstance(outcome, WebSocketDisconnect):
                raise outcome
        finally:
            if self._speaker is not None:
                self._speaker.leave()
                extra = {"heard_s": round(self._speaker.heard_s, 1), "open_s": round(time.monotonic() - started_s, 1)}
                _log.info("stream ended", extra=extra)

    async def _listen(self) -> None:
        """Take what the client sends, until it goes; what is wrong with it is told."""
        try:
            start = await self._start()
            live = await run_in_threadpool(lambda: self._service.live)
            self._speaker = live.join(self._deliver)
            async with self._incoming(start) as incoming:
                while True:
                    await self._take(await self._receive(self._idle_s), incoming, self._speaker)
        except MadoguchiError as error:
            self._put(Failed(error=error))
            await asyncio.Event().wait()  # the other task closes

    async def _start(self) -> Start:
        message = await self._receive(START_WITHIN_S)
        try:
            start = Start.model_validate_json(message.get("text") or "")
        except ValidationError:
            raise InvalidInput(
                'はじめに {"type":"start","format":"pcm16","rate":16000,"language":"ja"} の形の文を送ってください。'
            ) from None
        return start

    @asynccontextmanager
    async def _incoming(self, start: Start) -> AsyncIterator[Incoming | Opus]:
        if start.format == "pcm16":
            yield Incoming(Rate(start.rate))
            return
        opus = await run_in_threadpool(Opus, self._service.settings.max_recording_s)
        try:
            yield opus
        finally:
            await run_in_threadpool(opus.close)

    async def _take(self, message: dict[str, Any], incoming: Incoming | Opus, speaker: Speaker) -> None:
        data, text = message.get("bytes"), message.get("text")
        if data is not None:
            await run_in_threadpool(lambda: speaker.feed(incoming.samples(data)))
            if speaker.heard_s > self._service.settings.max_recording_s:
                raise TooLarge("受け付けられる長さを超えました。新しく始めてください。")
            await self._wait_until_heard(speaker)
        elif _is_stop(text or ""):
            self._idle_s = None  # it has nothing more to say, and waits for us
            await run_in_threadpool(speaker.finish)
        else:
            raise InvalidInput('音声か {"type":"stop"} を送ってください。')

    async def _wait_until_heard(self, speaker: Speaker) -> None:
        """Read no more while much speech waits: the client feels it as a full connection."""
        since_s = time.monotonic()
        while speaker.behind_s > MOST_BEHIND_S:
            if time.monotonic() - since_s > PATIENCE_S:
                raise Busy("音声が速すぎて、文字にするのが追いつきません。話す速さで送ってください。")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _receive(self, within_s: float | None) -> dict[str, Any]:
        try:
            async with asyncio.timeout(within_s):
                message = await self._websocket.receive()
        except TimeoutError:
            raise InvalidInput("音声が届かないため終わりました。もう一度始めてください。") from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", NORMAL))
        if len(message.get("bytes") or b"") + len(message.get("text") or "") > MOST_MESSAGE_BYTES:
            raise TooLarge("一度に送る音声が大きすぎます。1 MB までに分けて送ってください。")
        return dict(message)

    def _deliver(self, given: Given) -> None:
        """From any thread."""
        with contextlib.suppress(RuntimeError):  # the server is ending
            self._loop.call_soon_threadsafe(self._put, given)

    def _put(self, given: Given) -> None:
        waiting = self._unsent.qsize()
        if isinstance(given, Partial) and waiting >= MOST_UNSENT_PARTIALS:
            return  # a later one says more
        if waiting >= MOST_UNSENT:
            self._slow.set()
        self._unsent.put_nowait(given)

    async def _tell(self) -> None:
        """Send what was heard; return after the last of it."""
        while True:
            given = await self._unsent.get()
            match given:
                case Partial() | Final():
                    await send(self._websocket, _text(given))
                case Closed():
                    await self._close(self._refused)
                    return
                case Failed(error=error):
                    await self._close(error)
                    return

    async def _close(self, error: MadoguchiError | None) -> None:
        await send(self._websocket, error_message(error) if error else {"type": "closed"})
        await self._websocket.close(_close_code(error) if error else NORMAL)

    async def _end_with_login(self) -> None:
        """Hear nothing more once the login has ended; what was said until then is told first."""
        while self._refused is None:
            await asyncio.sleep(_ASK_EVERY_S)
            with contextlib.suppress(sa.exc.DBAPIError):  # an outage takes nobody's word
                refused = await run_in_threadpool(program_or_clerk_refusal, self._websocket, self._service)
                self._refused = refused if isinstance(refused, Unauthorised | Refused) else None
        if self._speaker is None:
            self._put(Failed(error=self._refused))
        else:
            await run_in_threadpool(self._speaker.finish)
        await asyncio.Event().wait()  # the other task closes

    async def _give_up_when_slow(self) -> None:
        await self._slow.wait()
        _log.warning("stream's client does not read")
        raise Gone


def _is_stop(text: str) -> bool:
    try:
        return bool(json.loads(text) == {"type": "stop"})
    except (ValueError, RecursionError):
        return False


def _text(given: Partial | Final) -> dict[str, Any]:
    body: dict[str, Any] = {"text": given.text, "start": given.start_s, "end": given.end_s}
    if isinstance(given, Final):
        return {"type": "final"} | body | {"segment": given.segment}
    return {"type": "partial"} | body


def _close_code(error: MadoguchiError) -> int:
    if isinstance(error, Busy):
        return _TRY_LATER
    if isinstance(error, TooLarge):
        return _TOO_BIG
    return NOT_UNDERSTOOD if isinstance(error, InvalidInput | Unauthorised | Refused) else _FAILED
