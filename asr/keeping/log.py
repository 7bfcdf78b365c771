"""What people and the clock did with recordings, a line each: only ever added to, and never what was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.database import metadata
from core.moment import Moment

_log = sa.Table(
    "record_log",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("who", sa.String, nullable=False),
    sa.Column("deed", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("recording_id", sa.String, nullable=False, index=True),  # outlives the recording
    sa.Column("note", sa.String, nullable=False),
    sqlite_autoincrement=True,  # the number of a line is never given again
)


class Kind(StrEnum):
    """What a recording is of."""

    CALL = "call"
    MEETING = "meeting"


class Deed(StrEnum):
    """What was done."""

    DELETED = "deleted"
    HELD = "held"
    LIFTED = "lifted"  #: the hold was


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the log."""

    at: datetime
    who: str
    deed: Deed
    kind: Kind
    recording_id: str
    note: str = ""  #: why; nothing of the recording's content


class RecordLog:
    """The rows."""

    def add(self, connection: Connection, entry: Entry) -> None:
        """Write a line in the caller's transaction, so that it stands there exactly if the deed was done."""
        row = {"at": entry.at, "who": entry.who, "deed": entry.deed, "kind": entry.kind}
        row |= {"recording_id": entry.recording_id, "note": entry.note}
        connection.execute(sa.insert(_log).values(row))
