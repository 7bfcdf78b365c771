"""Which segments of a recording somebody has looked through: heard to their end beside the text, or corrected."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from core.database import metadata

_looked = sa.Table(
    "looked_through",
    metadata,
    sa.Column("recording_id", sa.ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("segment", sa.Integer, primary_key=True),
)


class Looked:
    """The rows: numbers of segments, whoever looked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, recording_id: str) -> list[int]:
        """In the order of the numbers."""
        c = _looked.c
        with self._engine.connect() as connection:
            return list(connection.scalars(sa.select(c.segment).where(c.recording_id == recording_id).order_by(c.segment)))

    def add(self, recording_id: str, segments: Iterable[int]) -> None:
        """Note these, too; those that were noted stay so."""
        fresh = set(segments) - set(self.of(recording_id))
        for segment in sorted(fresh):
            try:
                with self._engine.begin() as connection:
                    connection.execute(sa.insert(_looked).values(recording_id=recording_id, segment=segment))
            except sa.exc.IntegrityError:
                continue  # another page was first


def merge(connection: Connection, recording_id: str, merged: Collection[int], gone: Collection[int]) -> None:
    """Some segments become fewer: those that stay were looked through only if all were, and a number that is given again
    later was not."""
    c = _looked.c
    theirs = (c.recording_id == recording_id, c.segment.in_(merged))
    count = connection.scalar(sa.select(sa.func.count()).where(*theirs)) or 0
    forgotten = gone if count == len(merged) else merged
    connection.execute(sa.delete(_looked).where(c.recording_id == recording_id, c.segment.in_(forgotten)))
