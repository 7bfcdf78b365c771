"""Promises of asking over HTTP: the answer's fields, a conversation of one's own, and only what the asker may read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient

from asr.pipeline import transcribe
from asr.transcript import Transcript
from core.audience import Audience
from core.clock import JST
from retrieval.knowledge import Knowledge

FIELDS = {
    "band", "act", "answer", "confidence", "speech", "easy", "english", "foreign", "citations", "beside", "suggestions",
    "contact", "session", "transcript",
}  # fmt: skip


def ask(client: TestClient, text: str, **more: str) -> dict[str, Any]:
    reply = client.post("/api/ask", json={"text": text} | more)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def test_half_a_character_in_a_question_does_no_harm(public: TestClient) -> None:
    reply = public.post(
        "/api/ask", content=rb'{"text":"\ud83d \u5370\u9451\u767b\u9332"}', headers={"content-type": "application/json"}
    )
    assert reply.status_code == 200, reply.text


def test_an_answer_has_all_its_fields(public: TestClient) -> None:
    body = ask(public, "住民票の写しは、どこで、どうすれば取れますか。")
    assert set(body) == FIELDS
    assert (body["band"], body["act"], body["confidence"]) == ("answer", "question", 1.0)
    (citation,) = body["citations"]
    assert set(citation) == {
        "entry_id", "question", "source_title", "source_url", "department", "updated_on", "audience", "confined",
        "in_force",
    }  # fmt: skip
    assert (citation["entry_id"], citation["audience"]) == ("registry-01", "resident")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", citation["updated_on"])
    assert set(body["contact"]) == {
        "department", "phone", "location", "hours", "open_now", "next_open", "next_open_text",
    }  # fmt: skip
    assert body["contact"]["department"] == "市民課"


def test_a_new_conversation_gets_a_name_and_an_old_one_keeps_it(public: TestClient) -> None:
    first, second = ask(public, "こんにちは")["session"], ask(public, "こんにちは")["session"]
    assert first != second
    assert len(first) >= 32
    assert ask(public, "ありがとう", session=first)["session"] == first


def test_a_choice_can_be_taken_in_the_same_conversation_and_in_no_other(public: TestClient) -> None:
    offer = ask(public, "電池の捨て方")
    assert (offer["band"], 2 <= len(offer["suggestions"]) <= 4) == ("clarify", True)
    picked = ask(public, "二つ目", session=offer["session"])
    assert offer["suggestions"][1]["entry_id"] == picked["citations"][0]["entry_id"]
    again = ask(public, "電池の捨て方")
    stranger = ask(public, "二つ目", session=offer["session"] + "x")
    assert stranger["citations"] != picked["citations"]
    assert again["session"] != offer["session"]


def test_staff_and_residents_never_share_a_conversation(staff: TestClient) -> None:
    offer = ask(staff, "電池の捨て方", session="same")
    reply = staff.post("/api/staff/ask", json={"text": "二つ目", "session": "same"}).json()
    assert offer["suggestions"][1]["entry_id"] not in str(reply["citations"])


def test_nobody_gets_into_a_departments_conversation_by_its_name(serve: Callable[..., TestClient]) -> None:
    client = serve(staff_password="all", department_passwords={"税務課": "own"})
    replies = {}
    for password, text, session in (("own", "電池の捨て方", "x"), ("all", "二つ目", "税務課:x"), ("own", "二つ目", "x")):
        client.cookies.clear()
        client.post("/staff/login", data={"password": password})
        replies[password, text] = client.post("/api/staff/ask", json={"text": text, "session": session}).json()
    second = replies["own", "電池の捨て方"]["suggestions"][1]["entry_id"]
    assert second in str(replies["own", "二つ目"]["citations"])
    assert second not in str(replies["all", "二つ目"]["citations"])


def test_staff_read_staffs_entries_with_their_citation_and_residents_questions_too(staff: TestClient) -> None:
    reply = staff.post("/api/staff/ask", json={"text": "公印を押すときの手続きを教えてください。"}).json()
    assert reply["band"] == "answer"
    assert [(c["entry_id"], c["audience"]) for c in reply["citations"]] == [("staff-03", "staff")]
    shared = staff.post("/api/staff/ask", json={"text": "住民票の写しは、どこで、どうすれば取れますか。"}).json()
    assert [(c["entry_id"], c["audience"]) for c in shared["citations"]] == [("registry-01", "resident")]


def test_a_spoken_question_is_answered_with_its_transcript(public: TestClient, speech: Callable[..., Path]) -> None:
    audio = speech("マイナンバーカードを作りたいです。").read_bytes()
    reply = public.post("/api/ask/audio", files={"audio": ("question.wav", audio)}, data={"session": "spoken"})
    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert set(body) == FIELDS
    assert "カード" in body["transcript"]
    assert body["session"] == "spoken"
    found = {c["entry_id"] for c in body["citations"]} | {s["entry_id"] for s in body["suggestions"]}
    assert any(entry.startswith("mynumber") for entry in found)


def test_a_spoken_question_lies_where_a_start_after_a_crash_removes_it(
    public: TestClient, speech: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    passing = public.app.state.service.passing  # type: ignore[attr-defined]
    lay: list[Path] = []

    def see(path: Path, **options: Any) -> Transcript:
        lay.append(path)
        return transcribe(path, **options)

    monkeypatch.setattr("server.questions.transcribe", see)
    audio = speech("マイナンバーカードを作りたいです。").read_bytes()
    assert public.post("/api/ask/audio", files={"audio": ("question.wav", audio)}).status_code == 200
    assert [path.is_relative_to(passing.root) for path in lay] == [True]
    assert list(passing.root.iterdir()) == []


def test_silence_is_no_question(public: TestClient, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(32_000, np.float32), 16_000, subtype="PCM_16")
    reply = public.post("/api/ask/audio", files={"audio": ("q.wav", (tmp_path / "silence.wav").read_bytes())})
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "invalid_input")
    assert "聞き取れません" in reply.json()["error"]["message"]


def test_a_recording_of_many_megabytes_is_refused(public: TestClient) -> None:
    reply = public.post("/api/ask/audio", files={"audio": ("q.wav", b"0" * 10_000_001)})
    assert reply.status_code == 422
    assert "短く" in reply.json()["error"]["message"]


def test_the_categories_lead_to_questions_that_have_answers(public: TestClient, knowledge: Knowledge) -> None:
    categories = public.get("/api/categories").json()
    assert len(categories) >= 12
    residents = {e.id: e.question for e in knowledge.version("soo", Audience.RESIDENT).index.entries}
    for category in categories:
        assert category["name"]
        assert category["questions"]
        for question in category["questions"]:
            assert residents[question["entry_id"]] == question["question"]
    first = categories[0]["questions"][0]
    assert ask(public, first["question"])["citations"][0]["entry_id"] == first["entry_id"]


def test_categories_show_only_what_is_valid_today(public: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def shown() -> str:
        return public.get("/api/categories").text

    assert '"housing-05"' in shown() or '"health-06"' in shown()
    monkeypatch.setattr(public.app.state.service.knowledge, "_clock", lambda: datetime(2099, 1, 1, tzinfo=JST))  # type: ignore[attr-defined]
    assert '"housing-05"' not in shown()
    assert '"health-06"' not in shown()
