"""What the WebSockets of the API have in common: refused before they open, several things done at once, messages sent in time."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Coroutine
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse

from core.errors import MadoguchiError
from server.schemas import ErrorBody, ErrorDetail

SENT_WITHIN_S = 20.0
_CLOSED_WITHIN_S = 1.0
NORMAL, NOT_UNDERSTOOD = 1000, 1008  # RFC 6455


class Gone(Exception):
    """The other end left or does not read any more."""


async def refuse(websocket: WebSocket, error: MadoguchiError) -> None:
    """Answer the request for a WebSocket as any other that is refused."""
    body = ErrorBody(error=ErrorDetail(code=error.code, message=error.message))
    await websocket.send_denial_response(JSONResponse(body.model_dump(), status_code=error.status))


async def send(websocket: WebSocket, message: dict[str, Any]) -> None:
    """Raises Gone."""
    try:
        async with asyncio.timeout(SENT_WITHIN_S):  # wait_for may miss that it is cut off meanwhile
            await websocket.send_text(json.dumps(message, ensure_ascii=False))
    except (TimeoutError, RuntimeError, WebSocketDisconnect):  # RuntimeError: the other end left meanwhile
        raise Gone from None


async def close(websocket: WebSocket, code: int) -> None:
    """Who doesn't take it is gone already."""
    with contextlib.suppress(RuntimeError, TimeoutError, WebSocketDisconnect):
        async with asyncio.timeout(_CLOSED_WITHIN_S):
            await websocket.close(code)


def error_message(error: MadoguchiError) -> dict[str, Any]:
    """What is sent before the close that follows from an error."""
    return {"type": "error", "code": error.code, "message": error.message}


async def first_of(*work: Coroutine[None, None, None]) -> BaseException | None:
    """Do all of it at once until one thing is over: with what, where not by itself. The others are cut off before the return."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(iter(done)).exception()
    finally:
        for task in tasks:
            task.cancel()
        for task in (await asyncio.wait(tasks))[0]:  # gather would not say by whom we are cut off ourselves
            if not task.cancelled():
                task.exception()  # the first one's is told; that of another, which was on its way out, says no more
