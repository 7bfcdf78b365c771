"""Promises of Word and Excel: what a reader sees is taken in, with the numbers and forms that the program shows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from kb_kit import Opened
from openpyxl import Workbook

from retrieval.documents import office
from retrieval.documents.block import Block
from retrieval.documents.office import read_docx, read_xlsx
from retrieval.documents.passages import split

ARTICLES = (("decimal", "第%1条"), ("decimalFullWidth", "%2"), ("aiueo", "%3"))


def numbered(path: Path, *paragraphs: tuple[int, str]) -> Path:
    """A Word file of paragraphs in one list, each with its level there."""
    document = Document()
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="{2 if n == 1 else 1}"/>'
        f'<w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (form, text) in enumerate(ARTICLES)
    )
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="900">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="900"><w:abstractNumId w:val="900"/></w:num>'))
    for level, text in paragraphs:
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        place = f'<w:ilvl w:val="{level}"/><w:numId w:val="900"/>'
        properties.append(parse_xml(f"<w:numPr {nsdecls('w')}>{place}</w:numPr>"))
    document.save(str(path))
    return path


def test_articles_that_word_numbers_itself_are_cited_by_their_numbers(tmp_path: Path) -> None:
    path = numbered(
        tmp_path / "a.docx", (0, "休暇を定める。"), (0, "次による。"), (1, "項です。"), (2, "号です。"), (0, "定める。")
    )
    found = {p.article: p.text for p in split(read_docx(path)[1])}
    assert found == {
        "第1条": "第1条 休暇を定める。",
        "第2条": "第2条 次による。\n２ 項です。\nア 号です。",
        "第3条": "第3条 定める。",
    }


def test_lists_of_word_keep_their_numbers_and_marks(tmp_path: Path) -> None:
    document = Document()
    for text, style in (("申し出る", "List Number"), ("返す", "List Number"), ("印鑑", "List Bullet"), ("以上", "Normal")):
        document.add_paragraph(text, style=style)
    document.save(str(tmp_path / "a.docx"))
    assert [b.text for b in read_docx(tmp_path / "a.docx")[1]] == ["1. 申し出る", "2. 返す", "・印鑑", "以上"]


def test_merged_cells_of_word_say_what_all_their_rows_and_columns_are(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(rows=4, cols=3)
    cells = ("区分", "専決者", "", "", "課長", "部長", "委託料", "30万円", "90万円", "", "合議", "協議")
    for cell, text in zip((c for row in table.rows for c in row.cells), cells, strict=True):
        cell.text = text
    for one, other in (((0, 0), (1, 0)), ((0, 1), (0, 2)), ((2, 0), (3, 0))):
        table.cell(*one).merge(table.cell(*other))
    document.save(str(tmp_path / "a.docx"))
    assert [b.text for b in read_docx(tmp_path / "a.docx")[1]] == [
        "区分: 委託料、専決者 課長: 30万円、専決者 部長: 90万円",
        "区分: 委託料、専決者 課長: 合議、専決者 部長: 協議",
    ]


def workbook(path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    for row in (
        ("手数料の表", None, None, None),
        ("区分", "品目", "手数料", None),
        (None, None, "平日", "休日"),
        ("大型", "机", 1500, 0.5),
        (None, "いす", 300.10000000000002, date(2026, 9, 30)),
        ("滞納", "庁内", 1, 1),
    ):
        sheet.append(row)
    for area in ("A1:D1", "A2:A3", "B2:B3", "C2:D2", "A4:A5"):
        sheet.merge_cells(area)
    for place, form in (("C4", '#,##0"円"'), ("D4", "0%"), ("C5", "General")):
        sheet[place].number_format = form
    sheet.row_dimensions[6].hidden = True
    book.save(path)
    return path


def test_cells_of_excel_are_read_as_they_are_shown(tmp_path: Path) -> None:
    assert read_xlsx(workbook(tmp_path / "a.xlsx"))[1] == [
        Block(text="手数料の表"),
        Block(text="区分: 大型、品目: 机、手数料 平日: 1,500円、手数料 休日: 50%"),
        Block(text="区分: 大型、品目: いす、手数料 平日: 300.1、手数料 休日: 2026年9月30日"),
    ]


def test_a_workbook_is_called_as_its_file_and_each_sheet_that_has_a_name_cited(opened: Opened, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(("施設", "使用料"))
    book.active.append(("大ホール", 3000))
    sheet = book.create_sheet("補助金")
    sheet.append(("名称", "補助率"))
    sheet.append(("空き家解体", 0.5))
    book.save(tmp_path / "料金.xlsx")
    titles = [e.source_title for e in opened().import_file(tmp_path / "料金.xlsx", "test").entries]
    assert titles == ["料金", "料金 補助金"]


def test_a_workbook_too_large_to_be_held_whole_is_still_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "_READ_WHOLE_BYTES", 0)
    told = [b.text for b in read_xlsx(workbook(tmp_path / "a.xlsx"))[1]]
    assert told[0] == "手数料の表"
    assert any("品目: 机、手数料: 1,500円" in line for line in told)
