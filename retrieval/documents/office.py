"""A Word or Excel file in, its headings, paragraphs and rows of tables in order out, without hidden sheets and words."""

from __future__ import annotations

import re
from pathlib import Path

from docx import Document
from docx.oxml.ns import qn
from docx.table import Table
from openpyxl import load_workbook

from retrieval.documents.block import Block, tidy
from retrieval.documents.rows import lines_of


def read_docx(file: Path) -> tuple[str, list[Block]]:
    """The title among a document's properties, and its blocks."""
    document = Document(str(file))
    for run in [r for r in document.element.body.iter(qn("w:r")) if r.rPr is not None and r.rPr.find(qn("w:vanish")) is not None]:
        run.getparent().remove(run)
    blocks = []
    for item in document.iter_inner_content():
        if isinstance(item, Table):
            blocks += [Block(text=text) for text in lines_of([[c.text for c in row.cells] for row in item.rows])]
        else:
            style = item.style.name if item.style is not None else ""
            found = re.search(r"(?:Heading|見出し)\s*(\d)", style)
            level = 1 if style in ("Title", "表題") else int(found[1]) if found else 0
            blocks += [Block(text=tidy(line), level=level) for line in item.text.splitlines()]
    return document.core_properties.title or "", blocks


def read_xlsx(file: Path) -> tuple[str, list[Block]]:
    """The sheets of a workbook, each under its name."""
    book = load_workbook(file, read_only=True, data_only=True)
    blocks = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        blocks.append(Block(text=tidy(sheet.title), level=1))
        rows = [["" if v is None else str(v) for v in row] for row in sheet.iter_rows(values_only=True)]
        blocks += [Block(text=text) for text in lines_of(rows)]
    return "", blocks
