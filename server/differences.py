"""Two versions of an entry in; the fields in which they differ out, with the sentences that went and that came."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from retrieval.entry import Entry
from server.entry_form import FIELDS, shown

_CLAUSE = re.compile(r"[^、。\n]*[、。\n]|[^、。\n]+")


class Fate(StrEnum):
    """What became of a piece of text."""

    KEPT = "kept"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that is not the same in both: its text in pieces, as a clerk reads them."""

    label: str
    pieces: tuple[tuple[Fate, str], ...]


def differences(old: Entry, new: Entry) -> list[Difference]:
    """The fields in which two versions differ, in the order of the form."""
    before, after = dict(shown(old)), dict(shown(new))
    labels = [f.label for f in FIELDS if before.get(f.label) != after.get(f.label)]
    return [Difference(label=label, pieces=tuple(_pieces(before.get(label, ""), after.get(label, "")))) for label in labels]


def _pieces(old: str, new: str) -> Iterator[tuple[Fate, str]]:
    """Compared by clauses: single characters that happen to be the same would make no sentence."""
    a, b = _CLAUSE.findall(old), _CLAUSE.findall(new)
    for tag, from_a, to_a, from_b, to_b in SequenceMatcher(None, a, b).get_opcodes():
        if tag == "equal":
            yield Fate.KEPT, "".join(a[from_a:to_a])
            continue
        if to_a > from_a:
            yield Fate.GONE, "".join(a[from_a:to_a])
        if to_b > from_b:
            yield Fate.NEW, "".join(b[from_b:to_b])
