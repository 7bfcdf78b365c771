"""Tables in: CSV (UTF-8 with or without BOM, CP932), Excel and JSON become rows of text by column name."""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.confined import GaveUp, run_confined
from core.errors import NotFound, TooLarge, UnreadableTable

MAX_BYTES = 100_000_000
_ENCODINGS = ("utf-8-sig", "cp932")

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


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, and its cells by column name."""

    number: int
    cells: dict[str, str]
    surplus: bool = False  #: more cells than columns: somewhere a comma stands outside quotes


@dataclass(frozen=True, slots=True)
class Table:
    """A read file."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path) -> Table:
    """Read a CSV, xlsx or JSON file (a list of objects; each is a row).

    Raises:
        NotFound: there is no such file.
        TooLarge: over 100 MB.
        UnreadableTable: not in any of these forms, unknown characters, or no header row.
    """
    if not path.is_file():
        raise NotFound(f"ファイル {path.name} が見つかりません。")
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(f"ファイル {path.name} が大きすぎます。100 MB までにしてください。")
    read = {".xlsx": _excel_lines, ".xlsm": _excel_lines, ".json": _json_lines}.get(path.suffix.lower(), _csv_lines)
    lines = read(path)
    if not lines:
        raise UnreadableTable(f"ファイル {path.name} には何も書かれていません。")
    columns = tuple(c.strip() for c in lines[0][1])
    if not any(columns):
        raise UnreadableTable(f"ファイル {path.name} の1行目に列名がありません。1行目を列名にして保存し直してください。")
    rows = [
        Row(
            number,
            {c: v.strip() for c, v in zip(columns, cells, strict=False) if c},
            surplus=any(v.strip() for v in cells[len(columns) :]),
        )
        for number, cells in lines[1:]
        if any(v.strip() for v in cells)
    ]
    return Table(columns, tuple(rows))


def _csv_lines(path: Path) -> list[tuple[int, list[str]]]:
    raw = path.read_bytes()
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as e:
            if _has_japanese(raw[: e.start].decode(encoding, "ignore")):
                break  # damaged, and the other encoding would make other words of it
            continue
        if "\0" in text:
            break
        try:
            return list(enumerate(csv.reader(io.StringIO(text, newline="")), 1))
        except csv.Error:
            break
    raise UnreadableTable(f"ファイル {path.name} をCSVとして読み取れません。UTF-8 か Shift_JIS で保存し直してください。")


def _json_lines(path: Path) -> list[tuple[int, list[str]]]:
    """The keys of all objects as columns; lists are joined by 「|」 as in a CSV cell."""
    try:
        rows = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableTable(f"ファイル {path.name} をJSONとして読み取れません。項目の一覧 [{{…}}, {{…}}] の形にしてください。")
    if not rows:
        return []
    columns = list(dict.fromkeys(str(key) for row in rows for key in row))
    return [(0, columns), *((number, [_json_cell(row.get(c)) for c in columns]) for number, row in enumerate(rows, 1))]


def _json_cell(value: object) -> str:
    return "|".join(_cell(v) for v in value) if isinstance(value, list) else _cell(value)


def _has_japanese(text: str) -> bool:
    return any("\u3000" <= c <= "\u9fff" for c in text)


def _excel_lines(path: Path) -> list[tuple[int, list[str]]]:
    try:
        said: Any = run_confined("core.table:excel_rows", path)
        return [(number, [str(cell) for cell in row]) for number, row in enumerate(said, 1)]
    except (GaveUp, TypeError):
        raise UnreadableTable(f"ファイル {path.name} をExcelとして読み取れません。xlsx 形式で保存し直してください。") from None


def excel_rows(path: str) -> list[list[str]] | None:
    """The cells of a workbook's first sheet; None when it is none. Runs in a confined process."""
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            return [[_cell(v) for v in row] for row in book.worksheets[0].iter_rows(values_only=True)]
        finally:
            book.close()
    except (InvalidFileException, *_BROKEN_EXCEL):
        return None


def _cell(value: object) -> str:
    """A cell as a person would type it into a CSV: ISO dates, with the hour if any; whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute) == (0, 0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
