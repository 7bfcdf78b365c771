"""Promises of the API of minutes' Word files: sent, looked at and chosen by clerks; what is exported then has that form."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from docx import Document
from fastapi.testclient import TestClient

from asr.audio import Channels
from asr.recording import Outcome, accepted
from asr.transcript import Segment
from core.blobs import Blob
from core.settings import Settings, Zone
from minutes.meeting import Meeting
from server.app import create_app
from server.service import Service

URL = "/api/staff/minutes-templates"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    app = create_app(settings.model_copy(update={"zone": Zone.STAFF, "dev_open_staff": True}))
    yield TestClient(app)
    app.state.service.database.dispose()


def exported(client: TestClient) -> str:
    """The Word file of a meeting, as text."""
    service: Service = client.app.state.service  # type: ignore[attr-defined]
    minutes = service.recorded.minutes
    if not minutes.meetings.all():
        blob, at = Blob(id="r.wav", size_bytes=1, sha256="0"), datetime.now(UTC)
        recording = accepted(blob, file_name="a.wav", channels=Channels.MIXED, speakers="off", at=at)
        with service.database.begin() as c:
            minutes.transcription.recordings.add(c, recording)
            minutes.meetings.add(c, Meeting(title="庁議", held_on=date(2026, 11, 20), recording=recording))
        minutes.transcription.recordings.replace_part("r", 0, [Segment(start_s=0, end_s=1, text="始めます。", speaker="市長")])
        minutes.transcription.recordings.finish("r", Outcome(duration_s=1, elapsed_s=1, model="m", device="cpu"))
    return text_of(client.get("/api/staff/minutes/r/transcript.docx").content)


def text_of(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    return "\n".join([*(p.text for p in document.paragraphs), *(c.text for t in document.tables for c in t._cells)])


def word(*texts: str) -> bytes:
    document, out = Document(), io.BytesIO()
    for text in texts:
        document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def sent(client: TestClient, content: bytes, name: str = "曽於市の様式.docx") -> Any:
    return client.post(URL, files={"file": (name, content, WORD)})


def test_the_standard_form_is_changed_in_word_sent_looked_at_and_used_at_once(client: TestClient) -> None:
    assert client.get(URL).json()["templates"] == [
        {"id": "standard", "name": "標準の形", "by": None, "added_at": None, "lacking": [], "in_use": True}
    ]
    document = Document(io.BytesIO(client.get(f"{URL}/standard/file").content))
    document.paragraphs[0].insert_paragraph_before("曽於市 様式第3号")
    changed = io.BytesIO()
    document.save(changed)
    answer = sent(client, changed.getvalue())
    assert answer.status_code == 201, answer.text
    new = answer.json()
    assert (new["name"], new["by"], new["lacking"], new["in_use"]) == ("曽於市の様式.docx", "職員", [], False)
    looked_at = client.get(f"{URL}/{new['id']}/preview")
    assert "filename*=UTF-8''" in looked_at.headers["content-disposition"]
    assert "曽於市 様式第3号" in text_of(looked_at.content)
    assert "見本の会議" in text_of(looked_at.content)
    assert "様式第3号" not in exported(client)
    assert client.post(f"{URL}/{new['id']}/use").status_code == 204
    assert "様式第3号" in exported(client)
    assert "市長　始めます。" in exported(client)
    assert client.delete(f"{URL}/{new['id']}").status_code == 422
    assert client.post(f"{URL}/standard/use").status_code == 204
    assert "様式第3号" not in exported(client)
    assert client.get(f"{URL}/{new['id']}/file").content == changed.getvalue()
    assert client.delete(f"{URL}/{new['id']}").status_code == 204
    for gone in (client.get(f"{URL}/{new['id']}/file"), client.post(f"{URL}/{new['id']}/use")):
        assert gone.status_code == 404


def test_of_what_is_refused_the_reason_is_told(client: TestClient) -> None:
    told = sent(client, word("{{会議名}} {{日時}}")).json()["error"]["message"]
    assert told.startswith("ひな形に {{発言}} がありません。")
    assert sent(client, b"0" * 10_100_000).status_code == 413
    assert client.post(URL, files={"audio": ("a.docx", b"x", WORD)}).status_code == 422
    assert client.post(URL, content=b"x").json()["error"]["message"] == "ひな形（Word のファイル）を選んで送ってください。"
    assert len(client.get(URL).json()["templates"]) == 1


def test_what_a_template_leaves_out_is_told(client: TestClient) -> None:
    assert sent(client, word("{{会議名}}", "{{日時}}", "{{発言}}", "{{決定事項}}")).json()["lacking"] == [
        *("場所", "出席者", "欠席者", "議題", "作成者"),
        *("宿題", "質疑", "録音"),
    ]
