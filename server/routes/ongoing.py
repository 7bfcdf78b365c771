"""/api/staff/calls/live: the calls that go on, and over a WebSocket the text of one of them as it comes; docs/protocol.md."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from asr.keeping.log import Deed
from core.clock import now
from core.errors import InvalidInput, MadoguchiError, NotFound
from server.accounts.account import Right
from server.auth import clerk, require
from server.identity import Identity
from server.live_messages import Message, OngoingCallsBody, lines_message, missing_message, offer_message, standing_message
from server.service import Service, the_service
from server.websockets import NOT_UNDERSTOOD, Gone, close, error_message, first_of, refuse, send
from telephony.chronicle import Item
from telephony.ongoing import LiveCall
from telephony.said import Said

router = APIRouter(prefix="/api/staff/calls/live", tags=["calls"])

_EVERY_S = 0.25
_LOGGED_EVERY_S = 600.0  # more often than the log has a line for who goes on reading
_LOOK_EVERY_S = 1.0  #: whether the call is in the records, and whether who reads still may
_MOST_MESSAGE = 1000
_LOOKED_BACK = 20  #: utterances of the caller, in which the last question is looked for


class Watch(BaseModel):
    """What a reader sends: the call that is read along from now on."""

    model_config = ConfigDict(extra="forbid")

    call: str = Field(pattern="^[0-9A-Za-z_-]{1,64}$")


@router.get("", dependencies=[Depends(require(Right.CALLS))], summary="今の通話の一覧")
def ongoing(service: Service = Depends(the_service)) -> OngoingCallsBody:
    """続いている通話を、始まった順に返します。"""
    return OngoingCallsBody.of(service.captions)


@router.websocket("")
async def read_along(websocket: WebSocket) -> None:
    service: Service = websocket.app.state.service
    try:
        staff = await run_in_threadpool(clerk, websocket, service, Right.CALLS)
    except MadoguchiError as refused:
        await refuse(websocket, refused)
        return
    await websocket.accept()
    await _Reader(websocket, service, staff).run()


@dataclass(eq=False)
class _Watched:
    """A call that is read along, and what its reader got of it."""

    id: str
    call: LiveCall | None = None  #: who speaks on which leg, as it was told last
    version: int = 0  #: of the last line that was sent
    is_told: bool = False  #: all that there was
    logged_s: float = 0.0  #: when it was last seen to that the log has the reading
    recorded: bool = False
    caller: list[Said] = field(default_factory=list)
    sent: dict[str, Message] = field(default_factory=dict)  #: the last message of each type


class _Reader:
    """One clerk's page. What is new is found by looking a few times a second; whoever comes again gets all of it anew."""

    def __init__(self, websocket: WebSocket, service: Service, staff: Identity) -> None:
        self._websocket, self._service = websocket, service
        self._staff = staff
        self._watched: _Watched | None = None

    async def run(self) -> None:
        outcome = await first_of(self._listen(), self._tell())
        if isinstance(outcome, MadoguchiError):
            with contextlib.suppress(Gone):
                await self._send(error_message(outcome))
            await close(self._websocket, NOT_UNDERSTOOD)
        elif outcome is not None and not isinstance(outcome, WebSocketDisconnect | Gone):
            raise outcome

    async def _listen(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1000))
            text = message.get("text") or ""
            try:
                watch = Watch.model_validate_json(text if len(text) <= _MOST_MESSAGE else "")
            except ValidationError:
                raise InvalidInput('{"call": "通話の番号"} の形の文を送ってください。') from None
            self._watched = _Watched(watch.call)

    async def _tell(self) -> None:
        await self._send({"type": "now", "at": now().isoformat()})
        listed: Message = {}
        looked_s = 0.0
        while True:
            captions = self._service.captions
            if not (captions.has_looked or captions.wrong):  # after a start no call is missing yet
                await asyncio.sleep(_EVERY_S)
                continue
            is_time = time.monotonic() - looked_s > _LOOK_EVERY_S
            if is_time:
                looked_s = time.monotonic()
                self._staff = await run_in_threadpool(clerk, self._websocket, self._service, Right.CALLS)
            calls = {"type": "calls"} | OngoingCallsBody.of(captions).model_dump(mode="json")
            if calls != listed:
                await self._send(listed := calls)
            if (watched := self._watched) is not None and captions.has_looked:
                await self._tell_of(watched, is_time=is_time)
            await asyncio.sleep(_EVERY_S)

    async def _tell_of(self, watched: _Watched, *, is_time: bool) -> None:
        """How the call stands, what is new in it, and what the knowledge base says of it."""
        captions = self._service.captions
        captions.read_along(watched.id)
        standing = captions.standing(watched.id)
        is_taken = standing is None and "missing" not in watched.sent  # it has its record then, or never gets one
        if is_taken or (is_time and (standing is None or standing.ended_at is not None)):
            watched.recorded = await run_in_threadpool(self._is_recorded, watched.id)
        if standing is None:
            await self._send_if_new(watched, missing_message(recorded=watched.recorded))
            return
        if not watched.is_told or time.monotonic() - watched.logged_s > _LOGGED_EVERY_S:  # before it is read, as of a record
            await run_in_threadpool(self._service.recorded.calls.log.look, watched.id, Deed.READ, self._staff.person)
            watched.logged_s = time.monotonic()
        await self._send_if_new(watched, standing_message(standing, recorded=watched.recorded))
        await self._follow_parties(watched, standing.call)
        items = captions.items(watched.id, watched.version)
        if items or not watched.is_told:
            await self._send(lines_message(items, standing.call, whole=not watched.is_told) | {"id": watched.id})
            watched.is_told = True
            watched.version = items[-1].version if items else 0
            await self._offer(watched, items, standing.call)

    async def _follow_parties(self, watched: _Watched, call: LiveCall) -> None:
        """Where the exchange says later who speaks, or whose leg is whose, all that was told is told anew: it has other
        speakers, and what was offered another who asked, perhaps."""
        before, watched.call = watched.call, call
        if before == call:
            return
        watched.version, watched.is_told, watched.caller = 0, False, []
        if before and (before.our_leg, before.lone_leg) != (call.our_leg, call.lone_leg) and "offer" in watched.sent:
            await self._send_if_new(watched, offer_message(None))

    async def _offer(self, watched: _Watched, items: list[Item], call: LiveCall) -> None:
        said = [i.what for i in items if isinstance(i.what, Said) and (call.lone_leg or i.what.leg != call.our_leg)]
        if not said:
            return
        watched.caller = sorted([*watched.caller, *said], key=lambda s: s.start_s)[-_LOOKED_BACK:]
        offer = await run_in_threadpool(self._service.offers.offer, watched.caller, self._staff.department)
        if offer is not None:
            await self._send_if_new(watched, offer_message(offer))

    def _is_recorded(self, call_id: str) -> bool:
        try:
            self._service.recorded.calls.records.get(call_id)
        except NotFound:
            return False
        return True

    async def _send_if_new(self, watched: _Watched, message: Message) -> None:
        if watched.sent.get(message["type"]) != message:
            watched.sent[message["type"]] = message
            await self._send(message | {"id": watched.id})

    async def _send(self, message: Message) -> None:
        await send(self._websocket, message)
