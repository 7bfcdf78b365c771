"""Time as an argument: everything that depends on the hour takes a `Clock`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

JST = ZoneInfo("Asia/Tokyo")

Clock = Callable[[], datetime]


def now() -> datetime:
    """The current time in Japan, timezone-aware."""
    return datetime.now(JST)
