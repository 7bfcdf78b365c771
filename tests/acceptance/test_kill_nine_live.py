"""A server that is killed while a call goes on goes on with its text where it was, and the page that was open refills."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.acceptance.test_kill_nine import Server
from tests.conftest import Speech
from tests.telephony.phone_kit import OTHER, OURS, begin, legs_of, play

pytestmark = pytest.mark.process

LINES = [
    (OURS, "はい、市民課です。"),
    (OTHER, "粗大ごみを捨てたいのですが、どうすればいいですか。"),
    (OURS, "はい、申し込みが必要です。"),
]
WITHIN_S = 120


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    server = Server(home)
    yield server
    server.close()


def read(server: Server, call: str, count: int) -> list[dict[str, Any]]:
    """What was said, once there is so much of it, in the order of time."""
    said: dict[str, dict[str, Any]] = {}
    end_s = time.monotonic() + WITHIN_S
    with connect(f"ws://127.0.0.1:{server.port}/api/staff/calls/live") as reader:
        reader.send(json.dumps({"call": call}))
        while len(said) < count:
            assert time.monotonic() < end_s, f"{len(said)} of {count} texts"
            try:
                message = json.loads(reader.recv(timeout=5))
            except TimeoutError:
                continue
            said |= {line["key"]: line for line in message.get("lines", ()) if line["kind"] == "said"}
    return sorted(said.values(), key=lambda line: float(line["start"]))


def test_a_call_s_text_goes_on_after_kill_nine(server: Server, home: Path, speech: Speech) -> None:
    legs = legs_of(speech, LINES)
    half = round(len(legs[0]) * 0.55)  # while the caller speaks
    call = begin(home / "calls")
    server.start()
    play(call, (legs[0][:half], legs[1][:half]))
    before = read(server, call.folder.name, 1)

    server.end(signal.SIGKILL)
    play(call, (legs[0][half:], legs[1][half:]))
    with pytest.raises((ConnectionClosed, OSError)):
        read(server, call.folder.name, 1)

    server.start()
    after = read(server, call.folder.name, 3)
    assert after[0] == before[0]
    assert [line["side"] for line in after] == ["ours", "other", "ours"]
    assert "どうすればいい" in after[1]["text"] and "必要です" in after[2]["text"]
