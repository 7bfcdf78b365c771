"""A spoken question as the page sends it: a form with the recording, and the session that it goes on with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO

from fastapi import Request

from core.errors import InvalidInput, TooLarge
from server.questions import MAX_QUESTION_BYTES, TOO_LONG
from server.routes.uploads import form_schema, receive
from server.schemas import MAX_SESSION_CHARS

SPOKEN = form_schema("audio", {"session": {"type": "string", "maxLength": MAX_SESSION_CHARS}}, [])  #: for OpenAPI


@asynccontextmanager
async def receive_question(request: Request) -> AsyncIterator[tuple[BinaryIO, str | None]]:
    """The recording and the session. Raises InvalidInput, TooLarge."""
    try:
        async with receive(request, name="audio", limit_bytes=MAX_QUESTION_BYTES) as upload:
            session = upload.fields.get("session") or None
            if session and len(session) > MAX_SESSION_CHARS:
                raise InvalidInput
            yield upload.file.file, session
    except TooLarge:
        raise TooLarge(TOO_LONG) from None
