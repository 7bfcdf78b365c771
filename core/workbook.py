"""A workbook in, the cells of its sheets as text out, and what of it is hidden. Runs in a confined process."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import compress
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from core.cell import written
from core.number_form import shown_number

_TAG = re.compile(rb"<(?:\w+:)?(mergeCell|row|col)(\s[^<>]*)>")
_ATTRIBUTE = re.compile(rb"""\s(\w+)=["']([^"']*)["']""")
_AREA = re.compile(rb"([A-Z]{1,3})([1-9]\d{0,6}):[A-Z]{1,3}([1-9]\d{0,6})")
_BLOCK_BYTES, _LONGEST_TAG_BYTES = 1 << 20, 500
_MOST_COLUMNS = 16_384

# What openpyxl lets through, besides its own error, of the parts of a damaged workbook.
_BROKEN_EXCEL = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    TypeError,
    ValueError,
)

Sheet = tuple[str, list[list[str]], list[int], list[int]]
"""Its name, its rows of cells, and the numbers of the rows and of the columns that it hides, from 1."""


@dataclass(frozen=True, slots=True)
class _Marks:
    """What a sheet says beside its cells, which openpyxl does not tell of one that is only read through."""

    merged: list[tuple[int, int, int]] = field(default_factory=list)  #: areas: first column, first row and last row, from 0
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)


def all_sheets(path: str) -> tuple[list[Sheet], list[str]] | None:
    """The sheets that a workbook shows, and the names of those that it hides; None when it is none."""
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            return [_read(s) for s in shown], [s.title for s in book.worksheets if s not in shown]
        finally:
            book.close()
    except (InvalidFileException, *_BROKEN_EXCEL):
        return None


def _read(sheet: Any) -> Sheet:
    """A cell that is merged over several rows is in each: 「職員」 beside three questions is said of all. A row of nothing else
    is only the lower part of the one above it."""
    rows = [[unescape(_text_of(cell)) for cell in row] for row in sheet.iter_rows()]
    has_its_own = [any(map(str.strip, row)) for row in rows]
    marks = _marks_of(sheet)
    for at, top, bottom in marks.merged:
        said = rows[top][at : at + 1] if top < len(rows) else []
        below = slice(top + 1, bottom + 1) if any(said) else slice(0)
        for row in compress(rows[below], has_its_own[below]):
            row.extend([""] * (at + 1 - len(row)))
            row[at] = said[0]
    return sheet.title, rows, marks.hidden_rows, marks.hidden_columns


def _marks_of(sheet: Any) -> _Marks:
    marks, number = _Marks(), 0
    for tag, said in _tags(sheet):
        is_hidden = said.get(b"hidden") in (b"1", b"true")
        if tag == b"mergeCell" and (area := _AREA.fullmatch(said.get(b"ref", b""))):
            marks.merged.append((column_index_from_string(area[1].decode()) - 1, int(area[2]) - 1, int(area[3]) - 1))
        elif tag == b"row":
            number = int(said.get(b"r", number + 1))
            marks.hidden_rows.extend([number] if is_hidden else ())
        elif tag == b"col" and is_hidden:
            marks.hidden_columns.extend(range(int(said[b"min"]), min(int(said[b"max"]), _MOST_COLUMNS) + 1))
    return marks


def _tags(sheet: Any) -> Iterator[tuple[bytes, dict[bytes, bytes]]]:
    """The tags of a sheet that say something beside its cells, with their attributes."""
    with sheet._get_source() as source:
        before = b""
        while block := source.read(_BLOCK_BYTES):
            text, end = before + block, 0
            for found in _TAG.finditer(text):
                end = found.end()
                yield found[1], dict(_ATTRIBUTE.findall(found[2]))
            before = text[max(end, len(text) - _LONGEST_TAG_BYTES) :]


def _text_of(cell: Any) -> str:
    """A cell as Excel writes it into a CSV, numbers in their form: 0012 is no 12."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return shown_number(value, str(cell.number_format)) or written(value)
    return written(value)
