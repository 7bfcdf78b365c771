"""Why a request is not done: the status of the response (RFC 3261 21) and what the peer needs to know beside it."""

from __future__ import annotations

from telephony.sip.message import Fields

REASONS = {
    100: "Trying",
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    422: "Session Interval Too Small",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
    505: "Version Not Supported",
    603: "Decline",
}


class Refusal(Exception):
    def __init__(self, status: int, *fields: tuple[str, str]) -> None:
        super().__init__(status)
        self.status = status
        self.fields: Fields = fields
