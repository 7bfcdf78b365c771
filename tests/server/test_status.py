"""Promises of /v1/status: numbers alone, for who has the key, and 503 with a sentence where somebody has to do something."""

from __future__ import annotations

import shutil
from collections import namedtuple
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from asr.audio import Channels
from asr.recording import Recording, State
from core.clock import now
from minutes.starter import starter
from server.service import Service
from telephony.ongoing import UNREADABLE
from tests.conftest import API_KEY
from tests.server.conftest import Serve

KEY = {"Authorization": f"Bearer {API_KEY}"}
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def watched(serve: Serve) -> TestClient:
    return serve(api_key=API_KEY)


def accepted(service: Service, name: str, state: State, ago: timedelta = timedelta(0)) -> None:
    recordings = service.recorded.minutes.transcription.recordings
    recording = Recording(
        id=name, blob_id=name, file_name="秘密の会議.wav", size_bytes=1, sha256=name, channels=Channels.MIXED, speakers="off",
        state=state, created_at=now() - ago,
    )  # fmt: skip
    with service.database.begin() as c:
        recordings.add(c, recording)


def forget(service: Service, *names: str) -> None:
    with service.database.begin() as c:
        for name in names:
            service.recorded.minutes.transcription.recordings.delete(c, name)


def test_nobody_without_the_key_learns_anything(watched: TestClient) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        assert watched.get("/v1/status", headers=headers).status_code == 401


def test_a_service_that_is_well_answers_200_and_counts(watched: TestClient) -> None:
    service: Service = watched.app.state.service  # type: ignore[attr-defined]
    accepted(service, "waits", State.QUEUED, timedelta(minutes=5))
    accepted(service, "goes-on", State.WORKING)
    accepted(service, "failed", State.FAILED, timedelta(days=9))
    try:
        reply = watched.get("/v1/status", headers=KEY)
    finally:
        forget(service, "waits", "goes-on", "failed")
    said = reply.json()
    assert (reply.status_code, said["attention"], said["calls"]) == (200, [], 0)
    assert 300 <= said["recordings"].pop("oldest_s") < 360
    assert said["recordings"] == {"waiting": 1, "working": 1, "failed": 1}
    assert 0 < said["disk"]["free_bytes"] < said["disk"]["total_bytes"]
    assert said["index"]["behind"] is False
    assert said["index"]["residents_made_at"] and said["index"]["staff_made_at"]
    assert "秘密" not in reply.text


def test_a_short_disk_and_a_recording_that_is_stuck_call_for_somebody(
    watched: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    service: Service = watched.app.state.service  # type: ignore[attr-defined]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, 3 * 10**9))
    accepted(service, "stuck", State.QUEUED, timedelta(hours=7))
    try:
        reply = watched.get("/v1/status", headers=KEY)
    finally:
        forget(service, "stuck")
    assert reply.status_code == 503
    short, stuck = reply.json()["attention"]
    assert "3.0 GB" in short and "4.0 GB" in short
    assert "6時間" in stuck


def test_a_folder_of_calls_that_can_t_be_read_calls_for_somebody(watched: TestClient) -> None:
    service: Service = watched.app.state.service  # type: ignore[attr-defined]
    folder = service.recorded.intake.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("no folder")
    try:
        reply = watched.get("/v1/status", headers=KEY)
    finally:
        folder.unlink()
    assert (reply.status_code, reply.json()["attention"], reply.json()["calls"]) == (503, [UNREADABLE], 0)


def test_a_call_that_can_t_be_taken_in_calls_for_somebody(watched: TestClient) -> None:
    intake = watched.app.state.service.recorded.intake  # type: ignore[attr-defined]
    broken = intake.folder / "broken"
    broken.mkdir(parents=True)
    (broken / "lock").touch()
    (broken / "call.json").write_text("{")
    try:
        intake.take_all()
        reply = watched.get("/v1/status", headers=KEY)
    finally:
        shutil.rmtree(broken)
    (sentence,) = reply.json()["attention"]
    assert reply.status_code == 503 and "1件" in sentence
    intake.take_all()
    assert watched.get("/v1/status", headers=KEY).json()["attention"] == []


def test_a_model_that_is_missing_is_one_sentence_beside_the_numbers(serve: Serve) -> None:
    reply = serve(api_key=API_KEY, embedder="nowhere").get("/v1/status", headers=KEY)
    said = reply.json()
    assert reply.status_code == 503 and "nowhere" in said["attention"][0]
    assert said["disk"]["free_bytes"] and said["index"]["behind"]


def test_a_word_file_of_the_settings_that_is_missing_is_told_until_it_is_there(serve: Serve, tmp_path: Path) -> None:
    watched = serve(api_key=API_KEY, minutes_template=tmp_path / "hinagata.docx")
    service: Service = watched.app.state.service  # type: ignore[attr-defined]
    service.check_template()  # as a start does
    reply = watched.get("/v1/status", headers=KEY)
    assert reply.status_code == 503 and "minutes_template" in reply.json()["attention"][0]
    assert watched.get("/readyz").status_code == 200, "residents are answered without it"
    (tmp_path / "hinagata.docx").write_bytes(starter())
    assert watched.get("/v1/status", headers=KEY).json()["attention"] == []
