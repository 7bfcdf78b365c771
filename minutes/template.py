"""A city's own Word file with places to be filled in and what minutes say in, the filled file out.

What a template could do to whoever opens the minutes is refused: what is loaded from elsewhere, macros, embedded objects, and
fields that fetch or run something. Its sizes are bounded before anything of it is parsed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from core.errors import SettingsError
from core.printable import printable
from minutes.export import clock, head_of, paragraphs, source_of
from minutes.point import Kind, Point
from minutes.record import Extent, Record

MOST_BYTES = 10_000_000
MOST_UNPACKED_BYTES = 100_000_000
MOST_PARTS = 1_000
_HEAD = ("会議名", "日時", "場所", "出席者", "欠席者", "議題", "作成者")
PLACES = (*_HEAD, "決定事項", "宿題", "質疑", "発言", "録音")
_PLACE = re.compile(r"\{\{\s*([^{}]{1,30}?)\s*\}\}")
_HYPERLINK = "/hyperlink"
_EMBEDDED = re.compile("/(?:vbaProject|oleObject|package|control|attachedTemplate|aFChunk|frame|subDocument)$", re.IGNORECASE)
_FETCHES = re.compile(r"\b(?:DDE|DDEAUTO|INCLUDE\w*|LINK|IMPORT|DATABASE|MACROBUTTON)\b", re.IGNORECASE)


def filled(template: Path, record: Record) -> bytes:
    """The template with what the minutes say at its places. Raises SettingsError, with what is to be mended."""
    document = _opened(_read(template))
    values = dict(_values(record))
    for paragraph in _paragraphs(document):
        _fill(paragraph, values)
    properties = document.core_properties
    properties.title, properties.author = record.meeting.title, ""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _read(template: Path) -> bytes:
    try:
        with template.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError:
        raise SettingsError("議事録のひな形を読めません。設定「minutes_template」の場所を確かめてください。") from None
    if len(content) > MOST_BYTES:
        raise SettingsError(f"議事録のひな形が大きすぎます。{MOST_BYTES // 1_000_000}MBまでにしてください。")
    return content


def _opened(content: bytes) -> Any:
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
                raise SettingsError("議事録のひな形が大きすぎます。図や写真を減らしてください。")
        document = Document(io.BytesIO(content))
    except (zipfile.BadZipFile, PackageNotFoundError, XMLSyntaxError, KeyError, ValueError, NotImplementedError, RuntimeError):
        raise SettingsError("議事録のひな形を Word のファイル(docx)として読めません。Word で保存し直してください。") from None
    _refuse_what_acts(document)
    return document


def _refuse_what_acts(document: Any) -> None:
    for part in document.part.package.iter_parts():
        for relation in part.rels.values():
            fetched = relation.is_external and not relation.reltype.endswith(_HYPERLINK)
            if fetched or _EMBEDDED.search(relation.reltype):
                raise SettingsError("議事録のひな形に、外から読み込むもの、マクロか埋め込みがあります。取り除いてください。")
        if any(_FETCHES.search(code) for code in _field_codes(part)):
            raise SettingsError("議事録のひな形に、外から読み込むフィールドがあります。取り除いてください。")


def _field_codes(part: Any) -> Iterator[str]:
    """The codes of fields, each whole: Word may cut one in pieces. Of a part that python-docx doesn't read (notes), all of it."""
    from docx.oxml.ns import qn

    element = getattr(part, "element", None)
    if element is None:
        if b"instr" in part.blob:
            yield part.blob.decode("utf-8", "replace")
        return
    for paragraph in element.iter(qn("w:p")):
        yield "".join(t.text or "" for t in paragraph.iter(qn("w:instrText")))
    for simple in element.iter(qn("w:fldSimple")):
        yield simple.get(qn("w:instr")) or ""


def _paragraphs(document: Any) -> Iterator[Any]:
    """Those of the text, its tables and boxes, and of heads and feet; more of them may be put behind one meanwhile."""
    from docx.oxml.ns import qn
    from docx.text.paragraph import Paragraph

    for part in list(document.part.package.iter_parts()):
        element = getattr(part, "element", None)
        if element is not None:
            yield from (Paragraph(p, part) for p in list(element.iter(qn("w:p"))))


def _fill(paragraph: Any, values: Mapping[str, list[str]]) -> None:
    """A place that stands alone becomes a paragraph a line; its neighbours in a line go with the first and the last one."""
    text = "".join(run.text for run in paragraph.runs)
    names = _PLACE.findall(text)
    if not names:
        return
    if unknown := [name for name in names if name not in values]:
        known = "、".join(PLACES)
        raise SettingsError(f"議事録のひな形にある「{{{{{unknown[0]}}}}}」は使えません。使えるのは {known} です。")
    first, *more = _PLACE.sub(lambda m: "\n".join(values[m[1]]), text).split("\n")
    at = paragraph._p
    copies = [deepcopy(at) for _ in more]
    _write(paragraph, first)
    for copy, line in zip(copies, more, strict=True):
        at.addnext(copy)
        at = copy
        _write(type(paragraph)(copy, paragraph._parent), line)


def _write(paragraph: Any, text: str) -> None:
    """In the form of its first run that has text; what pictures and page numbers stand in is left alone."""
    head, *others = (run for run in paragraph.runs if run.text)
    head.text = text
    for run in others:
        run.text = ""


def _values(record: Record) -> Iterator[tuple[str, list[str]]]:
    head = dict(head_of(record))
    yield from ((name, head.get(name, "").split("\n")) for name in _HEAD)
    yield "決定事項", [f"{n}　{_placed(p, p.wording.text)}" for n, p in enumerate(record.of(Kind.DECISION), start=1)]
    yield "宿題", [f"{n}　{_placed(p, _task(p))}" for n, p in enumerate(record.of(Kind.TASK), start=1)]
    yield "質疑", [line for p in record.of(Kind.QUESTION) for line in _asked(p)]
    said = paragraphs(record.transcript.segments) if record.extent is Extent.FULL else ()
    yield "発言", [f"{s.speaker}　{text}" if s.speaker and not n else text for s, texts in said for n, text in enumerate(texts)]
    yield "録音", [source_of(record)]


def _task(point: Point) -> str:
    who, due = point.wording.who, point.wording.due
    facts = "、".join(filter(None, (f"担当: {who}" if who else "", f"期限: {due}" if due else "")))
    return f"{point.wording.text}（{facts}）" if facts else point.wording.text


def _asked(point: Point) -> list[str]:
    answer = [f"答　{point.wording.reply}"] if point.wording.reply else []
    return [f"問　{_placed(point, point.wording.text)}", *answer]


def _placed(point: Point, text: str) -> str:
    return f"{printable(text)} [{clock(point.quote.start_s)}]"
