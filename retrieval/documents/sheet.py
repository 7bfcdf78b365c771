"""A sheet of a workbook in, its rows of cells out as they are shown: numbers in their form, merged cells as one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from openpyxl.utils.escape import unescape

from core.number_form import shown_number
from retrieval.documents.block import tidy
from retrieval.documents.grid import Cell


def shown_rows(sheet: Any) -> Iterator[list[Cell]]:
    """The rows of a sheet. Of one that is only read through (`read_only`), merged and hidden cells are not known."""
    merged = _merged(sheet)
    named = [column for column in getattr(sheet, "column_dimensions", {}).values() if column.hidden]
    hidden = {number for column in named for number in range(column.min, column.max + 1)}  # those side by side have one name
    for row in sheet.iter_rows():
        if row and getattr(sheet, "row_dimensions", None) and sheet.row_dimensions[row[0].row].hidden:
            continue
        kept = [c for c in row if getattr(c, "column", None) not in hidden]
        yield [merged.get((c.row, c.column)) or Cell(text=tidy(shown(c))) if hasattr(c, "row") else Cell(text="") for c in kept]


def _merged(sheet: Any) -> dict[tuple[int, int], Cell]:
    """Every place of merged cells with the one cell that stands there."""
    places: dict[tuple[int, int], Cell] = {}
    for area in getattr(sheet, "merged_cells", ()):
        cell = Cell(text=tidy(shown(sheet.cell(area.min_row, area.min_col))))
        places |= dict.fromkeys(_every(area, sheet), cell)
    return places


def _every(area: Any, sheet: Any) -> Iterator[tuple[int, int]]:
    """The places of an area that the sheet has."""
    for r in range(area.min_row, min(area.max_row, sheet.max_row) + 1):
        for c in range(area.min_col, min(area.max_col, sheet.max_column) + 1):
            yield r, c


def shown(cell: Any) -> str:
    """A value as its cell shows it: 50%, 1,200円, 2026年9月30日."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        day = f"{value.year}年{value.month}月{value.day}日"
        return day if value.time() == time() else f"{day} {value:%H:%M}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return unescape(str(value))
    return shown_number(value, str(cell.number_format)) or f"{value:.15g}"
