"""Time as an argument: everything that depends on the hour takes a `Clock`. And as people read it beside a recording."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

JST = ZoneInfo("Asia/Tokyo")

Clock = Callable[[], datetime]


def now() -> datetime:
    """The current time in Japan, timezone-aware."""
    return datetime.now(JST)


def place(seconds: float) -> str:
    """Where something is in a recording: 01:02:03."""
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"
