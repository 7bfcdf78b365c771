"""Meetings as rows beside their recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from asr.recordings import Recordings, Text
from core.database import metadata
from core.errors import NotFound, Superseded
from minutes.meeting import Meeting

_meetings = sa.Table(
    "meetings",
    metadata,
    sa.Column("recording_id", sa.ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("held_on", sa.Date, nullable=False),
)

_MISSING = "この議事録は見つかりません。一覧から選び直してください。"
_CHANGED = "会議の名前か開催日が、ほかの画面で先に直されました。今の内容を確かめてから、もう一度保存してください。"


class Meetings:
    """The rows."""

    def __init__(self, engine: Engine, recordings: Recordings) -> None:
        self._engine = engine
        self._recordings = recordings

    def add(self, connection: Connection, meeting: Meeting) -> None:
        """Insert in the caller's transaction, after the recording."""
        row = {"recording_id": meeting.id, "title": meeting.title, "held_on": meeting.held_on}
        connection.execute(sa.insert(_meetings).values(row))

    def describe(self, meeting_id: str, title: str, held_on: date, was: tuple[str, date] | None = None) -> None:
        """Write another name and day. Raises NotFound; Superseded where they are not what the person saw any more."""
        own = sa.and_(_meetings.c.recording_id == meeting_id, self._recordings.stands(_meetings.c.recording_id))
        seen = () if was is None else (_meetings.c.title == was[0], _meetings.c.held_on == was[1])
        with self._engine.begin() as c:
            if c.execute(sa.update(_meetings).where(own, *seen).values(title=title, held_on=held_on)).rowcount:
                return
            if c.execute(sa.select(_meetings.c.recording_id).where(own)).first() is None:
                raise NotFound(_MISSING)
            raise Superseded(_CHANGED)

    def get(self, meeting_id: str) -> Meeting:
        with self._engine.connect() as c:
            row = c.execute(sa.select(_meetings).where(_meetings.c.recording_id == meeting_id)).one_or_none()
        if row is None:
            raise NotFound(_MISSING)
        return Meeting(title=row.title, held_on=row.held_on, recording=self._recordings.get(meeting_id))

    @property
    def ids(self) -> sa.Select[tuple[str]]:
        """Of all meetings, for queries."""
        return sa.select(_meetings.c.recording_id)

    def having(self, words: Iterable[Callable[[Text], sa.ColumnElement[bool]]]) -> list[str]:
        """The ids of the meetings that have each word in the name, the file's name or what is said; the latest first."""
        m = _meetings.c
        wanted = [sa.or_(word(m.title), self._recordings.holds(m.recording_id, word)) for word in words]
        wanted.append(self._recordings.stands(m.recording_id))
        began = self._recordings.accepted_at(m.recording_id)
        query = sa.select(m.recording_id).where(*wanted).order_by(m.held_on.desc(), began.desc(), m.recording_id)
        with self._engine.connect() as c:
            return list(c.scalars(query))

    def titles(self, meeting_ids: Iterable[str]) -> dict[str, str]:
        """What they are called, those that were deleted as well."""
        with self._engine.connect() as c:
            named = sa.select(_meetings.c.recording_id, _meetings.c.title).where(_meetings.c.recording_id.in_(list(meeting_ids)))
            return {row.recording_id: row.title for row in c.execute(named)}

    def all(self) -> list[Meeting]:
        """Every meeting, the latest first."""
        with self._engine.connect() as c:
            rows = c.execute(sa.select(_meetings)).all()
        recordings = self._recordings.all(row.recording_id for row in rows)
        meetings = [
            Meeting(title=row.title, held_on=row.held_on, recording=recordings[row.recording_id])
            for row in rows
            if row.recording_id in recordings
        ]
        return sorted(meetings, key=lambda m: (m.held_on, m.created_at), reverse=True)
