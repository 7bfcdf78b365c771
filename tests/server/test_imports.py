"""Promises of the page that takes files in: for staff, drafts answer nobody, each file is told of, others' own stays theirs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from core.settings import Settings
from server.app import create_app
from server.routes.imports import MOST_FILES
from tests.conftest import copy_knowledge, make_home

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
    return client.post(PAGE, files=[("files", file) for file in files], data=chosen)


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


def test_each_file_is_told_of_and_a_bad_one_keeps_no_other_out(staff: TestClient) -> None:
    rows = FAQ.replace("tako-9", "tako-10") + "tako-10,二度目,同じ番号,resident\ntako-11,答えがない,,resident\n"
    page = send(staff, ("ok.csv", rows), ("写真.png", b"\x89PNG"), ("空.pdf", b""), ("ok.csv", FAQ), state="approved").text
    assert "1個を登録、3個は登録していません" in page
    assert "追加 1、変更 0、変更なし 0、受け付けなかった行 2" in page
    assert "3行目: id「tako-10」が同じファイルの中で重なっています" in page
    assert "写真.png は登録できない種類です" in page
    assert "ファイル 空.pdf を読み取れません" in page
    assert "同じ名前のものがもう1つある" in page


def test_without_a_file_or_with_too_many_a_sentence_says_so(staff: TestClient) -> None:
    assert "登録するファイルを選んでください" in send(staff, ("", b"")).text
    many = send(staff, *((f"{i}.csv", FAQ) for i in range(MOST_FILES + 1))).text
    assert f"登録するファイルは、一度に{MOST_FILES}個までです" in many
    assert "登録するファイルを選んで" in staff.post(PAGE, data={"state": "approved"}).text


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
