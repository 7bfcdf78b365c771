"""Promises of Word and Excel: what a reader sees is taken in, with the numbers and forms that the program shows."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.table import Table
from kb_kit import Opened
from openpyxl import Workbook

from retrieval.documents import office
from retrieval.documents.block import Block, tidy
from retrieval.documents.office import read_docx, read_xlsx

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

W = (
    f'{nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
BOX = "<w:txbxContent><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:txbxContent>"
BESIDE_PARAGRAPHS = {
    "a field that is filled in": (
        "<w:r><w:t>申請は</w:t></w:r><w:sdt><w:sdtContent><w:r><w:t>4月1日</w:t></w:r></w:sdtContent></w:sdt><w:r><w:t>まで</w:t></w:r>",
        ["申請は4月1日まで"],
    ),
    "a field that nobody has filled in": (
        "<w:r><w:t>申請は</w:t></w:r><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>ここに入力</w:t></w:r></w:sdtContent></w:sdt>",
        ["申請は"],
    ),
    "a tracked change": (
        "<w:r><w:t>手数料は</w:t></w:r><w:del><w:r><w:delText>300</w:delText></w:r></w:del><w:ins><w:r><w:t>400</w:t></w:r></w:ins><w:r><w:t>円</w:t></w:r>",
        ["手数料は400円"],
    ),
    "words moved": (
        "<w:moveFrom><w:r><w:t>古い場所</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>新しい場所</w:t></w:r></w:moveTo>",
        ["新しい場所"],
    ),
    "a place that Word has recognised": (
        "<w:smartTag><w:r><w:t>曽於市</w:t></w:r></w:smartTag><w:r><w:t>役所</w:t></w:r>",
        ["曽於市役所"],
    ),
    "a formula": (
        "<w:r><w:t>額は</w:t></w:r><m:oMath xmlns:m='http://schemas.openxmlformats.org/officeDocument/2006/math'><m:r><m:t>A×2</m:t></m:r></m:oMath>",
        ["額はA×2"],
    ),
    "a reading above a word": (
        "<w:r><w:ruby><w:rt><w:r><w:t>そお</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>曽於</w:t></w:r></w:rubyBase></w:ruby></w:r><w:r><w:t>市</w:t></w:r>",
        ["曽於市"],
    ),
    "a text box, and the same again for older programs": (
        "<w:r><w:t>本文</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>"
        + BOX.format("注意：午後4時まで")
        + "</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>"
        + BOX.format("注意：午後4時まで")
        + "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>",
        ["本文", "注意：午後4時まで"],
    ),
    "two text boxes of an older program": (
        "<w:r><w:pict><v:textbox>" + BOX.format("一つ目") + "</v:textbox></w:pict></w:r>"
        "<w:r><w:pict><v:textbox>" + BOX.format("二つ目") + "</v:textbox></w:pict></w:r><w:r><w:t>本文</w:t></w:r>",
        ["本文", "一つ目", "二つ目"],
    ),
}


@pytest.mark.parametrize(("content", "read"), BESIDE_PARAGRAPHS.values(), ids=BESIDE_PARAGRAPHS)
@pytest.mark.parametrize("where", ["paragraph", "field", "cell"])
def test_what_a_reader_of_word_sees_is_read_wherever_word_keeps_it(
    tmp_path: Path, content: str, read: list[str], where: str
) -> None:
    document = Document()
    paragraph = f"<w:p>{content}</w:p>"
    around = {
        "paragraph": f"<w:body {W}>{paragraph}</w:body>",
        "field": f"<w:body {W}><w:sdt><w:sdtContent>{paragraph}</w:sdtContent></w:sdt></w:body>",
        "cell": f"<w:body {W}><w:tbl><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc>{paragraph}</w:tc></w:tr></w:tbl></w:body>",
    }
    document.element.body.insert(0, parse_xml(around[where])[0])
    document.save(str(tmp_path / "a.docx"))
    assert [b.text for b in read_docx(tmp_path / "a.docx")[1] if b.text] == ([" ".join(read)] if where == "cell" else read)


def test_notes_of_word_stand_after_the_paragraph_that_they_are_about(tmp_path: Path) -> None:
    document = Document()
    for text, note in (("常勤の職員に限る", 5), ("手当を払う", 7)):
        reference = f'<w:r {nsdecls("w")}><w:footnoteReference w:id="{note}"/></w:r>'
        document.add_paragraph(text)._p.append(parse_xml(reference))
    notes = "".join(
        f'<w:footnote w:id="{n}"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>{t}</w:t></w:r></w:p></w:footnote>'
        for n, t in ((7, "月末に払う。"), (5, "再任用を含む。"))
    )
    part = Part(
        PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        f"<w:footnotes {nsdecls('w')}>{notes}</w:footnotes>".encode(),
        document.part.package,
    )
    document.part.relate_to(part, f"{RELATIONS}/footnotes")
    document.save(str(tmp_path / "a.docx"))
    assert [b.text for b in read_docx(tmp_path / "a.docx")[1]] == [
        "常勤の職員に限る（注1）",
        "注1 再任用を含む。",
        "手当を払う（注2）",
        "注2 月末に払う。",
    ]


def test_a_table_of_contents_of_word_is_no_text(tmp_path: Path) -> None:
    document = Document()
    contents = "<w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj></w:sdtPr>"
    field = f"<w:sdt {W}>{contents}<w:sdtContent><w:p><w:r><w:t>第1章 3</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    document.element.body.insert(0, parse_xml(field))
    document.add_paragraph("本文")
    document.save(str(tmp_path / "a.docx"))
    assert [b.text for b in read_docx(tmp_path / "a.docx")[1]] == ["本文"]


def fill(table: Table, texts: Sequence[str]) -> None:
    for cell, text in zip((c for row in table.rows for c in row.cells), texts, strict=True):
        cell.text = text


def test_merged_cells_of_word_say_what_all_their_rows_and_columns_are(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(rows=4, cols=3)
    cells = ("区分", "専決者", "", "", "課長", "部長", "委託料", "30万円", "90万円", "", "合議", "協議")
    fill(table, cells)
    for one, other in (((0, 0), (1, 0)), ((0, 1), (0, 2)), ((2, 0), (3, 0))):
        table.cell(*one).merge(table.cell(*other))
    document.save(str(tmp_path / "a.docx"))
    assert [b.text for b in read_docx(tmp_path / "a.docx")[1]] == [
        "区分: 委託料、専決者 課長: 30万円、専決者 部長: 90万円",
        "区分: 委託料、専決者 課長: 合議、専決者 部長: 協議",
    ]


def test_a_form_of_names_and_values_is_no_table_of_columns(tmp_path: Path) -> None:
    form = ("対象者", "市内に住む方", "補助額", "332,000円", "期限（必着。郵送も可）", "20日", "窓口", "市民課")
    compared = ("改正後", "改正前", "第2条　手数料は、350円とする。", "第2条　手数料は、300円とする。")
    document = Document()
    for cells in (form, compared):
        table = document.add_table(rows=len(cells) // 2, cols=2)
        fill(table, cells)
    document.save(str(tmp_path / "a.docx"))
    assert [b.text for b in read_docx(tmp_path / "a.docx")[1]] == [
        "対象者: 市内に住む方",
        "補助額: 332,000円",
        "期限（必着。郵送も可）: 20日",
        "窓口: 市民課",
        "改正後: 第2条 手数料は、350円とする。、改正前: 第2条 手数料は、300円とする。",
    ]


def test_blanks_of_a_form_are_not_filled_with_the_name_beside_them(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(rows=2, cols=4)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ("所属", "", "氏名", "", "行き先", "県庁", "", ""), strict=True
    ):
        cell.text = text
    document.save(str(tmp_path / "a.docx"))
    assert [b.text for b in read_docx(tmp_path / "a.docx")[1]] == ["所属、氏名", "行き先: 県庁"]


def test_a_table_of_what_was_and_what_becomes_of_it_says_which_is_which(tmp_path: Path) -> None:
    document = Document()
    rows = [
        ("改 正 後", "改 正 前"),
        ("第16条 手数料は、100円とする。", "第16条 手数料は、80円とする。"),
        ("第20条 削除", "第20条 300円"),
        ("別表 略", "別表 略"),
    ]
    table = document.add_table(rows=4, cols=2)
    for cell, text in zip((c for row in table.rows for c in row.cells), (t for row in rows for t in row), strict=True):
        cell.text = text
    document.save(str(tmp_path / "a.docx"))
    assert [b.text for b in read_docx(tmp_path / "a.docx")[1]] == [f"改 正 後: {new}、改 正 前: {old}" for new, old in rows[1:]]


def test_a_deleted_row_is_not_read_and_a_table_within_a_cell_is(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(rows=3, cols=3)
    cells = ("窓口", "時間", "備考", "本庁", "", "", "旧支所", "廃止", "")
    fill(table, cells)
    inner = table.cell(1, 1).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "平日", "8:30"
    table.rows[2]._tr.get_or_add_trPr().append(parse_xml(f'<w:del {nsdecls("w")} w:id="9"/>'))
    document.save(str(tmp_path / "a.docx"))
    assert [b.text for b in read_docx(tmp_path / "a.docx")[1]] == ["窓口: 本庁、時間: 平日: 8:30"]


def test_tables_within_cells_that_are_merged_over_many_columns_are_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, read = Document(), list[str]()

    def counted(text: str) -> str:
        read.append(text)
        return tidy(text)

    table = document.add_table(rows=1, cols=8)
    for _ in range(3):
        table = table.cell(0, 0).merge(table.cell(0, 7)).add_table(rows=1, cols=8)
    table.cell(0, 0).merge(table.cell(0, 7)).text = "押印は要りません。"
    document.save(str(tmp_path / "a.docx"))
    monkeypatch.setattr(office, "tidy", counted)
    assert [b.text for b in read_docx(tmp_path / "a.docx")[1]] == ["押印は要りません。"]
    assert len(read) == 4, "each cell once"


def sheet_of(path: Path, rows: list[tuple[object, ...]], *merged: str) -> list[str]:
    """What is read of a sheet."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    book.save(path)
    return [block.text for block in read_xlsx(path)[1]]


