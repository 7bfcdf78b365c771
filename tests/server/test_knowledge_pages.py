"""Promises of the knowledge base's pages: staff only, a draft answers nobody, an approval is seen on every channel at once."""

from __future__ import annotations

import asyncio
import codecs
import html
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from core.settings import Settings
from core.table import read_table
from retrieval.faq import parse_faq
from server.app import create_app
from server.publishing import Publication, Stage
from server.routes.knowledge import PER_PAGE
from tests.conftest import copy_knowledge, make_home, run_madoguchi

PASSWORD = "himitsu"
QUESTION = "庁舎の屋上で凧を揚げてもよいですか。"
FIELDS = {
    "id": "tako-1",
    "question": QUESTION,
    "answer": "風の弱い日の昼休みだけ、総務課に届け出て揚げられます。",
    "audience": "resident",
}


STATES = ("すべて", "下書き", "確認待ち", "承認済み", "公開終了")


def counted(page: str, name: str) -> int:
    """How many entries a filter of the list says that it has."""
    found = re.search(rf">{name}（(\d+)件）</a>", page)
    assert found
    return int(found[1])


@pytest.fixture(scope="module")
def home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = make_home(tmp_path_factory.mktemp("pages") / "home")
    copy_knowledge(sample_home, home)
    return home


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[TestClient]:
    app = create_app(Settings(home=home, alexa_verify=False, staff_password=PASSWORD))
    yield TestClient(app, follow_redirects=False)
    app.state.service.publisher.stop(wait_s=60)  # else the interpreter may end amid a build, and with it
    app.state.service.database.dispose()


@pytest.fixture
def staff(client: TestClient) -> TestClient:
    client.cookies.clear()
    assert client.post("/staff/login", data={"password": PASSWORD}).status_code == 303
    return client


@pytest.fixture
def stranger(client: TestClient) -> TestClient:
    client.cookies.clear()
    return client


def step(staff: TestClient, name: str, by: str = "佐藤") -> int:
    return staff.post(f"/staff/knowledge/entries/tako-1/{name}", data={"by": by}).status_code


def published(staff: TestClient) -> str:
    """Wait as the page does; what it says at the end."""
    end = time.monotonic() + 30
    while (state := staff.get("/api/staff/knowledge/state").json())["stage"] == "preparing":
        assert time.monotonic() < end
        time.sleep(0.05)
    return str(state["text"])


def answer(staff: TestClient) -> str:
    return str(staff.post("/api/ask", json={"text": QUESTION}).json()["answer"])


@pytest.mark.parametrize("path", ["", "/new", "/entries/moving-01", "/entries/nothing", "/entries/moving-01/edit"])
def test_strangers_are_led_to_the_login_and_learn_nothing(stranger: TestClient, path: str) -> None:
    reply = stranger.get(f"/staff/knowledge{path}")
    assert (reply.status_code, reply.headers["location"], reply.text) == (303, "/staff/login", "")


def test_strangers_don_t_learn_how_far_a_publication_is(stranger: TestClient) -> None:
    assert stranger.get("/api/staff/knowledge/state").status_code == 401
    assert stranger.post("/staff/knowledge/publish").headers["location"] == "/staff/login"


