"""What a page of residents is made of comes compressed, as a phone on a slow line needs it.

Nothing of staff does: the length of a compressed reply tells of secrets beside what somebody else chose (BREACH), and the
line within a town hall is fast.
"""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_SMALLEST_BYTES = 1_000  #: which fits into one packet anyway


class Compression:
    """gzip for the chat page, its scripts and its topics."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._compressed = GZipMiddleware(app, minimum_size=_SMALLEST_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_part = path in ("/", "/api/categories") or path.startswith("/static/")
        await (self._compressed if is_part else self._plain)(scope, receive, send)
