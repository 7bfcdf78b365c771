"""Promises of the page that takes files in: for staff, drafts answer nobody, each file is told of, others' own stays theirs."""

from __future__ import annotations

import errno
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy.exc import OperationalError

from core.clock import now
from core.errors import DiskFull, MadoguchiError
from core.settings import Settings
from retrieval.importing import FileReport, Importer
from retrieval.knowledge import Knowledge
from retrieval.revisions import Revisions
from retrieval.sending import Sendings
from server.app import create_app
from server.parcel import MOST_IN_ARCHIVES
from server.routes.imports import MOST_FILES
from server.routes.knowledge import address
from tests.conftest import copy_knowledge, make_home
from tests.retrieval.document_kit import excel_file
from tests.server.test_parcel import packed

PASSWORD, OF_TAX = "himitsu", "zeimu-no-himitsu"
PAGE = "/staff/knowledge/import"
RULE = "# 庁舎凧揚げ要綱\n\n## 第1条（届出）\n\n庁舎の屋上で凧を揚げるときは、3日前までに総務課に届け出る。\n"
FAQ = "id,question,answer,audience\ntako-9,庁舎の屋上で凧を揚げてもよいですか。,届け出れば揚げられます。,resident\n"
ASKED = "庁舎の屋上で凧を揚げてもよいですか。"

LogIn = Callable[[str], TestClient]