def test_strangers_and_other_sites_change_nothing(stranger: TestClient) -> None:
    for path in ("/staff/knowledge/draft", "/staff/knowledge/entries/moving-01/retire"):
        reply = stranger.post(path, data=FIELDS | {"by": "x"}, follow_redirects=False)
        assert (reply.status_code, reply.headers["location"]) == (303, "/staff/login")
    stranger.post("/staff/login", data={"password": PASSWORD})
    foreign = stranger.post("/staff/knowledge/draft", data=FIELDS | {"by": "x"}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403


def test_the_list_finds_words_and_says_how_entries_stand(staff: TestClient) -> None:
    page = staff.get("/staff/knowledge", params={"q": "転入届"}).text
    assert "moving-01" in page
    assert "公開中" in page
    assert "staff-01" not in page


def test_the_list_finds_several_words_in_any_spelling(staff: TestClient) -> None:
    for text in ("転入 届出", "転入　届け出", "ＭＯＶＩＮＧ-01"):
        assert "entries/moving-01" in staff.get("/staff/knowledge", params={"q": text}).text, text


def test_a_draft_that_never_answered_is_discarded_by_its_button_and_what_answers_has_none(staff: TestClient) -> None:
    staff.post("/staff/knowledge/draft", data=FIELDS | {"id": "gone-1", "is_new": "yes", "by": "田中"})
    page = "/staff/knowledge/entries/gone-1"
    assert "取り下げる" in staff.get(page).text
    assert staff.post(f"{page}/retire", data={"by": "田中"}).status_code == 303
    assert "取り下げる" not in staff.get(page).text
    assert "公開終了 ・" in staff.get(page).text
    assert "取り下げる" not in staff.get("/staff/knowledge/entries/moving-01").text


def test_what_waits_is_listed_by_itself_and_counted(staff: TestClient) -> None:
    before = staff.get("/staff/knowledge").text
    for entry_id in ("work-1", "work-2"):
        staff.post("/staff/knowledge/draft", data=FIELDS | {"id": entry_id, "by": "田中", "is_new": "yes"})
    staff.post("/staff/knowledge/entries/work-2/submit", data={"by": "田中"})
    assert [counted(staff.get("/staff/knowledge").text, name) - counted(before, name) for name in STATES] == [2, 1, 1, 0, 0]
    waiting = staff.get("/staff/knowledge", params={"state": "review"}).text
    assert "work-2" in waiting
    assert "work-1" not in waiting
    assert "moving-01" not in waiting
    searched = staff.get("/staff/knowledge", params={"state": "review", "q": "work-1"}).text
    assert counted(searched, "下書き") == 1, "what the search would find in another state is told"
    assert 'name="state" value="review"' in searched, "a search stays in the state that was chosen"


def test_every_entry_is_on_one_of_the_pages(staff: TestClient) -> None:
    first = staff.get("/staff/knowledge").text
    shown, address = [], "/staff/knowledge"
    while address:
        page = html.unescape(staff.get(address).text)
        shown += re.findall(r'<h3><a href="([^"]+)"', page)
        following = re.search(r'href="([^"]+)">次の項目', page)
        address = following[1] if following else ""
    assert len(shown) == len(set(shown)) == counted(first, "すべて") > PER_PAGE
    assert staff.get("/staff/knowledge", params={"page": "0"}).status_code == 422


def test_a_draft_is_checked_approved_seen_at_once_and_taken_away_again(staff: TestClient, home: Path) -> None:
    saved = staff.post("/staff/knowledge/draft", data=FIELDS | {"by": "田中", "is_new": "yes"})
    assert saved.headers["location"] == "/staff/knowledge/entries/tako-1?saved=1"
    assert FIELDS["answer"] not in answer(staff)
    assert step(staff, "submit", "田中") == 303
    assert FIELDS["answer"] not in answer(staff)
    assert step(staff, "approve") == 303
    assert "公開済みです" in published(staff)
    assert answer(staff) == FIELDS["answer"]
    page = staff.get("/staff/knowledge/entries/tako-1").text
    for part in ("第3版", "承認済み", "田中", "佐藤", "公開中", "公開済みです"):
        assert part in page
    assert "第1版" in run_madoguchi("kb", "history", "tako-1", "--kb", "soo", home=home).stdout
    assert step(staff, "retire") == 303
    assert FIELDS["answer"] not in answer(staff), "it is gone before the index is built"
    published(staff)
    assert FIELDS["answer"] not in answer(staff)


def test_who_sends_a_draft_back_says_why_to_its_author_and_it_is_kept(staff: TestClient, home: Path) -> None:
    why, address = "納期の根拠を書いてください。\n<b>条例第3条</b>", "/staff/knowledge/entries/modosu-1"
    staff.post("/staff/knowledge/draft", data=FIELDS | {"id": "modosu-1", "by": "田中", "is_new": "yes"})
    staff.post(f"{address}/submit", data={"by": "田中"})
    refused = staff.post(f"{address}/return", data={"by": " ", "note": why})
    assert (refused.status_code, "&lt;b&gt;条例第3条" in refused.text) == (422, True), "nothing typed is lost"
    assert "500字まで" in staff.post(f"{address}/return", data={"by": "佐藤", "note": "あ" * 501}).text
    assert staff.post(f"{address}/return", data={"by": "佐藤", "note": why}).status_code == 303
    for page in (address, f"{address}/edit", "/staff/knowledge?state=draft"):
        assert "&lt;b&gt;条例第3条" in staff.get(page).text, page
    staff.post("/staff/knowledge/draft", data=FIELDS | {"id": "modosu-1", "by": "田中", "answer": "条例第3条によります。"})
    now, _, history = staff.get(address).text.partition("これまでの版")
    assert ("納期の根拠" in now, "納期の根拠" in history) == (False, True)
    assert "納期の根拠" in run_madoguchi("kb", "history", "modosu-1", "--kb", "soo", home=home).stdout


def test_what_can_t_be_saved_is_said_and_nothing_typed_is_lost(staff: TestClient) -> None:
    typed = FIELDS | {"id": "tako-2", "audience": "everybody", "by": "田中", "is_new": "yes"}
    reply = staff.post("/staff/knowledge/draft", data=typed)
    assert reply.status_code == 422
    assert "公開範囲は" in reply.text
    assert FIELDS["answer"] in reply.text
    never = {"audience": "resident", "valid_from": "2027-01-01", "valid_until": "2026-01-01"}
    assert "終了日が開始日より前です。" in staff.post("/staff/knowledge/draft", data=typed | never).text
    taken = staff.post("/staff/knowledge/draft", data=typed | {"id": "moving-01", "audience": "resident"})
    assert "もうあります" in taken.text
    assert "お名前を" in staff.post("/staff/knowledge/draft", data=typed | {"by": " ", "audience": "staff"}).text


def test_markup_in_an_entry_is_shown_and_never_run(staff: TestClient) -> None:
    fields = FIELDS | {"id": "tako-3", "question": "<script>alert(1)</script>", "by": "<b>x</b>", "is_new": "yes"}
    staff.post("/staff/knowledge/draft", data=fields)
    page = staff.get("/staff/knowledge/entries/tako-3").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "<b>x</b>" not in page


def test_a_version_saved_after_the_page_was_opened_is_not_approved_with_it(staff: TestClient) -> None:
    entry = FIELDS | {"id": "tako-7", "by": "田中"}
    address = "/staff/knowledge/entries/tako-7"
    staff.post("/staff/knowledge/draft", data=entry | {"is_new": "yes"})
    staff.post(f"{address}/submit", data={"by": "田中", "seen": "1"})
    assert '<input type="hidden" name="seen" value="2">' in staff.get(address).text
    staff.post("/staff/knowledge/draft", data=entry | {"is_new": "no", "answer": "書きかけの回答です。"})
    reply = staff.post(f"{address}/approve", data={"by": "佐藤", "seen": "2"})
    assert (reply.status_code, "新しい版が保存されました" in reply.text) == (422, True)
    assert "公開中" not in staff.get(address).text


def test_every_version_is_read_in_full_and_an_old_one_comes_back_by_one_button(staff: TestClient) -> None:
    entry, address = FIELDS | {"id": "tako-9", "by": "田中"}, "/staff/knowledge/entries/tako-9"
    staff.post("/staff/knowledge/draft", data=entry | {"paraphrases": "凧揚げ", "source_title": "庁舎管理規則", "is_new": "yes"})
    staff.post("/staff/knowledge/draft", data=entry | {"answer": "揚げられません。"})
    page = staff.get(address).text
    first = page[page.index("第1版 下書き") :]
    for part in ("凧揚げ", "庁舎管理規則", FIELDS["answer"], "住民向け"):
        assert part in first
    assert page.count("新しい下書きにする</button>") == 1, "the last version is there already"
    restored = staff.post(f"{address}/restore", data={"by": "鈴木", "seen": "2", "number": "1"})
    assert restored.headers["location"] == f"{address}?saved=1"
    assert "庁舎管理規則" in staff.get(address).text.partition("これまでの版")[0]
    assert staff.post(f"{address}/restore", data={"by": "鈴木", "number": "9"}).status_code == 404


def test_who_approves_sees_what_differs_from_what_answers(staff: TestClient) -> None:
    address = "/staff/knowledge/entries/moving-02"
    old = staff.get(f"{address}/edit").text
    question = re.search(r'name="question"[^>]*>\n(.*?)</textarea>', old, re.DOTALL)
    answer = re.search(r'name="answer"[^>]*>\n(.*?)</textarea>', old, re.DOTALL)
    assert question
    assert answer
    changed = {"question": question[1], "answer": "新しい回答です。", "audience": "resident", "id": "moving-02", "by": "田中"}
    staff.post("/staff/knowledge/draft", data=changed)
    page = staff.get(address).text
    assert "公開中の版（第1版）との違い" in page
    assert "<ins>新しい回答です。</ins>" in page
    assert f"<del>{answer[1].splitlines()[0][:5]}" in page
    assert "との違い" not in staff.get("/staff/knowledge/entries/moving-03").text


@pytest.mark.parametrize(
    ("days", "name"),
    [
        ({"valid_from": "2026-01-01", "valid_until": "2026-01-31"}, "期限切れ"),
        ({"valid_from": "2999-01-01"}, "公開前"),
        ({"valid_from": "2026-01-01", "valid_until": "2999-01-31"}, "公開中"),
    ],
)
def test_an_approved_version_that_does_not_answer_at_this_hour_is_nowhere_said_to(
    staff: TestClient, days: dict[str, str], name: str
) -> None:
    entry_id = f"days-{len(days)}-{days['valid_from']}-{days.get('valid_until')}"
    address = f"/staff/knowledge/entries/{entry_id}"
    staff.post("/staff/knowledge/draft", data=FIELDS | days | {"id": entry_id, "by": "田中", "is_new": "yes"})
    for step in ("submit", "approve"):
        assert staff.post(f"{address}/{step}", data={"by": "田中"}).status_code == 303
    published(staff)
    pages = [staff.get(address).text]
    staff.post("/staff/knowledge/draft", data=FIELDS | days | {"id": entry_id, "by": "田中", "answer": "別の回答です。"})
    pages.append(staff.get(address).text)
    for page, said in zip(pages, (f"第3版 承認済み（{name}）", f"{name}の版（第3版）との違い"), strict=True):
        assert said in page
        assert [
            other for other in {"期限切れ", "公開前", "公開中"} - {name} if f"{other}）" in page or f"{other}の版" in page
        ] == []


def test_what_a_period_keeps_from_being_shown_is_said_before_it_is_approved(staff: TestClient) -> None:
    draft, address = "/staff/knowledge/draft", "/staff/knowledge/entries/kikan-1"
    fields = FIELDS | {"id": "kikan-1", "by": "田中", "question": "期間の札は何枚ですか。"}
    staff.post(draft, data=fields | {"valid_until": "令和2年3月31日", "is_new": "yes"})
    assert "公開終了日（2020年3月31日）が過ぎているため、承認しても、どの窓口にも出ません" in staff.get(address).text
    staff.post(draft, data=fields | {"valid_from": "2099-04-01 9:00"})
    assert "公開開始日（2099年4月1日 9時00分）までは、どの窓口にも出ません" in staff.get(address).text
    staff.post(draft, data=fields)
    staff.post(f"{address}/approve", data=fields)
    assert "どの窓口にも出ません" not in staff.get(address).text
    staff.post(draft, data=fields | {"valid_from": "2099-04-01"})
    page = staff.get(address).text
    assert "承認すると、今の回答がその日まで出なくなるため、このままでは承認できません" in page
    assert staff.post(f"{address}/approve", data=fields).status_code == 422, "residents go on getting what they get"
    copied = staff.get("/staff/knowledge/new?of=kikan-1")
    assert 'href="/staff/knowledge/new?of=kikan-1"' in page
    assert "期間の札は何枚ですか。" in copied.text
    assert 'value="kikan-1"' not in copied.text, "the number is the clerk's to give"
    staff.post(f"{address}/retire", data=fields)


def test_that_nothing_could_be_published_is_said_on_every_page_of_who_may_mend_it(
    staff: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(staff)  # what a test before this one began, which would be told instead
    assert "公開できていません" not in staff.get("/staff").text
    failed = Publication(stage=Stage.FAILED, error="項目を、その質問で見つけられません。")
    monkeypatch.setattr(staff.app.state.service.publisher, "_publication", failed)  # type: ignore[attr-defined]
    for page in ("/staff", "/staff/minutes", "/staff/knowledge/new"):
        assert "承認された回答を公開できていません" in staff.get(page).text
    page = staff.get("/staff/knowledge").text
    assert "公開できませんでした。項目を、その質問で見つけられません。" in page
    assert "もう一度公開する" in page
    assert "承認された回答を公開できていません" not in page, "said once"


@pytest.mark.parametrize("entry_id", ["100%", "a#1", "何番?", "a&b=c", "市民課/1"])
def test_an_entry_is_found_again_after_each_step_whatever_its_number(staff: TestClient, entry_id: str) -> None:
    saved = staff.post("/staff/knowledge/draft", data=FIELDS | {"id": entry_id, "by": "田中", "is_new": "yes"})
    address = saved.headers["location"].partition("?")[0]
    moved = staff.post(f"{address}/submit", data={"by": "田中"})
    assert moved.headers["location"] == f"{address}?done=submit"
    assert "確認を頼みました" in staff.get(moved.headers["location"]).text
    assert "確認を頼みました" not in staff.get(address).text
    assert staff.get(f"{address}/edit").status_code == 200


def test_what_answers_now_is_saved_as_a_table_that_an_import_takes_in_unchanged(staff: TestClient, tmp_path: Path) -> None:
    draft, entry = "/staff/knowledge/draft", "/staff/knowledge/entries/hozon-1"
    fields = FIELDS | {"id": "hozon-1", "by": "田中", "question": "保存する凧はどれですか。"}
    for path, data in (
        (draft, fields | {"is_new": "yes"}),
        (f"{entry}/approve", fields),
        (draft, fields | {"answer": "下書きです。"}),
    ):
        assert staff.post(path, data=data).status_code == 303

    def saved(q: str = "") -> dict[str, str]:
        reply = staff.get("/staff/knowledge/faq.csv", params={"q": q})
        assert reply.headers["content-disposition"].startswith("attachment") and reply.content.startswith(codecs.BOM_UTF8)
        (tmp_path / "faq.csv").write_bytes(reply.content)
        entries, refused = parse_faq(read_table(tmp_path / "faq.csv"))
        assert refused == []
        return {e.id: e.answer for e in entries}

    assert saved("保存する凧") == {"hozon-1": FIELDS["answer"]}
    assert saved().items() > {"hozon-1": FIELDS["answer"]}.items()
    assert "/staff/knowledge/faq.csv?q=" in staff.get("/staff/knowledge", params={"q": "保存する凧"}).text
    staff.post(f"{entry}/retire", data={"by": "田中"})
    assert "hozon-1" not in saved()


def test_an_answer_of_no_counter_s_department_is_told_of_before_it_is_published(staff: TestClient) -> None:
    for department, is_told in (("税金の係", True), ("税務課", False)):
        fields = FIELDS | {"id": f"kakari-{is_told}", "by": "田中", "is_new": "yes", "department": department}
        page = staff.get(staff.post("/staff/knowledge/draft", data=fields).headers["location"]).text
        assert ("窓口一覧に「税金の係」がない" in page) is is_told
    assert '<option value="税務課"></option>' in staff.get("/staff/knowledge/new").text


@pytest.mark.parametrize("entry_id", ["doc:guide.md:本文", "市民課/edit", ".", ".."])
@pytest.mark.parametrize("is_new", ["yes", "no"])
def test_no_new_entry_takes_the_number_of_a_passage_or_the_address_of_a_page(
    staff: TestClient, entry_id: str, is_new: str
) -> None:
    reply = staff.post("/staff/knowledge/draft", data=FIELDS | {"id": entry_id, "by": "田中", "is_new": is_new})
    assert (reply.status_code, "id は「" in reply.text) == (422, True)
    assert FIELDS["answer"] in reply.text


def test_a_passage_of_a_document_can_still_be_rewritten(staff: TestClient, home: Path, tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_text("# 凧の手引\n凧は昼に揚げます。\n", "utf-8")
    run_madoguchi("kb", "import", str(tmp_path / "guide.md"), "--kb", "soo", home=home)
    passage = FIELDS | {"id": "doc:guide.md:凧の手引", "audience": "staff", "by": "田中", "is_new": "no"}
    assert staff.post("/staff/knowledge/draft", data=passage).status_code == 303


@pytest.mark.timed
def test_a_draft_that_waits_for_the_database_keeps_nobody_else_waiting(home: Path) -> None:
    app = create_app(Settings(home=home, alexa_verify=False, staff_password=PASSWORD))
    engine = app.state.service.database

    async def meanwhile() -> tuple[float, int]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await client.post("/staff/login", data={"password": PASSWORD})
            draft = FIELDS | {"id": "tako-8", "by": "田中", "is_new": "yes"}
            with engine.connect() as busy:
                busy.exec_driver_sql("BEGIN IMMEDIATE")  # as an import does
                saving = asyncio.create_task(client.post("/staff/knowledge/draft", data=draft))
                await asyncio.sleep(0.2)
                began = time.monotonic()
                await client.get("/healthz")
                waited_s = time.monotonic() - began
                busy.rollback()
            return waited_s, (await saving).status_code

    try:
        waited_s, saved = asyncio.run(asyncio.wait_for(meanwhile(), 60))
    finally:
        engine.dispose()
    assert saved == 303
    assert waited_s < 5, "SQLite would wait for half a minute"


def test_what_is_read_out_of_an_older_answer_is_pointed_out_where_the_answer_was_changed(staff: TestClient) -> None:
    """Also once it is approved, while the number is still read out."""
    fields = FIELDS | {"id": "yomi-1", "question": "凧の届出は、いつまでにすればよいですか。", "by": "佐藤"}
    fields |= {"answer": "14日前までに届け出てください。", "speech": "14日前までに届け出てください。"}
    page = "/staff/knowledge/entries/yomi-1"
    assert staff.post("/staff/knowledge/draft", data=fields).status_code == 303
    assert "のままです" not in staff.get(page).text
    changed = fields | {"answer": "30日前までに届け出てください。"}
    seen = re.search(r'name="seen" value="([^"]+)"', staff.get(f"{page}/edit").text)
    assert seen
    assert staff.post("/staff/knowledge/draft", data=changed | {"seen": seen[1]}).status_code == 303
    told = "読み上げ文は第1版のままです。「14日」は、今の回答にありません。"
    assert told in staff.get(page).text
    for name in ("submit", "approve"):
        assert staff.post(f"{page}/{name}", data={"by": "佐藤"}).status_code == 303
    assert told in staff.get(page).text
    assert staff.post(f"{page}/retire", data={"by": "佐藤"}).status_code == 303
