"""What a request may carry: less than memory and disk, whoever sends it.

FastAPI reads a body before it asks who sends it. (Its own `max_body_size` answers in plain English, outside our one shape of
errors and without our headers.)
"""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 1 << 20  #: of what is typed: no form that people fill in comes near it
_BOUND = "madoguchi.body"
_TOO_LARGE = 413


@dataclass(slots=True)
class _Bound:
    limit_bytes: int = MOST_BYTES
    #: is raised where more is read; an HTTPException alone goes through FastAPI's own reading of a body unchanged
    refusal: Exception = field(default_factory=lambda: HTTPException(_TOO_LARGE))
    came_bytes: int = 0


class BoundedBodies:
    """Refuses what is larger than its route can want; a route that takes files allows more, once it knows who sends them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bound = scope[_BOUND] = _Bound()

        async def bounded() -> Message:
            if _announced(scope) > bound.limit_bytes:
                raise bound.refusal
            message = await receive()
            bound.came_bytes += len(message.get("body", b""))
            if bound.came_bytes > bound.limit_bytes:
                raise bound.refusal
            return message

        await self._app(scope, bounded, send)


def allow(scope: Scope, limit_bytes: int, refusal: Exception) -> None:
    """Let the body of this request be as large as that; who reads more of it gets the refusal."""
    bound: _Bound = scope[_BOUND]
    bound.limit_bytes, bound.refusal = limit_bytes, refusal


def _announced(scope: Scope) -> int:
    """How many bytes a request says that it carries; 0 where it doesn't."""
    said: bytes = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(said) if said.isdigit() else 0