@pytest.fixture(scope="module")
def client(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home = make_home(tmp_path_factory.mktemp("imports") / "home")
    copy_knowledge(sample_home, home)
    app = create_app(Settings(home=home, alexa_verify=False, staff_password=PASSWORD, department_passwords={"税務課": OF_TAX}))
    yield TestClient(app, follow_redirects=False)
    app.state.service.publisher.stop()
    app.state.service.database.dispose()


@pytest.fixture
def as_who(client: TestClient) -> LogIn:
    def log_in(password: str) -> TestClient:
        client.cookies.clear()
        assert client.post("/staff/login", data={"password": password}).status_code == 303
        return client

    return log_in


@pytest.fixture
def staff(as_who: LogIn) -> TestClient:
    return as_who(PASSWORD)


def send(client: TestClient, *files: tuple[str, str | bytes], **chosen: str) -> Response:
    return client.post(PAGE, files=[("files", file) for file in files], data={"by": "佐藤"} | chosen)


def published(client: TestClient) -> None:
    end = time.monotonic() + 60
    while client.get("/api/staff/knowledge/state").json()["stage"] == "preparing":
        assert time.monotonic() < end
        time.sleep(0.05)


def told(client: TestClient, who: str = "/api/ask", text: str = ASKED) -> str:
    return str(client.post(who, json={"text": text}).json()["answer"])


def test_strangers_and_other_sites_send_nothing(client: TestClient) -> None:
    client.cookies.clear()
    assert client.get(PAGE).headers["location"] == "/staff/login"
    assert send(client, ("faq.csv", FAQ)).headers["location"] == "/staff/login"
    client.post("/staff/login", data={"password": PASSWORD})
    foreign = client.post(PAGE, files={"files": ("faq.csv", FAQ)}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403


def test_a_draft_answers_nobody_and_what_is_approved_answers_those_whom_it_is_for(staff: TestClient) -> None:
    page = send(staff, ("faq.csv", FAQ), ("要綱.md", RULE)).text
    assert "登録の結果（2個を登録）" in page
    assert "faq.csv（FAQ）" in page
    assert "追加 1、変更 0、変更なし 0、受け付けなかった行 0" in page
    assert "届け出れば" not in told(staff)
    page = send(staff, ("faq.csv", FAQ), ("要綱.md", RULE), state="approved").text
    assert "承認済みとして登録しました" in page
    published(staff)
    assert told(staff) == "届け出れば揚げられます。"
    assert "3日前" in told(staff, "/api/staff/ask", "庁舎凧揚げ要綱第1条")
    assert "3日前" not in told(staff, text="庁舎凧揚げ要綱第1条")


def test_nothing_is_built_while_files_are_taken_in(staff: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(Knowledge, "import_file", lambda self, _, kb, **__: seen.append(self.is_being_built(kb)))
    send(staff, ("a.md", RULE), ("b.md", RULE))
    assert seen == [True, True]


def test_each_file_is_told_of_and_a_bad_one_keeps_no_other_out(staff: TestClient) -> None:
    rows = FAQ.replace("tako-9", "tako-10") + "tako-10,二度目,同じ番号,resident\ntako-11,答えがない,,resident\n"
    page = send(
        staff, ("ok.csv", rows), ("写真.png", b"\x89PNG"), ("空.pdf", b""), ("ok.csv", FAQ), ("変.csv", b"\0"), state="approved"
    ).text
    assert "1個を登録、4個は登録していません" in page
    assert "ファイル 変.csv をCSVとして読み取れません" in page
    assert "追加 1、変更 0、変更なし 0、受け付けなかった行 2" in page
    assert "3行目: id「tako-10」が同じファイルの中で重なっています" in page
    assert "写真.png は登録できない種類です" in page
    assert "ファイル 空.pdf には何も書かれていません" in page
    assert "同じ名前のものがもう1つある" in page


def test_a_faq_of_which_no_row_can_be_taken_is_not_counted_as_taken(staff: TestClient) -> None:
    rows = "id,question,answer,audience\ntako-1,答えがない,,resident\ntako-2,,問いがない,resident\n"
    page = send(staff, ("faq.csv", rows), state="approved").text
    assert "登録の結果（0個を登録、1個は登録していません）" in page
    assert "2行目: 回答が空です、3行目: 質問が空です" in page


def test_a_workbook_that_is_sent_is_cited_by_its_own_name(staff: TestClient, tmp_path: Path) -> None:
    content = excel_file(tmp_path / "sent.xlsx").read_bytes()
    send(staff, ("凧の手数料.xlsx", content), state="approved")
    assert "凧の手数料 手数料一覧" in staff.get(address("doc:凧の手数料.xlsx:手数料一覧")).text


@pytest.mark.parametrize(
    ("name", "instead"),
    [("規則.rtf", "「Word 文書（.docx）」として"), ("表.XLS", "「Excel ブック（.xlsx）」として"), ("要綱.jtd", "PDF として")],
)
def test_an_older_form_is_refused_with_how_to_save_it(staff: TestClient, name: str, instead: str) -> None:
    page = send(staff, (name, b"old")).text
    assert f"ファイル {name} は登録できない種類です。" in page and f"{instead}保存し直してください。" in page


def test_a_fault_in_one_file_keeps_no_other_from_being_served_and_told_of(
    staff: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Importer.take

    def fail(importer: Importer, path: Path, name: str) -> FileReport:
        if name == "b.csv":
            raise RuntimeError("b")
        return take(importer, path, name)

    def compare(*_: object) -> None:
        raise OperationalError("embed", None, Exception("database is locked"))

    monkeypatch.setattr(Importer, "take", fail)
    monkeypatch.setattr(Knowledge, "overlaps", compare)
    rows = {n: f"id,question,answer\nkaji-{n},屋上の火事報知器{n}は何色ですか。,{n}番は橙色です。\n" for n in ("い", "ろ", "は")}
    page = send(staff, ("a.csv", rows["い"]), ("b.csv", rows["ろ"]), ("c.csv", rows["は"]), state="approved").text
    assert "登録の結果（2個を登録、1個は登録していません）" in page
    assert f"ファイル b.csv: {MadoguchiError.default}" in page
    assert "似た項目がほかにあるかを確かめられませんでした" in page
    published(staff)
    for n in "いは":
        assert told(staff, text=f"屋上の火事報知器{n}は何色ですか。") == f"{n}番は橙色です。"


def test_what_was_taken_in_is_served_though_the_disk_has_no_room_for_the_next_file(
    staff: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = shutil.copyfileobj

    def fill(source: IO[bytes], target: IO[bytes], size: int) -> None:
        if source.read(2) == b"##":
            raise OSError(errno.ENOSPC, "No space left on device")
        source.seek(0)
        copied(source, target, size)

    monkeypatch.setattr("server.parcel.shutil.copyfileobj", fill)
    rows = "id,question,answer\nmado-1,屋上の窓ふきはいつですか。,毎月一日です。\n"
    page = send(staff, ("窓.csv", rows), ("次.md", "## 次\n\n文章。\n"), state="approved").text
    assert f"ファイル 次.md: {DiskFull.default}" in page
    published(staff)
    assert told(staff, text="屋上の窓ふきはいつですか。") == "毎月一日です。"


def test_without_a_file_or_with_too_many_a_sentence_says_so(staff: TestClient) -> None:
    assert "登録するファイルを選んでください" in send(staff, ("", b"")).text
    many = send(staff, *((f"{i}.csv", FAQ) for i in range(MOST_FILES + 1))).text
    assert f"登録するファイルは、一度に{MOST_FILES}個までです" in many
    assert "登録するファイルを選んで" in staff.post(PAGE, data={"state": "approved"}).text
    assert "お名前を入力してください" in send(staff, ("faq.csv", FAQ), by="").text


def test_a_table_of_the_city_is_not_replaced_by_a_draft(staff: TestClient) -> None:
    page = send(staff, ("休止.csv", "名称,休止開始日,休止終了日\n曽於市クリーンセンター,2026/11/1,2027/12/31\n")).text
    assert "表に下書きはないため、登録しませんでした" in page
    pauses = staff.app.state.service.knowledge.repository.load_table("soo", "collection_pauses")  # type: ignore[attr-defined]
    assert [pause["休止終了日"] for pause in pauses] == ["2027/1/3"]


def test_what_a_department_keeps_to_itself_is_written_over_by_nobody_else(as_who: LogIn) -> None:
    secret = RULE.replace("凧", "極秘の凧")
    own = "id,question,answer,audience,department\ntako-12,屋上の鍵はどこですか。,税務課の棚です。,department,税務課\n"
    tax = as_who(OF_TAX)
    page = send(tax, ("内規.md", secret), ("内規.csv", own), readers="department", state="approved").text
    assert "登録の結果（2個を登録）" in page
    assert "追加 1、変更 0、変更なし 0、受け付けなかった行 0" in page
    assert "「担当課の職員だけ」を選ぶか" in send(tax, ("内規.md", RULE), readers="resident", state="approved").text
    published(tax)
    everybody = as_who(PASSWORD)
    assert "この名前では登録できません" in send(everybody, ("内規.md", RULE), state="approved").text
    taken = FAQ.replace("tako-9", "tako-12").replace("届け出れば", "誰でも")
    page = send(everybody, ("乗っ取り.csv", taken), state="approved", overwrite="yes").text
    assert "2行目: この番号の項目は、もうあります" in page
    assert "その課のパスワード" in send(everybody, ("内規2.csv", own), state="approved").text
    assert "その課のパスワード" in send(everybody, ("内規3.md", RULE), readers="department").text
    published(everybody)
    assert "3日前" in told(as_who(OF_TAX), "/api/staff/ask", "庁舎極秘の凧揚げ要綱第1条")
    assert "3日前" not in told(as_who(PASSWORD), "/api/staff/ask", "庁舎極秘の凧揚げ要綱第1条")


def test_of_documents_of_one_title_those_of_another_department_are_not_named(as_who: LogIn) -> None:
    rule, kept = RULE.replace("凧揚げ", "風鈴"), {"readers": "department", "state": "approved"}
    send(as_who(OF_TAX), ("フォルダ/税務課/督促者名簿の扱い.md", rule), **kept)
    assert "「税務課/督促者名簿の扱い.md」も答えに" in send(as_who(OF_TAX), ("フォルダ/税務課/風鈴.md", rule), **kept).text
    page = send(as_who(PASSWORD), ("風鈴.md", rule), state="approved").text
    assert "風鈴.md（文書）" in page
    assert "督促者" not in page
    assert "この名前では登録できません" in send(as_who(PASSWORD), ("税務課／風鈴.md", rule), state="approved").text
    published(as_who(PASSWORD))


def sent_page(report: str) -> str:
    found = re.search(r'"(/staff/knowledge/sent/[0-9a-f]+)"', report)
    assert found is not None
    return found[1]


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def test_the_drafts_of_a_document_are_approved_together_once_they_were_seen(staff: TestClient) -> None:
    rule = "# 屋上菜園要綱\n\n## 第1条（目的）\n\n屋上の菜園の使い方を定める。\n\n## 第2条（水やり）\n\n水やりは朝8時にする。\n"
    link = sent_page(send(staff, ("菜園.md", rule)).text)
    page = staff.get(link).text
    assert "水やりは朝8時にする" in page
    assert "承認されていないのは2件です" in page
    assert (
        f'<a href="{link}">菜園.md（下書き2件）</a>' in staff.get("/staff/knowledge").text
    )  # who approves is seldom who sent it
    assert staff.post(link, data={"by": "田中", "seen": "ほかの版"}).status_code == 422
    assert "お名前を入力してください" in staff.post(link, data={"seen": seen_on(page)}).text
    assert "水やり" not in told(staff, "/api/staff/ask", "屋上菜園要綱第2条")
    assert staff.post(link, data={"by": "田中", "seen": seen_on(page)}).status_code == 303
    published(staff)
    assert "8時" in told(staff, "/api/staff/ask", "屋上菜園要綱第2条")
    assert "承認を待つ下書きはありません" in staff.get(link).text
    assert link not in staff.get("/staff/knowledge").text
    passage = re.search(r'href="(/staff/knowledge/entries/[^"]+)"', page)
    assert passage is not None
    history = staff.get(passage[1]).text
    assert "ファイル「菜園.md」から登録（佐藤）" in history
    assert "田中" in history


@pytest.mark.parametrize("together", [True, False])
def test_a_document_that_waited_takes_the_place_of_the_one_before_it_when_its_drafts_are_approved(
    staff: TestClient, together: bool
) -> None:
    name = f"花壇{together}.md"
    before = "# 屋上花壇要綱\n\n## 第1条（花）\n\n花は赤にする。\n\n## 第2条（土）\n\n土は黒にする。\n"
    after = before.replace("赤", "白").split("## 第2条")[0]
    send(staff, (name, before), state="approved")
    send(staff, (name, before.replace("赤", "紫")))
    link = sent_page(send(staff, (name, after)).text)
    published(staff)
    repository = staff.app.state.service.knowledge.repository  # type: ignore[attr-defined]
    _, gone = repository.of_document("soo", name)
    page = staff.get(link).text
    assert "<ins>花は白にする。</ins>" in page
    assert "新しい文書にない箇所（1件）" in page
    if together:
        staff.post(link, data={"by": "田中", "seen": seen_on(page)})
    else:
        passage = re.search(r'href="(/staff/knowledge/entries/[^"]+)"', page)
        assert passage is not None
        staff.post(f"{passage[1]}/submit", data={"by": "田中"})
        staff.post(f"{passage[1]}/approve", data={"by": "田中"})
    published(staff)
    (left,) = repository.of_document("soo", name)
    assert repository.source_of("soo", left).content == after.encode()
    assert f"ファイル「{name}」に差し替え（田中）" in staff.get(address(gone)).text


@pytest.mark.parametrize("step", ["approve", "retire"])
def test_a_document_without_drafts_takes_no_place_before_somebody_saw_what_leaves(staff: TestClient, step: str) -> None:
    name, other = f"雨樋{step}.md", f"other-{step}"
    before = f"# 屋上雨樋要綱{step}\n\n## 第1条（樋）\n\n樋は銅にする。\n\n## 第2条（掃除）\n\n掃除は春にする。\n"
    send(staff, (name, before), state="approved")
    after = before.split("## 第2条", maxsplit=1)[0]
    link = sent_page(send(staff, (name, after)).text)
    row = f"id,question,answer\n{other},屋上の{step}の柵は何色ですか。,緑です。\n"
    send(staff, ("柵.csv", row), state="draft" if step == "approve" else "approved")
    if step == "approve":
        staff.post(f"/staff/knowledge/entries/{other}/submit", data={"by": "田中"})
    assert staff.post(f"/staff/knowledge/entries/{other}/{step}", data={"by": "田中"}).status_code == 303
    repository = staff.app.state.service.knowledge.repository  # type: ignore[attr-defined]
    first, second = repository.of_document("soo", name)
    assert repository.source_of("soo", first).content == before.encode()
    page = staff.get(link).text
    assert "新しい文書にない箇所（1件）" in page
    assert "お名前を入力してください" in staff.post(link, data={"seen": seen_on(page)}).text
    assert "新しい文書に替えて公開する" in page
    assert staff.post(link, data={"by": "田中", "seen": "ほかの箇所"}).status_code == 422
    assert repository.of_document("soo", name) == [first, second]
    assert staff.post(link, data={"by": "田中", "seen": seen_on(page)}).status_code == 303
    assert repository.of_document("soo", name) == [first]
    assert f"ファイル「{name}」に差し替え（田中）" in staff.get(address(second)).text
    assert repository.source_of("soo", first).content == after.encode()
    assert "新しい文書に替えて公開する" not in staff.get(link).text
    published(staff)


def test_what_is_approved_by_hand_brings_no_file_that_held_it_unchanged(staff: TestClient) -> None:
    before = "# 屋上物干要綱\n\n## 第1条（竿）\n\n竿は竹にする。\n\n## 第2条（時間）\n\n夕方に取り込む。\n"
    send(staff, ("物干.md", before), state="approved")
    send(staff, ("物干.md", before.split("## 第2条", maxsplit=1)[0]))
    service = staff.app.state.service  # type: ignore[attr-defined]
    repository, revisions = service.knowledge.repository, Revisions(service.database)
    first, _ = repository.of_document("soo", "物干.md")
    entry = repository.served("soo", [first])[first]
    revisions.draft("soo", replace(entry, answer="竿は木にする。"), by="田中", at=now())
    staff.post(f"/staff/knowledge/entries/{first}/submit", data={"by": "田中"})
    assert staff.post(f"/staff/knowledge/entries/{first}/approve", data={"by": "田中"}).status_code == 303
    assert len(repository.of_document("soo", "物干.md")) == 2
    published(staff)


def test_the_later_of_two_files_takes_the_place_though_the_earlier_brought_what_is_approved_last(staff: TestClient) -> None:
    before = "# 屋上温室要綱\n\n## 第1条（窓）\n\n窓は朝開ける。\n\n## 第2条（水）\n\n水は朝まく。\n"
    earlier, later = before.replace("朝", "昼"), before.replace("窓は朝", "窓は夜").replace("水は朝", "水は昼")
    send(staff, ("温室.md", before), state="approved")
    send(staff, ("温室.md", earlier))
    send(staff, ("温室.md", later))
    repository = staff.app.state.service.knowledge.repository  # type: ignore[attr-defined]
    passages = repository.of_document("soo", "温室.md")
    for passage in passages:
        staff.post(f"/staff/knowledge/entries/{passage}/submit", data={"by": "田中"})
        assert staff.post(f"/staff/knowledge/entries/{passage}/approve", data={"by": "田中"}).status_code == 303
    assert repository.source_of("soo", passages[0]).content == later.encode()
    published(staff)


def test_an_approved_answer_is_published_though_its_document_could_not_be_replaced(
    staff: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("settle", None, Exception("database is locked"))

    send(staff, ("鳩.csv", "id,question,answer\nhato-1,庁舎の屋上の鳩舎はどこですか。,東の隅です。\n"))
    staff.post("/staff/knowledge/entries/hato-1/submit", data={"by": "田中"})
    monkeypatch.setattr(Sendings, "settle", fail)
    with suppress(OperationalError):
        staff.post("/staff/knowledge/entries/hato-1/approve", data={"by": "田中"})
    published(staff)
    assert told(staff, "/api/staff/ask", "庁舎の屋上の鳩舎はどこですか。") == "東の隅です。"


def test_others_do_not_see_what_waits_of_a_department(as_who: LogIn) -> None:
    secret = "# 極秘の菜園\n\n## 第1条（目的）\n\n翡翠色の野菜を育てる。\n"
    link = sent_page(send(as_who(OF_TAX), ("極秘.md", secret), readers="department").text)
    page = as_who(OF_TAX).get(link).text
    assert "翡翠色" in page
    assert "極秘.md（下書き" in as_who(OF_TAX).get("/staff/knowledge").text
    assert "極秘.md" not in as_who(PASSWORD).get("/staff/knowledge").text
    other = as_who(PASSWORD).get(link)
    assert "翡翠色" not in other.text
    assert as_who(PASSWORD).post(link, data={"by": "田中", "seen": seen_on(page)}).status_code == 422
    assert as_who(PASSWORD).get("/staff/knowledge/sent/0123").status_code == 404


def test_what_goes_on_answering_beside_a_file_and_what_contradicts_it_is_told(staff: TestClient) -> None:
    rows = "id,question,answer\n12,屋上の鐘は何時に鳴りますか。,9時に鳴ります。\n13,屋上の旗は何色ですか。,青です。\n"
    send(staff, ("屋上.csv", rows), state="approved")
    again = send(staff, ("屋上.csv", rows.replace("\n12,", "\n0012,")), state="approved").text
    assert "項目「12」</a>も答えに使われています。このファイルに前はありましたが、今はありません。" in again
    other = rows.replace("\n12,", "\n012,").replace("\n13,", "\n14,").replace("9時", "10時")
    page = send(staff, ("ほか.csv", other), state="approved").text
    assert "新しく登録した項目と、番号の頭の「0」だけが違います" in page
    assert "同じことを尋ねていますが、回答が違います" in page
    assert 'href="/staff/knowledge/entries/0012"' in page
    published(staff)
    assert "食い違う回答があります" in staff.get("/staff/knowledge").text


class OfWindows(zipfile.ZipInfo):
    """A member whose name is written as Windows does."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the library calls it so
        return self.filename.encode("cp932"), self.flag_bits


def test_the_files_of_an_archive_and_of_a_folder_are_taken_in_one_by_one(staff: TestClient) -> None:
    members = {
        "例規/天窓要綱.md": RULE.replace("凧揚げ", "天窓"),
        "例規/.隠し.md": RULE,
        **dict.fromkeys(("例規/README.md", "例規/~$天窓要綱.docx", "例規/Thumbs.db", "__MACOSX/天窓要綱.md"), RULE),
        "例規/写真.png": "x",
    }
    page = send(staff, ("例規.zip", packed(members)), ("みんな/別/天窓.md", RULE.replace("凧揚げ", "別窓"))).text
    assert "例規/天窓要綱.md（文書）" in page
    assert "別/天窓.md（文書）" in page
    assert "写真.png は登録できない種類です" in page
    assert "2個を登録、1個は登録していません" in page


def test_names_in_an_archive_that_windows_made_are_read(staff: TestClient) -> None:
    page = send(staff, ("例規.zip", packed({"表/能登要綱.md": RULE.replace("凧揚げ", "能登")}, OfWindows))).text
    assert "表/能登要綱.md（文書）" in page


def test_an_archive_that_is_broken_too_full_or_too_large_is_refused_with_a_sentence(
    staff: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = packed({"a.md": RULE * 50})
    damaged = whole[:60] + bytes(40) + whole[100:]
    full = packed({f"{i}.md": RULE for i in range(MOST_IN_ARCHIVES + 1)})
    page = send(staff, ("壊れた.zip", whole[:-30]), ("傷.zip", damaged), ("多い.zip", full), ("ただの.zip", "これは違う")).text
    assert "0個を登録、4個は登録していません" in page
    assert "圧縮ファイル 壊れた.zip を読み取れません" in page
    assert "ファイル a.md は、圧縮ファイルの中で壊れています" in page
    assert f"合わせて{MOST_IN_ARCHIVES}個より多くなります" in page
    monkeypatch.setattr("server.routes.imports._MOST_BYTES", 10_000_000)
    bomb = packed({f"{i}.md": "あ" * 2_000_000 for i in range(3)})
    assert len(bomb) < 100_000
    assert "合わせて10 MB を超えます" in send(staff, ("爆弾.zip", bomb)).text
