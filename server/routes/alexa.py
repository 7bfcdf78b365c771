"""POST /voice/alexa: a request of the Alexa Skills Kit in, its response out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from core.errors import TooLarge
from server.service import Service, the_service
from voice_skill.envelope import REQUEST_LIMIT_BYTES

router = APIRouter()


@router.post("/voice/alexa", summary="スマートスピーカー(Alexa)からの質問に答える", tags=["voice"])
async def alexa(request: Request, service: Annotated[Service, Depends(the_service)]) -> Response:
    """署名を確かめたうえで、SSML とカードを返します。確かめられない要求には 400 を返します。"""
    body = await _limited_body(request)
    reply = await run_in_threadpool(service.alexa.handle, request.headers, body)
    return Response(reply, media_type="application/json;charset=UTF-8")


async def _limited_body(request: Request) -> bytes:
    """The body as it came, byte for byte: the signature is over these bytes."""
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > REQUEST_LIMIT_BYTES:
            raise TooLarge
    return bytes(body)
