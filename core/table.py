"""Tables in: CSV (in any encoding of Japanese), Excel and JSON become rows of text by column name."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from core.cell import written
from core.confined import GaveUp, run_confined
from core.encodings import decoded
from core.errors import InvalidInput, NotFound, TooLarge, UnreadableTable

MAX_BYTES = 100_000_000
MAX_CELLS = 5_000_000  #: of a sheet, also those that a line of commas or a key of another row makes: each takes memory and time
HEADER_WITHIN_LINES = 10
_SNIFFED_CHARS = 10_000
_QUOTED = re.compile('"[^"]*"?')
_HIDDEN_ROW = "非表示の行です。登録するときは、Excel で再表示し（フィルターで絞っているときは解除し）、保存し直してください"
_WORKBOOKS = (".xlsx", ".xlsm")
_ALL_SHEETS = "core.workbook:all_sheets"
LONGEST_CELL_CHARS = 100_000
UNSTORABLE = re.compile("[\\0\\ud800-\\udfff]")  #: characters that no database keeps
csv.field_size_limit(MAX_BYTES)  # a cell that is too long is its row's fault, not its file's

_ENCRYPTED_OR_OLD = b"\xd0\xcf\x11\xe0"  #: how Microsoft's files begin that are no zip archive

_Line = tuple[int, list[str | None]]  # its number and its cells; None for a value that is no cell


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, and its cells by column name."""

    number: int
    cells: dict[str, str]
    surplus: bool = False  #: more cells than columns: somewhere a comma stands outside quotes
    fault: str | None = None  #: why nothing of it can be believed or was meant, for people
    alone: str = ""  #: what stands in it where a single cell has anything, under whatever column: a heading of rows

    @property
    def wrong(self) -> str | None:
        """Why nothing of it may be taken, for people."""
        return "見出しより多くの列があります。コンマのある文章は引用符で囲んでください" if self.surplus else self.fault


@dataclass(frozen=True, slots=True)
class Table:
    """A read file."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    title: str = ""  #: what stands above the columns' names, and how the sheet is called
    hidden: tuple[str, ...] = ()  #: names of columns that a workbook does not show, though there is something in them


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
        shown, hidden = _sheets_of(path, name)
        return Book(name, tuple(Sheet.of(*sheet) for sheet in shown), tuple(hidden))
    return Book(name, (Sheet("", (_json_lines if suffix == ".json" else _csv_lines)(path, name)),))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as lines of cells, with the numbers of those rows and columns that it does not show."""

    title: str
    lines: list[_Line]
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()

    @classmethod
    def of(cls, title: str, rows: Sequence[Sequence[str]], hidden_rows: Sequence[int], hidden_columns: Sequence[int]) -> Sheet:
        """As `core.workbook.Sheet` says it."""
        lines: list[_Line] = [(number, [*row]) for number, row in enumerate(rows, 1)]
        return cls(title, lines, frozenset(hidden_rows), frozenset(hidden_columns))


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets that a file shows; a CSV has one. It is read once, whatever is asked of it."""

    name: str
    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...] = ()  #: the titles of sheets that it does not show: nothing of them is read

    def table(self, is_header: Callable[[Table], bool]) -> Table:
        """The first sheet. Its columns are named in the first line, or in the one of the first ten that `is_header` knows: above
        it may be a title. Raises UnreadableTable: nothing is written there, or no header row."""
        lines = self.sheets[0].lines if self.sheets else []
        if not lines:
            raise UnreadableTable(f"ファイル {self.name} には何も書かれていません。")
        at = _header_at(lines, is_header) or 0
        columns = _header(lines[at][1]).columns
        if not any(columns):
            raise UnreadableTable(f"ファイル {self.name} の1行目に列名がありません。1行目を列名にして保存し直してください。")
        if UNSTORABLE.search("".join(columns)):
            raise UnreadableTable(f"ファイル {self.name} の列名に使えない文字があります。文字化けがないかを確かめてください。")
        return _table(self.sheets[0], at)

    def further(self, is_header: Callable[[Table], bool]) -> Iterator[tuple[str, Table | None]]:
        """The sheets after the first that have anything on them: a table where `is_header` knows one of the first ten lines."""
        for sheet in self.sheets[1:]:
            if any(_filled(cell) for _, cells in sheet.lines for cell in cells):
                at = _header_at(sheet.lines, is_header)
                yield sheet.title, None if at is None else _table(sheet, at)

    def headers(self) -> Iterator[tuple[str, int, Table]]:
        """Every row of every sheet as if it named columns, with its sheet and number."""
        for sheet in self.sheets:
            for number, cells in sheet.lines:
                yield sheet.title, number, _header(cells)


def _header_at(lines: Sequence[_Line], is_header: Callable[[Table], bool]) -> int | None:
    """The place of the line that names the columns; None where there is none within the first ten."""
    return next((n for n, (_, cells) in enumerate(lines[:HEADER_WITHIN_LINES]) if is_header(_header(cells))), None)


def _table(sheet: Sheet, at: int) -> Table:
    columns = _header(sheet.lines[at][1]).columns
    below = sheet.lines[at + 1 :]
    said = [line for line in below if any(_filled(v) for v in line[1]) and not _repeats(columns, line[1])]
    filled = [n for n in sorted(sheet.hidden_columns) if any(_filled(v) for _, cells in said for v in cells[n - 1 : n])]
    hidden = tuple(columns[n - 1] for n in filled if n <= len(columns))
    rows = [_row(columns, *line) for line in said]
    shown = (replace(row, fault=_HIDDEN_ROW) if row.number in sheet.hidden_rows else row for row in rows)
    title = " ".join([sheet.title, *(v.strip() for _, cells in sheet.lines[:at] for v in cells if v and v.strip())])
    return Table(columns, tuple(shown), title, hidden)


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
    filled = [(v or "").strip() for v in cells if _filled(v)]
    alone = filled[0] if len(filled) == 1 else ""
    return Row(number, {c: (v or "").strip() for c, v in named}, surplus=surplus, fault=fault, alone=alone)


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
    return "|".join(written(v) for v in values)


def _is_plain(value: object) -> bool:
    """Text, or a number that is one: true and NaN are nobody's answer."""
    return isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value))


def _sheets_of(path: Path, name: str) -> tuple[list[Any], list[str]]:
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
        shown, hidden = said
        return shown, hidden
    except TypeError:
        raise UnreadableTable(f"ファイル {name} をExcelとして読み取れません。xlsx 形式で保存し直してください。") from None
    except GaveUp:
        raise InvalidInput(
            f"ファイル {name} は、大きすぎるか特殊な形のため、決めた時間とメモリの中で読み取れませんでした。"
            "分けるか、別の名前で保存し直してください。"
        ) from None
