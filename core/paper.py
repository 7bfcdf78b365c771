"""A Word file as a city hall prints it: A4, in black, in its fonts, with the number of each page."""

from __future__ import annotations

import io
from typing import Any

_FONT = "ＭＳ 明朝"
_HEADING_FONT = "ＭＳ ゴシック"
_A4_CM, _MARGIN_CM = (21.0, 29.7), 2.5
_TITLE_CHARS = 255  # what the properties of a Word file can hold


def blank(title: str) -> Any:
    """A document on the paper and in the fonts of a city hall, with its title and the number of each page."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt

    document = Document()
    document.core_properties.title, document.core_properties.language = title[:_TITLE_CHARS], "ja-JP"
    document.core_properties.author = ""
    page = document.sections[0]
    page.page_width, page.page_height = Cm(_A4_CM[0]), Cm(_A4_CM[1])
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(_MARGIN_CM)
    _use_font(document.styles["Normal"], _FONT)
    document.styles["Normal"].font.size = Pt(10.5)
    for name, size in (("Title", 16), ("Heading 1", 12)):
        _use_font(document.styles[name], _HEADING_FONT)
        _in_black(document.styles[name], Pt(size))
    document.add_heading(title, level=0).alignment = WD_ALIGN_PARAGRAPH.CENTER
    _number_pages(page.footer.paragraphs[0])
    return document


def saved(document: Any) -> bytes:
    """The document as a file."""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _use_font(style: Any, name: str) -> None:
    """Word keeps a font for Latin letters and another for East Asian text."""
    from docx.oxml.ns import qn

    style.font.name = name
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), name)


def _in_black(style: Any, size: Any) -> None:
    """Without the colours and the line that headings have by themselves."""
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    style.font.color.rgb, style.font.size = RGBColor(0, 0, 0), size
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)


def _number_pages(paragraph: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    field.append(paragraph.add_run("1")._r)  # what is shown by programs that don't count pages
    paragraph._p.append(field)
