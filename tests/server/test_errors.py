"""Promises of errors over HTTP: one shape for programs, a page for people, a Japanese sentence, and nothing of the inside."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.server.conftest import PASSWORD, Serve

JSON = {"Content-Type": "application/json"}

# method, path, request, status, code
CASES: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "/api/nothing", {}, 404, "not_found"),
    ("POST", "/nothing", {}, 404, "not_found"),
    ("GET", "/static/nothing.js", {}, 404, "not_found"),
    ("GET", "/static/../auth.py", {}, 404, "not_found"),
    ("GET", "/static/%2e%2e/auth.py", {}, 404, "not_found"),
    ("GET", "/api/ask", {}, 405, "method_not_allowed"),
    ("DELETE", "/api/categories", {}, 405, "method_not_allowed"),
    ("PUT", "/static/css/base.css", {}, 405, "method_not_allowed"),
    ("GET", "/voice/alexa", {}, 405, "method_not_allowed"),
    ("POST", "/api/ask", {}, 422, "invalid_input"),
    ("POST", "/api/ask", {"content": b"{half", "headers": JSON}, 422, "invalid_input"),
    ("POST", "/api/ask", {"content": b"\xff\xfe", "headers": JSON}, 422, "invalid_input"),
    ("POST", "/api/ask", {"json": []}, 422, "invalid_input"),
    ("POST", "/api/ask", {"json": {"text": 1}}, 422, "invalid_input"),
    ("POST", "/api/ask", {"json": {"text": ""}}, 422, "invalid_input"),
    ("POST", "/api/ask", {"json": {"text": " \n　"}}, 422, "invalid_input"),
    ("POST", "/api/ask", {"json": {"text": "税" * 501}}, 422, "invalid_input"),
    ("POST", "/api/ask", {"json": {"text": "税", "audience": "staff"}}, 422, "invalid_input"),
    ("POST", "/api/ask", {"json": {"text": "税", "session": "s" * 65}}, 422, "invalid_input"),
    ("POST", "/api/ask/audio", {}, 422, "invalid_input"),
    ("POST", "/api/staff/ask/audio", {}, 401, "unauthorised"),
    ("POST", "/api/ask/audio", {"data": {"audio": "text"}}, 422, "invalid_input"),
    ("POST", "/api/ask/audio", {"files": {"audio": ("q.wav", b"")}}, 422, "unreadable_media"),
    ("POST", "/api/ask/audio", {"files": {"audio": ("q.wav", b"not audio" * 100)}}, 422, "unreadable_media"),
    ("POST", "/api/speak", {"json": {"text": ""}}, 422, "invalid_input"),
    ("POST", "/api/speak", {"json": {"text": "あ" * 5000}}, 422, "invalid_input"),
    ("POST", "/api/staff/ask", {"json": {"text": "公印"}}, 401, "unauthorised"),
    ("GET", "/api/staff/minutes/none", {}, 401, "unauthorised"),
]


@pytest.mark.parametrize(("method", "path", "request_", "status", "code"), CASES)
def test_every_error_has_the_one_shape(
    closed: TestClient, method: str, path: str, request_: dict[str, Any], status: int, code: str
) -> None:
    reply = closed.request(method, path, **request_)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/json"
    body = reply.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["code"] == code
    assert re.fullmatch(r"[^A-Za-z]*[ぁ-ん].*。", body["error"]["message"])


def test_too_long_a_question_is_told_the_limit(closed: TestClient) -> None:
    message = closed.post("/api/ask", json={"text": "税" * 501}).json()["error"]["message"]
    assert "500字以内" in message


def test_what_was_wrong_is_named_and_what_was_said_is_not_repeated(closed: TestClient) -> None:
    message = closed.post("/api/ask", json={"text": ["私の秘密"], "session": "s"}).json()["error"]["message"]
    assert "(text)" in message
    assert "秘密" not in message


@pytest.mark.parametrize("path", ["/api/ask", "/api/staff/categories"])
def test_a_fault_of_ours_is_500_in_the_same_shape_without_its_text(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client = serve(staff_password=PASSWORD, dev_open_staff=True)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("password=geheim")

    monkeypatch.setattr("server.routes.ask.answer_text", broken)
    monkeypatch.setattr("server.routes.staff.categories_of", broken)
    reply = client.request("POST" if path == "/api/ask" else "GET", path, json={"text": "税"})
    assert reply.status_code == 500
    assert reply.json() == {"error": {"code": "internal_error", "message": reply.json()["error"]["message"]}}
    assert reply.json()["error"]["message"].endswith("。")
    assert "geheim" not in reply.text
    assert reply.headers["X-Request-Id"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_people_who_open_an_address_get_a_page(closed: TestClient) -> None:
    html = {"Accept": "text/html,application/xhtml+xml"}
    reply = closed.get("/nothing", headers=html)
    assert (reply.status_code, reply.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "お探しのページが見つかりません。" in reply.text
    assert "はじめのページから探してください。" in reply.text
    assert closed.post("/nothing", headers=html).headers["content-type"] == "text/html; charset=utf-8", "a form was sent"
    for path in ("/api/nothing", "/voice/nothing"):
        assert closed.get(path, headers=html).headers["content-type"] == "application/json"


def test_what_stands_in_an_address_is_never_put_into_a_page_as_it_is(staff: TestClient) -> None:
    html = {"Accept": "text/html"}
    for path in ("/%3Cscript%3Ealert(1)%3C/script%3E", "/staff/minutes/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"):
        assert "<script>alert" not in staff.get(path, headers=html).text
