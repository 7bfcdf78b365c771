"""Promises of the API of what is noted of a meeting, and of its head: through HTTP as the pages use it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from asr.audio import Channels
from asr.recording import Outcome, accepted
from asr.transcript import Segment
from core.blobs import Blob
from core.settings import Settings, Zone
from minutes.meeting import Meeting
from server.app import create_app
from server.service import Service

URL = "/api/staff/minutes/r"
SAID = ("では、4月から始めることに決定いたします。", "財政課で精査して、次回までに報告してください。", "以上です。")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, model_settings: Settings) -> Iterator[TestClient]:
    home: Path = tmp_path_factory.mktemp("points")
    (home / "models").symlink_to(model_settings.home / "models")
    with TestClient(create_app(Settings(home=home, zone=Zone.STAFF, dev_open_staff=True))) as client:
        service: Service = client.app.state.service  # type: ignore[attr-defined]
        minutes = service.recorded.minutes
        recordings = minutes.transcription.recordings
        blob = Blob(id="r.wav", size_bytes=1, sha256="0")
        recording = accepted(blob, file_name="a.wav", channels=Channels.MIXED, speakers="off", at=datetime.now(UTC))
        with service.database.begin() as c:
            recordings.add(c, recording)
            minutes.meetings.add(c, Meeting(title="庁議", held_on=date(2026, 11, 20), recording=recording))
        said = [Segment(start_s=5.0 * i, end_s=5.0 * i + 5, text=text, speaker="市長") for i, text in enumerate(SAID)]
        recordings.replace_part("r", 0, said)
        recordings.finish("r", Outcome(duration_s=15, elapsed_s=1, model="m", device="cpu"))
        yield client


def test_a_candidate_is_taken_written_and_removed(client: TestClient) -> None:
    noted = client.get(f"{URL}/points").json()
    assert [(c["kind"], c["quote"]["start"], c["who"], c["due"]) for c in noted["candidates"]] == [
        ("decision", 0, "", ""),
        ("task", 5, "財政課", "次回"),
    ]
    taken = client.post(f"{URL}/points", json={"kind": "task", "start": 5, "text": SAID[1]}).json()
    was = {name: taken[name] for name in ("text", "who", "due", "reply")}
    body = {"was": was, "wording": was | {"due": "12月10日"}}
    assert client.patch(f"{URL}/points/{taken['id']}", json=body).json()["due"] == "12月10日"
    again = client.patch(f"{URL}/points/{taken['id']}", json=body)
    assert (again.status_code, again.json()["error"]["code"]) == (422, "superseded")
    version = client.get(f"{URL}/version").json()
    removed = f"{URL}/points/{taken['id']}/removed"
    unseen = client.post(removed, json={"was": was})
    assert (unseen.status_code, unseen.json()["error"]["code"]) == (422, "superseded")
    assert client.post(removed, json={"was": body["wording"]}).status_code == 204
    assert client.post(removed, json={"was": body["wording"]}).status_code == 404
    assert client.get(f"{URL}/version").json() != version


def test_a_candidate_is_dropped_and_comes_back(client: TestClient) -> None:
    assert client.post(f"{URL}/points/dropped", json={"kind": "decision", "start": 0, "text": SAID[0]}).status_code == 204
    assert client.get(f"{URL}/points").json()["dropped"] == 1
    assert client.delete(f"{URL}/points/dropped").status_code == 204
    assert len(client.get(f"{URL}/points").json()["candidates"]) == 2


def test_an_utterance_is_noted_and_what_is_not_there_is_not(client: TestClient) -> None:
    noted = client.post(f"{URL}/points/noted", json={"kind": "agenda", "segment": 2})
    assert (noted.status_code, noted.json()["text"]) == (201, "以上です。")
    was = {"text": "以上です。"}
    assert client.post(f"{URL}/points/{noted.json()['id']}/removed", json={"was": was}).status_code == 204
    assert client.post(f"{URL}/points/noted", json={"kind": "agenda", "segment": 9}).status_code == 404
    assert client.post(f"{URL}/points", json={"kind": "agenda", "start": 0, "text": SAID[0]}).status_code == 404
    for wrong in (
        {"kind": "summary", "start": 0, "text": SAID[0]},
        {"kind": "task", "start": -1, "text": SAID[0]},
        {"kind": "task", "start": 5},
        {"kind": "task", "text": SAID[1]},
    ):
        assert client.post(f"{URL}/points", json=wrong).status_code == 422
    assert client.post(f"{URL}/points/{10**30}/removed", json={"was": was}).status_code == 422
    assert client.get("/api/staff/minutes/gone/points").status_code == 404


def test_the_head_is_filled_in_once_and_not_written_over(client: TestClient) -> None:
    filled = client.get(f"{URL}/head").json()
    assert filled["named"] == "市長"
    body = {"was": filled["head"], "head": filled["head"] | {"place": "第1会議室"}}
    assert client.patch(f"{URL}/head", json=body).json()["place"] == "第1会議室"
    assert client.patch(f"{URL}/head", json=body).json()["error"]["code"] == "superseded"
    assert client.get(f"{URL}/head").json()["head"]["place"] == "第1会議室"
    assert client.get(f"{URL}/transcript.docx?extent=points").status_code == 200
    assert client.get(f"{URL}/transcript.docx?extent=short").status_code == 422


@pytest.mark.parametrize("form", ["txt", "json", "srt", "vtt"])
def test_a_file_that_is_called_the_points_never_holds_the_full_text(client: TestClient, form: str) -> None:
    refused = client.get(f"{URL}/transcript.{form}?extent=points")
    assert refused.status_code == 422
    assert "Word" in refused.json()["error"]["message"]
