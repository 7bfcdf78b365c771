"""Sessions that are over unless somebody refreshes them (RFC 4028)."""

from __future__ import annotations

from dataclasses import dataclass

from telephony.sip.message import Fields, Request
from telephony.sip.refusal import Refusal
from telephony.sip.text import read_parameters

SHORTEST_S = 90
_LONGEST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class SessionTimer:
    interval_s: int
    refreshed_by_us: bool

    @classmethod
    def agreed(cls, request: Request) -> SessionTimer | None:
        """What an INVITE or UPDATE asks for. Raises Refusal where that is too short to bear.

        Who knows nothing of timers, as where a proxy asks, refreshes nothing (RFC 4028 9, table 2). Who leaves that to us, but
        takes no UPDATE, gets no timer: it can't be held to what it can't be told.
        """
        interval, *parameters = request.headers["session-expires"].split(";")
        interval = interval.strip()
        if not (interval.isascii() and interval.isdigit() and len(interval) <= _LONGEST_DIGITS):
            return None
        if int(interval) < SHORTEST_S:
            raise Refusal(422, ("min-se", str(SHORTEST_S)))
        told = read_parameters(parameters).get("refresher", "").lower()
        by_us = told == "uas" if told else "timer" not in request.headers.tokens("supported")
        return None if by_us and "update" not in request.headers.tokens("allow") else cls(int(interval), by_us)

    def fields(self, request: Request) -> Fields:
        """For the response."""
        said = ("session-expires", f"{self.interval_s};refresher={'uas' if self.refreshed_by_us else 'uac'}")
        return (said, ("require", "timer")) if "timer" in request.headers.tokens("supported") else (said,)
