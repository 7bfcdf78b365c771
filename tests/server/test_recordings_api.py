"""Promises of the staff API for recordings: what is taken in, who is let in, and what comes out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient

from asr.recording import Outcome
from asr.transcript import Segment, Turn
from core.clock import JST
from core.settings import Settings, Zone
from server.app import create_app

LIMIT_BYTES = 1_000_000
MINUTES, CALLS = "/api/staff/minutes", "/api/staff/calls"
FORM = {"title": "定例会議", "held_on": "2026-11-20", "speakers": "off"}


@pytest.fixture(scope="module")
def staff_home(tmp_path_factory: pytest.TempPathFactory, model_settings: Settings) -> Path:
    home = tmp_path_factory.mktemp("api")
    (home / "models").symlink_to(model_settings.home / "models")
    return home


@pytest.fixture(scope="module")
def client(staff_home: Path) -> Iterator[TestClient]:
    settings = Settings(home=staff_home, zone=Zone.STAFF, dev_open_staff=True, max_upload_bytes=LIMIT_BYTES)
    with TestClient(create_app(settings)) as client:
        yield client


def finished(client: TestClient, url: str) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while (body := client.get(url).json())["state"] in ("queued", "working"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return dict(body)


def test_a_meeting_goes_from_upload_to_files_and_away(client: TestClient, staff_home: Path, speech: Callable[..., Path]) -> None:
    content = speech("ただいまから、定例会議を始めます。").read_bytes()
    accepted = client.post(MINUTES, files={"audio": ("C:\\録音\\会議.wav", content)}, data=FORM)
    assert accepted.status_code == 202
    url = f"{MINUTES}/{accepted.json()['id']}"
    meeting = finished(client, url)
    assert (meeting["state"], meeting["title"], meeting["held_on"], meeting["file_name"]) == (
        "done",
        "定例会議",
        "2026-11-20",
        "会議.wav",
    )
    assert "会議" in "".join(s["text"] for s in meeting["segments"])
    assert [m["id"] for m in client.get(MINUTES).json()["meetings"]] == [meeting["id"]]

    part = client.get(f"{url}/audio", headers={"Range": "bytes=0-99"})
    assert (part.status_code, part.headers["content-type"], part.content) == (206, "audio/wav", content[:100])
    assert part.headers["content-disposition"] == "inline; filename*=utf-8''%E4%BC%9A%E8%AD%B0.wav", "it is saved under its name"
    for form in ("json", "txt", "srt", "vtt", "docx"):
        file = client.get(f"{url}/transcript.{form}")
        assert file.status_code == 200
        assert f"%E5%AE%9A%E4%BE%8B%E4%BC%9A%E8%AD%B0.{form}" in file.headers["content-disposition"]
    assert client.get(f"{url}/transcript.exe").status_code == 422

    assert client.delete(url).status_code == 204
    for gone in (client.get(url), client.get(f"{url}/audio"), client.get(f"{url}/transcript.txt"), client.delete(url)):
        assert gone.status_code == 404
        assert gone.json()["error"]["code"] == "not_found"
    assert client.delete(f"{MINUTES}/deleted/{meeting['id']}").status_code == 204
    assert list((staff_home / "blobs").iterdir()) == []


def test_a_call_comes_back_as_a_dialogue(client: TestClient, speech: Callable[..., Path], tmp_path: Path) -> None:
    voice = soundfile.read(speech("はい、月曜日と木曜日です。"), dtype="float32")[0]
    soundfile.write(tmp_path / "call.wav", np.stack([np.zeros_like(voice), voice], axis=1), 16_000, subtype="PCM_16")
    form = {"our_channel": "1", "our_name": "市役所（環境課）", "caller_number": "0986-00-0000", "started_at": "2026-11-20T13:05"}
    accepted = client.post(CALLS, files={"audio": ("call.wav", (tmp_path / "call.wav").read_bytes())}, data=form)
    assert accepted.status_code == 202
    call = finished(client, f"{CALLS}/{accepted.json()['id']}")
    assert (call["state"], call["started_at"], call["other_label"]) == (
        "done",
        "2026-11-20T13:05:00+09:00",
        "相手（0986-00-0000）",
    )
    assert {(line["side"], line["speaker"], line["channel"]) for line in call["dialogue"]} == {("ours", "市役所（環境課）", 1)}
    assert client.delete(f"{CALLS}/{call['id']}").status_code == 204
    assert client.delete(f"{CALLS}/deleted/{call['id']}").status_code == 204


def test_what_can_not_be_taken_in_is_said_and_not_kept(client: TestClient, staff_home: Path) -> None:
    audio = {"audio": ("a.wav", b"x")}
    wrong: list[dict[str, Any]] = [
        {"data": FORM},
        {"json": FORM},
        {"files": {"other": ("a.wav", b"x")}, "data": FORM},
        {"files": audio, "data": FORM | {"title": " "}},
        {"files": audio, "data": FORM | {"held_on": "きのう"}},
        {"files": audio, "data": FORM | {"speakers": "many"}},
        {"content": b"--", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
        {"content": b"", "headers": {"Content-Type": "multipart/form-data"}},
    ]
    for request in wrong:
        reply = client.post(MINUTES, **request)
        assert reply.status_code == 422, request
        assert reply.json()["error"]["code"] == "invalid_input"
        assert reply.json()["error"]["message"].endswith("。")
    assert client.post(CALLS, files=audio, data={"our_channel": "2"}).status_code == 422
    assert client.get(MINUTES).json()["meetings"] == []
    assert list((staff_home / "blobs").iterdir()) == []


def test_a_file_over_the_limit_is_refused_however_it_is_sent(client: TestClient, staff_home: Path) -> None:
    announced = client.post(MINUTES, files={"audio": ("a.wav", b"0" * (LIMIT_BYTES + 100_000))}, data=FORM)

    def unannounced() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="audio"; filename="a.wav"\r\n\r\n'
        yield from [b"0" * 100_000] * 12

    chunked = client.post(MINUTES, content=unannounced(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    barely = client.post(MINUTES, files={"audio": ("a.wav", b"0" * (LIMIT_BYTES + 1))}, data=FORM)
    for reply in (announced, chunked, barely):
        assert reply.status_code == 413
        assert reply.json()["error"]["code"] == "too_large"
    assert list((staff_home / "blobs").iterdir()) == []


def test_a_stranger_is_refused_before_a_byte_of_the_upload_is_read(staff_home: Path) -> None:
    app = create_app(Settings(home=staff_home, zone=Zone.STAFF, staff_password="correct horse"))  # type: ignore[arg-type]

    async def body() -> AsyncIterator[bytes]:
        raise AssertionError("the upload was read")
        yield b""

    async def send() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
            headers = {"Content-Type": "multipart/form-data; boundary=b"}
            posts = [await http.post(url, content=body(), headers=headers) for url in (MINUTES, CALLS)]
            gets = [await http.get(f"{url}{rest}") for url in (MINUTES, CALLS) for rest in ("", "/a", "/a/audio")]
            search = await http.post(f"{CALLS}/search", json={})
            return [reply.status_code for reply in (*posts, *gets, search)]

    assert set(asyncio.run(send())) == {401}


def recorded(client: TestClient, desk: str, text: str) -> str:
    """The id of a meeting or call in which this was recognised."""
    service = client.app.state.service  # type: ignore[attr-defined]
    recordings = service.recorded.minutes.transcription.recordings
    form = (FORM if desk == MINUTES else {}) | {"again": "true"}
    recording_id = str(client.post(desk, files={"audio": ("a.wav", b"no audio")}, data=form).json()["id"])
    finished(client, f"{desk}/{recording_id}")
    with service.database.begin() as c:
        c.exec_driver_sql("UPDATE recordings SET state = 'done' WHERE id = ?", (recording_id,))
    recordings.replace_part(recording_id, 0, [Segment(start_s=0, end_s=3, text=text, channel=0)])
    recordings.finish(recording_id, Outcome(duration_s=3, elapsed_s=1, model="m", device="cpu"))
    return recording_id


def as_text(client: TestClient, url: str, query: str = "") -> str:
    """The text file of a meeting, or a copy of a call."""
    if url.startswith(MINUTES):
        return client.get(f"{url}/transcript.txt{query}").text.strip()
    return client.post(f"{url}/copies/txt{query}", json={"purpose": "確認"}).text.strip()


@pytest.mark.parametrize("desk", [MINUTES, CALLS])
def test_text_comes_in_the_style_asked_for_and_each_change_can_be_undone(client: TestClient, desk: str) -> None:
    url = f"{desk}/{recorded(client, desk, 'えー二十人が見てますけど')}"

    def said(query: str) -> str:
        body = client.get(url + query).json()
        (segment,) = body["segments" if desk == MINUTES else "dialogue"]
        assert segment["heard"] == "えー二十人が見てますけど"
        assert "".join(text for _, text, _, _ in segment["words"]) == segment["text"]
        assert as_text(client, url, query).endswith(segment["text"])
        return str(segment["text"])

    assert said("") == "20人が見てますけど"
    assert said("?style=verbatim&notation=as-heard") == "えー二十人が見てますけど"
    assert said("?style=formal") == "20人が見ていますけれども"
    undone = client.post(f"{url}/segments/0/changes/1?style=clean", json={"undone": True})
    assert undone.status_code == 200
    assert undone.json()["changes"][1] == {
        "start": 2,
        "end": 4,
        "heard": "二十",
        "written": "20",
        "reasons": ["notation"],
        "undone": True,
    }
    assert said("") == "二十人が見てますけど"
    assert said("?style=formal") == "二十人が見ていますけれども"
    assert client.post(f"{url}/segments/0/changes/1?style=clean", json={"undone": False}).json()["text"] == said("")
    assert said("") == "20人が見てますけど"
    for wrong in ("/segments/1/changes/0", "/segments/0/changes/9"):
        assert client.post(url + wrong, json={"undone": True}).status_code == 404
    assert client.post(f"{url}/segments/0/changes/0", json={}).status_code == 422
    assert client.get(f"{url}?style=poetic").status_code == 422
    assert client.delete(url).status_code == 204


def test_calls_are_searched_without_their_words_in_an_address(client: TestClient) -> None:
    call_id = recorded(client, CALLS, "転入届を出したいのですが")

    def found(**wanted: object) -> list[str]:
        reply = client.post(f"{CALLS}/search", json=wanted)
        assert reply.status_code == 200
        return [call["id"] for call in reply.json()["calls"]]

    assert found(words="転入届") == found(words="", most=1) == [call_id]
    assert found(since="2020-01-01") == [call_id] and found(since="2020-01-01", until="2020-01-02") == []
    assert found(words="ない言葉") == found(words="\0") == []
    listed = client.get(CALLS).json()
    assert ([call["id"] for call in listed["calls"]], listed["total"]) == ([call_id], 1)
    backwards = {"since": "2026-11-22", "until": "2026-11-16"}
    for wrong in ({"words": "長" * 101}, {"most": 0}, {"word": "転入届"}, {"since": "先週"}, backwards):
        assert client.post(f"{CALLS}/search", json=wrong).status_code == 422
    assert client.delete(f"{CALLS}/{call_id}").status_code == 204


def test_a_speaker_is_renamed_in_the_whole_meeting(client: TestClient) -> None:
    meeting_id = recorded(client, MINUTES, "")
    recordings = client.app.state.service.recorded.minutes.transcription.recordings  # type: ignore[attr-defined]
    said = [Segment(start_s=i, end_s=i + 1, text="はい。", speaker=f"話者{i % 2 + 1}") for i in range(4)]
    turns = [Turn(start_s=s.start_s, end_s=s.end_s, speaker=s.speaker or "") for s in said]
    recordings.name_speakers(meeting_id, said, turns)
    url = f"{MINUTES}/{meeting_id}"

    def speakers() -> list[str]:
        return [s["speaker"] for s in client.get(url).json()["segments"]]

    def rename(speaker: str, name: str) -> int:
        return client.patch(f"{url}/speakers", json={"speaker": speaker, "name": name}).status_code

    before = client.get(f"{url}/version").json()["revision"]
    assert rename("話者1", " 企画政策課長 ") == 204
    fresh = client.get(f"{url}/fresh?since={before}").json()
    assert (fresh["segments"], fresh["speakers"]) == ([], {"企画政策課長": [0, 2], "話者2": [1, 3]})  # no text comes twice
    assert fresh["revision"] > before
    assert speakers() == ["企画政策課長", "話者2"] * 2
    assert recordings.speakers(meeting_id) == ("企画政策課長", "話者2")
    assert "企画政策課長" in client.get(f"{url}/transcript.txt").text
    assert [t.speaker for t in recordings.transcript(meeting_id).turns] == ["企画政策課長", "話者2"] * 2
    assert rename("話者1", "部長") == 404
    assert [rename("話者2", name) for name in ("", " \n", "長" * 61)] == [422] * 3
    assert rename("話者2", "企画政策課長") == 204  # two who were one
    assert set(speakers()) == {"企画政策課長"}
    assert client.patch(f"{MINUTES}/gone/speakers", json={"speaker": "a", "name": "b"}).status_code == 404
    assert client.delete(url).status_code == 204


@pytest.mark.parametrize("desk", [MINUTES, CALLS])
def test_a_held_recording_is_told_apart_and_can_not_be_deleted(client: TestClient, desk: str) -> None:
    url, key = f"{desk}/{recorded(client, desk, 'はい')}", "meetings" if desk == MINUTES else "calls"
    today = datetime.now(JST).date()
    assert client.get(url).json()["hold"] is None
    assert client.get(url).json()["kept_until"] == (None if desk == MINUTES else str(today + timedelta(days=90)))

    end = str(today + timedelta(days=365))
    assert client.put(f"{url}/hold", json={"reason": "開示請求", "until": end}).status_code == 204
    (listed,) = client.get(desk).json()[key]
    assert (listed["hold"]["reason"], listed["hold"]["until"], listed["hold"]["by"]) == ("開示請求", end, "職員")
    refused = client.delete(url)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "held")
    assert client.get(url).json()["hold"] == listed["hold"]
    seen = {"seen": listed["hold"]["at"]}
    unseen = client.put(f"{url}/hold", json={"reason": "照会", "until": str(today)})
    assert (unseen.status_code, unseen.json()["error"]["code"]) == (422, "superseded")
    assert client.put(f"{url}/hold", json={"reason": "開示請求", "until": end} | seen).status_code == 204
    assert client.delete(f"{url}/hold", params=seen).json()["error"]["code"] == "superseded"
    seen = {"seen": client.get(url).json()["hold"]["at"]}
    if desk == CALLS:
        assert len(client.post(f"{CALLS}/search", json={"held": True}).json()["calls"]) == 1

    for wrong in ({"reason": " "}, {"reason": "長" * 201}, {"reason": "a", "until": "2020-01-01"}, {"until": end}):
        assert client.put(f"{url}/hold", json=wrong).status_code == 422
    other = {MINUTES: CALLS, CALLS: MINUTES}[desk]
    for elsewhere in (f"{other}/{url.rpartition('/')[2]}", f"{desk}/gone"):
        assert client.put(f"{elsewhere}/hold", json={"reason": "開示請求"}).status_code == 404
        assert client.delete(f"{elsewhere}/hold", params=seen).status_code == 404
    assert client.delete(f"{url}/hold").status_code == 422
    assert client.delete(f"{url}/hold", params=seen).status_code == 204
    if desk == CALLS:
        assert client.post(f"{CALLS}/search", json={"held": True}).json()["calls"] == []
    assert client.delete(url).status_code == 204


@pytest.mark.parametrize("desk", [MINUTES, CALLS])
def test_a_text_is_corrected_searched_and_taken_back(client: TestClient, desk: str) -> None:
    url = f"{desk}/{recorded(client, desk, 'えー相思市の二十人が見てますけど')}"

    def said(style: str = "clean") -> str:
        (segment,) = client.get(f"{url}?style={style}").json()["segments" if desk == MINUTES else "dialogue"]
        return str(segment["text"])

    wanted = {"was": said(), "text": "相思市の三十人が見てますけど"}
    rewritten = client.patch(f"{url}/segments/0", json=wanted)
    assert (rewritten.status_code, rewritten.json()["segment"]["text"]) == (200, "相思市の三十人が見てますけど")
    assert as_text(client, url).endswith("相思市の三十人が見てますけど")
    assert said("formal") == "相思市の三十人が見ていますけれども"
    again = client.patch(f"{url}/segments/0", json=wanted)
    assert (again.status_code, again.json()["error"]["code"]) == (422, "superseded")

    found = client.post(f"{url}/places", json={"wrong": "相思市", "right": "曽於市"}).json()
    assert found["total"] == 1
    assert (found["places"][0]["before"], found["places"][0]["found"], found["places"][0]["segment"]) == ("", "相思市", 0)
    replaced = client.post(f"{url}/corrections", json={"wrong": "相思市", "right": "曽於市", "segments": [0]})
    assert replaced.json() == {"places": 1}
    assert said() == "曽於市の三十人が見てますけど"
    body = client.get(f"{url}/corrections").json()
    last = body["last"]
    assert (body["made"], last["words"], last["by"]) == (2, [{"wrong": "相思市", "right": "曽於市"}], "職員")
    assert client.delete(f"{url}/corrections/{last['id'] - 1}").json()["error"]["code"] == "superseded"
    assert client.delete(f"{url}/corrections/{last['id']}").json() == {"back": 1, "left": 0}
    assert said() == "相思市の三十人が見てますけど"
    last = client.get(f"{url}/corrections").json()["last"]
    assert client.delete(f"{url}/corrections/{last['id']}").json() == {"back": 1, "left": 0}
    assert said() == "相思市の20人が見てますけど"
    assert client.get(f"{url}/corrections").json()["last"] is None
    assert client.delete(f"{url}/corrections/{last['id']}").status_code == 404

    for path in ("segments/9", "segments/x"):
        assert client.patch(f"{url}/{path}", json=wanted).status_code in (404, 422)
    assert client.post(f"{url}/places", json={"wrong": ""}).status_code == 422
    assert client.post(f"{url}/corrections", json={"wrong": "\n", "right": "x", "segments": []}).status_code == 422
    other = {MINUTES: CALLS, CALLS: MINUTES}[desk]
    assert client.get(f"{other}/{url.rpartition('/')[2]}/corrections").status_code == 404
    revision = client.get(f"{url}/version").json()["revision"]
    assert client.get(url).json()["revision"] == revision
    nothing = {"revision": revision, "numbers": [0], "speakers": {}, "segments": []}
    assert client.get(f"{url}/fresh?since={revision}").json() == nothing
    (brought,) = client.get(f"{url}/fresh?since=0&style=verbatim").json()["segments"]
    assert client.get(f"{url}/segments/0?style=verbatim").json() == brought
    assert client.get(f"{url}/segments/9").status_code == 404
    assert client.delete(url).status_code == 204
    assert client.patch(f"{url}/segments/0", json=wanted).status_code == 404


def test_a_word_corrected_in_one_meeting_is_proposed_in_the_next(client: TestClient) -> None:
    first, second = (f"{MINUTES}/{recorded(client, MINUTES, text)}" for text in ("相思市です", "相思市と相思市の話"))
    body = client.patch(f"{first}/segments/0", json={"was": "相思市です。", "text": "曽於市です。"}).json()
    assert body["elsewhere"] == []
    word = {"wrong": "相思市", "right": "曽於市", "places": 2}
    assert client.get(f"{second}/corrections").json() == {"made": 0, "last": None, "proposed": [word]}
    for url in (first, second):
        assert client.delete(url).status_code == 204


def test_a_meeting_is_given_another_name_and_day(client: TestClient) -> None:
    url = f"{MINUTES}/{recorded(client, MINUTES, 'はい')}"
    changed = client.patch(url, json={"title": " 臨時会 ", "held_on": "2026-11-19"}).json()
    assert (changed["title"], changed["held_on"]) == ("臨時会", "2026-11-19")
    late = client.patch(url, json={"title": "定例会", "held_on": "2026-11-19", "was": {"title": "x", "held_on": "2026-11-19"}})
    assert (late.status_code, late.json()["error"]["code"]) == (422, "superseded")
    assert client.get(url).json()["title"] == "臨時会"
    assert "%E8%87%A8%E6%99%82%E4%BC%9A.docx" in client.get(f"{url}/transcript.docx").headers["content-disposition"]
    for wrong in ({"title": " ", "held_on": "2026-11-19"}, {"title": "臨時会", "held_on": ""}, {"title": "臨時会"}):
        reply = client.patch(url, json=wrong)
        assert (reply.status_code, reply.json()["error"]["code"]) == (422, "invalid_input")
        assert reply.json()["error"]["message"].endswith("。")
    assert client.get(url).json()["title"] == "臨時会"
    assert client.delete(url).status_code == 204
    assert client.patch(url, json={"title": "臨時会", "held_on": "2026-11-19"}).status_code == 404


@pytest.mark.parametrize("desk", [MINUTES, CALLS])
def test_a_recording_that_is_there_is_taken_in_again_only_when_that_is_asked_for(client: TestClient, desk: str) -> None:
    def send(**more: str) -> tuple[int, dict[str, Any]]:
        accepted = client.post(desk, files={"audio": ("a.wav", b"same")}, data=(FORM if desk == MINUTES else {}) | more)
        return accepted.status_code, accepted.json()

    status, first = send()
    assert (status, first["already"]) == (202, None)
    status, told = send()
    assert (status, told["id"]) == (200, first["id"])
    assert ("定例会議" if desk == MINUTES else "市役所 と 相手") in told["already"]
    status, second = send(again="true")
    assert (status, second["already"], second["id"] != first["id"]) == (202, None, True)
    for recording_id in (first["id"], second["id"]):
        assert client.delete(f"{desk}/{recording_id}").status_code == 204


@pytest.mark.parametrize("desk", [MINUTES, CALLS])
def test_what_failed_is_begun_again(client: TestClient, desk: str) -> None:
    form = FORM if desk == MINUTES else {}
    url = f"{desk}/{client.post(desk, files={'audio': ('a.wav', b'no audio')}, data=form).json()['id']}"
    assert finished(client, url)["state"] == "failed"
    assert client.post(f"{url}/retry").status_code == 204
    assert finished(client, url)["state"] == "failed"
    done = f"{desk}/{recorded(client, desk, 'はい')}"
    refused = client.post(f"{done}/retry")
    assert (refused.status_code, client.get(done).json()["state"]) == (422, "done")
    other = {MINUTES: CALLS, CALLS: MINUTES}[desk]
    for elsewhere in (f"{other}/{url.rpartition('/')[2]}", f"{desk}/gone"):
        assert client.post(f"{elsewhere}/retry").status_code == 404
    for each in (url, done):
        assert client.delete(each).status_code == 204


def test_two_files_with_a_side_each_are_a_call(client: TestClient, staff_home: Path, speech: Callable[..., Path]) -> None:
    ours, other = speech("はい、月曜日と木曜日です。"), speech("ごみの収集日を教えてください。", "jm_kumo")
    files = {"our_audio": ("rx.wav", ours.read_bytes()), "other_audio": ("tx.wav", other.read_bytes())}
    accepted = client.post(CALLS, files=files, data={"our_channel": "1"})
    assert accepted.status_code == 202
    url = f"{CALLS}/{accepted.json()['id']}"
    call = finished(client, url)
    assert (call["state"], call["file_name"], call["our_channel"]) == ("done", "rx＋tx.wav", 0)
    said = {side: "".join(line["text"] for line in call["dialogue"] if line["side"] == side) for side in ("ours", "other")}
    assert "曜日" in said["ours"]
    assert "ください" in said["other"]
    assert client.post(CALLS, files=files).json()["id"] == call["id"]
    assert list((staff_home / "passing").iterdir()) == []

    broken = client.post(CALLS, files=files | {"other_audio": ("tx.wav", b"no audio")})
    assert (broken.status_code, broken.json()["error"]["code"]) == (422, "unreadable_media")
    assert broken.json()["error"]["message"].startswith("相手側のファイル: ")
    for wrong in ({"our_audio": files["our_audio"]}, files | {"audio": files["our_audio"]}, {"x": files["our_audio"]}):
        refused = client.post(CALLS, files=wrong)
        assert refused.status_code == 422
        assert "一つずつ" in refused.json()["error"]["message"]
    assert client.delete(url).status_code == 204
    assert list((staff_home / "passing").iterdir()) == []


def test_the_same_recording_sent_again_is_said_to_be_so(client: TestClient) -> None:
    def send(title: str, content: bytes) -> str:
        form = FORM | {"title": title, "again": "true"}
        return str(client.post(MINUTES, files={"audio": ("a.wav", content)}, data=form).json()["id"])

    ids = [send("一度目", b"same"), send("二度目", b"same"), send("別の会議", b"other")]
    for meeting_id in ids:
        finished(client, f"{MINUTES}/{meeting_id}")
    listed = {m["title"]: m["same_as"] for m in client.get(MINUTES).json()["meetings"]}
    assert listed == {"一度目": None, "二度目": "一度目", "別の会議": None}
    for meeting_id in ids:
        assert client.delete(f"{MINUTES}/{meeting_id}").status_code == 204
