"""Calls that go on and who follows them: what the tests of their text share."""

from __future__ import annotations

import time
from collections.abc import Callable

from core.clock import now
from telephony.captions import Captions
from telephony.followed import Hearing, Standing
from telephony.ongoing import Ended, OngoingCall
from telephony.said import Said
from tests.telephony.phone_kit import OTHER, OURS

LINES = [
    (OURS, "はい、市民課です。"),
    (OTHER, "粗大ごみを捨てたいのですが、どうすればいいですか。"),
    (OURS, "はい、申し込みが必要です。"),
]
WITHIN_S = 60
PATIENT_S = 600.0

Opens = Callable[..., Captions]


def until(true: Callable[[], bool], what: str, within_s: float = WITHIN_S) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def said(captions: Captions, call: OngoingCall) -> list[Said]:
    """In the order of time."""
    items = captions.items(call.folder.name)
    return sorted((i.what for i in items if isinstance(i.what, Said)), key=lambda s: s.start_s)


def standing(captions: Captions, call: OngoingCall) -> Standing:
    until(lambda: captions.standing(call.folder.name) is not None, "the call is not followed")
    found = captions.standing(call.folder.name)
    assert found is not None
    return found


def is_over(captions: Captions, call: OngoingCall) -> bool:
    return standing(captions, call).hearing is Hearing.OVER


def end(call: OngoingCall) -> None:
    call.end(Ended(at=now(), why="bye"))
