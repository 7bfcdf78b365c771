"""A Word or Excel file in, its headings, paragraphs and rows of tables in order out, without hidden sheets and words."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docx import Document
from docx.table import Table
from openpyxl import load_workbook

from retrieval.documents.block import Block, tidy
from retrieval.documents.grid import Cell
from retrieval.documents.rows import lines_of
from retrieval.documents.sheet import shown_rows
from retrieval.documents.sheet_boxes import boxes_of
from retrieval.documents.word_body import lay_open
from retrieval.documents.word_numbers import Numbers

_READ_WHOLE_BYTES = 20_000_000  #: unpacked; a larger workbook is read through row by row, as the memory allows
_UNNAMED = re.compile(r"(?:Sheet|シート)\s*\d*")


def read_docx(file: Path) -> tuple[str, list[Block]]:
    """The title among a document's properties, and its blocks."""
    document = Document(str(file))
    lay_open(document)
    numbers = Numbers(document)
    blocks = []
    for item in document.iter_inner_content():
        if isinstance(item, Table):
            blocks += [Block(text=text) for text in lines_of(list(_rows(item)))]
        else:
            style = item.style.name if item.style is not None else ""
            found = re.search(r"(?:Heading|見出し)\s*(\d)", style)
            level = 1 if style in ("Title", "表題") else int(found[1]) if found else 0
            text = numbers.before(item) + item.text if item.text.strip() else ""
            blocks += [Block(text=tidy(line), level=level) for line in text.splitlines()]
    return document.core_properties.title or "", blocks


def _rows(table: Table) -> Iterator[list[Cell]]:
    """The rows of a table, a merged cell in each place that it takes; it is read once, with all tables in it."""
    known: dict[object, Cell] = {}
    for row in table.rows:
        cells = row.cells
        for cell in cells:
            if cell._tc not in known:
                known[cell._tc] = Cell(text=tidy(" ".join(_lines(cell)).replace("\n", " ")))
        yield [known[cell._tc] for cell in cells]


def _lines(cell: Any) -> Iterator[str]:
    """The paragraphs of a cell, and the rows of tables within it."""
    for item in cell.iter_inner_content():
        if isinstance(item, Table):
            yield from lines_of(list(_rows(item)))
        else:
            yield item.text


def read_xlsx(file: Path) -> tuple[str, list[Block]]:
    """The sheets of a workbook, each under its name; of itself it has no title: it is called as its file."""
    with zipfile.ZipFile(file) as packed:
        is_large = sum(part.file_size for part in packed.infolist()) > _READ_WHOLE_BYTES
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "DrawingML support is incomplete")  # what it leaves out is read below
        book = load_workbook(file, read_only=is_large, data_only=True)
    boxes = boxes_of(file)
    blocks = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        if not _UNNAMED.fullmatch(sheet.title):
            blocks.append(Block(text=tidy(sheet.title), level=2))
        blocks += [Block(text=text) for text in lines_of(list(shown_rows(sheet)))]
        blocks += [Block(text=tidy(text)) for text in boxes.get(sheet.title, ())]
    return "", blocks
