"""A Word file with places and their values in, the filled file out. `core.confined` runs it, as the file may be hostile.

What a template could do to whoever opens the minutes is refused: what is loaded from elsewhere, macros, embedded objects, and
fields that fetch or run something. Its sizes are bounded before anything of it is parsed.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.text.run import Run
from lxml.etree import SubElement, XMLSyntaxError

MOST_UNPACKED_BYTES = 100_000_000
MOST_PARTS = 1_000
_CUT = "\0"  #: between the texts of a paragraph, which Word cuts anywhere; XML has no such character
_PLACE = re.compile(r"(?:\{\0?\{|｛\0?｛)\0?((?:[^{}｛｝\0]\0?){1,40})(?:\}\0?\}|｝\0?｝)")
#: Kinds of parts, by the last word of what relates to them: a link, which alone may lead out of the file; those whose bytes are
#: only shown; and those that are read. Macros, objects, add-ins, key maps and whatever else there will be are none of them.
_LINK = "hyperlink"
_SHOWN = frozenset(("font", "hdphoto", "image", "printerSettings", "thumbnail"))
_READ = frozenset(
    "bibliography chart chartColorStyle chartEx chartStyle chartUserShapes classificationlabels comments commentsExtended"
    " commentsExtensible commentsIds core-properties custom-properties customXml customXmlProps diagramColors diagramData"
    " diagramDrawing diagramLayout diagramQuickStyle documenttasks endnotes extended-properties fontTable footer footnotes"
    " glossaryDocument header numbering officeDocument people settings styles stylesWithEffects theme themeOverride"
    " webSettings".split()
)
_NESTED, _UNCLEAR = "\ufffc", "?"
_NAME = re.compile(r"""\s*(=|[A-Za-z]+(?=[\s"\\]|$))""")  #: of a field, which no other field may make up
#: Fields that show what the file itself, the clock or the person has. One that seems to have no name may end where Word skips it.
_HARMLESS = frozenset(
    "= ADVANCE ASK AUTHOR AUTONUM AUTONUMLGL AUTONUMOUT BIBLIOGRAPHY CITATION COMMENTS COMPARE CREATEDATE DATE DISPLAYBARCODE"
    " DOCPROPERTY DOCVARIABLE EDITTIME EQ FILENAME FILESIZE FILLIN FORMCHECKBOX FORMDROPDOWN FORMTEXT HYPERLINK IF INDEX INFO"
    " KEYWORDS LASTSAVEDBY LISTNUM MERGEFIELD MERGEREC MERGESEQ NOTEREF NUMCHARS NUMPAGES NUMWORDS PAGE PAGEREF PRINTDATE QUOTE"
    " REF REVNUM SAVEDATE SECTION SECTIONPAGES SEQ SET SHAPE STYLEREF SUBJECT SYMBOL TA TC TIME TITLE TOA TOC USERADDRESS"
    " USERINITIALS USERNAME XE".split()
)


class Unusable(Exception):
    """Why a template is refused: a word that `minutes.template` knows, and the place that it is about."""

    def __init__(self, fault: str, place: str = "") -> None:
        super().__init__(fault)
        self.fault, self.place = fault, place


def fill(path: str) -> dict[str, object]:
    """What an order says, done: the filled file, and the places that the template has; or why there is none."""
    order = json.loads(Path(path).read_bytes())
    try:
        document = _opened(b64decode(order["template"]))
        values: dict[str, list[str]] = order["values"]
        places = sorted({name for paragraph in _paragraphs(document) for name in _fill(paragraph, values)})
    except Unusable as e:
        return {"fault": e.fault, "place": e.place}
    properties = document.core_properties
    properties.title, properties.author = order["title"], ""
    out = io.BytesIO()
    document.save(out)
    return {"docx": b64encode(out.getvalue()).decode(), "places": places}


def _opened(content: bytes) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
                raise Unusable("large")
        document = Document(io.BytesIO(content))
    except (zipfile.BadZipFile, PackageNotFoundError, XMLSyntaxError, KeyError, ValueError, NotImplementedError, RuntimeError):
        raise Unusable("unreadable") from None
    _refuse_what_acts(document.part.package)
    return document


def _refuse_what_acts(package: Any) -> None:
    read = {}
    for relation in package.iter_rels():
        kind = relation.reltype.rpartition("/")[2]
        if kind not in ({_LINK} if relation.is_external else _SHOWN | _READ):
            raise Unusable("acting")
        if kind in _READ:
            read[relation.target_part.partname] = relation.target_part
    if any(not _is_harmless(code) for part in read.values() for code in _field_codes(_element(part))):
        raise Unusable("fetching")


def _element(part: Any) -> Any:
    """The XML of a part, also of one that python-docx leaves alone, as it does notes."""
    try:
        return part.element if hasattr(part, "element") else parse_xml(part.blob)
    except XMLSyntaxError:
        raise Unusable("unreadable") from None


def _field_codes(element: Any) -> Iterator[str]:
    """The code of each field, whole however Word cut it in pieces, and `_NESTED` where another field stands in it.

    It is `_UNCLEAR` where a piece is not in a run beside the field's beginning: Word may skip what stands around one of them
    (alternate content, an unknown element, a deletion) and read another code than is read here.
    """
    fields: list[tuple[Any, list[str]]] = []
    for at in element.iter("{*}fldChar", "{*}fldSimple", "{*}instrText", "{*}delInstrText"):
        run, home = at.getparent(), at.getparent().getparent()
        if at.tag == qn("w:fldSimple"):
            yield at.get(qn("w:instr")) or _UNCLEAR
        elif at.tag != qn("w:fldChar"):
            piece = qn("w:delInstrText" if home is not None and home.tag == qn("w:del") else "w:instrText")
            beside = bool(fields) and run.tag == qn("w:r") and home is fields[-1][0]
            if not beside or at.tag != piece or len(at):
                yield _UNCLEAR
            else:
                fields[-1][1].append(at.text or "")
        elif at.get(qn("w:fldCharType")) == "begin":
            if fields:
                fields[-1][1].append(_NESTED)
            fields.append((home, []))
        elif at.get(qn("w:fldCharType")) == "end" and fields:
            yield "".join(fields.pop()[1])
    yield from ("".join(pieces) for _, pieces in fields)


def _is_harmless(code: str) -> bool:
    name = _NAME.match(code)
    return name is not None and name[1].upper() in _HARMLESS


def _paragraphs(document: Any) -> Iterator[Any]:
    """Those of the text, its tables and boxes, and of heads and feet; more of them may be put before one meanwhile."""
    for part in list(document.part.package.iter_parts()):
        element = getattr(part, "element", None)
        if element is not None:
            yield from list(element.iter(qn("w:p")))


def _fill(paragraph: Any, values: Mapping[str, list[str]]) -> list[str]:
    """What is between the braces is replaced, and nothing else: other text, pictures and fields stay as they are.

    A place that stands alone becomes a paragraph a line; its neighbours in a line go with the first and the last one.
    Gives the names of its places.
    """
    names: list[str] = []

    def value(place: re.Match[str]) -> str:
        name = place[1].replace(_CUT, "").strip()
        if name not in values:
            raise Unusable("unknown", name)
        names.append(name)
        return "\n".join(values[name]) + _CUT * place[0].count(_CUT)

    if not (texts := _texts(paragraph)):
        return names
    was = [text.text.replace("\n", " ") for text in texts]
    written = _PLACE.sub(value, _CUT.join(was)).split(_CUT)
    for text, old, new in zip(texts, was, written, strict=True):
        if new != old:
            _write(paragraph, text, new.split("\n"))
    return names


def _texts(paragraph: Any) -> list[Any]:
    """Those of its own, also in what was put in while changes are tracked and in fields of a form; not those of a box in it."""
    texts = (text for text in paragraph.iter(qn("w:t")) if text.text)
    return [text for text in texts if next(text.iterancestors(qn("w:p")), None) is paragraph]


def _write(paragraph: Any, text: Any, lines: list[str]) -> None:
    """The last line where the text is, so that a section ends behind it, and each line before in a paragraph of the same form."""
    *above, last = lines
    for n, line in enumerate(above):
        fresh = _line(paragraph, text.getparent(), line)
        paragraph.addprevious(fresh)
        if n == 0:
            _move_what_is_before(text, paragraph, fresh)
    text.text = last
    text.set(qn("xml:space"), "preserve")


def _line(paragraph: Any, run: Any, line: str) -> Any:
    fresh, form = OxmlElement("w:p"), paragraph[0]  # where it stands, if there is one: no search through a long paragraph
    if form.tag == qn("w:pPr"):
        fresh.append(deepcopy(form))
        _drop(fresh[0], "w:sectPr")
        _drop(form, "w:pageBreakBefore")  # of the first line only
    written = Run(SubElement(fresh, qn("w:r")), None)
    written.text = line
    if (letters := run.find(qn("w:rPr"))) is not None:
        written._r.insert(0, deepcopy(letters))
    return fresh


def _drop(form: Any, tag: str) -> None:
    for element in form.findall(qn(tag)):
        form.remove(element)


def _move_what_is_before(text: Any, paragraph: Any, fresh: Any) -> None:
    """Into the paragraph of the first line: each thing once, from the nearest on, and not what only says a form."""
    into, at = fresh.find(qn("w:r")), text
    while at is not paragraph:
        place = len(into.findall(qn("w:pPr"))) + len(into.findall(qn("w:rPr")))
        for element in list(at.itersiblings("*", preceding=True)):
            if not element.tag.endswith("Pr"):
                into.insert(place, element)
        into, at = fresh, at.getparent()
