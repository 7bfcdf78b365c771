"""Promises of imports: a folder is taken in as it is reached, a file whole or not at all; and of `kb ready`: an empty home gets
the sample, an older one the tables that came later, a city's own nothing of it."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from kb_kit import JAPANESE, NOON, ROWS, write_csv, write_xlsx
from openpyxl import Workbook
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from core.audience import Audience
from core.confined import run_confined
from core.database import open_database
from core.errors import InvalidInput, UnreadableTable
from core.settings import CHECKOUT, Settings
from retrieval.given import Options, files_in
from retrieval.importing import FileReport, Importer, missing
from retrieval.originals import Sent
from retrieval.repository import Repository
from retrieval.revisions import Revisions, State
from retrieval.schema import originals
from retrieval.sending import Sendings
from server.commands.kb import kb
from server.import_report import Told
from server.parts import Parts
from tests.conftest import run_madoguchi

SAMPLE = sorted(f for pattern in ("faq/*.csv", "*.csv", "garbage/*.csv") for f in (CHECKOUT / "samples" / "soo").glob(pattern))
FAQ = [f for f in SAMPLE if f.parent.name == "faq"]


def taken_in(engine: Engine, files: list[Path]) -> Repository:
    repository = Repository(engine)
    for path in files:
        Importer(repository, "soo", lambda: NOON, Options()).take(path, path.name)
    return repository


def test_an_empty_home_gets_everything(engine: Engine) -> None:
    assert missing(Repository(engine), "soo", SAMPLE) == SAMPLE


def test_a_home_with_an_older_sample_gets_the_tables_that_it_lacks(engine: Engine) -> None:
    later = {"facilities.csv", "duty_doctors.csv"}
    repository = taken_in(engine, [f for f in SAMPLE if f.name not in later])
    assert {f.name for f in missing(repository, "soo", SAMPLE)} == later
    repository = taken_in(engine, [f for f in SAMPLE if f.name in later])
    assert missing(repository, "soo", SAMPLE) == []


def test_what_was_retired_does_not_come_back_and_a_city_s_own_knowledge_gets_nothing(engine: Engine, tmp_path: Path) -> None:
    assert not set(missing(taken_in(engine, FAQ[:-1]), "soo", SAMPLE)) & set(FAQ)
    own = Repository(engine)
    Importer(own, "own", lambda: NOON, Options()).take(write_csv(tmp_path / "own.csv"), "own.csv")
    assert missing(own, "own", SAMPLE) == []


def test_a_document_for_one_department_needs_its_name() -> None:
    with pytest.raises(InvalidInput, match="担当課"):
        Options(confined=True)


def test_a_workbook_of_one_department_is_refused_for_others_with_the_reason(engine: Engine, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "滞納整理.xlsx", [("封筒を三日以内に送ります。", "納税係")], columns=("手順", "担当"))
    kept = Options(department="税務課", confined=True)
    Importer(Repository(engine), "soo", lambda: NOON, kept).take(path, path.name)
    for other in (Options(), Options(department="福祉課", confined=True)):
        with pytest.raises(InvalidInput, match="税務課の職員だけ"):
            Importer(Repository(engine), "soo", lambda: NOON, other).take(path, path.name)
    assert Importer(Repository(engine), "soo", lambda: NOON, kept).take(path, path.name).report.added == 0


def test_a_name_that_differs_in_the_width_of_its_slash_is_the_same_document(engine: Engine, tmp_path: Path) -> None:
    """The ids of passages don't tell them apart: the other would take the place of what a department keeps to itself."""
    (tmp_path / "a.txt").write_text("税務規則\n第1条　査定は秘密とする。\n", "utf-8")
    repository, kept = Repository(engine), Options(department="税務課", confined=True)
    Importer(repository, "soo", lambda: NOON, kept).take(tmp_path / "a.txt", "税務課/規則.txt")
    assert repository.confined_to("soo", "税務課／規則.txt") == "税務課"
    with pytest.raises(InvalidInput, match="税務課の職員だけ"):
        Importer(repository, "soo", lambda: NOON, Options()).take(tmp_path / "a.txt", "税務課／規則.txt")
    done = Importer(repository, "soo", lambda: NOON, kept).take(tmp_path / "a.txt", "税務課／規則.txt")
    assert (done.report.added, done.namesakes, len(repository.load_sources("soo"))) == (0, (), 1)


