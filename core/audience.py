"""Who may see an entry. Decided once, before any search."""

from __future__ import annotations

from enum import StrEnum


class Audience(StrEnum):
    """A reader's side of the counter. Staff may read what residents read; never the other way round."""

    RESIDENT = "resident"
    STAFF = "staff"

    def may_read(self, entry: Audience) -> bool:
        return self is Audience.STAFF or entry is Audience.RESIDENT
