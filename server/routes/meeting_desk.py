"""The minutes of all meetings, and of the one in the address, for routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from minutes.minutes import Minutes
from server.service import Service, the_service


def _minutes(service: Annotated[Service, Depends(the_service)]) -> Minutes:
    return service.recorded.minutes


Desk = Annotated[Minutes, Depends(_minutes)]


def _with_meeting(meeting_id: str, desk: Desk) -> Minutes:
    """Raises NotFound for what is no meeting."""
    desk.meetings.get(meeting_id)
    return desk


MeetingDesk = Annotated[Minutes, Depends(_with_meeting)]
