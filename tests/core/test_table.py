"""Promises of reading tables: whatever a clerk saved, the same text comes out, or a sentence says how to save it."""

from __future__ import annotations

import time
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from kb_kit import COLUMNS, ROWS, csv_text, write_csv, write_xlsx
from openpyxl import Workbook

import core.table
from core.errors import InvalidInput, NotFound, TooLarge, UnreadableTable
from core.table import read_book, read_table

CELLS = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "iso2022_jp"])
def test_csv_in_every_usual_encoding_gives_the_same_text(tmp_path: Path, encoding: str) -> None:
    table = read_table(write_csv(tmp_path / "faq.csv", encoding=encoding))
    assert table.columns == COLUMNS
    assert [r.cells for r in table.rows] == [{k: v.replace("\r\n", "\n") for k, v in c.items()} for c in CELLS]


def test_excel_gives_the_same_text_as_csv(tmp_path: Path) -> None:
    assert [r.cells for r in read_table(write_xlsx(tmp_path / "faq.xlsx", list(ROWS))).rows] == CELLS


def test_characters_that_only_windows_has_survive(tmp_path: Path) -> None:
    row = ("①", "髙﨑さんと㈱の～", "Ⅲ号様式―", *[""] * 6)
    assert list(read_table(write_csv(tmp_path / "faq.csv", [row], encoding="cp932")).rows[0].cells.values())[:2] == list(row[:2])


