"""Promises of every reply: headers that keep other sites out, no cookie, an id; and an API that describes itself."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

PATHS = [
    "/",
    "/api/docs",
    "/api/categories",
    "/healthz",
    "/static/css/base.css",
    "/nothing",
    "/api/nothing",
    "/staff/login",
    "/openapi.json",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_reply_keeps_other_sites_out(closed: TestClient, path: str) -> None:
    headers = closed.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "set-cookie" not in headers
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("path", ["/staff", "/staff/knowledge", "/staff/login", "/staff/nothing", "/api/staff/minutes"])
def test_no_browser_keeps_what_is_for_staff(staff: TestClient, path: str) -> None:
    assert staff.get(path, follow_redirects=False).headers["Cache-Control"] == "no-store"


def test_every_reply_has_an_id_of_its_own(closed: TestClient) -> None:
    ids = {closed.get("/healthz").headers["X-Request-Id"] for _ in range(5)}
    assert len(ids) == 5


@pytest.mark.parametrize("path", ["/", "/api/docs", "/staff/login"])
def test_pages_bring_nothing_from_elsewhere_and_no_inline_script(closed: TestClient, path: str) -> None:
    html = closed.get(path).text
    assert '<html lang="ja"' in html
    sources = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert [s for s in sources if "://" in s or s.startswith("//")] == []
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", html)
    assert not re.search(r'<[^>]+\s(?:on\w+|style)="', html)
    for source in sources:
        if source.startswith("/static/"):
            assert closed.get(source).status_code == 200, source


def test_the_description_of_the_api_has_every_route_and_the_shape_of_errors(closed: TestClient) -> None:
    api = closed.get("/openapi.json").json()
    assert api["openapi"].startswith("3.")
    assert {"/api/ask", "/api/ask/audio", "/api/speak", "/api/categories", "/voice/alexa", "/api/staff/ask", "/api/staff/minutes",
            "/api/staff/calls", "/healthz", "/readyz"} <= set(api["paths"])  # fmt: skip
    assert set(api["components"]["schemas"]["ErrorBody"]["properties"]) == {"error"}
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            assert "default" in operation["responses"], (method, path)


def test_the_documentation_page_shows_every_operation(closed: TestClient) -> None:
    page = closed.get("/api/docs")
    assert page.status_code == 200
    assert isinstance(closed.app, FastAPI)
    for path in closed.app.openapi()["paths"]:
        assert path in page.text
