"""Rows of a sheet or of a Word table in, a line of text for each out, in which the names of columns say what the values are.

Clerks write more than tables into rows: titles, notes, several tables one under another, and forms of names with their values. A
name that stands before the wrong value would be worse than none, so a row names columns only where it looks like that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from retrieval.documents.grid import Cell, Row, are_two_named, lines_of_grid, under_first

_NOTE = re.compile(r"[※＊*]|[（(]?注(?:意|記)?[\d\s:：）)]")
_MARK = re.compile(r"[(（]?[\d一二三四五六七八九十ア-ン]{1,3}[)）.．]?|[・○●◎■□◆※①-⑳]")
_DIGIT = re.compile(r"\d")
_VALUE = re.compile(r"[-+▲△¥$(（]*[\d,.]+\s*(?:円|%|万円|千円)?[)）]?|\d+年\d+月\d+日(?: \d+:\d\d)?|\d+:\d\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_AMOUNT = re.compile(r"[¥約]?[\d,.]+\s*(?:円|%|万円|千円|割)?(?:/\S{1,4})?|\d+分の\d+")
_LONGEST_NAME_CHARS = 30
_AMOUNTS = 0.75  #: of the values below the name of a column of them


def lines_of(rows: Sequence[Row]) -> Iterator[str]:
    """One line a row: 「品目: 机、手数料: 500円」 under names of columns, 「対象者: 市民」 in a form of names and values; titles
    and notes as they are."""
    head: list[Row] = []
    for part in _parts(rows):
        body = list(part)
        while body and len(_filled(body[0])) == 1:
            yield _filled(body.pop(0))[0].text
        if not body:
            continue
        if _names_columns(body, is_first=not head):
            table = under_first(body)
            head = [row for row in table if all(cell.is_heading for cell in row)]
            yield from lines_of_grid(table)
        elif head and _fits(body, head):
            yield from lines_of_grid([*head, *body])
        else:
            yield from map(_as_form, body)


def _parts(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """What stands between empty rows and notes; a title that is merged over several rows stands in the first."""
    part: list[Row] = []
    last: Sequence[Cell] = ()
    for row in rows:
        filled = _filled(row)
        if part and (not filled or _is_note(filled)):
            yield part
            part = []
        if filled and not (len(filled) == 1 and filled == last):
            part.append(row)
        last = filled
    if part:
        yield part


def _filled(row: Row) -> list[Cell]:
    return [cell for cell in dict.fromkeys(row) if cell.text]


def _is_note(filled: Sequence[Cell]) -> bool:
    return len(filled) == 1 and _NOTE.match(unicodedata.normalize("NFKC", filled[0].text)) is not None


def _names_columns(body: Sequence[Row], *, is_first: bool) -> bool:
    """Whether the first row says what those below it are. One of two cells may be a name with its value, unless there
    are no names below it, and one after a table may go on in that: those need values below that they are not."""
    names, below = _filled(body[0]), body[1:]
    if not below or _has_values(names):
        return False
    left = [_filled(row)[0].text for row in below]
    is_of_names = not all(map(_is_value, left)) and not are_two_named([_filled(row) for row in body])
    if is_of_names and max(len(_filled(row)) for row in body) == 2:
        return _is_column_of_amounts([row[body[0].index(names[-1])].text for row in below if len(row) == len(body[0])])
    return is_first or any(_is_column_of_numbers(body, at) for at, cell in enumerate(body[0]) if cell.text)


def _has_values(names: Sequence[Cell]) -> bool:
    """Whether some of what may be names are none. Years side by side are: 「区分」「2025」「2026」."""
    values = [cell.text for cell in names if _is_value(cell.text)]
    return bool(values) and not (len(values) > 1 and all(map(_YEAR.fullmatch, values)))


def _is_value(text: str) -> bool:
    """Whether a cell is no name: a sentence, a number or a day."""
    plain = unicodedata.normalize("NFKC", text)
    return len(text) > _LONGEST_NAME_CHARS or "。" in text or _VALUE.fullmatch(plain) is not None


def _is_column_of_amounts(values: Sequence[str]) -> bool:
    amounts = [v for v in values if _AMOUNT.fullmatch(unicodedata.normalize("NFKC", v))]
    return len(amounts) > 1 and len(amounts) >= _AMOUNTS * len(values)


def _is_column_of_numbers(body: Sequence[Row], at: int) -> bool:
    """Whether each value of a column has a digit in it, and its name none."""
    values = [row[at].text for row in body[1:] if at < len(row) and row[at].text]
    return bool(values) and not _DIGIT.search(body[0][at].text) and all(map(_DIGIT.search, values))


def _fits(body: Sequence[Row], head: Sequence[Row]) -> bool:
    """Whether rows have values under names of columns alone."""
    named = {at for row in head for at, cell in enumerate(row) if cell.text}
    return len(named) > 2 and all(at in named for row in body for at, cell in enumerate(row) if cell.text)


def _as_form(row: Row) -> str:
    """「1 届出人の氏名を書く。」 after the number of an item, 「対象者: 市民」 of a name and its value."""
    first, *others = _filled(row)
    if others and _MARK.fullmatch(unicodedata.normalize("NFKC", first.text)):
        return f"{first.text} {'、'.join(cell.text for cell in others)}"
    if _is_to_be_filled_in(row):
        return "、".join(cell.text for cell in (first, *others))
    is_named = len(others) == 1 and not _is_value(first.text)
    return next(iter(lines_of_grid([[replace(first, is_heading=is_named), *others]])))


def _is_to_be_filled_in(row: Row) -> bool:
    """Whether a form asks for two things side by side: 「所属」, a blank, 「氏名」, a blank."""
    return [bool(cell.text) for cell in dict.fromkeys(row)] == [True, False, True, False]
