"""Promises of a city's own Word file: its places are filled in, its form stays, nothing in it acts on who opens it."""

from __future__ import annotations

import io
import tempfile
import zipfile
from base64 import b64decode
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsmap, qn

from asr.audio import Channels
from asr.recording import accepted
from asr.transcript import Segment, Transcript
from core.blobs import Blob
from core.clock import JST
from core.confined import run_confined
from core.errors import InvalidInput
from core.passing import Passing
from minutes.head import Head
from minutes.meeting import Meeting
from minutes.point import Kind, Point, Quote, Wording
from minutes.record import Extent, Record
from minutes.template import filled


def record(extent: Extent = Extent.FULL) -> Record:
    at = datetime(2026, 11, 22, tzinfo=JST)
    recording = accepted(
        Blob(id="r.wav", size_bytes=1, sha256="0"), file_name="会議.wav", channels=Channels.MIXED, speakers=2, at=at
    )
    said = (("市長", "始めます。{{場所}}"), ("課長", "説明します。"), ("市長", "決定します。"))
    segments = tuple(Segment(start_s=i, end_s=i + 1, text=t, speaker=who) for i, (who, t) in enumerate(said))
    quote = Quote(text="決定します。", start_s=2)
    task = Wording(text="調べる。", who="財政課", due="次回")
    return Record(
        meeting=Meeting(title="庁議", held_on=date(2026, 11, 20), recording=recording),
        transcript=Transcript(segments=segments, duration_s=3, elapsed_s=1, model="m", device="cpu"),
        head=Head(place="第1会議室"),
        points=(
            Point(id=1, kind=Kind.DECISION, wording=Wording(text="始める。"), quote=quote),
            Point(id=2, kind=Kind.TASK, wording=task, quote=quote),
        ),
        extent=extent,
    )


PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")


@pytest.fixture
def template(tmp_path: Path) -> Callable[[Any], Path]:
    def save(document: Any) -> Path:
        document.save(tmp_path / "hinagata.docx")
        return tmp_path / "hinagata.docx"

    return save


def texts(content: bytes) -> list[str]:
    return [p.text for p in Document(io.BytesIO(content)).paragraphs]


def test_places_are_filled_in_wherever_they_stand_and_keep_their_form(template: Callable[[Any], Path], passing: Passing) -> None:
    document = Document()
    paragraph = document.add_paragraph("会議録 ")
    for piece in ("{{会", "議名}", "}"):  # as Word saves what was typed in several goes
        paragraph.add_run(piece)
    document.add_paragraph("{{発言}}").runs[0].bold = True
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "場所", "{{ 場所 }}"
    document.sections[0].header.paragraphs[0].text = "{{日時}}"
    for name in ("決定事項", "宿題", "欠席者"):
        document.add_paragraph(f"{{{{{name}}}}}")
    content = filled(template(document).read_bytes(), record(), passing).content
    assert texts(content) == [
        "会議録 庁議",
        "市長\u3000始めます。{{場所}}",  # what people say is no place to be filled in
        "課長\u3000説明します。",
        "市長\u3000決定します。",
        "1\u3000始める。 [00:00:02]",
        "1\u3000調べる。（担当: 財政課、期限: 次回） [00:00:02]",
        "",
    ]
    read = Document(io.BytesIO(content))
    assert all(p.runs[0].bold for p in read.paragraphs[1:4])
    assert read.tables[0].cell(0, 1).text == "第1会議室"
    assert read.sections[0].header.paragraphs[0].text == "2026年11月20日（金）"


def test_a_place_put_in_while_changes_are_tracked_or_in_a_form_is_filled_in(
    template: Callable[[Any], Path], passing: Passing
) -> None:
    document = Document()
    for name, (outer, inner) in (("会議名", ("w:ins", "")), ("場所", ("w:sdt", "w:sdtContent"))):
        paragraph = document.add_paragraph(f"{name}は")
        around = OxmlElement(outer)
        within = OxmlElement(inner) if inner else around
        within.append(paragraph.add_run(f"{{{{{name}}}}}")._r)
        if inner:
            around.append(within)
        paragraph._p.append(around)
    read = Document(io.BytesIO(filled(template(document).read_bytes(), record(), passing).content))
    assert ["".join(t.text for t in p._p.iter(qn("w:t"))) for p in read.paragraphs] == ["会議名は庁議", "場所は第1会議室"]


