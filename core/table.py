"""Tables in: CSV (in any encoding of Japanese), Excel and JSON become rows of text by column name."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import compress, zip_longest
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from core.confined import GaveUp, run_confined
from core.encodings import decoded
from core.errors import InvalidInput, NotFound, TooLarge, UnreadableTable
from core.number_form import shown_number

MAX_BYTES = 100_000_000
MAX_CELLS = 5_000_000  #: of a sheet, also those that a line of commas or a key of another row makes: each takes memory and time
HEADER_WITHIN_LINES = 10
_SNIFFED_CHARS = 10_000
_QUOTED = re.compile('"[^"]*"?')
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^<>]*?ref=["']([A-Z]{1,3})([1-9]\d{0,6}):[A-Z]{1,3}([1-9]\d{0,6})["'][^<>]*>""")
_BLOCK_BYTES, _LONGEST_TAG_BYTES = 1 << 20, 250
_WORKBOOKS = (".xlsx", ".xlsm")
_ALL_SHEETS = "core.table:all_sheets"
LONGEST_CELL_CHARS = 100_000
UNSTORABLE = re.compile("[\\0\\ud800-\\udfff]")  #: characters that no database keeps
csv.field_size_limit(MAX_BYTES)  # a cell that is too long is its row's fault, not its file's

_ENCRYPTED_OR_OLD = b"\xd0\xcf\x11\xe0"  #: how Microsoft's files begin that are no zip archive

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


_Line = tuple[int, list[str | None]]  # its number and its cells; None for a value that is no cell


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, and its cells by column name."""

    number: int
    cells: dict[str, str]
    surplus: bool = False  #: more cells than columns: somewhere a comma stands outside quotes
    fault: str | None = None  #: why its cells can't be believed, for people

    @property
    def wrong(self) -> str | None:
        """Why nothing of it may be taken, for people."""
        return "見出しより多くの列があります。コンマのある文章は引用符で囲んでください" if self.surplus else self.fault


@dataclass(frozen=True, slots=True)
class Table:
    """A read file."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path, is_header: Callable[[Table], bool] = lambda _: False) -> Table:
    """The table of a file, or of a workbook's first sheet. Raises as `read_book` and `Book.table` do."""
    return read_book(path).table(is_header)