def test_tables_titles_and_notes_of_one_sheet_are_told_apart(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [
        ("窓口の手数料", None, None),
        (None, None, "令和8年4月1日現在"),
        ("区分", "証明", "手数料"),
        ("戸籍", "謄本", 450),
        ("※郵送は定額小為替",),
        ("戸籍", "抄本", 450),
        (),
        ("■住民票",),
        ("住民票", "世帯全員", 300),
        (),
        ("税の証明",),
        ("種類", "手数料"),
        ("所得", 300),
        ("納税", 300),
    ]
    assert sheet_of(tmp_path / "a.xlsx", rows) == [
        "窓口の手数料",
        "令和8年4月1日現在",
        "区分: 戸籍、証明: 謄本、手数料: 450",
        "※郵送は定額小為替",
        "区分: 戸籍、証明: 抄本、手数料: 450",
        "■住民票",
        "区分: 住民票、証明: 世帯全員、手数料: 300",
        "税の証明",
        "種類: 所得、手数料: 300",
        "種類: 納税、手数料: 300",
    ]


def test_years_side_by_side_name_their_columns(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [("区分", 2025, 2026), ("人口", 33000, 32500), ("世帯", 16000, 15900)]
    assert sheet_of(tmp_path / "a.xlsx", rows) == [
        "区分: 人口、2025: 33000、2026: 32500",
        "区分: 世帯、2025: 16000、2026: 15900",
    ]


def test_a_form_on_squared_paper_keeps_its_sentences_whole(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [("記入要領",), (), (), (1, None, "楷書で書く。"), (2, None, "委任状を付ける。"), ()]
    rows += [("届出期間", None, None, "14日以内"), ("必要なもの", None, None, "印鑑、通帳")]
    assert sheet_of(tmp_path / "a.xlsx", rows, "A1:F2", "C4:F4", "C5:F5", "A7:C7", "D7:F7") == [
        "記入要領",
        "1 楷書で書く。",
        "2 委任状を付ける。",
        "届出期間: 14日以内",
        "必要なもの: 印鑑、通帳",
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


def test_columns_that_are_hidden_side_by_side_are_not_taken_in(tmp_path: Path) -> None:
    book = Workbook()
    for row in (("品目", "手数料", "内規", "暗証番号", "備考"), ("机", "300円", "甲", "1234", "乙")):
        book.active.append(row)  # type: ignore[union-attr]  # a new workbook has a sheet
    book.active.column_dimensions.group("C", "D", hidden=True)  # type: ignore[union-attr]
    book.save(tmp_path / "a.xlsx")
    assert read_xlsx(tmp_path / "a.xlsx")[1] == [Block(text="品目: 机、手数料: 300円、備考: 乙")]


def test_a_workbook_too_large_to_be_held_whole_is_still_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "_READ_WHOLE_BYTES", 0)
    told = [b.text for b in read_xlsx(workbook(tmp_path / "a.xlsx"))[1]]
    assert told[0] == "手数料の表"
    assert any("品目: 机、手数料: 1,500円" in line for line in told)


def shape(row: int, text: str, hidden: str = "0") -> str:
    place = f"<xdr:from><xdr:col>1</xdr:col><xdr:row>{row}</xdr:row></xdr:from>"
    named = f"<xdr:nvSpPr><xdr:cNvPr id='{row}' name='図形' hidden='{hidden}'/></xdr:nvSpPr>"
    body = f"<xdr:txBody><a:p><a:r><a:t>{text[:2]}</a:t></a:r><a:r><a:t>{text[2:]}</a:t></a:r></a:p></xdr:txBody>"
    return f"<xdr:oneCellAnchor>{place}<xdr:sp>{named}{body}</xdr:sp></xdr:oneCellAnchor>"


def with_boxes(path: Path, *shapes: str) -> Path:
    """A workbook of two sheets, the second with shapes over its cells, as Excel writes them."""
    book = Workbook()
    book.active.title = "表紙"  # type: ignore[union-attr]  # a new workbook has a sheet
    sheet = book.create_sheet("手順")
    sheet.append(["1", "申請書を受け取る"])
    book.save(path)
    names = 'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    names += 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    relation = f'<Relationship Id="rId1" Type="{RELATIONS}/drawing" Target="../drawings/drawing1.xml"/>'
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr("xl/drawings/drawing1.xml", f"<xdr:wsDr {names}>{''.join(shapes)}</xdr:wsDr>")
        namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
        packed.writestr("xl/worksheets/_rels/sheet2.xml.rels", f'<Relationships xmlns="{namespace}">{relation}</Relationships>')
    return path


def test_boxes_over_the_cells_of_excel_are_read_after_them_from_top_to_bottom(tmp_path: Path) -> None:
    path = with_boxes(tmp_path / "a.xlsx", shape(9, "下の注意"), shape(2, "上の注意"), shape(5, "隠した図形", hidden="1"))
    assert [b.text for b in read_xlsx(path)[1] if b.text] == ["表紙", "手順", "1 申請書を受け取る", "上の注意", "下の注意"]


def test_a_workbook_whose_parts_have_other_names_is_read_without_boxes(tmp_path: Path) -> None:
    with zipfile.ZipFile(with_boxes(tmp_path / "a.xlsx", shape(2, "上の注意"))) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as packed:
        for name, content in parts.items():
            renamed = content if name.startswith("xl/worksheets") else content.replace(b"workbook.xml", b"book.xml")
            packed.writestr(name.replace("workbook.xml", "book.xml"), renamed)
    assert [b.text for b in read_xlsx(tmp_path / "b.xlsx")[1] if b.text] == ["表紙", "手順", "1 申請書を受け取る"]