def test_a_folder_that_is_reached_through_a_link_is_taken_in(tmp_path: Path) -> None:
    (tmp_path / "disk" / "city" / "inner").mkdir(parents=True)
    write_csv(tmp_path / "disk" / "city" / "inner" / "faq.csv")
    (tmp_path / "disk" / "city" / "elsewhere").symlink_to(tmp_path / "disk" / "city" / "inner")
    (tmp_path / "data").symlink_to(tmp_path / "disk")
    assert [file.name for file in files_in(tmp_path / "data" / "city", Options())] == ["inner/faq.csv"]


def test_a_file_whose_columns_mean_the_same_is_named(engine: Engine, tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "二重.xlsx", [("1", "問い", "答え", "住民", "職員")], columns=("id", "質問", "回答", "audience", "公開範囲")
    )
    with pytest.raises(InvalidInput, match=r"^ファイル 二重\.xlsx の中に、.*: audience、公開範囲。"):
        Importer(Repository(engine), "soo", lambda: NOON, Options()).take(path, path.name)
    assert Repository(engine).load("soo") == []


TITLE = ("よくある質問一覧", *[""] * (len(JAPANESE) - 1))
EMPTY = ("",) * len(JAPANESE)


@pytest.mark.parametrize("above", [[TITLE], [EMPTY, TITLE, EMPTY], [TITLE] * 9])
@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_a_faq_under_a_title_is_a_faq_and_staff_matters_stay_with_staff(
    engine: Engine, tmp_path: Path, write: Callable[..., Path], above: list[tuple[str, ...]]
) -> None:
    path = write(tmp_path / ("a.csv" if write is write_csv else "a.xlsx"), [*above[1:], JAPANESE, *ROWS], columns=above[0])
    done = Importer(Repository(engine), "kb", lambda: NOON, Options(audience=Audience.RESIDENT)).take(path, path.name)
    assert (done.kind, done.report.refused) == ("faq", ())
    assert {e.id: e.audience.value for e in done.entries} == {"a-1": "resident", "a-2": "resident", "a-3": "staff"}


def test_a_table_of_the_city_under_a_title_is_that_table(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("難読地名一覧\n\nsurface,reading\n曽於,そお\n", "utf-8")
    assert Importer(Repository(engine), "kb", lambda: NOON, Options()).take(tmp_path / "a.csv", "a.csv").kind == "readings"


FAQ_COLUMNS = ("番号", "質問", "回答", "公開範囲")


@pytest.mark.parametrize(
    "sheets",
    [
        {"表紙": [("よくある質問",)], "職員": [FAQ_COLUMNS, ("1", "問い", "答え", "職員")]},
        {"一覧": [("説明",)] * 10 + [FAQ_COLUMNS, ("1", "問い", "答え", "職員")]},
        {"一覧": [("題名",), ("No.", "問い合わせ", "答え", "公開範囲（住民・職員）"), ("1", "問い", "答え", "職員")]},
    ],
)
def test_a_workbook_whose_rows_say_who_may_read_them_is_never_a_document(
    engine: Engine, tmp_path: Path, sheets: dict[str, list[tuple[str, ...]]]
) -> None:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InvalidInput, match=r"^ファイル a\.xlsx のシート「.+」の\d+行目は、FAQ の列名のよう"):
        Importer(Repository(engine), "kb", lambda: NOON, Options(audience=Audience.RESIDENT)).take(tmp_path / "a.xlsx", "a.xlsx")
    assert Repository(engine).load("kb") == []


