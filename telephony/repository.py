"""Calls as rows beside their recordings."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from asr.recording import Recording, Recordings
from core.database import metadata
from core.errors import NotFound
from core.moment import Moment
from telephony.call import CallRecord, Parties

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
)


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
            "imported_by": call.imported_by,
        }
        connection.execute(sa.insert(_calls).values(row))

    def get(self, call_id: str) -> CallRecord:
        with self._engine.connect() as c:
            row = c.execute(sa.select(_calls).where(_calls.c.recording_id == call_id)).one_or_none()
        if row is None:
            raise NotFound("この通話は見つかりません。一覧から選び直してください。")
        return _call(row, self._recordings.get(call_id))

    def all(self) -> list[CallRecord]:
        """Every call, the latest first."""
        with self._engine.connect() as c:
            rows = c.execute(sa.select(_calls)).all()
        recordings = self._recordings.all(row.recording_id for row in rows)
        calls = [_call(row, recordings[row.recording_id]) for row in rows if row.recording_id in recordings]
        return sorted(calls, key=lambda call: call.parties.started_at or call.created_at, reverse=True)


def _call(row: sa.Row[tuple[object, ...]], recording: Recording) -> CallRecord:
    parties = Parties(
        our_channel=row.our_channel,
        our_name=row.our_name,
        other_name=row.other_name,
        caller_number=row.caller_number,
        started_at=row.started_at,
    )
    return CallRecord(recording=recording, parties=parties, imported_by=row.imported_by)
