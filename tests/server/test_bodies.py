"""A request carries no more than its route can want: the rest is not even taken in, whoever sends it."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from server.bodies import MOST_BYTES
from server.questions import MAX_QUESTION_BYTES
from tests.server.conftest import PASSWORD, api_routes

BLOCK = b"a" * (1 << 16)
SENT_BYTES = 30 << 20
FORM_HEAD = b'--x\r\nContent-Disposition: form-data; name="audio"; filename="a"\r\n\r\n'
KINDS = {"application/json": b"", "application/x-www-form-urlencoded": b"text=", "multipart/form-data; boundary=x": FORM_HEAD}


def send(
    client: TestClient, method: str, path: str, kind: str, *, is_announced: bool, until_bytes: int = SENT_BYTES
) -> tuple[int, bytes, int]:
    """Send much more than anything can want -> status, reply, and how many bytes were taken in before it came."""
    headers = [(b"host", b"testserver"), (b"content-type", kind.encode())]
    headers += [(b"content-length", str(SENT_BYTES).encode())] if is_announced else [(b"transfer-encoding", b"chunked")]
    headers += [(b"cookie", f"{name}={value}".encode()) for name, value in client.cookies.items()]
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "path": path}
    scope |= {"raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers, "client": ("127.0.0.1", 1)}
    taken, status, reply = 0, 0, b""

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if taken >= until_bytes or status:
            return {"type": "http.disconnect"}
        block = BLOCK if taken else KINDS[kind] + BLOCK
        taken += len(block)
        return {"type": "http.request", "body": block, "more_body": taken < SENT_BYTES}

    async def answer(message: Any) -> None:
        nonlocal status, reply
        status = message.get("status", status)
        reply += message.get("body", b"")

    asyncio.run(client.app(scope, receive, answer))
    return status, reply, taken


def writing_routes(client: TestClient) -> list[tuple[str, str]]:
    return [
        (method, re.sub(r"\{form\}", "txt", re.sub(r"\{\w+\}", "0" * 32, route.path)))
        for route in api_routes(client)
        for method in sorted(route.methods & {"POST", "PUT", "PATCH", "DELETE"})
    ]


def test_no_route_takes_in_more_of_a_stranger_than_a_question_has(closed: TestClient) -> None:
    routes = writing_routes(closed)
    assert len(routes) > 40
    for method, path in routes:
        most = MAX_QUESTION_BYTES if path == "/api/ask/audio" else MOST_BYTES
        for kind in KINDS:
            status, _, taken = send(closed, method, path, kind, is_announced=False)
            assert 300 <= status < 500, (path, kind, status)
            assert taken <= most + 2 * len(BLOCK), (path, kind)
            status, _, taken = send(closed, method, path, kind, is_announced=True)
            assert 300 <= status < 500 and taken <= 2 * len(BLOCK), (path, kind)


@pytest.mark.parametrize("path", ["/api/ask", "/api/speak", "/api/staff/ask", "/api/ask/audio", "/api/staff/ask/audio"])
@pytest.mark.parametrize("is_announced", [True, False])
def test_what_is_too_large_is_told_so_in_the_one_shape(staff: TestClient, path: str, is_announced: bool) -> None:
    kind = "multipart/form-data; boundary=x" if path.endswith("audio") else "application/json"
    status, reply, _ = send(staff, "POST", path, kind, is_announced=is_announced)
    assert status == 413
    error = json.loads(reply)["error"]
    assert error["code"] == "too_large" and "短く" in error["message"]


def test_a_login_that_is_a_flood_is_refused_before_it_is_kept(closed: TestClient) -> None:
    status, _, taken = send(closed, "POST", "/staff/login", "application/x-www-form-urlencoded", is_announced=False)
    assert status == 413 and taken <= MOST_BYTES + 2 * len(BLOCK)
    assert closed.post("/staff/login", data={"password": PASSWORD}, follow_redirects=False).status_code == 303


def test_who_stops_sending_a_recording_is_no_fault_of_the_server(staff: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    kind = "multipart/form-data; boundary=x"
    with caplog.at_level(logging.INFO, "madoguchi.http"):
        status, _, _ = send(staff, "POST", "/api/staff/minutes", kind, is_announced=True, until_bytes=SENT_BYTES // 2)
    assert status == 499
    assert [r.levelname for r in caplog.records if r.name == "madoguchi.http"] == ["INFO"]