def read_book(path: Path, name: str = "") -> Book:
    """Read a CSV, xlsx or JSON file (a list of objects; each is a row). People know it by `name`, where that is not its own.

    Raises:
        NotFound: there is no such file.
        TooLarge: over 100 MB.
        UnreadableTable: not in any of these forms, or unknown characters.
        InvalidInput: a workbook that takes too much memory or time.
    """
    name = name or path.name
    if not path.is_file():
        raise NotFound(f"ファイル {name} が見つかりません。")
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(f"ファイル {name} が大きすぎます。100 MB までにしてください。")
    suffix = path.suffix.lower()
    if suffix in _WORKBOOKS:
        return Book(name, tuple((str(title), _numbered(rows)) for title, rows in _sheets_of(path, name)))
    return Book(name, (("", (_json_lines if suffix == ".json" else _csv_lines)(path, name)),))


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets of a file by their titles, as lines of cells; a CSV has one. It is read once, whatever is asked of it."""

    name: str
    sheets: tuple[tuple[str, list[_Line]], ...]

    def table(self, is_header: Callable[[Table], bool]) -> Table:
        """The first sheet. Its columns are named in the first line, or in the one of the first ten that `is_header` knows: above
        it may be a title. Raises UnreadableTable: nothing is written there, or no header row."""
        lines = self.sheets[0][1] if self.sheets else []
        if not lines:
            raise UnreadableTable(f"ファイル {self.name} には何も書かれていません。")
        at = _header_at(lines, is_header) or 0
        columns = _header(lines[at][1]).columns
        if not any(columns):
            raise UnreadableTable(f"ファイル {self.name} の1行目に列名がありません。1行目を列名にして保存し直してください。")
        if UNSTORABLE.search("".join(columns)):
            raise UnreadableTable(f"ファイル {self.name} の列名に使えない文字があります。文字化けがないかを確かめてください。")
        return _table(lines, at)

    def further(self, is_header: Callable[[Table], bool]) -> Iterator[tuple[str, Table | None]]:
        """The sheets after the first that have anything on them: a table where `is_header` knows one of the first ten lines."""
        for title, lines in self.sheets[1:]:
            if any(_filled(cell) for _, cells in lines for cell in cells):
                at = _header_at(lines, is_header)
                yield title, None if at is None else _table(lines, at)

    def headers(self) -> Iterator[tuple[str, int, Table]]:
        """Every row of every sheet as if it named columns, with its sheet and number."""
        for title, lines in self.sheets:
            for number, cells in lines:
                yield title, number, _header(cells)


def _header_at(lines: Sequence[_Line], is_header: Callable[[Table], bool]) -> int | None:
    """The place of the line that names the columns; None where there is none within the first ten."""
    return next((n for n, (_, cells) in enumerate(lines[:HEADER_WITHIN_LINES]) if is_header(_header(cells))), None)


def _table(lines: Sequence[_Line], at: int) -> Table:
    columns = _header(lines[at][1]).columns
    said = [line for line in lines[at + 1 :] if any(_filled(v) for v in line[1]) and not _repeats(columns, line[1])]
    return Table(columns, tuple(_row(columns, *line) for line in said))


def _repeats(columns: Sequence[str], cells: Sequence[str | None]) -> bool:
    """Whether a line only names the columns again, as one does that begins a page."""
    named = zip_longest(columns, cells[: len(columns)], fillvalue="")
    surplus = any(_filled(v) for v in cells[len(columns) :])
    return not surplus and all(cell is not None and cell.strip() in ("", c) for c, cell in named)


def _header(cells: Sequence[str | None]) -> Table:
    return Table(tuple((c or "").strip() for c in cells), ())


def _row(columns: Sequence[str], number: int, cells: Sequence[str | None]) -> Row:
    named = [(c, v) for c, v in zip(columns, cells, strict=False) if c]
    fault = None
    if unreadable := [c for c, v in named if v is None]:
        fault = f"{'、'.join(unreadable)} が文章でも数でもありません"
    elif twice := _told_twice(named):
        fault = f"「{twice}」という列が2つあり、書いてあることが違います"
    elif any(_filled(v) for c, v in zip(columns, cells, strict=False) if not c):
        fault = "列名のない列に文章があります。列名を書いてください"
    elif UNSTORABLE.search("".join(v or "" for _, v in named)):
        fault = "使えない文字があります。文字化けがないかを確かめてください"
    elif too_long := [c for c, v in named if v and len(v) > LONGEST_CELL_CHARS]:
        fault = f"{'、'.join(too_long)} の文章が長すぎます"
    surplus = any(_filled(v) for v in cells[len(columns) :])
    return Row(number, {c: (v or "").strip() for c, v in named}, surplus=surplus, fault=fault)


def _told_twice(named: Sequence[tuple[str, str | None]]) -> str | None:
    """The first column that has another value under its name before it."""
    first: dict[str, str | None] = {}
    return next((c for c, v in named if first.setdefault(c, v) != v), None)


def _filled(cell: str | None) -> bool:
    return cell is None or bool(cell.strip())


def _csv_lines(path: Path, name: str) -> list[_Line]:
    raw = path.read_bytes()
    unreadable = UnreadableTable(f"ファイル {name} をCSVとして読み取れません。UTF-8 か Shift_JIS で保存し直してください。")
    try:
        text = decoded(raw)
    except UnicodeError:
        raise unreadable from None
    lines: list[_Line] = []
    cells_in_all = 0
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True):
            lines.append((len(lines) + 1, [*cells]))
            cells_in_all += len(cells)
            _refuse_too_many(name, cells_in_all)
    except csv.Error:  # else a quotation mark left open would swallow the rows after it
        raise UnreadableTable(
            f"ファイル {name} の {len(lines) + 1}行目を読み取れません。"
            '引用符(")が閉じているか、文章の中の引用符が2つ重ねて("")書かれているかを確かめてください。'
        ) from None
    return lines


def _delimiter(text: str) -> str:
    """What stands between cells: a comma, or what more of the first lines have as often as each other in its place, as Excel's
    Unicode text has tabs. A title and sentences may have any of them."""
    lines = _QUOTED.sub("", text[:_SNIFFED_CHARS]).splitlines()[:HEADER_WITHIN_LINES]
    counts = {sign: Counter(line.count(sign) for line in lines if sign in line) for sign in ",\t;"}
    return max(counts, key=lambda sign: max(((times, many) for many, times in counts[sign].items()), default=(0, 0)))


def _json_lines(path: Path, name: str) -> list[_Line]:
    """The keys of all objects as columns; lists are joined by 「|」 as in a CSV cell."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(row := dict(pairs)) < len(pairs):
            raise UnreadableTable(f"ファイル {name} に同じ項目名が2つある行があります。1つだけ残して保存し直してください。")
        return row

    try:
        rows = json.loads(path.read_bytes(), object_pairs_hook=once)
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableTable(f"ファイル {name} をJSONとして読み取れません。項目の一覧 [{{…}}, {{…}}] の形にしてください。")
    if not rows:
        return []
    columns: list[str] = list(dict.fromkeys(str(key) for row in rows for key in row))
    _refuse_too_many(name, len(columns) * len(rows))
    return [(0, [*columns]), *((number, [_json_cell(row.get(c)) for c in columns]) for number, row in enumerate(rows, 1))]


