"""The acceptance path of each point that no package's own tests walk: the real commands and the real server, from outside."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from alexa_kit import REQUEST
from docx import Document
from kb_kit import ROWS, write_csv, write_xlsx

from asr.pipeline import Options, transcribe
from models.manifest import manifest
from models.whisper import Whisper
from tests.conftest import LiveServer, Speech, make_home, run_madoguchi

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def http(live_server: LiveServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_server.url, timeout=120, trust_env=False) as client:
        yield client


@pytest.fixture
def staff(http: httpx.Client, live_server: LiveServer) -> Iterator[httpx.Client]:
    assert http.post("/staff/login", data={"password": live_server.password}).status_code == 303
    yield http
    http.cookies.clear()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "home")


def finished(client: httpx.Client, url: str) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while (body := client.get(url).json())["state"] in ("queued", "working"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert body["state"] == "done", body["message"]
    return dict(body)


# 1. Models


def test_the_models_are_listed_and_verified(home: Path) -> None:
    listed = run_madoguchi("models", "list", home=home).stdout
    for name, spec in manifest().items():
        row = next(line for line in listed.splitlines() if line.startswith(f"│ {name} "))
        assert spec.licence in row
        assert ("使えます" in row) is spec.default
    verified = run_madoguchi("models", "verify", home=home).stdout.splitlines()
    assert {f"{n}: 使えます" for n, s in manifest().items() if s.default} <= set(verified)


# 3. Knowledge, and 4. answers, by command


def test_files_of_every_form_are_imported_by_command_and_asked(home: Path, tmp_path: Path, speech: Speech) -> None:
    first = write_csv(tmp_path / "一.csv", [ROWS[0], ("", *ROWS[0][1:])], encoding="cp932")
    second = write_xlsx(tmp_path / "二.xlsx", [ROWS[1]])
    third = write_csv(tmp_path / "三.csv", [ROWS[2]], encoding="utf-8-sig")
    broken = tmp_path / "壊.xlsx"
    broken.write_bytes(second.read_bytes()[:-500])
    done = run_madoguchi("kb", "import", *map(str, (first, broken, second, third)), "--kb", "soo", home=home, check=False)
    assert done.returncode == 1
    assert re.findall(r"^(\S+)\(FAQ\): 追加 1、変更 0、変更なし 0、受け付けなかった行 (\d)$", done.stdout, re.MULTILINE) == [
        ("一.csv", "1"), ("二.xlsx", "0"), ("三.csv", "0"),
    ]  # fmt: skip
    assert "3行目: idが空です" in done.stderr
    assert "ファイル 壊.xlsx をExcelとして読み取れません" in done.stderr
    assert "Traceback" not in done.stderr

    answer = json.loads(run_madoguchi("ask", ROWS[0][1], "--json", home=home).stdout)
    assert {"band", "act", "answer", "confidence", "speech", "easy", "citations", "suggestions", "contact"} <= set(answer)
    assert (answer["band"], answer["answer"], answer["citations"][0]["entry_id"]) == ("answer", ROWS[0][2], "a-1")

    spoken = json.loads(run_madoguchi("ask", "--audio", str(speech(ROWS[1][1])), "--json", home=home).stdout)
    assert "登録" in spoken["transcript"]
    found = {c["entry_id"] for c in spoken["citations"]} | {s["entry_id"] for s in spoken["suggestions"]}
    assert "a-2" in found or spoken["band"] == "handoff"

    exported = tmp_path / "書き出し.csv"
    run_madoguchi("kb", "export", str(exported), "--kb", "soo", home=home)
    again = run_madoguchi("kb", "import", str(exported), "--kb", "soo", home=home)
    assert "追加 0、変更 0、変更なし 3" in again.stdout


def test_what_can_not_be_asked_is_one_sentence(home: Path, tmp_path: Path) -> None:
    (tmp_path / "memo.wav").write_text("録音ではありません")
    for arguments in (
        (),
        ("税", "--audio", "x.wav"),
        ("--audio", str(tmp_path / "none.wav")),
        ("--audio", str(tmp_path / "memo.wav")),
    ):
        done = run_madoguchi("ask", *arguments, home=home, check=False)
        assert done.returncode == 1
        assert done.stderr.strip().splitlines()[-1].endswith("。")
        assert "Traceback" not in done.stderr


# 4. and 5. A resident asks in writing and aloud, and has the answer read


def test_a_resident_asks_and_has_the_answer_read_aloud(
    http: httpx.Client, speech: Speech, whisper: Whisper, tmp_path: Path
) -> None:
    written = http.post("/api/ask", json={"text": "住民票の写しは、どこで、どうすれば取れますか。"}).json()
    assert (written["band"], written["citations"][0]["entry_id"]) == ("answer", "registry-01")

    audio = speech("マイナンバーカードを作りたいです。").read_bytes()
    spoken = http.post("/api/ask/audio", files={"audio": ("q.wav", audio)}).json()
    assert "マイナンバーカード" in spoken["transcript"]
    assert "mynumber-01" in {c["entry_id"] for c in spoken["citations"]} | {s["entry_id"] for s in spoken["suggestions"]}

    reply = http.post("/api/speak", json={"text": "市民課の窓口は、平日の8時30分から開いています。"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, "audio/wav")
    path = tmp_path / "spoken.wav"
    path.write_bytes(reply.content)
    heard = transcribe(path, whisper=whisper, options=Options(), work=tmp_path, progress=lambda *_: None).text
    for word in ("窓口", "平日"):
        assert word in heard, heard
    assert re.search("8時|八時", heard), heard


# 6. Smart speaker


def alexa(http: httpx.Client, kind: str, query: str | None = None) -> dict[str, Any]:
    request = REQUEST["request"] | {"type": kind, "timestamp": datetime.now(UTC).isoformat(timespec="seconds")}
    if query:
        slots = {"query": {"name": "query", "value": query}}
        request["intent"] = {"name": "AskIntent", "confirmationStatus": "NONE", "slots": slots}
    reply = http.post("/voice/alexa", json=REQUEST | {"request": request})
    assert reply.status_code == 200, reply.text
    return dict(reply.json()["response"])


def test_the_smart_speaker_greets_and_answers(http: httpx.Client) -> None:
    launched = alexa(http, "LaunchRequest")
    assert launched["outputSpeech"]["type"] == "SSML"
    assert launched["outputSpeech"]["ssml"].startswith("<speak>")
    assert launched["shouldEndSession"] is False
    answered = alexa(http, "IntentRequest", "住民票の写しの取り方")
    assert "市民課" in answered["outputSpeech"]["ssml"]


# 7. Minutes


def test_a_meeting_becomes_minutes(staff: httpx.Client, speech: Speech) -> None:
    audio = speech("ただいまから、定例会議を始めます。").read_bytes()
    form = {"title": "定例会議", "held_on": "2026-11-20", "speakers": "off"}
    accepted = staff.post("/api/staff/minutes", files={"audio": ("会議.wav", audio)}, data=form)
    assert accepted.status_code == 202
    url = f"/api/staff/minutes/{accepted.json()['id']}"
    meeting = finished(staff, url)
    assert "会議" in "".join(s["text"] for s in meeting["segments"])
    assert all(0 <= s["start"] < s["end"] <= meeting["duration_s"] + 0.5 for s in meeting["segments"])
    assert staff.get(f"/staff/minutes/{meeting['id']}").status_code == 200
    part = staff.get(f"{url}/audio", headers={"Range": "bytes=0-43"})
    assert (part.status_code, part.content[:4]) == (206, b"RIFF")
    document = Document(io.BytesIO(staff.get(f"{url}/transcript.docx").content))
    words = [p.text for p in document.paragraphs] + [c.text for t in document.tables for row in t.rows for c in row.cells]
    assert any("定例会議" in w for w in words)
    assert any("会議を始めます" in w for w in words)
    assert staff.delete(url).status_code == 204


# 8. Calls


def test_a_stereo_recording_becomes_a_dialogue_in_the_order_of_time(staff: httpx.Client, speech: Speech, tmp_path: Path) -> None:
    asks, answers, thanks = (
        soundfile.read(speech(text, voice), dtype="float32")[0]
        for text, voice in (
            ("ごみの収集日を教えてください。", "jm_kumo"),
            ("はい、月曜日と木曜日です。", "jf_alpha"),
            ("分かりました。ありがとうございます。", "jm_kumo"),
        )
    )
    pause = np.zeros(16_000, np.float32)
    other = np.concatenate([asks, pause, np.zeros_like(answers), pause, thanks])
    ours = np.concatenate([np.zeros_like(asks), pause, answers, pause, np.zeros_like(thanks)])
    soundfile.write(tmp_path / "call.wav", np.stack([other, ours], axis=1), 16_000, subtype="PCM_16")
    form = {"our_channel": "1", "our_name": "環境課", "other_name": "市民", "started_at": "2026-11-20T13:05"}
    accepted = staff.post("/api/staff/calls", files={"audio": ("電話.wav", (tmp_path / "call.wav").read_bytes())}, data=form)
    assert accepted.status_code == 202
    call = finished(staff, f"/api/staff/calls/{accepted.json()['id']}")
    sides = [line["side"] for line in call["dialogue"]]
    assert [s for i, s in enumerate(sides) if i == 0 or s != sides[i - 1]] == ["other", "ours", "other"]
    starts = [line["start"] for line in call["dialogue"]]
    assert starts == sorted(starts)
    assert "曜日" in "".join(line["text"] for line in call["dialogue"] if line["side"] == "ours")
    assert {line["speaker"] for line in call["dialogue"]} == {call["our_label"], call["other_label"]}
    assert staff.get(f"/staff/calls/{call['id']}").status_code == 200
    assert staff.delete(f"/api/staff/calls/{call['id']}").status_code == 204


# 9. Staff Q&A


def test_staff_ask_with_the_password_and_see_where_the_answer_is_from(http: httpx.Client, live_server: LiveServer) -> None:
    question = {"text": "公印を押すときの手続きを教えてください。"}
    assert http.get("/staff").headers["location"] == "/staff/login"
    assert http.post("/api/staff/ask", json=question).status_code == 401
    assert http.post("/staff/login", data={"password": "wrong"}).status_code == 401
    assert http.post("/staff/login", data={"password": live_server.password}).headers["location"] == "/staff"
    assert http.get("/staff").status_code == 200
    answer = http.post("/api/staff/ask", json=question).json()
    assert [(c["entry_id"], c["audience"]) for c in answer["citations"]] == [("staff-03", "staff")]
    http.cookies.clear()
    assert "staff-03" not in http.post("/api/ask", json=question).text


# 10. Operation


def test_the_server_tells_its_state_and_describes_its_api(http: httpx.Client) -> None:
    assert http.get("/healthz").json() == {"status": "ok"}
    ready = http.get("/readyz").json()
    assert ready["ready"] is True
    assert set(ready["parts"]) >= {"models", "database", "index"}
    assert http.get("/api/docs").status_code == 200
    assert http.get("/openapi.json").json()["info"]["title"] == "Madoguchi"


def test_a_wrong_setting_is_one_sentence(home: Path) -> None:
    done = run_madoguchi("serve", home=home, check=False, MADOGUCHI_ZONE="everywhere")
    assert done.returncode == 1
    assert "設定「zone」" in done.stderr
    assert "Traceback" not in done.stderr
