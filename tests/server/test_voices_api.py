"""The staff API for enrolled voices: in with a sample and a name, listed without the print, out for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient
from pydantic import SecretStr

from core.settings import Settings, Zone
from server.app import create_app
from tests.spoken import MEETING

VOICES = "/api/staff/voices"
SAID = (MEETING[0][1], MEETING[2][1])
WHO = {"name": "企画政策課長", "by": "総務課 曽於"}


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    app = create_app(settings.model_copy(update={"zone": Zone.STAFF, "dev_open_staff": True}))
    yield TestClient(app)
    app.state.service.database.dispose()


def test_a_voice_is_enrolled_listed_and_deleted(client: TestClient, speech: Callable[..., Path], home: Path) -> None:
    soundfile.write(home / "声.wav", np.concatenate([soundfile.read(speech(text, "jm_kumo"))[0] for text in SAID]), 16_000)
    sample = {"audio": ("声.wav", (home / "声.wav").read_bytes())}
    enrolled = client.post(VOICES, files=sample, data=WHO)
    assert enrolled.status_code == 201, enrolled.text
    assert enrolled.json().keys() == {"id", "name", "by", "created_at"}
    assert client.get(VOICES).json() == {"voices": [enrolled.json()]}
    assert list((home / "passing").iterdir()) == []
    assert not (home / "blobs").exists() or list((home / "blobs").iterdir()) == []
    again = client.post(VOICES, files=sample, data=WHO)
    assert (again.status_code, again.json()["error"]["code"]) == (422, "invalid_input")
    url = f"{VOICES}/{enrolled.json()['id']}"
    assert [client.delete(url).status_code for _ in range(2)] == [204, 404]
    assert client.get(VOICES).json() == {"voices": []}


def test_a_sample_that_will_not_do_is_refused(client: TestClient, speech: Callable[..., Path]) -> None:
    short = {"audio": ("声.wav", speech("はい。").read_bytes())}
    for reply in (
        client.post(VOICES, files=short, data=WHO),
        client.post(VOICES, files=short, data={"name": "甲"}),
        client.post(VOICES, data=WHO),
    ):
        assert reply.status_code == 422
        assert reply.json()["error"]["message"].endswith("。")
    assert client.get(VOICES).json() == {"voices": []}


def test_strangers_may_neither_listen_nor_enrol(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"zone": Zone.STAFF, "staff_password": SecretStr("himitsu")}))
    client = TestClient(app)
    replies = [client.get(VOICES), client.post(VOICES, files={"audio": ("a.wav", b"x")}, data=WHO), client.delete(f"{VOICES}/a")]
    app.state.service.database.dispose()
    assert {reply.status_code for reply in replies} == {401}
