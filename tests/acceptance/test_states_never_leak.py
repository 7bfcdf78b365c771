"""Invariant: what is not approved, not yet shown, over, retired or not for one's eyes appears on no channel.

One entry in each of these states, each with its own word, is planted in the sample city by the ways that clerks have.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from document_kit import pdf_file
from fastapi.testclient import TestClient
from kb_kit import COLUMNS, write_csv
from satellite_kit import free_port

from core.audience import Audience
from core.clock import now
from core.settings import Settings
from server.app import create_app
from tests.acceptance.leak_kit import asked_aloud, replied_aloud, replied_by_satellite
from tests.conftest import copy_knowledge, make_home, run_madoguchi

PASSWORD = "himitsu"
COLUMNS_IN = COLUMNS[:9]
CANARIES = {
    "draft": "つぐみ色",
    "review": "ひばり色",
    "retired": "めじろ色",
    "over": "せきれい色",
    "early": "ほおじろ色",
    "manual": "かけす色",
    "article": "あおじ色",
}
STAFF_MAY_READ = {"manual", "article"}
CONTROL = "ひよどり色"  #: of an entry that everybody may read


def row(name: str, word: str, since: str = "", until: str = "") -> tuple[str, ...]:
    return (
        f"state-{name}",
        f"{word}の届出書はどこにありますか。",
        f"{word}の棚にあります。",
        f"{word}の届出",
        "届出",
        "総務課",
        "resident",
        since,
        until,
    )


@pytest.fixture(scope="module")
def home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = make_home(tmp_path_factory.mktemp("states") / "home")
    copy_knowledge(sample_home, home)
    files = tmp_path_factory.mktemp("files")
    at = now()
    passed, coming = (f"{at + d:%Y-%m-%d %H:%M}" for d in (timedelta(minutes=-1), timedelta(hours=2)))
    drafts = write_csv(files / "d.csv", [row("draft", CANARIES["draft"]), row("review", CANARIES["review"])], columns=COLUMNS_IN)
    served = [
        row("control", CONTROL),
        row("retired", CANARIES["retired"]),
        row("over", CANARIES["over"], until=passed),
        row("early", CANARIES["early"], since=coming),
    ]
    manual = pdf_file(
        files / "manual.pdf", pages=[[f"{CANARIES['manual']}の手引き", f"第1条 {CANARIES['manual']}の届出書は金庫に入れる。"]]
    )
    bulletin = files / "bulletin.csv"
    article = f"{CANARIES['article']}の届出書"
    bulletin.write_text(f"発行号タイトル,記事タイトル,記事本文\n庁内報,{article},{article}は金庫です。\n", "utf-8")
    run_madoguchi("kb", "import", str(drafts), "--kb", "soo", "--state", "draft", home=home)
    faq = str(write_csv(files / "s.csv", served, columns=COLUMNS_IN))
    run_madoguchi("kb", "import", faq, str(manual), str(bulletin), "--kb", "soo", home=home)
    run_madoguchi("kb", "retire", "state-retired", "--kb", "soo", home=home)
    return home


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[TestClient]:
    app = create_app(Settings(home=home, alexa_verify=False, wyoming_port=free_port(), staff_password=PASSWORD))
    client = TestClient(app)
    client.post("/staff/login", data={"password": PASSWORD})
    client.post("/staff/knowledge/entries/state-review/submit", data={"by": "田中"})
    client.cookies.clear()
    yield client
    app.state.service.database.dispose()


@pytest.fixture
def resident(client: TestClient) -> TestClient:
    client.cookies.clear()
    return client


FORMS = ("{}の届出書はどこにありますか。", "{}の届出", "{}", "{}の手引き 第1条")
GENERAL = ("届出書はどこにありますか。", "届出", "庁内報", "state-draft", "金庫")
QUESTIONS = [*(form.format(word) for word in CANARIES.values() for form in FORMS), *GENERAL]


def leaked(text: str, *, staff: bool = False) -> list[str]:
    """The states whose answer is in a text. Asking with a word does not count; what stands in the entry does."""
    plain = json.dumps(json.loads(text), ensure_ascii=False) if text.startswith(("{", "[")) else text
    said = {
        name: (f"{word}の棚", f"{word}の届出書はどこ", f"{word}の届出書は金庫", f"{word}の手引き")
        for name, word in CANARIES.items()
    }
    hidden = {name: words for name, words in said.items() if not (staff and name in STAFF_MAY_READ)}
    return [name for name, words in hidden.items() if any(word in plain for word in words)]


def test_the_control_is_answered_everywhere(resident: TestClient, home: Path) -> None:
    question = row("control", CONTROL)[1]
    assert f"{CONTROL}の棚" in resident.post("/api/ask", json={"text": question}).json()["answer"]
    assert f"{CONTROL}の棚" in resident.post("/voice/alexa", json=asked_aloud(question)).text
    assert f"{CONTROL}の棚" in replied_by_satellite(resident, [question])[question]
    assert f"{CONTROL}の棚" in run_madoguchi("ask", question, home=home).stdout


def test_no_answer_or_choice_has_it(resident: TestClient) -> None:
    for text in QUESTIONS:
        reply = resident.post("/api/ask", json={"text": text, "session": "x"})
        assert reply.status_code == 200
        assert leaked(reply.text) == [], text


def test_the_smart_speaker_does_not_have_it(resident: TestClient) -> None:
    for text in QUESTIONS:
        assert leaked(replied_aloud(resident, text)) == [], text


def test_a_satellite_does_not_have_it(resident: TestClient) -> None:
    for text, reply in replied_by_satellite(resident, QUESTIONS).items():
        assert not [word for word in CANARIES.values() if word in reply], text


def test_no_choice_that_was_taken_has_it(resident: TestClient) -> None:
    control = resident.post("/api/ask", json={"text": "この項目", "entry_id": "state-control"})
    assert f"{CONTROL}の棚" in control.json()["answer"]
    for name in CANARIES:
        reply = resident.post("/api/ask", json={"text": "この項目", "entry_id": f"state-{name}"})
        assert (reply.json()["band"], leaked(reply.text)) == ("handoff", []), name


@pytest.mark.parametrize(
    "path", ["/", "/api/categories", "/openapi.json", "/staff/knowledge", "/staff/knowledge/entries/state-draft"]
)
def test_no_page_or_list_has_it(resident: TestClient, path: str) -> None:
    assert leaked(resident.get(path).text) == []


def test_staff_get_their_documents_and_nothing_that_is_not_approved(resident: TestClient) -> None:
    resident.post("/staff/login", data={"password": PASSWORD})
    for text in QUESTIONS:
        assert leaked(resident.post("/api/staff/ask", json={"text": text}).text, staff=True) == [], text
    assert leaked(resident.get("/api/staff/categories").text, staff=True) == []
    manual = resident.post("/api/staff/ask", json={"text": f"{CANARIES['manual']}の手引き 第1条"}).json()
    assert "金庫に入れる" in manual["answer"]
    assert manual["citations"][0]["source_title"] == f"{CANARIES['manual']}の手引き 第1条 1ページ"


def test_the_command_line_has_it_for_nobody_who_may_not_read_it(home: Path, tmp_path: Path) -> None:
    queries, run = tmp_path / "q.jsonl", tmp_path / "run.tsv"
    queries.write_text("\n".join(json.dumps({"id": str(n), "text": t}) for n, t in enumerate(QUESTIONS)), "utf-8")
    for audience in Audience:
        arguments = ("--queries", str(queries), "--run", str(run), "--top", "1000", "--audience", audience.value)
        run_madoguchi("kb", "search", "--kb", "soo", *arguments, home=home)
        found = {line.split("\t")[1] for line in run.read_text("utf-8").splitlines()}
        assert "state-control" in found
        assert not found & {f"state-{name}" for name in CANARIES}
        assert any(i.startswith("doc:") for i in found) is (audience is Audience.STAFF)
    assert leaked(run_madoguchi("ask", QUESTIONS[0], home=home).stdout) == []


def test_the_residents_index_holds_no_staff_document_and_no_index_a_draft(home: Path) -> None:
    for audience in Audience:
        folder = home / "indexes" / "soo" / audience.value
        current = folder / (folder / "current").read_text("utf-8").strip()
        content = b"".join(p.read_bytes() for p in current.rglob("*") if p.is_file())
        assert CONTROL.encode() in content
        for name in ("draft", "review", "retired"):
            assert CANARIES[name].encode() not in content, name
        for name in STAFF_MAY_READ:
            assert (CANARIES[name].encode() in content) is (audience is Audience.STAFF)


RECALLED = {"recalled": "うぐいす色", "turned": "つばめ色", "ended": "かわせみ色"}


@pytest.fixture(scope="module")
def rolled_back(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that serves an index in which everybody may read what has been retired, turned to staff or ended since."""
    home = make_home(tmp_path_factory.mktemp("rolled") / "home")
    copy_knowledge(sample_home, home)
    files = tmp_path_factory.mktemp("before-and-after")
    rows = {name: row(name, word) for name, word in RECALLED.items()}
    before = write_csv(files / "before.csv", [row("control", CONTROL), *rows.values()], columns=COLUMNS_IN)
    passed = f"{now() - timedelta(minutes=1):%Y-%m-%d %H:%M}"
    turned = (*rows["turned"][:6], "staff", "", "")
    after = write_csv(files / "after.csv", [turned, row("ended", RECALLED["ended"], until=passed)], columns=COLUMNS_IN)
    run_madoguchi("kb", "import", str(before), "--kb", "soo", home=home)
    run_madoguchi("kb", "retire", "state-recalled", "--kb", "soo", home=home)
    run_madoguchi("kb", "import", str(after), "--kb", "soo", home=home)
    for _ in range(2):
        run_madoguchi("kb", "rollback", "--kb", "soo", home=home)
    return home