def _refuse_too_many(name: str, cells: int) -> None:
    """Raises TooLarge for more cells than a table may have."""
    if cells > MAX_CELLS:
        raise TooLarge(
            f"ファイル {name} は、行と列が多すぎます。セルが{MAX_CELLS // 10_000}万個までになるように、"
            "空の列を除くか、分けて保存してください。"
        )


def _json_cell(value: object) -> str | None:
    """A value as a cell of a CSV; None for what no cell could hold."""
    values = value if isinstance(value, list) else [value]
    if not all(v is None or _is_plain(v) for v in values):
        return None
    return "|".join(_cell(v) for v in values)


def _is_plain(value: object) -> bool:
    """Text, or a number that is one: true and NaN are nobody's answer."""
    return isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value))


def _numbered(rows: Sequence[Sequence[object]]) -> list[_Line]:
    return [(number, [str(cell) for cell in row]) for number, row in enumerate(rows, 1)]


def _sheets_of(path: Path, name: str) -> list[Any]:
    """What `all_sheets` says of a workbook in a confined process. Raises UnreadableTable for what is none, InvalidInput for what
    is too much for it."""
    with path.open("rb") as file:
        locked = file.read(len(_ENCRYPTED_OR_OLD)) == _ENCRYPTED_OR_OLD
    if locked:
        raise UnreadableTable(
            f"ファイル {name} は、パスワードが付いているか、古い形式のExcelです。"
            "パスワードを外し、xlsx 形式で保存し直してください。"
        )
    try:
        said: Any = run_confined(_ALL_SHEETS, path)
        return [*said]
    except TypeError:
        raise UnreadableTable(f"ファイル {name} をExcelとして読み取れません。xlsx 形式で保存し直してください。") from None
    except GaveUp:
        raise InvalidInput(
            f"ファイル {name} は、大きすぎるか特殊な形のため、決めた時間とメモリの中で読み取れませんでした。"
            "分けるか、別の名前で保存し直してください。"
        ) from None


def all_sheets(path: str) -> list[tuple[str, list[list[str]]]] | None:
    """The cells of the sheets that a workbook shows, with their names; None when it is none. Runs in a confined process."""
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            return [(s.title, _rows_of(s)) for s in shown]
        finally:
            book.close()
    except (InvalidFileException, *_BROKEN_EXCEL):
        return None


def _rows_of(sheet: Any) -> list[list[str]]:
    """A sheet's cells. One that is merged over several rows is in each: 「職員」 beside three questions is said of all. A row of
    nothing else is only the lower part of the one above it."""
    rows = [[unescape(_of_workbook(cell)) for cell in row] for row in sheet.iter_rows()]
    has_its_own = [any(map(str.strip, row)) for row in rows]
    for at, top, bottom in _merged(sheet):
        said = rows[top][at : at + 1] if top < len(rows) else []
        below = slice(top + 1, bottom + 1) if any(said) else slice(0)
        for row in compress(rows[below], has_its_own[below]):
            row.extend([""] * (at + 1 - len(row)))
            row[at] = said[0]
    return rows


def _merged(sheet: Any) -> Iterator[tuple[int, int, int]]:
    """The areas of a sheet that are merged, which openpyxl does not tell of one that is only read through: the column that they
    begin in, their first row and their last, from 0."""
    with sheet._get_source() as source:
        before = b""
        while block := source.read(_BLOCK_BYTES):
            text, end = before + block, 0
            for found in _MERGED.finditer(text):
                end = found.end()
                yield column_index_from_string(found[1].decode()) - 1, int(found[2]) - 1, int(found[3]) - 1
            before = text[max(end, len(text) - _LONGEST_TAG_BYTES) :]


def _of_workbook(cell: Any) -> str:
    """A cell as Excel writes it into a CSV, numbers in their form: 0012 is no 12."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return shown_number(value, str(cell.number_format)) or _cell(value)
    return _cell(value)


def _cell(value: object) -> str:
    """A value as a person would type it into a CSV: ISO dates, with the hour if any; whole numbers without a point."""
    match value:
        case None:
            text = ""
        case datetime():
            midnight = (value.hour, value.minute) == (0, 0)
            text = value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
        case date():
            text = value.isoformat()
        case time():
            text = value.isoformat("minutes")
        case timedelta():
            text = _hours(value)
        case bool():
            text = str(value).upper()
        case float() if value.is_integer():
            text = str(int(value))
        case _:
            text = str(value)
    return text


def _hours(length: timedelta) -> str:
    """A length of time as a workbook shows it, over a day too: 26:00."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
