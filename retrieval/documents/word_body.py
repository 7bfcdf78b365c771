"""A Word file in; its paragraphs then hold all that a reader sees, in the order of reading.

Word keeps text in many places beside its paragraphs: fields to fill in, tracked changes, text boxes, notes, readings above words.
Moved to where they are read, they are found by whoever goes through paragraphs and tables.
"""

from __future__ import annotations

from typing import Any

from docx.document import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same again, for older programs
_UNSEEN = (qn("w:del"), qn("w:moveFrom"), _FALLBACK)
_AROUND = tuple(qn(f"w:{name}") for name in ("ins", "moveTo", "smartTag", "customXml", "fldSimple"))
_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FORMULAE = (f"{_MATHS}oMathPara", f"{_MATHS}oMath")
_NOTES = {qn("w:footnoteReference"): "/footnotes", qn("w:endnoteReference"): "/endnotes"}


def lay_open(document: Document) -> None:
    """Changes the document in memory."""
    body = document.element.body
    for row in [r for r in body.iter(qn("w:tr")) if r.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None]:
        row.getparent().remove(row)
    for element in list(body.iter(*_UNSEEN)):
        element.getparent().remove(element)
    for formula in list(body.iter(*_FORMULAE)):
        _replace(formula, [_run("".join(t.text or "" for t in formula.iter(f"{_MATHS}t")))])
    for field in list(body.iter(qn("w:sdt"))):
        content = field.find(qn("w:sdtContent"))
        _replace(field, [] if content is None or _says_nothing(field) else content)
    for element in list(body.iter(*_AROUND)):
        _replace(element, element)
    for ruby in list(body.iter(qn("w:ruby"))):
        base = ruby.find(qn("w:rubyBase"))
        _replace(ruby, [] if base is None else base.iter(qn("w:t")))
    for run in [r for r in body.iter(qn("w:r")) if r.rPr is not None and r.rPr.find(qn("w:vanish")) is not None]:
        run.getparent().remove(run)
    _write_out_notes(document)
    _empty_boxes(body)


def _says_nothing(field: Any) -> bool:
    """Whether a field still asks to be filled in, or is a table of contents, which says everything twice."""
    properties = field.find(qn("w:sdtPr"))
    if properties is None:
        return False
    gallery = properties.find(f"{qn('w:docPartObj')}/{qn('w:docPartGallery')}")
    is_contents = gallery is not None and gallery.get(qn("w:val")) == "Table of Contents"
    return is_contents or properties.find(qn("w:showingPlcHdr")) is not None


def _replace(element: Any, content: Any) -> None:
    for child in list(content):
        element.addprevious(child)
    element.getparent().remove(element)


def _run(text: str) -> Any:
    run = OxmlElement("w:r")
    run.text = text
    return run


def _write_out_notes(document: Document) -> None:
    """「（注1）」 at the place, and a paragraph 「注1 …」 after the one that it is in."""
    notes = {
        (place, note.get(qn("w:id"))): "".join(t.text or "" for t in note.iter(qn("w:t")))
        for relation in document.part.rels.values()
        for place in _NOTES.values()
        if relation.reltype.endswith(place)
        for note in parse_xml(relation.target_part.blob)
    }
    last: dict[Any, Any] = {}  # of each paragraph, after what its next note goes
    for number, reference in enumerate(list(document.element.body.iter(*_NOTES)), 1):
        host = next(reference.iterancestors(qn("w:p")))
        paragraph = OxmlElement("w:p")
        paragraph.add_r().text = f"注{number} {notes.get((_NOTES[reference.tag], reference.get(qn('w:id'))), '')}"
        last.get(host, host).addnext(paragraph)
        last[host] = paragraph
        mark = OxmlElement("w:t")
        mark.text = f"（注{number}）"
        _replace(reference, [mark])


def _empty_boxes(body: Any) -> None:
    """The text of boxes after the paragraph that they are fastened to."""
    last: dict[Any, Any] = {}
    for box in list(body.iter(qn("w:txbxContent"))):
        host = next(box.iterancestors(qn("w:p")))
        for child in list(box):
            last.get(host, host).addnext(child)
            last[host] = child
