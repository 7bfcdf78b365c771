"""Promises of scripts and styles: a browser asks for them once, an update shows at once, and a slow line carries little."""

from __future__ import annotations

import gzip
import re
import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from server.assets import ASSETS, Assets
from server.routes import pages

STATIC = Path(str(ASSETS.directory))


def test_what_a_page_names_is_kept_for_good(closed: TestClient) -> None:
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', closed.get("/").text)
    assert len(named) > 10
    for address in named:
        reply = closed.get(address)
        assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable"), address


@pytest.mark.parametrize("address", ["/static/js/chat.js", "/static/v-000000000000/js/chat.js"])
def test_what_a_page_from_before_an_update_names_is_the_newest_and_asked_for_each_time(closed: TestClient, address: str) -> None:
    reply = closed.get(address)
    assert reply.text == (STATIC / "js" / "chat.js").read_text("utf-8")
    assert reply.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("rest", ["nothing.js", "", "js", "../app.py", "%2e%2e/app.py", "v-000000000000/mark.svg"])
def test_under_a_version_is_nothing_else(closed: TestClient, rest: str) -> None:
    assert closed.get(f"/static/{ASSETS.version}/{rest}").status_code == 404


def test_any_change_makes_a_new_address(tmp_path: Path) -> None:
    shutil.copytree(STATIC, tmp_path / "static")
    assert Assets(tmp_path / "static").version == ASSETS.version
    with (tmp_path / "static" / "js" / "time.js").open("a") as script:
        script.write("\n")
    changed = Assets(tmp_path / "static").version
    (tmp_path / "static" / "mark.svg").rename(tmp_path / "static" / "sign.svg")
    assert len({ASSETS.version, changed, Assets(tmp_path / "static").version}) == 3


def test_what_a_script_needs_is_named_at_once_however_deep(closed: TestClient) -> None:
    page = closed.get("/").text
    waiting, seen = ["chat.js"], set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        assert f'/{ASSETS.version}/js/{name}"' in page
        text = (STATIC / "js" / name).read_text("utf-8")
        waiting += {path.rsplit("/", 1)[-1] for path in re.findall(r'from "(\./[^"]+)"', text)} - seen
    assert {"chat.js", "composer.js", "microphone.js", "dom.js"} <= seen


def test_what_residents_load_is_compressed_and_what_staff_read_is_not(staff: TestClient) -> None:
    for path in ("/", "/api/categories", f"/static/{ASSETS.version}/css/base.css"):
        plain = staff.get(path, headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        with staff.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as reply:
            sent = b"".join(reply.iter_raw())
        assert reply.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in reply.headers["Vary"], path
        assert gzip.decompress(sent) == plain.content and len(sent) < len(plain.content) / 2
    for path in ("/staff", "/staff/knowledge", "/api/staff/calls"):
        assert "Content-Encoding" not in staff.get(path, headers={"Accept-Encoding": "gzip"}).headers


def test_every_page_is_compiled_before_anybody_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pages.compile_all()
    environment = pages._templates.env
    monkeypatch.setattr(environment, "compile", None)
    for name in environment.list_templates(extensions=["html"]):
        environment.get_template(name)
