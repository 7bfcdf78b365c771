"""The segments of a recording in a transaction in which they are changed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from asr import recording_tables as tables
from asr.segment_rows import columns_of, place_of, segment_from
from asr.transcript import Segment
from core.errors import NotFound

GONE = "この発言は見つかりません。ほかの画面で、前の発言とつながれたのかもしれません。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The segments of a recording by their numbers, in time order, in a transaction."""

    connection: Connection
    recording_id: str
    revision: int  #: that what is changed makes
    segments: dict[int, Segment]
    changed: set[int] = field(default_factory=set)

    def segment(self, number: int) -> Segment:
        """Raises NotFound."""
        if number not in self.segments:
            raise NotFound(GONE)
        return self.segments[number]

    def next_to(self, number: int) -> Segment:
        """The segment that follows on the same channel. Raises NotFound."""
        before = self.segment(number)
        numbers = list(self.segments)
        later = map(self.segment, numbers[numbers.index(number) + 1 :])
        found = next((s for s in later if s.channel == before.channel), None)
        if found is None:
            raise NotFound("つなぐ発言がありません。これが最後の発言です。")
        return found

    def unused(self, number: int) -> int:
        """A number for a segment that comes of this one."""
        part, _ = place_of(number)
        return 1 + max(n for n in self.segments if place_of(n)[0] == part)

    def turns(self) -> list[dict[str, object]]:
        query = sa.select(tables.recordings.c.turns).where(tables.recordings.c.id == self.recording_id)
        return list(json.loads(self.connection.scalars(query).one()))

    def put_turns(self, turns: list[dict[str, object]]) -> None:
        change = sa.update(tables.recordings).where(tables.recordings.c.id == self.recording_id)
        self.connection.execute(change.values(turns=json.dumps(turns, ensure_ascii=False)))

    def put(self, number: int, columns: dict[str, object] | None) -> None:
        """Keep a segment of these columns under a number, or none."""
        (part, position), s = place_of(number), tables.segments.c
        self.changed.add(number)
        here = (s.recording_id == self.recording_id, s.part == part, s.position == position)
        if columns is None:
            self.connection.execute(sa.delete(tables.segments).where(*here))
            del self.segments[number]
        elif number in self.segments:
            is_named = set(columns) == {"speaker"}  # which is told of all of them anyhow, without the text
            values = columns if is_named else columns | {"revision": self.revision}
            self.connection.execute(sa.update(tables.segments).where(*here).values(values))
            self.segments[number] = segment_from(columns_of(self.segments[number]) | columns, number)
        else:
            own = {"recording_id": self.recording_id, "part": part, "position": position, "revision": self.revision}
            self.connection.execute(sa.insert(tables.segments).values(columns | own))
            self.segments[number] = segment_from(columns, number)