def test_a_page_number_beside_a_place_stays_one_and_what_is_around_keeps_its_form(
    template: Callable[[Any], Path], passing: Passing
) -> None:
    document = Document()
    paragraph = document.sections[0].footer.paragraphs[0]
    for piece_of_it in ("前 ", "{{会", "議名}} - "):
        paragraph.add_run(piece_of_it)
    paragraph.runs[0].bold = True
    field(paragraph, "PAGE", shown="1")
    before = [run.text for run in paragraph.runs]
    footer = (
        Document(io.BytesIO(filled(template(document).read_bytes(), record(), passing).content)).sections[0].footer.paragraphs[0]
    )
    assert [run.text for run in footer.runs] == ["前 ", "庁議", " - ", *before[3:]]
    assert [bool(run.bold) for run in footer.runs[:2]] == [True, False]
    assert "1" in before


def test_what_stands_beside_lines_stands_there_once(template: Callable[[Any], Path], passing: Passing) -> None:
    document = Document()
    paragraph = document.add_paragraph("前")
    paragraph.paragraph_format.page_break_before = True
    paragraph._p.append(piece("w:bookmarkStart", id="1", name="a"))
    paragraph.add_run().add_picture(io.BytesIO(PIXEL))
    paragraph._p.append(piece("w:bookmarkEnd", id="1"))
    paragraph.add_run("（{{発言}}）").bold = True
    paragraph.add_run("後")
    field(paragraph, "PAGE", shown="1")
    document.add_section()  # its end stands in the last paragraph
    document.paragraphs[0]._p.get_or_add_pPr().append(document.paragraphs[-1]._p.pPr.find(qn("w:sectPr")))
    read = Document(io.BytesIO(filled(template(document).read_bytes(), record(), passing).content))
    lines = read.paragraphs[:3]
    assert [p.text for p in lines] == [
        "前（市長\u3000始めます。{{場所}}",
        "課長\u3000説明します。",
        "市長\u3000決定します。）後1",
    ]
    for tag, where in (
        ("w:drawing", 0),
        ("w:bookmarkStart", 0),
        ("w:bookmarkEnd", 0),
        ("w:pageBreakBefore", 0),
        ("w:sectPr", 2),
        ("w:instrText", 2),
    ):
        assert [n for n, p in enumerate(lines) for _ in p._p.iter(qn(tag))] == [where], tag
    assert lines[0].runs[-1].bold and lines[1].runs[0].bold and lines[2].runs[0].bold


def test_places_with_lines_in_one_paragraph_keep_their_order(template: Callable[[Any], Path], passing: Passing) -> None:
    document = Document()
    document.add_paragraph("{{発言}}と{{発言}}").add_run("と{{会議名}}")
    said = ["市長\u3000始めます。{{場所}}", "課長\u3000説明します。", "市長\u3000決定します。"]
    assert texts(filled(template(document).read_bytes(), record(), passing).content) == [
        *said[:2],
        f"{said[2]}と{said[0]}",
        said[1],
        f"{said[2]}と庁議",
    ]


def test_a_place_in_wide_braces_is_one_too(template: Callable[[Any], Path], passing: Passing) -> None:
    document = Document()
    document.add_paragraph("｛｛会議名｝｝は｛｛ 場所 ｝｝で")
    filled_in = filled(template(document).read_bytes(), record(), passing)
    assert (texts(filled_in.content), filled_in.places) == (["庁議は第1会議室で"], ("会議名", "場所"))


