"""Promises of deleting a recording: nobody finds it, for some days it comes back as it was, and for good it goes when told to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from core.settings import Settings, Zone
from server.app import create_app

from .test_recordings_api import CALLS, MINUTES, recorded


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, model_settings: Settings) -> Iterator[TestClient]:
    home = tmp_path_factory.mktemp("deleted")
    (home / "models").symlink_to(model_settings.home / "models")
    with TestClient(create_app(Settings(home=home, zone=Zone.STAFF, dev_open_staff=True))) as client:
        yield client


PARTS = {
    MINUTES: (
        "",
        "/audio",
        "/transcript.docx",
        "/transcript.json",
        "/version",
        "/fresh?since=0",
        "/looked",
        "/corrections",
        "/points",
        "/head",
    ),
    CALLS: ("", "/audio", "/version", "/fresh?since=0", "/looked", "/corrections"),
}  #: all that can be read of one


@pytest.mark.parametrize("desk", [MINUTES, CALLS])
def test_nothing_is_read_of_what_was_deleted_until_it_is_brought_back(client: TestClient, desk: str) -> None:
    recording_id = recorded(client, desk, "転入届を出したいのですが")
    url, gone = f"{desk}/{recording_id}", f"{desk}/deleted"

    def found() -> list[list[str]]:
        kind = "meetings" if desk == MINUTES else "calls"
        searched = client.post(f"{desk}/search", json={"words": "転入届"}).json()
        return [[r["id"] for r in body[kind]] for body in (client.get(desk).json(), searched)]

    assert client.get(gone).json() == {"deleted": []}
    assert found() == [[recording_id]] * 2
    assert {client.get(url + part).status_code for part in PARTS[desk]} == {200}
    assert client.delete(url).status_code == 204
    (listed,) = client.get(gone).json()["deleted"]
    assert (listed["id"], listed["deleted_by"], listed["size_bytes"] > 0) == (recording_id, "職員", True)
    assert listed["title"] == ("定例会議" if desk == MINUTES else "市役所 と 相手")
    assert found() == [[], []]
    assert {client.get(url + part).status_code for part in PARTS[desk]} == {404}
    for method, part, body in (
        ("PATCH", "/segments/0", {"was": "転入届を出したいのですが", "text": "x"}),
        ("POST", "/retry", {}),
        *([("PATCH", "", {"title": "別の会議", "held_on": "2026-01-01"})] if desk == MINUTES else []),
        ("PUT", "/hold", {"reason": "審査請求"}),
        ("DELETE", "", None),
    ):
        assert client.request(method, url + part, json=body).status_code == 404
    assert client.get(gone).json()["deleted"] == [listed], "nothing of it was changed"
    elsewhere = CALLS if desk == MINUTES else MINUTES  # which other people may see
    for method, part in (("POST", "/restore"), ("DELETE", "")):
        assert client.request(method, f"{elsewhere}/deleted/{recording_id}{part}").status_code == 404

    assert client.post(f"{gone}/{recording_id}/restore").status_code == 204
    assert client.get(gone).json() == {"deleted": []}
    assert found() == [[recording_id]] * 2
    assert {client.get(url + part).status_code for part in PARTS[desk]} == {200}
    assert client.delete(f"{gone}/{recording_id}").status_code == 404, "only what was deleted is gone for good"
    assert client.delete(url).status_code == client.delete(f"{gone}/{recording_id}").status_code == 204
    assert client.get(gone).json() == {"deleted": []}
