"""Calls as rows beside their recordings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from asr.handover import Handover
from asr.keeping.hold import is_held
from asr.recording import Recording
from asr.recordings import Recordings
from asr.sought import having
from core.clock import JST
from core.database import metadata
from core.errors import InvalidInput, NotFound
from core.moment import Moment
from retrieval.analysis import normalise
from telephony.call import CallRecord, Parties, Remark, Side, Spoke

_calls = sa.Table(
    "calls",
    metadata,
    sa.Column("recording_id", sa.ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("our_channel", sa.Integer, nullable=False),
    sa.Column("our_name", sa.String, nullable=False),
    sa.Column("other_name", sa.String, nullable=False),
    sa.Column("caller_number", sa.String),
    sa.Column("started_at", Moment),
    sa.Column("imported_by", sa.String, nullable=False),
    sa.Column("remarks", sa.Text),
    sa.Column("lone", sa.Boolean),
    sa.Column("known", sa.Text),  # all names and numbers, as they are searched
    sa.Column("before", sa.Text),  # JSON: who spoke before a transfer
)
_DIVIDES = r"[\s\-.()\u2010-\u2015\u2212ー]"  #: what stands between the parts of a number
_DIVIDED = re.compile(rf"(?<=[0-9]){_DIVIDES}+(?=[0-9])")
_MARKS = re.compile(_DIVIDES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was searched for."""

    calls: list[CallRecord]
    total: int  #: how many there are, more than were asked for perhaps


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """From when to when, both days included; None where there is no such end."""

    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise InvalidInput("終わりの日は、始まりの日と同じ日か、それより後の日にしてください。")

    def have(self, moment: sa.ColumnElement[datetime]) -> Iterator[sa.ColumnElement[bool]]:
        """Whether a moment is one of them, in Japan's time. All are from the first day that there is, which has no hour of UTC to
        begin at, and to the last."""
        if self.since and self.since > date.min:
            yield moment >= _midnight(self.since)
        if self.until and self.until < date.max:
            yield moment < _midnight(self.until + timedelta(days=1))


ALWAYS = Days()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), JST)


class CallRecords:
    """The rows."""

    def __init__(self, engine: Engine, recordings: Recordings) -> None:
        self._engine = engine
        self._recordings = recordings

    def add(self, connection: Connection, call: CallRecord) -> None:
        """Insert in the caller's transaction, after the recording."""
        parties = call.parties
        row = {
            "recording_id": call.id,
            "our_channel": parties.our_channel,
            "our_name": parties.our_name,
            "other_name": parties.other_name,
            "caller_number": parties.caller_number,
            "started_at": parties.started_at,
            "lone": parties.lone,
            "before": json.dumps([[s.side, s.until_s, s.name, s.number] for s in parties.before], ensure_ascii=False),
            "imported_by": call.imported_by,
            "known": _known(parties),
            "remarks": json.dumps([[r.at_s, r.text, r.side] for r in call.remarks], ensure_ascii=False),
        }
        connection.execute(sa.insert(_calls).values(row))

    def make_known(self) -> None:
        """Have calls that were taken in before there was `known` searched like the others."""
        with self._engine.begin() as c:
            for row in c.execute(sa.select(_calls).where(_calls.c.known.is_(None))).all():
                known = _known(_parties(row))
                c.execute(sa.update(_calls).where(_calls.c.recording_id == row.recording_id).values(known=known))

    def get(self, call_id: str) -> CallRecord:
        with self._engine.connect() as c:
            row = c.execute(sa.select(_calls).where(_calls.c.recording_id == call_id)).one_or_none()
        if row is None:
            raise NotFound("この通話は見つかりません。一覧から選び直してください。")
        return _call(row, self._recordings.get(call_id))

    def handovers(self, recording_id: str) -> list[Handover]:
        """Where another goes on speaking for a side; nowhere in what is no call."""
        with self._engine.connect() as c:
            row = c.execute(sa.select(_calls).where(_calls.c.recording_id == recording_id)).one_or_none()
        return _parties(row).handovers if row is not None else []

    @property
    def ids(self) -> sa.Select[tuple[str]]:
        """Of all calls, for queries."""
        return sa.select(_calls.c.recording_id)

    def find(self, words: str = "", most: int | None = None, *, held_on: date | None = None, days: Days = ALWAYS) -> Found:
        """The calls that have each of the words in the names, the number, the file's name or what was said; the latest first.
        With a day, only those that are held on it. `days` are those on which they began, or came in where nobody knows that."""
        own_id = _calls.c.recording_id
        wanted = [self._recordings.stands(own_id), *map(self._has, normalise(words).split())]
        wanted += [is_held(own_id, held_on)] if held_on else []
        began = sa.func.coalesce(_calls.c.started_at, self._recordings.accepted_at(own_id))
        wanted += days.have(began)
        query = sa.select(_calls).where(*wanted).order_by(began.desc(), own_id).limit(most)
        with self._engine.connect() as c:
            rows = c.execute(query).all()
            total = c.scalar(sa.select(sa.func.count()).select_from(_calls).where(*wanted)) or 0
        recordings = self._recordings.all(row.recording_id for row in rows)
        calls = [_call(row, recordings[row.recording_id]) for row in rows if row.recording_id in recordings]
        return Found(calls=calls, total=total)

    def titles(self, call_ids: Iterable[str]) -> dict[str, str]:
        """Who speaks in them, those that were deleted as well."""
        with self._engine.connect() as c:
            rows = c.execute(sa.select(_calls).where(_calls.c.recording_id.in_(list(call_ids)))).all()
        parties = {row.recording_id: _parties(row) for row in rows}
        return {call_id: f"{p.name(Side.OURS)} と {p.name(Side.OTHER)}" for call_id, p in parties.items()}

    def _has(self, word: str) -> sa.ColumnElement[bool]:
        """Whether a call has a word, however it is written and a number is divided."""
        digits = _MARKS.sub("", word)
        is_number = digits.isdecimal()
        has = having(digits if is_number else word)

        def said(column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
            return has(sa.func.replace(column, "-", "") if is_number else column)

        return sa.or_(has(_calls.c.known), self._recordings.holds(_calls.c.recording_id, said))


def _known(parties: Parties) -> str:
    """Line by line, as words that are searched are written: in one width, and numbers undivided."""
    before = (told for spoke in parties.before for told in (spoke.name, spoke.number))
    told = (parties.our_name, parties.other_name, parties.caller_number or "", *before)
    return "\n".join(_DIVIDED.sub("", normalise(text)) for text in told)


def _parties(row: sa.Row[tuple[object, ...]]) -> Parties:
    return Parties(
        our_channel=row.our_channel,
        our_name=row.our_name,
        other_name=row.other_name,
        caller_number=row.caller_number,
        started_at=row.started_at,
        lone=bool(row.lone),
        before=tuple(
            Spoke(side=Side(side), until_s=until_s, name=name, number=number)
            for side, until_s, name, number in json.loads(row.before or "[]")
        ),
    )


def _call(row: sa.Row[tuple[object, ...]], recording: Recording) -> CallRecord:
    told = json.loads(row.remarks or "[]")
    remarks = tuple(Remark(at_s=at_s, text=text, side=Side(side) if side else None) for at_s, text, side in told)
    return CallRecord(recording=recording, parties=_parties(row), imported_by=row.imported_by, remarks=remarks)
