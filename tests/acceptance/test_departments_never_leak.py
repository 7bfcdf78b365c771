"""Invariant: what a department keeps to itself appears to its own staff alone: not to residents, not to other staff.

Entries with unmistakable words are planted in the sample city. Everybody else asks for them on every channel.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from retrieval.analysis import reading
from telephony.said import LiveText, Said
from tests.acceptance import leak_kit
from tests.acceptance.leak_kit import Plant, Planted, replied_aloud, replied_by_satellite
from tests.conftest import run_madoguchi
from tests.telephony.phone_kit import begin

STAFF, OWN, OTHER = "himitsu", "zeimu-himitsu", "fukushi-himitsu"

# Words that stand in the planted entries only.
SECRETS = (
    "kanaria-tax",
    "翡翠色の帳簿",
    "かわせみ金庫",
    "翡翠手順書",
    "kawasemi.example",
    "やさしい翡翠",
    "読み上げ翡翠",
    "翡翠分類",
)

QUESTION = "滞納者リストの保管場所はどこですか。"
PARAPHRASE = "滞納してる人の一覧どこにしまったっけ"
PLANTED = [
    (
        "kanaria-tax-1", QUESTION, "翡翠色の帳簿として、かわせみ金庫に保管しています。", PARAPHRASE,
        "翡翠分類", "税務課", "department", "", "",
        "翡翠手順書", "https://kawasemi.example/", "やさしい翡翠のことばです。", "読み上げ翡翠です。",
    ),
    (
        "kanaria-tax-2", "差押えの予定表は誰が持っていますか。", "翡翠色の帳簿の係が持っています。", "差押予定",
        "翡翠分類", "税務課", "担当課", "", "",
        "翡翠手順書", "", "", "",
    ),
]  # fmt: skip

VARIATIONS = [
    QUESTION, PARAPHRASE, "滞納者リスト", "差押えの予定表は誰が持っていますか。", "差押予定", f"税務課です。{QUESTION}",
    "kanaria-tax-1", "翡翠色の帳簿", "かわせみ金庫", "翡翠手順書を見せて", "翡翠分類", "税務課だけの項目の一覧",
    "税務課の職員向けの情報",
    f'{{"text": "{QUESTION}", "department": "税務課"}}', "department=税務課 滞納者リスト", "二つ目", "もっと詳しく",
]  # fmt: skip


@pytest.fixture(scope="module")
def planted(plant: Plant) -> Planted:
    departments = {"税務課": SecretStr(OWN), "福祉課": SecretStr(OTHER)}
    return plant(PLANTED, staff_password=STAFF, department_passwords=departments)


@pytest.fixture
def client(planted: Planted) -> TestClient:
    return planted.stranger


@pytest.fixture(scope="module")
def questions() -> list[str]:
    return [*VARIATIONS, reading(QUESTION), reading(PARAPHRASE)]


def entered(client: TestClient, password: str) -> TestClient:
    client.cookies.clear()
    assert client.post("/staff/login", data={"password": password}, follow_redirects=False).status_code == 303
    return client


def leaked(text: str) -> list[str]:
    return leak_kit.leaked(text, SECRETS)


def said(reply_text: str, asked: str) -> list[str]:
    """The secrets in a reply that were not in the question: pages show what was searched for."""
    return [s for s in leaked(reply_text) if s not in asked]


def test_residents_get_nothing_of_it_in_writing_or_by_voice(client: TestClient, questions: list[str]) -> None:
    for text in questions:
        assert leaked(client.post("/api/ask", json={"text": text, "session": "curious"}).text) == [], text
        assert leaked(replied_aloud(client, text)) == [], text
    for text, reply in replied_by_satellite(client, questions).items():
        assert leaked(reply) == [], text
    assert leaked(client.get("/api/categories").text) == []
    by_its_number = client.post("/api/ask", json={"text": "この項目", "entry_id": "kanaria-tax-1"})
    assert (by_its_number.status_code, leaked(by_its_number.text)) == (200, [])


@pytest.mark.parametrize("password", [STAFF, OTHER])
def test_other_staff_get_nothing_of_it(client: TestClient, questions: list[str], password: str) -> None:
    entered(client, password)
    for text in questions:
        reply = client.post("/api/staff/ask", json={"text": text, "session": "curious"})
        assert reply.status_code == 200
        assert leaked(reply.text) == [], text
    assert leaked(client.get("/api/staff/categories").text) == []
    by_its_number = client.post("/api/staff/ask", json={"text": "この項目", "entry_id": "kanaria-tax-1"})
    assert (by_its_number.status_code, leaked(by_its_number.text)) == (200, [])


@pytest.mark.parametrize("password", [STAFF, OTHER])
def test_the_knowledge_pages_show_nothing_of_it_to_others(client: TestClient, password: str) -> None:
    entered(client, password)
    for asked in ("", "翡翠", "滞納者リスト", "kanaria", "税務課"):
        assert said(client.get("/staff/knowledge", params={"q": asked}).text, asked) == []
    for page in ("", "/edit"):
        reply = client.get(f"/staff/knowledge/entries/kanaria-tax-1{page}")
        assert (reply.status_code, said(reply.text, "kanaria-tax")) == (404, [])
    for step in ("retire", "approve", "submit", "return"):
        reply = client.post(f"/staff/knowledge/entries/kanaria-tax-1/{step}", data={"by": "他課"}, follow_redirects=False)
        assert (reply.status_code, said(reply.text, "kanaria-tax")) == (404, []), step
    same = {"id": "d-1", "question": QUESTION, "answer": "知りません。", "audience": "staff", "is_new": "yes", "by": "他課"}
    assert leaked(client.post("/staff/knowledge/draft", data=same).text) == [], "a near question is pointed out"
    for is_new in ("yes", "no"):
        taken = same | {"id": "kanaria-tax-1", "is_new": is_new}
        reply = client.post("/staff/knowledge/draft", data=taken)
        assert "もうあります" in reply.text
        assert said(reply.text, "kanaria-tax") == []
    theirs = same | {"id": "d-2", "audience": "department", "department": "税務課"}
    assert "その課のパスワード" in client.post("/staff/knowledge/draft", data=theirs).text


@pytest.fixture(scope="module")
def asked_by_telephone(planted: Planted) -> Iterator[list[str]]:
    """Two calls that go on, in the first of which a caller asked for it."""
    calls = planted.home / "calls"
    ids = []
    for text in (QUESTION, "はい。"):
        call = begin(planted.home)
        live = LiveText(call.folder)
        live.begin()
        live.add(Said(leg=1, start_s=1, end_s=3, text=text))
        live.leave()
        calls.mkdir(exist_ok=True)
        ids.append(call.folder.rename(calls / call.folder.name).name)
    assert isinstance(planted.app.app, FastAPI)
    captions = planted.app.app.state.service.captions
    captions.start()
    yield ids
    captions.stop()


def read_along(client: TestClient, calls: list[str]) -> str:
    """All that a clerk gets who reads these calls along, one after the other."""
    got: list[dict[str, Any]] = []
    with client.websocket_connect("/api/staff/calls/live") as reader:
        for call in calls:
            reader.send_json({"call": call})
            while not got or (got[-1]["type"], got[-1].get("id")) != ("lines", call):
                got.append(reader.receive_json())
    return json.dumps([message for message in got if message["type"] != "lines"], ensure_ascii=False)


def test_who_reads_a_call_along_is_offered_only_what_is_for_them(client: TestClient, asked_by_telephone: list[str]) -> None:
    for password in (STAFF, OTHER):
        assert leaked(read_along(entered(client, password), asked_by_telephone)) == []
    assert "かわせみ金庫" in read_along(entered(client, OWN), asked_by_telephone)


def test_its_own_staff_get_it_with_its_citation_and_page(client: TestClient) -> None:
    entered(client, OWN)
    for text in (QUESTION, PARAPHRASE):
        body = client.post("/api/staff/ask", json={"text": text}).json()
        assert (body["answer"], body["citations"][0]["entry_id"]) == (PLANTED[0][2], "kanaria-tax-1")
    assert "翡翠分類" in client.get("/api/staff/categories").text
    assert "担当課限定" in client.get("/staff/knowledge", params={"q": "滞納者"}).text
    assert "翡翠手順書" in client.get("/staff/knowledge/entries/kanaria-tax-1").text
    assert leaked(client.post("/api/ask", json={"text": QUESTION}).text) == [], "who is staff asks the residents' page as one"


def test_a_cookie_can_not_be_made_that_of_another_department(client: TestClient) -> None:
    entered(client, OTHER)
    claims, _, signature = client.cookies["madoguchi_staff"].partition(".")
    forged = f"{claims.partition(':')[0]}:{'税務課'.encode().hex()}.{signature}"
    client.cookies.clear()
    client.cookies["madoguchi_staff"] = forged
    assert client.post("/api/staff/ask", json={"text": QUESTION}).status_code == 401


def test_the_command_line_finds_it_for_its_department_only(planted: Planted, questions: list[str], tmp_path: Path) -> None:
    queries, run = tmp_path / "q.jsonl", tmp_path / "run.tsv"
    queries.write_text("\n".join(json.dumps({"id": str(n), "text": t}) for n, t in enumerate(questions)), "utf-8")
    search = ("kb", "search", "--kb", "soo", "--queries", str(queries), "--run", str(run), "--top", "1000")
    readers = [("resident", "税務課", False), ("staff", "", False), ("staff", "福祉課", False), ("staff", "税務課", True)]
    for audience, department, own in readers:
        run_madoguchi(*search, "--audience", audience, "--department", department, home=planted.home)
        assert bool(leaked(run.read_text("utf-8"))) is own, (audience, department)
    for department, own in (("", False), ("福祉課", False), ("税務課", True)):
        done = run_madoguchi("ask", QUESTION, "--json", "--audience", "staff", "--department", department, home=planted.home)
        assert bool(leaked(done.stdout + done.stderr)) is own


def test_only_the_departments_index_holds_it_and_an_export_gives_it_back(planted: Planted, tmp_path: Path) -> None:
    held = {
        folder.name.partition("-")[0] + ("-own" if "-" in folder.name else ""): b"".join(
            p.read_bytes() for p in folder.rglob("*") if p.is_file()
        )
        for folder in (planted.home / "indexes" / "soo").iterdir()
        if folder.is_dir()
    }
    assert set(held) == {"resident", "staff", "staff-own"}
    for secret in SECRETS:
        assert secret.encode() not in held["resident"] + held["staff"]
        assert secret.encode() in held["staff-own"]
    run_madoguchi("kb", "export", str(tmp_path / "faq.csv"), "--kb", "soo", home=planted.home)
    assert ",税務課,department," in (tmp_path / "faq.csv").read_text("utf-8")
    again = run_madoguchi("kb", "import", str(tmp_path / "faq.csv"), "--kb", "soo", home=planted.home)
    assert "追加 0、変更 0" in again.stdout


def test_a_document_is_kept_for_its_department_too(plant: Plant, tmp_path: Path) -> None:
    """In the index of its department only; an export keeps it apart, and nobody else is given it by mistake."""
    home = plant(PLANTED, staff_password=STAFF, department_passwords={"税務課": SecretStr(OWN)}).home
    document = tmp_path / "滞納整理要領.md"
    document.write_text("# 滞納整理要領\n\n## 第1条 緋色の手順\n\n緋色の封筒は、孔雀の棚に入れて三日以内に送ります。\n", "utf-8")
    options = ("kb", "import", str(document), "--kb", "soo")
    run_madoguchi(*options, "--audience", "department", "--department", "税務課", home=home)
    question = "緋色の封筒はどの棚に入れますか"
    readers = (("resident", "税務課", False), ("staff", "", False), ("staff", "福祉課", False), ("staff", "税務課", True))
    for audience, department, own in readers:
        done = run_madoguchi("ask", question, "--json", "--audience", audience, "--department", department, home=home)
        assert ("孔雀の棚" in done.stdout) is own, (audience, department)
    refused = run_madoguchi(*options, home=home, check=False)
    assert refused.returncode != 0
    assert "税務課の職員だけ" in refused.stderr
    run_madoguchi("kb", "export", str(tmp_path / "copy"), "--kb", "soo", home=home)
    assert [p.relative_to(tmp_path / "copy").parts[:2] for p in (tmp_path / "copy").rglob("*.md")] == [("department", "税務課")]
    assert "孔雀の棚" not in (tmp_path / "copy" / "faq" / "faq.csv").read_text("utf-8")


def test_no_log_line_says_anything_of_it(client: TestClient, capfd: pytest.CaptureFixture[str]) -> None:
    entered(client, OWN)
    client.post("/api/staff/ask", json={"text": QUESTION})
    out, err = capfd.readouterr()
    assert leaked(out + err) == []