def test_excel_dates_and_numbers_are_read_as_a_person_would_type_them(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [
        (1, 2.0, 2.5, True, timedelta(hours=26), None, "staff", date(2026, 4, 1), datetime(2027, 3, 31, tzinfo=None))  # noqa: DTZ001  # Excel knows no zone,
    ]
    cells = read_table(write_xlsx(tmp_path / "faq.xlsx", rows)).rows[0].cells
    assert [cells[c] for c in ("id", "question", "answer", "paraphrases", "category", "valid_from", "valid_until")] == [
        "1",
        "2",
        "2.5",
        "TRUE",
        "26:00",
        "2026-04-01",
        "2027-03-31",
    ]


def test_a_line_break_of_windows_in_a_workbook_is_no_text(tmp_path: Path) -> None:
    """Excel keeps it as _x000D_, and a text that has these very letters as _x005F_x000D_."""
    book = Workbook()
    for row in (("質問", "回答"), ("ごみの日は", "月曜_x000D_\n木曜"), ("型番は", "_x005F_x000D_")):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert [r.cells["回答"] for r in read_table(tmp_path / "a.xlsx").rows] == ["月曜\r\n木曜", "_x000D_"]


def test_row_numbers_are_those_of_the_spreadsheet(tmp_path: Path) -> None:
    empty = ("",) * len(COLUMNS)
    rows = [ROWS[0], empty, ROWS[1], ROWS[2]]
    assert "\n" in ROWS[0][2]
    for path in (write_csv(tmp_path / "faq.csv", rows), write_xlsx(tmp_path / "faq.xlsx", list(rows))):
        assert [r.number for r in read_table(path).rows] == [2, 4, 5]


def test_a_comma_outside_quotes_does_not_go_unnoticed(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("id,question,answer\n1,問い,持ち物は印鑑,通帳です。\n2,問い,答え,,\n", "utf-8")
    assert [r.surplus for r in read_table(tmp_path / "faq.csv").rows] == [True, False]


def test_japanese_in_a_damaged_file_is_not_taken_for_another_encoding(tmp_path: Path) -> None:
    damaged = csv_text().encode()[:-40] + b"\xe3\x81"
    for head in (b"", b"\xef\xbb\xbf"):
        (tmp_path / "faq.csv").write_bytes(head + damaged)
        with pytest.raises(UnreadableTable, match="保存し直して"):
            read_table(tmp_path / "faq.csv")


def _broken(path: Path, kind: str) -> Path:
    write_xlsx(path, list(ROWS))
    whole = path.read_bytes()
    match kind:
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "flipped":
            path.write_bytes(whole[:200] + bytes(b ^ 0x55 for b in whole[200:1500]) + whole[1500:])
        case "csv":
            path.write_text(csv_text(), "utf-8")
        case "empty":
            path.write_bytes(b"")
        case "no-sheet" | "broken-xml" | "no-workbook":
            with zipfile.ZipFile(path) as z:
                parts = {n: z.read(n) for n in z.namelist()}
            sheet = "xl/worksheets/sheet1.xml"
            if kind == "no-sheet":
                del parts[sheet]
            elif kind == "broken-xml":
                parts[sheet] = parts[sheet][: len(parts[sheet]) // 2]
            else:
                del parts["xl/workbook.xml"]
            with zipfile.ZipFile(path, "w") as z:
                for name, content in parts.items():
                    z.writestr(name, content)
        case "zip":
            with zipfile.ZipFile(path, "w") as z:
                z.writestr("readme.txt", "x")
    return path


@pytest.mark.parametrize("kind", ["cut", "flipped", "csv", "empty", "no-sheet", "broken-xml", "no-workbook", "zip"])
def test_a_broken_excel_file_is_refused_in_one_sentence(tmp_path: Path, kind: str) -> None:
    path = _broken(tmp_path / "壊れた表.xlsx", kind)
    with pytest.raises(UnreadableTable, match=r"^ファイル 壊れた表\.xlsx .*。$"):
        read_table(path)


def test_a_workbook_with_a_password_is_said_to_have_one(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096))  # as Excel encrypts
    with pytest.raises(UnreadableTable, match=r"a\.xlsx は、パスワードが付いている"):
        read_table(tmp_path / "a.xlsx")


def test_a_workbook_that_unpacks_to_more_than_there_is_memory_for_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", list(ROWS))
    with zipfile.ZipFile(path) as z:
        parts = {n: z.read(n) for n in z.namelist()}
    begin, end = parts.pop("xl/worksheets/sheet1.xml").split(b"</sheetData>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        for name, content in parts.items():
            z.writestr(name, content)
        with z.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(begin + b'<row><c t="inlineStr"><is><t>')
            for _ in range(600):
                part.write(b"a" * 1_000_000)
            part.write(b"</t></is></c></row></sheetData>" + end)
    with pytest.raises(InvalidInput, match=r"a\.xlsx"):
        read_table(path)


def test_what_a_workbook_hides_is_not_read(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(("控え",))
    book.active.sheet_state = "hidden"
    book.create_sheet("一覧").append(("id",))
    book.save(tmp_path / "a.xlsx")
    assert read_table(tmp_path / "a.xlsx").columns == ("id",)


def test_a_workbook_of_nothing_but_charts_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.create_chartsheet()
    book.remove(book.worksheets[0])
    book.save(tmp_path / "chart.xlsx")
    with pytest.raises(UnreadableTable):
        read_table(tmp_path / "chart.xlsx")


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"\x00\x01\x02", "質問,回答".encode("utf-32"), b"PK\x03\x04" + bytes(50), b"\xd0\xcf\x11\xe0" + bytes(50)],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "faq.csv").write_bytes(content)
    with pytest.raises(UnreadableTable, match=r"faq\.csv"):
        read_table(tmp_path / "faq.csv")


def test_a_missing_file_and_a_folder_are_not_found(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(NotFound):
            read_table(path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.table, "MAX_BYTES", 10)
    with pytest.raises(TooLarge):
        read_table(write_csv(tmp_path / "faq.csv"))


def test_a_cell_of_megabytes_does_not_take_the_other_rows_with_it(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("id,question,answer\n1,a," + "あ" * 200_000 + "\n2,b,c\n", "utf-8")
    assert [r.fault for r in read_table(tmp_path / "faq.csv").rows] == ["answer の文章が長すぎます", None]


@pytest.mark.parametrize("text", ["u-1,質問です,答えです\n", "1,市民課,印鑑\n", "1,プール,ｱｲ\n"])
def test_a_short_table_in_euc_is_not_taken_for_one_of_windows(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_bytes(("id,question,answer\n" + text).encode("euc_jp"))
    assert ",".join(read_table(tmp_path / "a.csv").rows[0].cells.values()) == text.strip()


@pytest.mark.parametrize("text", ["1,ｺﾞﾐｽﾃﾙ,ﾏﾄﾞｸﾞﾁ", "1,者,者", "1,髙橋㈱,①"])
def test_a_short_table_of_windows_is_not_taken_for_one_in_euc(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_bytes(f"id,question,answer\n{text}\n".encode("cp932"))
    assert ",".join(read_table(tmp_path / "a.csv").rows[0].cells.values()) == text


@pytest.mark.parametrize(
    "rows", ['o-1,問い,"閉じない\no-2,問い2,答え2\n', 'o-1,問い,"あ"い"う"\n', 'o-1,問い,"閉じない\no-2,問い2,"答え2"\n']
)
def test_a_quotation_mark_left_open_swallows_no_rows_but_is_said_with_its_own(tmp_path: Path, rows: str) -> None:
    (tmp_path / "faq.csv").write_text('id,question,answer\no-0,問い,"二\n行"\n' + rows, "utf-8")
    with pytest.raises(UnreadableTable, match="3行目"):
        read_table(tmp_path / "faq.csv")


def test_text_under_no_column_name_is_said_and_an_empty_column_without_one_is_none(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("id,question,answer,,\n1,問い,答え,staff,\n2,問い,答え,,\n", "utf-8")
    said, fine = read_table(tmp_path / "faq.csv").rows
    assert "列名のない列" in str(said.fault)
    assert fine.fault is None


def test_of_two_values_of_one_name_in_json_none_wins(tmp_path: Path) -> None:
    (tmp_path / "faq.json").write_text('[{"id": "1", "audience": "staff", "audience": "resident"}]', "utf-8")
    with pytest.raises(UnreadableTable, match="同じ項目名が2つ"):
        read_table(tmp_path / "faq.json")


@pytest.mark.parametrize("value", ['{"a": 1}', '[["x"]]', "true", "NaN", "[null, Infinity]"])
def test_a_value_of_json_that_no_cell_could_hold_is_said_by_its_column(tmp_path: Path, value: str) -> None:
    (tmp_path / "faq.json").write_text(f'[{{"id": 1, "question": {value}}}, {{"id": 2.5, "question": ["a", null]}}]', "utf-8")
    said, fine = read_table(tmp_path / "faq.json").rows
    assert str(said.fault).startswith("question が文章でも数でも")
    assert (fine.fault, fine.cells) == (None, {"id": "2.5", "question": "a|"})


def test_a_column_named_twice_is_said_only_where_its_values_differ(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("id,備考,備考,備考\n1,同じ,同じ,同じ\n2,あ,あ,い\n", "utf-8")
    fine, said = read_table(tmp_path / "faq.csv").rows
    assert fine.fault is None
    assert str(said.fault).startswith("「備考」という列が2つ")


def test_many_columns_cost_no_more_than_their_cells(tmp_path: Path) -> None:
    columns = 5_000
    header, line = ",".join(f"列{n}" for n in range(columns)), ",".join("1" * columns)
    (tmp_path / "wide.csv").write_text("\n".join([header, *[line] * 20]), "utf-8")
    start = time.process_time()
    assert len(read_table(tmp_path / "wide.csv").rows) == 20
    assert time.process_time() - start < 3  # each with each took twenty times that


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_a_table_of_too_many_cells_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    rows = [f'{{"{n}": 1}}' for n in range(40)]
    (tmp_path / name).write_text(f"[{','.join(rows)}]" if name == "a.json" else f"{',' * 40}\n" * 40, "utf-8")
    monkeypatch.setattr(core.table, "MAX_CELLS", 1000)
    with pytest.raises(TooLarge, match=r"ファイル a\.\w+ は、行と列が多すぎます"):
        read_table(tmp_path / name)


def test_half_a_character_is_said_by_its_row_and_in_a_column_s_name_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"a": "x"}, {"a": "\\ud800"}]', "utf-8")
    assert [r.fault is None for r in read_table(tmp_path / "a.json").rows] == [True, False]
    (tmp_path / "a.json").write_text('[{"\\ud800": "x"}]', "utf-8")
    with pytest.raises(UnreadableTable, match="列名に使えない文字"):
        read_table(tmp_path / "a.json")


@pytest.mark.parametrize("sign", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["cp932", "utf-8-sig", "utf-16"])
def test_cells_are_told_apart_by_what_the_program_put_between_them(tmp_path: Path, sign: str, encoding: str) -> None:
    lines = ("よくある質問", f"質問{sign}回答", f'いくら{sign}"300円{sign}後払い, 可; \t"')
    (tmp_path / "faq.csv").write_bytes("\r\n".join(lines).encode(encoding))
    table = read_table(tmp_path / "faq.csv", lambda header: "回答" in header.columns)
    assert [row.cells for row in table.rows] == [{"質問": "いくら", "回答": f"300円{sign}後払い, 可;"}]


@pytest.mark.parametrize("title", ["よくある質問;市民課", "よくある質問\t市民課", "よくある質問 1,200件"])
@pytest.mark.parametrize("sign", [",", "\t", ";"])
def test_a_title_above_a_table_does_not_say_what_stands_between_its_cells(tmp_path: Path, title: str, sign: str) -> None:
    rows = f'いくら{sign}"300円\n; 後払い; 可,\n\t; など"\nどこ{sign}{" ".join({*",;"} - {sign})}本庁\n'
    (tmp_path / "faq.csv").write_text(f"{title}\n質問{sign}回答\n{rows}", "utf-8")
    assert read_table(tmp_path / "faq.csv", lambda header: "回答" in header.columns).columns == ("質問", "回答")


def test_a_hidden_row_is_told_by_its_number_and_a_hidden_column_by_its_name(tmp_path: Path) -> None:
    book = Workbook()
    for row in (("質問", "回答", "公開範囲", "空"), ("金庫は", "総務課", "職員"), ("裏口は", "守衛", "職員"), ("犬は", "環境課")):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    for column in "CD":
        book.active.column_dimensions[column].hidden = True
    book.create_sheet("控え").sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx")
    assert [(row.number, "非表示の行" in (row.wrong or "")) for row in table.rows] == [(2, False), (3, True), (4, False)]
    assert table.hidden == ("公開範囲",)
    assert read_book(tmp_path / "a.xlsx").hidden == ("控え",)


def test_rows_that_are_merged_from_end_to_end_are_one(tmp_path: Path) -> None:
    book = Workbook()
    for row in (("質問", "回答"), ("金庫は", "総務課"), (), ("裏口は", "守衛"), (None, " ")):
        book.active.append(row)
    for area in ("A1:A1", "A2:A3", "B2:B3", "A4:A5", "B4:B5"):
        book.active.merge_cells(area)
    book.save(tmp_path / "a.xlsx")
    assert [(row.number, *row.cells.values()) for row in read_table(tmp_path / "a.xlsx").rows] == [
        (2, "金庫は", "総務課"),
        (4, "裏口は", "守衛"),
    ]


def test_names_of_columns_that_are_repeated_on_each_page_are_no_row(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("質問,回答\nいくら,300円\n質問, 回答\nいつ,平日\n", "utf-8")
    assert [row.cells["質問"] for row in read_table(tmp_path / "faq.csv").rows] == ["いくら", "いつ"]


def test_a_cell_that_is_merged_over_several_rows_is_said_of_all_of_them(tmp_path: Path) -> None:
    book = Workbook()
    rows = [
        ("よくある質問",),
        ("質問", "回答", "公開範囲"),
        (),
        ("金庫は", "総務課", "職員"),
        ("裏口は", "守衛"),
        ("住民票は", "市民課", "住民"),
    ]
    for row in rows:
        book.active.append(row)
    for area in ("A1:C1", "A2:A3", "B2:B3", "C2:C3", "C4:C5"):
        book.active.merge_cells(area)
    book.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx", lambda header: "回答" in header.columns)
    assert [(row.number, *row.cells.values()) for row in table.rows] == [
        (4, "金庫は", "総務課", "職員"),
        (5, "裏口は", "守衛", "職員"),
        (6, "住民票は", "市民課", "住民"),
    ]
