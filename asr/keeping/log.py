"""What people and the clock did with recordings, a line each: only ever added to, and never what was said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from core.clock import JST, Clock, now
from core.database import metadata, take_turns
from core.errors import InvalidInput
from core.moment import Moment
from core.printable import printable

LONGEST_PURPOSE = 200
_ONE_LOOK = timedelta(hours=1)  #: a player asks for a recording in hundreds of pieces, a page for its text again and again
_LONGEST_YEAR_DAYS = 366
_AT_ONCE = 1000  #: lines that are read in one go

_lines = sa.Table(
    "record_log",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("who", sa.String, nullable=False),
    sa.Column("sign_in", sa.String, nullable=False),
    sa.Column("deed", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("recording_id", sa.String, nullable=False, index=True),  # outlives the recording
    sa.Column("note", sa.String, nullable=False),
    sa.Column("copy", sa.Integer),
    sqlite_autoincrement=True,  # the number of a line is never given again
)

_copies = sa.Table(
    "copies",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False),
    sqlite_autoincrement=True,
)


class Kind(StrEnum):
    """What a recording is of."""

    CALL = "call"
    MEETING = "meeting"


class Deed(StrEnum):
    """What was done."""

    READ = "read"
    LISTENED = "listened"
    COPIED = "copied"  #: taken out as a file
    CORRECTED = "corrected"
    HELD = "held"
    LIFTED = "lifted"  #: the hold was
    DELETED = "deleted"
    RESTORED = "restored"  #: what was deleted is there again
    ERASED = "erased"  #: what was deleted is gone for good


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who does something, as far as the service knows."""

    name: str  #: a department, staff in general, or the user of a command line
    sign_in: str = ""  #: tells one person's sign-in from another's of the same department


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the log."""

    id: int
    at: datetime
    by: Person
    deed: Deed
    kind: Kind
    recording_id: str
    note: str  #: why; nothing of the recording's content
    copy: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines are looked for: those for which everything that is given holds."""

    recording_id: str = ""
    who: str = ""
    deed: Deed | None = None
    kind: Kind | None = None
    since: date | None = None
    until: date | None = None  #: the last day


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLog:
    """The lines of one kind of recording."""

    engine: Engine
    kind: Kind
    years: int = 0  #: for which lines are kept; 0: for ever
    clock: Clock = now

    def note(self, connection: Connection, recording_id: str, deed: Deed, by: Person, note: str = "") -> None:
        """Write a line in the caller's transaction, so that it stands there exactly if the deed was done."""
        connection.execute(sa.insert(_lines).values(self._row(recording_id, deed, by) | {"note": note}))

    def tells(self, recording_id: str, deed: Deed) -> bool:
        """Whether this was ever done with a recording, be it gone since."""
        same = (_lines.c.kind == self.kind, _lines.c.recording_id == recording_id, _lines.c.deed == deed)
        with self.engine.connect() as c:
            return c.execute(sa.select(_lines.c.id).where(*same).limit(1)).first() is not None

    def look(self, recording_id: str, deed: Deed, by: Person) -> None:
        """Write that somebody reads or listens, once an hour."""
        row = self._row(recording_id, deed, by)
        same = [_lines.c[name] == row[name] for name in ("recording_id", "deed", "who", "sign_in")]
        lately = sa.select(_lines.c.id).where(*same, _lines.c.at > self.clock() - _ONE_LOOK)
        fresh = sa.select(*(sa.literal(value, _lines.c[name].type) for name, value in row.items())).where(~lately.exists())
        with self.engine.connect() as c:
            if c.execute(lately.limit(1)).first() is None:
                take_turns(c, f"record_log {recording_id}")
                c.execute(sa.insert(_lines).from_select(list(row), fresh))  # one statement: many pieces are asked for at once
                c.commit()

    def copy(self, recording_id: str, by: Person, purpose: str, form: str) -> int:
        """Write that a file is taken out, and give it the next number. Raises InvalidInput without a purpose."""
        purpose = printable(purpose)
        if not purpose:
            raise InvalidInput("ファイルにする目的を入力してください。")
        if len(purpose) > LONGEST_PURPOSE:
            raise InvalidInput(f"目的は{LONGEST_PURPOSE}文字までにしてください。")
        row = self._row(recording_id, Deed.COPIED, by) | {"note": f"{purpose}（{form}）"}
        with self.engine.begin() as c:
            (number,) = c.execute(sa.insert(_copies).values(at=row["at"])).inserted_primary_key or (0,)
            c.execute(sa.insert(_lines).values(row | {"copy": number}))
        return int(number)

    def sweep(self) -> None:
        """Forget what is older than its years."""
        if self.years:
            oldest = self.clock() - timedelta(days=_LONGEST_YEAR_DAYS * self.years)
            with self.engine.begin() as c:
                c.execute(sa.delete(_lines).where(_lines.c.kind == self.kind, _lines.c.at < oldest))

    def _row(self, recording_id: str, deed: Deed, by: Person) -> dict[str, object]:
        row: dict[str, object] = {"at": self.clock(), "who": by.name, "sign_in": by.sign_in, "deed": deed}
        return row | {"kind": self.kind, "recording_id": recording_id, "note": ""}


def every_line(engine: Engine, wanted: Wanted) -> Iterator[Line]:
    """All of them, the latest first; never all in memory, and without holding the database meanwhile."""
    before: int | None = None
    while True:
        older = [_lines.c.id < before] if before is not None else []
        query = sa.select(_lines).where(*_where(wanted), *older).order_by(_lines.c.id.desc()).limit(_AT_ONCE)
        with engine.connect() as c:
            found = [_line(row) for row in c.execute(query)]
        yield from found
        if len(found) < _AT_ONCE:
            return
        before = found[-1].id


def lines(engine: Engine, wanted: Wanted, most: int) -> tuple[list[Line], int]:
    """The latest lines first, and how many there are in all."""
    where = list(_where(wanted))
    query = sa.select(_lines).where(*where).order_by(_lines.c.id.desc()).limit(most)
    with engine.connect() as c:
        found = [_line(row) for row in c.execute(query)]
        total = c.scalar(sa.select(sa.func.count()).select_from(_lines).where(*where)) or 0
    return found, total


def _where(wanted: Wanted) -> Iterable[sa.ColumnElement[bool]]:
    c = _lines.c
    if wanted.recording_id:
        yield c.recording_id == wanted.recording_id
    if wanted.who:
        yield c.who == wanted.who
    if wanted.deed:
        yield c.deed == wanted.deed
    if wanted.kind:
        yield c.kind == wanted.kind
    if wanted.since:
        yield c.at >= datetime.combine(wanted.since, time(), JST)
    if wanted.until:
        yield c.at < datetime.combine(wanted.until, time(), JST) + timedelta(days=1)


def _line(row: sa.Row[tuple[object, ...]]) -> Line:
    by = Person(name=row.who, sign_in=row.sign_in)
    kind, deed = Kind(row.kind), Deed(row.deed)
    return Line(id=row.id, at=row.at, by=by, deed=deed, kind=kind, recording_id=row.recording_id, note=row.note, copy=row.copy)
