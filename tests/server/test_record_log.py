"""Promises of the log of records: each deed is a line that says who did it, and copies have numbers."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from docx import Document
from fastapi.testclient import TestClient

from asr.recording import Outcome
from asr.transcript import Segment
from core.clock import JST
from core.settings import Settings, Zone
from server.accounts.account import Account, Right
from server.app import create_app

CALLS, LOG = "/api/staff/calls", "/api/staff/record-log"
PASSWORDS = {"職員": "shokuin no kotoba", "税務課": "zeimu no kotoba"}
OWN = "さくらの木の下で待つ"
PURPOSE = "開示請求 第12号"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, model_settings: Settings) -> Iterator[TestClient]:
    home = tmp_path_factory.mktemp("log")
    (home / "models").symlink_to(model_settings.home / "models")
    given: dict[str, Any] = {
        "staff_password": PASSWORDS["職員"],
        "department_passwords": {"税務課": PASSWORDS["税務課"]},
    }
    with TestClient(create_app(Settings(home=home, zone=Zone.STAFF, **given))) as client:
        yield client


def sign_in(client: TestClient, who: str) -> None:
    client.cookies.clear()
    assert client.post("/staff/login", data={"password": PASSWORDS[who]}, follow_redirects=False).status_code == 303


def a_call(client: TestClient, text: str = "相思市に転入します") -> str:
    """The address of a call in which this was recognised."""
    service = client.app.state.service  # type: ignore[attr-defined]
    recordings = service.recorded.calls.transcription.recordings
    call_id = str(client.post(CALLS, files={"audio": ("電話.wav", b"0" * 4000)}, data={"again": "true"}).json()["id"])
    while service.recorded.jobs.state(call_id).value == "open":
        pass
    with service.database.begin() as c:
        c.exec_driver_sql("UPDATE recordings SET state = 'done' WHERE id = ?", (call_id,))
    recordings.replace_part(call_id, 0, [Segment(start_s=0, end_s=3, text=text, channel=0)])
    recordings.finish(call_id, Outcome(duration_s=3, elapsed_s=1, model="m", device="cpu"))
    return f"{CALLS}/{call_id}"


def logged(client: TestClient, url: str) -> list[dict[str, Any]]:
    """The lines of a call, the earliest first, as staff in general see them."""
    sign_in(client, "職員")
    reply = client.get(LOG, params={"record": url.rpartition("/")[2]})
    assert reply.status_code == 200
    return list(reversed(reply.json()["lines"]))


def test_each_deed_is_one_line_that_says_who_did_it(client: TestClient) -> None:
    sign_in(client, "税務課")
    url = a_call(client)
    said = client.get(url).json()["dialogue"][0]["text"]
    assert client.patch(f"{url}/segments/0", json={"was": said, "text": "曽於市に転入します。"}).status_code == 200
    assert client.patch(f"{url}/segments/0", json={"was": "ない", "text": "x"}).status_code == 422
    last = client.get(f"{url}/corrections").json()["last"]
    assert client.delete(f"{url}/corrections/{last['id']}").status_code == 200
    assert client.post(f"{url}/copies/txt", json={"purpose": PURPOSE}).status_code == 200
    assert client.put(f"{url}/hold", json={"reason": "審査請求"}).status_code == 204
    sign_in(client, "職員")
    assert client.delete(url).status_code == 409
    held_at = client.get(url).json()["hold"]["at"]
    assert client.delete(f"{url}/hold", params={"seen": held_at}).status_code == 204
    assert client.delete(url).status_code == 204

    lines = logged(client, url)
    assert [(line["who"], line["deed"], line["note"]) for line in lines] == [
        ("税務課", "read", ""),
        ("税務課", "corrected", ""),
        ("税務課", "corrected", ""),
        ("税務課", "copied", f"{PURPOSE}（テキスト）"),
        ("税務課", "held", "審査請求"),
        ("職員", "read", ""),
        ("職員", "lifted", ""),
        ("職員", "deleted", ""),
    ]
    assert len({line["sign_in"] for line in lines}) == 2


def test_who_has_an_account_stands_there_by_name_and_number(client: TestClient) -> None:
    accounts = client.app.state.service.accounts  # type: ignore[attr-defined]
    hanako = Account(id="101", name="田中 花子", department="市民課", rights=frozenset({Right.CALLS}))
    accounts.choose_password("101", accounts.add(hanako, by="管理者"), OWN)
    sign_in(client, "税務課")
    url = a_call(client)
    client.cookies.clear()
    assert client.post("/staff/login", data={"account": "101", "password": OWN}, follow_redirects=False).status_code == 303
    assert client.get(url).status_code == 200
    assert client.put(f"{url}/hold", json={"reason": "審査請求"}).status_code == 204
    assert client.get(url).json()["hold"]["by"] == "市民課 田中 花子"
    assert [(line["who"], line["sign_in"], line["deed"]) for line in logged(client, url)] == [
        ("市民課 田中 花子", "番号101", "read"),
        ("市民課 田中 花子", "番号101", "held"),
    ]


def test_a_page_that_only_stays_open_is_not_read(client: TestClient) -> None:
    sign_in(client, "税務課")
    url = a_call(client)
    assert client.get(f"{url}/version").status_code == 200
    assert logged(client, url) == []
    assert client.get(f"{url}/corrections").status_code == 200
    assert [line["deed"] for line in logged(client, url)] == ["read"]


def test_a_recording_that_is_played_in_many_pieces_is_listened_to_once(client: TestClient) -> None:
    sign_in(client, "税務課")
    url = a_call(client)

    def piece(n: int) -> int:
        return client.get(f"{url}/audio", headers={"Range": f"bytes={n}-{n + 9}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(piece, range(100))) == {206}
    sign_in(client, "税務課")
    assert piece(0) == 206  # somebody else of the department, or again after a logout
    assert [line["deed"] for line in logged(client, url)] == ["listened", "listened"]


def test_a_copy_has_the_next_number_which_stands_in_it(client: TestClient) -> None:
    sign_in(client, "税務課")
    url = a_call(client)
    numbers = []
    for form in ("txt", "json", "srt", "vtt", "docx"):
        file = client.post(f"{url}/copies/{form}", json={"purpose": PURPOSE})
        assert file.status_code == 200
        numbers.append(_number(file.headers["content-disposition"]))
        assert f"複製番号 {numbers[-1]}　" in _text(form, file.content)
        assert f"税務課　目的: {PURPOSE}" in _text(form, file.content)
        assert "転入します" in _whole(form, file.content)
    audio = client.post(f"{url}/copies", json={"purpose": PURPOSE})
    assert (audio.status_code, audio.content) == (200, b"0" * 4000)
    assert audio.headers["content-disposition"].startswith("attachment")
    numbers.append(_number(audio.headers["content-disposition"]))
    assert numbers == list(range(numbers[0], numbers[0] + 6))

    for wrong in ({"purpose": " "}, {"purpose": "長" * 201}, {}):
        for path in ("copies", "copies/txt"):
            assert client.post(f"{url}/{path}", json=wrong).status_code == 422
    assert client.post(f"{CALLS}/gone/copies", json={"purpose": PURPOSE}).status_code == 404
    assert client.get(f"{url}/transcript.txt").status_code == 404
    assert [line["copy_number"] for line in logged(client, url) if line["deed"] == "copied"] == numbers


def _number(disposition: str) -> int:
    name = unquote(disposition.rpartition("''")[2])
    assert name.startswith("複製")
    assert "電話" in name
    return int(name.removeprefix("複製").partition("_")[0])


def _text(form: str, content: bytes) -> str:
    """Where the number has to be seen: at the beginning, in Word at the foot of each page."""
    if form == "docx":
        return str(Document(io.BytesIO(content)).sections[0].footer.paragraphs[-1].text)
    return str(json.loads(content)["copy"]) if form == "json" else "\n".join(content.decode().splitlines()[:3])


def _whole(form: str, content: bytes) -> str:
    return "\n".join(p.text for p in Document(io.BytesIO(content)).paragraphs) if form == "docx" else content.decode()


def test_a_call_that_is_not_ready_gives_no_copy_and_takes_no_number(client: TestClient) -> None:
    sign_in(client, "職員")
    url = a_call(client)
    service = client.app.state.service  # type: ignore[attr-defined]
    with service.database.begin() as c:
        c.exec_driver_sql("UPDATE recordings SET state = 'failed' WHERE id = ?", (url.rpartition("/")[2],))
    assert client.post(f"{url}/copies/txt", json={"purpose": PURPOSE}).status_code == 422
    assert "copied" not in [line["deed"] for line in logged(client, url)]


def test_departments_do_not_see_what_others_did(client: TestClient) -> None:
    client.cookies.clear()
    assert [client.get(LOG).status_code, client.get(f"{LOG}.csv").status_code] == [401, 401]
    sign_in(client, "税務課")
    for path in (LOG, f"{LOG}.csv"):
        refused = client.get(path)
        assert refused.status_code == 403
        assert "「利用記録」の権限" in refused.json()["error"]["message"]
    assert "職員共通" in client.get("/staff/record-log").text


def test_lines_are_found_and_go_into_a_file_that_calculates_nothing(client: TestClient) -> None:
    sign_in(client, "税務課")
    url = a_call(client)
    assert client.post(f"{url}/copies/txt", json={"purpose": '=HYPERLINK("http://x")'}).status_code == 200
    (copied,) = [line for line in logged(client, url) if line["deed"] == "copied"]
    today = datetime.now(JST).date()
    here = {"record": url.rpartition("/")[2]}

    def found(**wanted: str) -> list[int]:
        body = client.get(LOG, params=here | wanted).json()
        assert body["total"] == len(body["lines"])
        return [line["id"] for line in body["lines"]]

    for right in ({"deed": "copied"}, {"who": "税務課"}, {"kind": "call"}, {"since": str(today)}, {"until": str(today)}):
        assert found(**right) == [copied["id"]]
    yesterday, tomorrow = str(today - timedelta(days=1)), str(today + timedelta(days=1))
    for other in ({"deed": "deleted"}, {"who": "市民課"}, {"kind": "meeting"}, {"since": tomorrow}, {"until": yesterday}):
        assert found(**other) == []
    for wrong in (
        {"deed": "eaten"},
        {"since": "きのう"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"who": "\0"},
    ):
        assert client.get(LOG, params=wrong).status_code == 422

    file = client.get(f"{LOG}.csv", params=here)
    assert file.content.startswith("\ufeff番号,日時,誰が".encode())
    (row,) = file.content.decode("utf-8-sig").splitlines()[1:]
    assert re.fullmatch("s[0-9a-f]{6}", copied["sign_in"])  # no number, whatever the digits
    assert f",税務課,{copied['sign_in']},複製,通話,{here['record']}," in row
    assert ",\"'=HYPERLINK" in row