def test_a_folder_with_nothing_to_take_in_is_said(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run_madoguchi("kb", "import", str(tmp_path / "empty"), "--kb", "kb", home=home, check=False)
    assert (done.returncode, done.stderr.strip()) == (
        1,
        "登録できるファイルが見つかりません。指定したフォルダの中を確かめてください。",
    )


def test_the_name_of_a_file_is_told_in_the_encoding_of_windows_too(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "規則").mkdir()
    file = os.fsencode(tmp_path / "規則") + b"/" + "窓口の手引き.md".encode("cp932")
    Path(os.fsdecode(file)).write_text("# 鍵の場所\n鍵は棚にあります。\n", "utf-8")
    (given,) = files_in(tmp_path / "規則", Options())
    assert given.name == "窓口の手引き.md"
    repository = Repository(engine)
    Importer(repository, "kb", lambda: NOON, Options()).take(given.path, given.name)
    assert [source.name for source in repository.load_sources("kb")] == ["窓口の手引き.md"]


@pytest.mark.parametrize("name", [b"a\nb.md", b"a\tb.csv", b"\x81\xff.md"])
def test_a_name_that_no_list_can_tell_is_refused_and_the_other_files_are_taken_in(
    home: Path, tmp_path: Path, name: bytes
) -> None:
    (tmp_path / "in").mkdir()
    for file in (name, b"z.md"):
        Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/" + file)).write_text("# 鍵の場所\n鍵は棚にあります。\n", "utf-8")
    done = run_madoguchi("kb", "import", str(tmp_path / "in"), "--kb", "kb", home=home, check=False)
    assert done.returncode == 1
    assert "読み取れない文字か改行があります" in done.stderr
    assert "z.md(文書): 追加 1" in done.stdout


def test_of_ten_thousand_unknown_columns_a_few_are_named(engine: Engine, tmp_path: Path) -> None:
    columns = ",".join(["id", "question", "answer", *(f"列{n}" for n in range(10_000))])
    (tmp_path / "wide.csv").write_text(f"{columns}\n", "utf-8")
    with pytest.raises(UnreadableTable, match="列9 ほか9990列。") as refused:
        Importer(Repository(engine), "kb", lambda: NOON, Options()).take(tmp_path / "wide.csv", "wide.csv")
    assert len(refused.value.message) < 400


def test_a_second_file_of_one_name_does_not_replace_the_first_unseen(home: Path, tmp_path: Path) -> None:
    for folder, day in (("a", "月曜日"), ("b", "火曜日")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "当番.md").write_text(f"# 当番\n当番は{day}です。\n", "utf-8")
    given = [str(tmp_path / folder) for folder in ("a", "a", "b")]
    done = run_madoguchi("kb", "import", *given, "--kb", "kb", home=home, check=False)
    assert done.returncode == 1
    assert "同じ名前のファイル 当番.md" in done.stderr
    assert (done.stdout.count("追加 1"), done.stdout.count("変更なし 1"), done.stdout.count("なくなった 0")) == (1, 1, 2)


def test_a_fault_in_one_file_is_a_sentence_and_what_came_before_it_is_served(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Importer.take

    def fail(importer: Importer, path: Path, name: str) -> FileReport:
        if name == "b.csv":
            raise PermissionError(13, "Permission denied")
        return take(importer, path, name)

    monkeypatch.setattr(Importer, "take", fail)
    for name in ("a.csv", "b.csv"):
        write_csv(tmp_path / name)
    files = [str(tmp_path / name) for name in ("a.csv", "b.csv")]
    done = CliRunner().invoke(kb, ["import", *files, "--kb", "kb"], env={"MADOGUCHI_HOME": str(home)})
    assert done.exit_code == 1
    assert "ファイル b.csv: 読み書きする権限がありません" in done.output
    knowledge = Parts(Settings(home=home)).knowledge
    assert not knowledge.is_behind("kb")
    assert knowledge.search(ROWS[0][1], "kb", audience=Audience.RESIDENT).hits[0].entry.id == "a-1"


def test_who_imported_by_command_stands_in_the_history_of_what_came(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "当番.md"
    for day, by in (("月", ("--by", "佐藤")), ("火", ())):
        path.write_text(f"# 当番\n当番は{day}曜日です。\n", "utf-8")
        run_madoguchi("kb", "import", str(path), "--kb", "kb", *by, home=home)
    entry_id = run_madoguchi("kb", "list", "--kb", "kb", home=home).stdout.split("\t")[0]
    first, second = run_madoguchi("kb", "history", entry_id, "--kb", "kb", home=home).stdout.splitlines()
    assert "ファイル「当番.md」から登録（佐藤）" in first
    assert f"ファイル「当番.md」から登録（{getpass.getuser()}(コマンド)）" in second
    assert "（佐藤）" not in run_madoguchi("kb", "show", entry_id, "--kb", "kb", home=home).stdout


def test_drafts_that_came_by_command_are_approved_together_and_their_document_takes_the_place_of_the_one_before(
    home: Path, tmp_path: Path
) -> None:
    path, options = tmp_path / "当番.md", ("--kb", "soo", "--by", "佐藤")
    path.write_text("# 当番\n\n## 第1条（日）\n\n当番は月曜日です。\n\n## 第2条（鍵）\n\n鍵は棚にあります。\n", "utf-8")
    run_madoguchi("kb", "import", str(path), *options, home=home)
    path.write_text("# 当番\n\n## 第1条（日）\n\n当番は火曜日です。\n", "utf-8")
    done = run_madoguchi("kb", "import", str(path), *options, "--state", "draft", home=home)
    found = re.search("/staff/knowledge/sent/([0-9a-f]{32}) ", done.stdout)
    assert found is not None
    engine = open_database(Settings(home=home))
    repository, sendings = Repository(engine), Sendings(engine)
    (changed,) = (i for i in sendings.held("soo", found[1])["当番.md"])
    assert len(repository.of_document("soo", "当番.md")) == 2
    sendings.approve("soo", {changed: 2}, by="田中", at=NOON)
    assert repository.of_document("soo", "当番.md") == [changed]
    engine.dispose()


@pytest.mark.parametrize("kind", ["faq", "readings"])
def test_what_a_file_holds_and_the_file_itself_are_kept_together_or_not_at_all(engine: Engine, tmp_path: Path, kind: str) -> None:
    repository = Repository(engine)
    with engine.begin() as c:
        originals.drop(c)  # the file can't be kept
    path = write_csv(tmp_path / "faq.csv", ROWS)
    if kind == "readings":
        path.write_text("surface,reading\n曽於,そお\n", "utf-8")
    with pytest.raises(sa.exc.OperationalError):
        Importer(repository, "kb", lambda: NOON, Options()).take(path, path.name)
    assert repository.load("kb") == []
    assert repository.load_table("kb", "readings") == []


def test_every_sheet_of_a_workbook_that_is_a_faq_is_taken_in_and_the_others_are_named(engine: Engine, tmp_path: Path) -> None:
    """A city keeps one sheet a department; rows that are refused are told with their sheet."""
    book = Workbook()
    book.active.title = "市民課"
    sheets = {
        "市民課": [("番号", "質問", "回答"), ("a-1", "転入の届出は。", "14日以内に市民課へ。")],
        "税務課": [
            ("税務課のよくある質問",),
            ("番号", "質問", "回答", "公開範囲"),
            ("b-1", "督促の手順は。", "20日以内に送ります。", "職員"),
            ("a-1", "納税証明は。", "税務課へ。", ""),
            ("b-2", "口座振替は。", "", ""),
        ],
        "更新履歴": [("2026年4月1日", "作成")],
        "空": [],
    }
    for title, rows in sheets.items():
        sheet = book[title] if title in book.sheetnames else book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.create_sheet("作業用").sheet_state = "hidden"
    book.save(tmp_path / "faq.xlsx")
    repository = Repository(engine)
    done = Importer(repository, "kb", lambda: NOON, Options()).take(tmp_path / "faq.xlsx", "faq.xlsx")
    assert {s.entry.id: s.entry.audience for s in repository.load("kb")} == {"a-1": Audience.RESIDENT, "b-1": Audience.STAFF}
    assert done.unread == ("更新履歴",)
    assert [r.place for r in done.report.refused] == ["シート「税務課」の4行目", "シート「税務課」の5行目"]


def test_a_sheet_with_a_column_that_is_not_known_refuses_the_workbook_and_is_named(engine: Engine, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(("番号", "質問", "回答"))
    book.active.append(("a-1", "転入の届出は。", "14日以内に市民課へ。"))
    further = book.create_sheet("税務課")
    further.append(("番号", "質問", "回答", "公開の範囲"))
    further.append(("b-1", "督促の手順は。", "20日以内に送ります。", "職員"))
    book.save(tmp_path / "faq.xlsx")
    repository = Repository(engine)
    with pytest.raises(InvalidInput, match="シート「税務課」の中に、知らない列名があります: 公開の範囲"):
        Importer(repository, "kb", lambda: NOON, Options()).take(tmp_path / "faq.xlsx", "faq.xlsx")
    assert repository.load("kb") == []


def test_numbers_of_a_workbook_are_taken_in_as_its_cells_show_them(engine: Engine, tmp_path: Path) -> None:
    book = Workbook()
    for row in (("番号", "質問", "回答", "公開開始日"), (12, "手数料はいくらですか。", 1200, date(2026, 4, 1))):
        book.active.append(row)
    for place, form in (("A2", "0000"), ("C2", '#,##0"円"')):
        book.active[place].number_format = form
    book.save(tmp_path / "faq.xlsx")
    (entry,) = Importer(Repository(engine), "soo", lambda: NOON, Options()).take(tmp_path / "faq.xlsx", "faq.xlsx").entries
    assert (entry.id, entry.answer, entry.valid_from) == ("0012", "1,200円", date(2026, 4, 1))


@pytest.mark.parametrize(("columns", "most"), [(JAPANESE[:3], 1), (("品目", "金額", "備考"), 2)])
def test_a_workbook_is_opened_once_as_a_table_and_once_more_as_a_document(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: tuple[str, ...], most: int
) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [("a-1", "机の手数料はいくらですか。", "500円です。")], columns=columns)
    opened: list[str] = []

    def run(function: str, file: Path, **how: Any) -> object:
        opened.append(function)
        return run_confined(function, file, **how)

    monkeypatch.setattr("core.table.run_confined", run)
    monkeypatch.setattr("retrieval.importing.run_confined", run)
    assert Importer(Repository(engine), "soo", lambda: NOON, Options()).take(path, "a.xlsx").entries
    assert len(opened) == most


@pytest.mark.parametrize("state", [State.APPROVED, State.DRAFT])
def test_two_departments_that_number_from_one_do_not_write_over_each_other(engine: Engine, tmp_path: Path, state: State) -> None:
    head = "番号,質問,回答\n"
    ours, theirs = tmp_path / "市民課.csv", tmp_path / "税務課.csv"
    ours.write_text(head + "1,転入届はいつまでに出しますか,引っ越した日から14日以内に届け出てください。\n", "utf-8")
    theirs.write_text(
        head + "1,納税証明書はどこで取れますか,税務課の窓口でお渡しします。\n2,口座振替の申し込みは,銀行でどうぞ。\n", "utf-8"
    )
    importer = Importer(repository := Repository(engine), "test", lambda: NOON, Options(state=state))
    importer.take(ours, ours.name)
    report = importer.take(theirs, theirs.name).report
    assert (report.added, [r.row for r in report.refused]) == (1, [2])
    assert "id「1」は、別の質問が使っています" in report.refused[0].reason
    ours.rename(renamed := tmp_path / "市民課（新）.csv")
    renamed.write_text(head + "1,転入届はいつまでに出しますか,30日以内です。\n", "utf-8")
    assert importer.take(renamed, renamed.name).report.changed == ("1",), "the same question in a file of another name"
    forced = Importer(repository, "test", lambda: NOON, Options(state=state, overwrite=True)).take(theirs, theirs.name).report
    assert forced.changed == ("1",)


def test_what_came_with_a_later_draft_of_a_file_is_written_anew_with_that_file(engine: Engine, tmp_path: Path) -> None:
    head, sendings, revisions = "番号,質問,回答\n", Sendings(engine), Revisions(engine)
    rows = (
        "1,転入届はいつまでに出しますか,引っ越した日から14日以内に届け出てください。\n",
        "2,納税証明書はどこで取れますか,税務課の窓口です。\n",
    )
    path = tmp_path / "faq.csv"
    for key, content in (("a", rows[0]), ("b", "".join(rows)), ("c", rows[0] + "2,口座振替の申し込みは,銀行でどうぞ。\n")):
        path.write_text(head + content, "utf-8")
        options = Options(state=State.DRAFT, sent=Sent(key=key, by="田中"))
        done = Importer(Repository(engine), "test", lambda: NOON, options).take(path, path.name)
        sendings.approve("test", {i: len(revisions.history("test", i)) for i in done.report.written}, by="佐藤", at=NOON)
    assert (done.report.changed, done.report.refused) == (("2",), ())


@pytest.mark.parametrize(("name", "asked"), [("職員用/総務.csv", True), ("職員採用.csv", False)])
def test_a_file_whose_name_names_staff_says_so_of_its_rows(engine: Engine, tmp_path: Path, name: str, asked: bool) -> None:
    (tmp_path / "a.csv").write_text("番号,質問,回答,公開範囲\n1,金庫は,総務課,\n2,犬は,環境課,住民\n", "utf-8")
    done = Importer(Repository(engine), "test", lambda: NOON, Options()).take(tmp_path / "a.csv", name)
    assert ["上に「ファイル名 職員用/" in r.reason for r in done.report.refused] == [True] * asked


def test_what_a_workbook_hides_is_not_taken_in_and_told(engine: Engine, tmp_path: Path) -> None:
    book, path = Workbook(), tmp_path / "faq.xlsx"
    rows = [
        ("番号", "質問", "回答", "公開範囲"),
        (1, "犬の登録は", "環境課です", "住民"),
        (2, "金庫の番号は", "総務課へ", "職員"),
    ]
    for sheet in [book.active, book.create_sheet("旧版")]:
        for row in rows:
            sheet.append(row)
    book["旧版"].sheet_state = "hidden"
    book.active.row_dimensions[3].hidden = True
    book.save(path)
    importer = Importer(repository := Repository(engine), "test", lambda: NOON, Options())
    notes = Told.of(importer.take(path, path.name)).notes
    assert ["シート「旧版」は、非表示のため" in notes[0], "3行目: 非表示の行です" in notes[1], len(notes)] == [True, True, 2]
    assert [s.entry.id for s in repository.load("test")] == ["1"]
    book.active.column_dimensions["D"].hidden = True
    book.save(path)
    with pytest.raises(InvalidInput, match="非表示の列（公開範囲）に文章があります"):
        importer.take(path, path.name)


def test_a_file_takes_no_answer_away_before_its_own_begins(engine: Engine, tmp_path: Path) -> None:
    """A draft may: it is not approved while an answer would be lacking. What answers nothing now loses nothing either."""
    head, row = "番号,質問,回答,公開開始日\n", "{},手数料はいくらですか,{},{}\n"
    path, repository = tmp_path / "a.csv", Repository(engine)

    def taken(answer: str, begins: str, state: State = State.APPROVED, *, number: str = "1") -> FileReport:
        path.write_text(head + "2,犬の登録は,環境課です,\n" + row.format(number, answer, begins), "utf-8")
        return Importer(repository, "test", lambda: NOON, Options(state=state)).take(path, path.name)

    taken("300円です", "")
    refused = taken("350円です", "2099-04-01").report.refused
    assert [(r.row, "今の回答がその日まで出なくなります" in r.reason) for r in refused] == [(3, True)]
    assert repository.served("test", ["1"])["1"].answer == "300円です"
    assert taken("350円です", "2099-04-01", number="3").report.added == 1
    done = taken("350円です", "2099-04-01", State.DRAFT)
    assert done.report.changed == ("1",)
    with pytest.raises(InvalidInput, match="項目「1」は公開開始日が先のため"):
        Sendings(engine).approve("test", {"1": 2}, by="佐藤", at=NOON)
    assert repository.served("test", ["1"])["1"].answer == "300円です"


def test_a_document_that_takes_the_place_of_quite_another_one_of_its_name_says_so(engine: Engine, tmp_path: Path) -> None:
    importer, path = Importer(Repository(engine), "test", lambda: NOON, Options()), tmp_path / "手引.txt"
    texts = (
        "市民課の手引\n転入届は14日以内です。",
        "市民課の手引\n転入届は30日以内です。",
        "税務課の手引\n納税証明書は300円です。",
    )
    told = []
    for text in texts:
        path.write_text(text, "utf-8")
        told.append(Told.of(importer.take(path, path.name)).notes)
    assert told[:2] == [(), ()]
    assert ["文書「市民課の手引」は、この文書に替わると" in note for note in told[2]] == [True]
