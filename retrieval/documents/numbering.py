"""Lines in, those out that are headings by their numbers alone: 「1 目的」, 「２．申請」, 「1.2 本人確認」, 「第3 対象者」."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_NUMBERED = re.compile(r"第?(\d{1,2}(?:[.．-]\d{1,2}){0,3})(?:[.．、)）]\s*|\s+)(?=\D)[^。、:]{1,40}$")

Number = tuple[int, ...]


def numbered_headings(lines: Sequence[str]) -> dict[int, int]:
    """The places of numbered headings and how deep each is, from 1. A heading has text below it before its next
    sibling, and counts on from the heading before it; items of a list don't."""
    numbers = [_number(line) for line in lines]
    last_at = {number: at for at, number in enumerate(numbers) if number}
    found: dict[int, int] = {}
    last: dict[int, Number] = {}  # by depth
    for at, number in enumerate(numbers):
        if number is None or at + 1 == len(lines) or numbers[at + 1] == _next(number):
            continue
        depth = len(number)
        begins = number[-1] == 1 and (depth == 1 or last.get(depth - 1) == number[:-1])
        begins = begins or (1 not in last and _begins_chapter(number, last.get(2)) and last_at.get(_next(number), 0) > at)
        if begins or last.get(depth) == (*number[:-1], number[-1] - 1):
            found[at] = depth
            last = {d: n for d, n in last.items() if d < depth} | {depth: number}
    return found


def _begins_chapter(number: Number, before: Number | None) -> bool:
    """Whether 「2-1」 may be the first of a chapter whose own number is written otherwise, as 「第2章」; if 「2-2」 follows."""
    return number == ((before[0] if before else 0) + 1, 1)


def _number(line: str) -> Number | None:
    found = _NUMBERED.match(unicodedata.normalize("NFKC", line))
    return tuple(int(part) for part in re.split("[.．-]", found[1])) if found else None


def _next(number: Number) -> Number:
    return (*number[:-1], number[-1] + 1)