def test_a_file_that_takes_too_much_memory_harms_nobody(template: Callable[[Any], Path], passing: Passing) -> None:
    path = template(Document())
    body = "<w:body>" + "<w:p/>" * 10_000_000 + "</w:body>"
    swollen = io.BytesIO()
    with zipfile.ZipFile(path) as small, zipfile.ZipFile(swollen, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as large:
        for part in small.infolist():
            content = small.read(part)
            if part.filename == "word/document.xml":
                head, _, rest = content.decode().partition("<w:body>")
                content = f"{head}{body}{rest.partition('</w:body>')[2]}".encode()
            large.writestr(part, content)
    with pytest.raises(InvalidInput, match="保存し直してください"):
        filled(swollen.getvalue(), record(), passing)


def test_a_process_that_says_nothing_is_told_in_a_sentence(
    template: Callable[[Any], Path], monkeypatch: pytest.MonkeyPatch, passing: Passing
) -> None:
    monkeypatch.setattr("minutes.template._FILL", "minutes.filling:nothing_there")
    with pytest.raises(InvalidInput, match="決めた時間とメモリ"):
        filled(template(Document()).read_bytes(), record(), passing)


def test_what_minutes_say_lies_in_the_data_folder_alone_until_the_file_is_made(
    template: Callable[[Any], Path], monkeypatch: pytest.MonkeyPatch, passing: Passing
) -> None:
    lay: list[Path] = []

    def seen(function: str, path: Path) -> object:
        lay.append(path)
        return run_confined(function, path)

    monkeypatch.setattr("minutes.template.run_confined", seen)
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    filled(template(Document()).read_bytes(), record(), passing)
    assert [path.is_relative_to(passing.root) for path in lay] == [True]
    assert list(passing.root.iterdir()) == []


def test_of_the_points_alone_nothing_is_said(template: Callable[[Any], Path], passing: Passing) -> None:
    document = Document()
    document.add_paragraph("{{発言}}")
    assert texts(filled(template(document).read_bytes(), record(Extent.POINTS), passing).content) == [""]


def test_a_place_that_is_not_known_is_named(template: Callable[[Any], Path], passing: Passing) -> None:
    document = Document()
    document.add_paragraph("{{会議場}}")
    with pytest.raises(InvalidInput, match="会議場"):
        filled(template(document).read_bytes(), record(), passing)


def piece(tag: str, text: str = "", **values: str) -> Any:
    element = OxmlElement(tag)
    element.text = text
    for name, value in values.items():
        element.set(qn(f"w:{name}"), value)
    return element


def field(paragraph: Any, *codes: str, shown: str = "") -> None:
    """A field as Word writes one: a run for its beginning, for each piece of its code and for its end."""
    begin, separate, end = (piece("w:fldChar", fldCharType=kind) for kind in ("begin", "separate", "end"))
    for element in (begin, *(piece("w:instrText", code) for code in codes), separate):
        paragraph.add_run()._r.append(element)
    paragraph.add_run(shown)
    paragraph.add_run()._r.append(end)


def fields(document: Any, *codes: str) -> None:
    """Several in one paragraph."""
    paragraph = document.add_paragraph()
    for code in codes:
        field(paragraph, code)


def nested_name(document: Any) -> None:
    """A field whose name another one makes up."""
    paragraph = document.add_paragraph()
    paragraph.add_run()._r.append(piece("w:fldChar", fldCharType="begin"))
    field(paragraph, "QUOTE INCLUDE")
    for element in (piece("w:instrText", 'TEXT "http://example.com"'), piece("w:fldChar", fldCharType="end")):
        paragraph.add_run()._r.append(element)


def skipped_name(document: Any) -> None:
    """A field before whose name stands another one, which Word skips."""
    paragraph = document.add_paragraph()
    field(paragraph, "PAGE ", 'INCLUDETEXT "http://example.com"')
    skipped = OxmlElement("w:del")
    first = paragraph.runs[1]._r
    first.addprevious(skipped)
    skipped.append(first)


def skipped_end(document: Any) -> None:
    """A field within another that seems to end before its name, where Word skips the end."""
    paragraph = document.add_paragraph()
    begin = [piece("w:fldChar", fldCharType="begin") for _ in range(2)]
    end = [piece("w:fldChar", fldCharType="end") for _ in range(3)]
    codes = [piece("w:instrText", text) for text in ("IF ", 'INCLUDETEXT "http://example.com"')]
    for element in (begin[0], codes[0], begin[1], end[0], codes[1], *end[1:]):
        paragraph.add_run()._r.append(element)
    skipped = OxmlElement("w:del")
    run = end[0].getparent()
    run.addprevious(skipped)
    skipped.append(run)


def notes(document: Any, code: str, encoding: str = "utf-8") -> None:
    """A part that python-docx doesn't read."""
    xml = (
        f'<?xml version="1.0" encoding="{encoding}"?><w:footnotes xmlns:w="{nsmap["w"]}"><w:footnote w:id="1"><w:p>'
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r>{code}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        "</w:p></w:footnote></w:footnotes>"
    )
    blob, package = xml.encode(encoding), document.part.package
    part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, blob, package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def code(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


def simple_field(document: Any) -> None:
    element = piece("w:fldSimple", instr="INCLUDETEXT \\\\host\\file")
    document.add_paragraph()._p.append(element)


def related(source: Any, name: str, kind: str) -> None:
    """A part that something of the file leads to."""
    part = Part(PackURI(name), "application/xml", b"<a/>", source.package if hasattr(source, "package") else source)
    source.relate_to(part, kind)


OFFICE = "http://schemas.microsoft.com/office"
ATTACHED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
HOSTILE: dict[str, Callable[[Any], object]] = {
    "picture": lambda d: d.part.relate_to("http://example.com/a.png", RELATIONSHIP_TYPE.IMAGE, is_external=True),
    "template": lambda d: d.part._settings_part.relate_to("\\\\host\\a.dotm", ATTACHED, is_external=True),
    "object elsewhere": lambda d: d.part.relate_to("file:///a", RELATIONSHIP_TYPE.OLE_OBJECT, is_external=True),
    "object in the file": lambda d: related(d.part, "/word/embeddings/a.bin", RELATIONSHIP_TYPE.OLE_OBJECT),
    "workbook in the file": lambda d: related(d.part, "/word/embeddings/a.xlsx", RELATIONSHIP_TYPE.PACKAGE),
    "page of the web in the file": lambda d: related(d.part, "/word/a.htm", RELATIONSHIP_TYPE.A_F_CHUNK),
    "macros": lambda d: related(d.part, "/word/vbaProject.bin", f"{OFFICE}/2006/relationships/vbaProject"),
    "keys": lambda d: related(d.part, "/word/customizations.xml", f"{OFFICE}/2006/relationships/keyMapCustomizations"),
    "ribbon": lambda d: related(d.part.package, "/customUI/a.xml", f"{OFFICE}/2006/relationships/ui/extensibility"),
    "add-in": lambda d: related(d.part.package, "/word/a.xml", f"{OFFICE}/2011/relationships/webextensiontaskpanes"),
    "something of the package elsewhere": lambda d: d.part.package.load_rel(
        RELATIONSHIP_TYPE.THUMBNAIL, "http://example.com/a.png", "rId99", is_external=True
    ),
    "field in pieces": lambda d: field(d.add_paragraph(), "DD", "EAUTO cmd"),
    "field behind another": lambda d: fields(d, "PAGE", 'INCLUDETEXT "http://example.com"'),
    "field whose name another makes up": nested_name,
    "field before whose name something is skipped": skipped_name,
    "field whose end seems to stand before its name": skipped_end,
    "simple field": simple_field,
    "field of a note in pieces": lambda d: notes(d, code("INCL") + code("UDETEXT a")),
    "field of a note in references": lambda d: notes(d, code("&#73;NCLUDETEXT a")),
    "field of a note in another encoding": lambda d: notes(d, code("INCLUDETEXT a"), "utf-16"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_acts_on_the_reader_is_refused(template: Callable[[Any], Path], name: str, passing: Passing) -> None:
    document = Document()
    HOSTILE[name](document)
    with pytest.raises(InvalidInput, match="取り除いて"):
        filled(template(document).read_bytes(), record(), passing)


def test_links_and_page_numbers_are_no_harm(template: Callable[[Any], Path], passing: Passing) -> None:
    document = Document()
    document.part.relate_to("https://example.com/", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    fields(document, " PAGE ", "PAGE", ' HYPERLINK "https://example.com/link" ', ' TOC \\o "1-3" ', " =1+1 ")
    notes(document, code(" REF _Ref1 "))
    assert filled(template(document).read_bytes(), record(), passing).places == ()


def test_what_is_no_word_file_or_far_too_large_is_told_in_a_sentence(passing: Passing) -> None:
    for content, word in (
        (b"no word", "読めません"),
        (b"0" * 10_000_001, "大きすぎます"),
        (bomb(), "大きすぎます"),
        (empty(), "読めません"),
    ):
        with pytest.raises(InvalidInput, match=word):
            filled(content, record(), passing)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * 100_000_001)
    return out.getvalue()


def empty() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a.txt", b"")
    return out.getvalue()
