"""A hold on a recording, which is not deleted while it lasts: why, until when, and who set it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.database import metadata
from core.errors import InvalidInput
from core.moment import Moment
from core.printable import printable

LONGEST_REASON = 200
_IDS_AT_ONCE = 10_000  #: a query holds so many and no more

_holds = sa.Table(
    "holds",
    metadata,
    sa.Column("recording_id", sa.ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("until", sa.Date),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why a recording is kept beyond its time."""

    reason: str
    until: date | None = None  #: the last day; None for without end
    by: str
    at: datetime

    def __post_init__(self) -> None:
        if not printable(self.reason):
            raise InvalidInput("保全する理由を入力してください。")
        if len(self.reason) > LONGEST_REASON:
            raise InvalidInput(f"保全する理由は{LONGEST_REASON}文字までにしてください。")

    def lasts(self, day: date) -> bool:
        return self.until is None or day <= self.until


def put(connection: Connection, recording_id: str, hold: Hold) -> None:
    """Set a hold, in the place of an earlier one."""
    lift(connection, recording_id)
    row = {"recording_id": recording_id, "reason": printable(hold.reason), "until": hold.until, "by": hold.by, "at": hold.at}
    connection.execute(sa.insert(_holds).values(row))


def lift(connection: Connection, recording_id: str) -> None:
    connection.execute(sa.delete(_holds).where(_holds.c.recording_id == recording_id))


def lasting(connection: Connection, recording_ids: Iterable[str], day: date) -> dict[str, Hold]:
    """The holds on these recordings that last on a day."""
    ids, found = list(recording_ids), dict[str, Hold]()
    for first in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[first : first + _IDS_AT_ONCE]
        rows = connection.execute(sa.select(_holds).where(_holds.c.recording_id.in_(some), _lasts(day)))
        found |= {r.recording_id: Hold(reason=r.reason, until=r.until, by=r.by, at=r.at) for r in rows}
    return found


def is_held(recording_id: sa.ColumnElement[str], day: date) -> sa.ColumnElement[bool]:
    """Whether the recording of a row is held on a day, for a query."""
    return recording_id.in_(sa.select(_holds.c.recording_id).where(_lasts(day)))


def _lasts(day: date) -> sa.ColumnElement[bool]:
    return sa.or_(_holds.c.until.is_(None), _holds.c.until >= day)
