"""Promises of the files that answers quote: staff open them as they were imported, nobody else does, and no page in them runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from core.settings import Settings
from retrieval.given import Options
from server.app import create_app
from server.parts import Parts
from tests.conftest import make_home

KB = "test"
PASSWORD, OF_TAX = "himitsu no kotoba", "zeimu no kotoba"
PAGE = "<html><head><title>手引</title></head><body><h1>手引</h1><p>催告は毎月行う。</p><script>alert(1)</script></body></html>"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two documents for staff, one of them for one department."""
    home = make_home(tmp_path_factory.mktemp("documents") / "home")
    (home / "手引.html").write_text(PAGE, "utf-8")
    (home / "滞納.txt").write_text("滞納整理の要領\n第1条　催告書を送る。\n", "utf-8")
    parts = Parts(Settings(home=home))
    parts.knowledge.import_file(home / "手引.html", KB)
    parts.knowledge.import_file(home / "滞納.txt", KB, options=Options(department="税務課", confined=True))
    parts.knowledge.build(KB, lambda *_: None)
    parts.database.dispose()
    return home


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    passwords = {"税務課": OF_TAX}
    app = create_app(Settings(home=home, kb=KB, alexa_verify=False, staff_password=PASSWORD, department_passwords=passwords))
    yield TestClient(app)
    app.state.service.database.dispose()


def opened(client: TestClient, entry_id: str) -> str:
    return f"/staff/documents/{quote(entry_id)}"


def test_staff_open_the_very_file_and_no_page_in_it_is_shown_as_ours(client: TestClient, home: Path) -> None:
    client.post("/staff/login", data={"password": PASSWORD})
    reply = client.get(opened(client, "doc:手引.html:手引"))
    assert (reply.status_code, reply.content) == (200, (home / "手引.html").read_bytes())
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.headers["content-disposition"].startswith("attachment")
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_nobody_else_opens_them(client: TestClient) -> None:
    reply = client.get(opened(client, "doc:手引.html:手引"), follow_redirects=False)
    assert reply.status_code == 303
    assert "催告" not in reply.text


def test_a_file_of_one_department_is_opened_by_its_staff_alone(client: TestClient, home: Path) -> None:
    client.post("/staff/login", data={"password": PASSWORD})
    for entry_id in ("doc:滞納.txt:第1条", "doc:なし.txt:第1条", "tako-1"):
        assert client.get(opened(client, entry_id)).status_code == 404
    client.post("/staff/login", data={"password": OF_TAX})
    assert client.get(opened(client, "doc:滞納.txt:第1条")).content == (home / "滞納.txt").read_bytes()
