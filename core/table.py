"""Tables in: CSV (UTF-8 with or without BOM, CP932) and Excel become rows of text by column name."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

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
    """Read a CSV or xlsx file.

    Raises:
        NotFound: there is no such file.
        TooLarge: over 100 MB.
        UnreadableTable: neither CSV nor Excel, unknown characters, or no header row.
    """
    if not path.is_file():
        raise NotFound(f"ファイル {path.name} が見つかりません。")
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(f"ファイル {path.name} が大きすぎます。100 MB までにしてください。")
    lines = _excel_lines(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv_lines(path)
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


def _has_japanese(text: str) -> bool:
    return any("\u3000" <= c <= "\u9fff" for c in text)


def _excel_lines(path: Path) -> list[tuple[int, list[str]]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            rows = book.worksheets[0].iter_rows(values_only=True)
            return [(number, [_cell(v) for v in row]) for number, row in enumerate(rows, 1)]
        finally:
            book.close()
    except (InvalidFileException, *_BROKEN_EXCEL):
        raise UnreadableTable(f"ファイル {path.name} をExcelとして読み取れません。xlsx 形式で保存し直してください。") from None


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