def test_what_an_older_index_still_holds_stays_away_after_rolling_back(rolled_back: Path, tmp_path: Path) -> None:
    folder = rolled_back / "indexes" / "soo" / "resident"
    served, _ = (folder / "current").read_text("utf-8").split()  # and the newest, which was rolled back from
    entries = (folder / served / "entries.json").read_text("utf-8")
    assert all(word in entries for word in RECALLED.values())
    questions = [form.format(word) for word in RECALLED.values() for form in FORMS] + ["届出書はどこにありますか。", "届出"]
    app = create_app(Settings(home=rolled_back, alexa_verify=False, wyoming_port=free_port(), staff_password=PASSWORD))
    try:
        client = TestClient(app)
        said = {
            text: client.post("/api/ask", json={"text": text}).text + replied_aloud(client, text)
            for text in (row("control", CONTROL)[1], *questions)
        }
        for text, reply in replied_by_satellite(client, list(said)).items():
            said[text] += reply
        said["categories"] = client.get("/api/categories").text
        client.post("/staff/login", data={"password": PASSWORD})
        by_staff = "".join(client.post("/api/staff/ask", json={"text": text}).text for text in questions)
    finally:
        app.state.service.database.dispose()
    assert f"{CONTROL}の棚" in said[row("control", CONTROL)[1]]
    for text, reply in said.items():
        assert not [w for w in RECALLED.values() if f"{w}の棚" in reply or f"{w}の届出書はどこ" in reply], text
    assert f"{RECALLED['turned']}の棚" in by_staff
    assert not [RECALLED[name] for name in ("recalled", "ended") if f"{RECALLED[name]}の棚" in by_staff]
    queries, run = tmp_path / "q.jsonl", tmp_path / "run.tsv"
    queries.write_text("\n".join(json.dumps({"id": str(n), "text": t}) for n, t in enumerate(questions)), "utf-8")
    run_madoguchi("kb", "search", "--kb", "soo", "--queries", str(queries), "--run", str(run), "--top", "1000", home=rolled_back)
    found = {line.split("\t")[1] for line in run.read_text("utf-8").splitlines()}
    assert "state-control" in found
    assert not found & {f"state-{name}" for name in RECALLED}


def test_an_export_for_the_resident_s_machine_is_told_apart(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_madoguchi("kb", "export", str(out), "--kb", "soo", home=home)
    assert (out / "staff" / "manual.pdf").is_file()
    assert not (out / "resident").exists()
    faq = "".join(p.read_text("utf-8") for p in out.rglob("*.csv") if p.relative_to(out).parts[0] != "staff")
    assert CONTROL in faq
    assert not any(CANARIES[name] in faq for name in ("draft", "review", "retired", "manual", "article"))
