"""A list of staff as the personnel office keeps it: who is new, who has moved, and what each may do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import InvalidInput
from core.table import Row, Table, read_table
from server.accounts.account import ALL, Account, Right, account_id, fit_department, fit_name, plain_id

_COLUMNS = {"職員番号": "id", "氏名": "name", "担当課": "department", "権限": "rights"}
_NEEDED = {"id", "name"}
_BETWEEN = re.compile(r"[,、・|\s]+")
_ALL, _NONE = ("all", "すべて"), ("none", "なし")
_MOST_TOLD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line. What it doesn't say stays as it is."""

    id: str
    name: str
    department: str | None
    rights: frozenset[Right] | None

    def of(self, before: Account | None) -> Account:
        """The account as it is to be."""
        known = before or Account(id=self.id, name=self.name)
        return replace(
            known,
            name=self.name,
            department=known.department if self.department is None else self.department,
            rights=known.rights if self.rights is None else self.rights,
        )


def read_roster(path: Path) -> list[Listed]:
    """Raises InvalidInput with what is wrong in which rows: nothing is done with a list that has a fault; and as `read_table`."""
    table = read_table(path, _is_roster)
    if not _is_roster(table):
        raise InvalidInput("「職員番号」と「氏名」の列がありません。1行目を、職員番号、氏名、担当課、権限にしてください。")
    listed: list[Listed] = []
    faults: list[str] = []
    for row in table.rows:
        try:
            listed.append(_listed(row))
        except InvalidInput as e:
            faults.append(f"{row.number}行目: {e.message}")
    faults += [f"職員番号「{i}」が{n}行あります。" for i, n in Counter(one.id for one in listed).items() if n > 1]
    if faults:
        more = [f"ほかに{len(faults) - _MOST_TOLD}件あります。"] if len(faults) > _MOST_TOLD else []
        raise InvalidInput("\n".join(["1件も登録していません。次の行を直してください。", *faults[:_MOST_TOLD], *more]))
    return listed


def rights_of(written: str) -> frozenset[Right]:
    """Rights by their names, in Japanese or as a program writes them. Raises InvalidInput."""
    names = {name for name in _BETWEEN.split(plain_id(written)) if name} - set(_NONE)
    if names & set(_ALL):
        return ALL
    known = {name: right for right in Right for name in (right.value, right.label)}
    if unknown := sorted(names - known.keys()):
        raise InvalidInput(
            f"「{'、'.join(unknown)}」という権限はありません。権限は {'、'.join(right.label for right in Right)} です。"
        )
    return frozenset(known[name] for name in names)


def _listed(row: Row) -> Listed:
    if row.wrong:
        raise InvalidInput(row.wrong)
    cells = _named(row.cells)
    return Listed(
        id=account_id(cells["id"]),
        name=fit_name(cells["name"]),
        department=fit_department(cells["department"]) if "department" in cells else None,
        rights=rights_of(cells["rights"]) if "rights" in cells else None,
    )


def _named(cells: Mapping[str, str]) -> dict[str, str]:
    return {_COLUMNS.get(column.strip(), column.strip()): cell for column, cell in cells.items()}


def _is_roster(table: Table) -> bool:
    return set(_names(table.columns)) >= _NEEDED


def _names(columns: Iterable[str]) -> list[str]:
    return [_COLUMNS.get(column.strip(), column.strip()) for column in columns]
