"""Promises of forms with a file, before anybody looks into it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from core.passing import Passing
from server.bodies import BoundedBodies
from server.routes.uploads import Upload, receive


@pytest.fixture
def passing(tmp_path: Path) -> Passing:
    return Passing.within(tmp_path)


def place_of(upload: Upload) -> Path:
    return Path(f"/proc/self/fd/{upload.file.file.fileno()}").readlink()


@pytest.fixture
def client(passing: Passing) -> TestClient:
    async def take(request: Request) -> PlainTextResponse:
        async with receive(request, name="audio", limit_bytes=10_000_000) as upload:
            upload.file.file.rollover()  # type: ignore[attr-defined]  # as the first megabyte does
            return PlainTextResponse(f"{place_of(upload)}\n{upload.file_name}\n{sum(map(len, upload.blocks()))}")

    app = Starlette(routes=[Route("/", take, methods=["POST"])])
    app.state.service = SimpleNamespace(passing=passing)
    app.add_middleware(BoundedBodies)
    return TestClient(app)


def test_what_is_being_sent_lies_in_the_data_folder_and_nothing_of_it_stays(
    client: TestClient, passing: Passing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's folder for temporary files may be too small for a recording, and is no place for it."""
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    reply = client.post("/", files={"audio": ("会議.wav", b"0" * 3_000_000)})
    lies_in, name, size = reply.text.split("\n")
    assert lies_in.startswith(str(passing.root))
    assert (name, size) == ("会議.wav", "3000000")
    assert list(passing.root.iterdir()) == []
