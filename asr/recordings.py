"""Accepted recordings as rows that survive kill -9."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from asr.audio import Channels
from asr.placed import GONE, Placed
from asr.recording import Backlog, Deletion, Fresh, Outcome, Recording, Saying, State, parse_speakers
from asr.recording_tables import recordings as _recordings
from asr.recording_tables import segments as _segments
from asr.segment_rows import columns_of, number_of, place_of, segment_of
from asr.transcript import Segment, Transcript, Turn
from asr.turns import following
from core.errors import InvalidInput, NotFound

Text = sa.ColumnElement[str]  #: a column of text in a query
Noted = Callable[[Connection, str], None]  #: told of a recording that is changed

_IDS_AT_ONCE = 10_000  #: a query holds so many and no more
_UNFINISHED = (State.QUEUED, State.WORKING)
_ASIDE = ("turns", "is_going", "revision", "deleted_at", "deleted_by", "queued_at")  #: columns that are no part of a `Recording`
_STANDS = _recordings.c.deleted_at.is_(None)  #: nobody has deleted it
_STAYS = (_STANDS, _recordings.c.is_going.is_not(True))
_MISSING = "録音が見つかりません。削除されていれば、一覧の下の「削除した録音」から元に戻せることがあります。"
_NOT_AMONG_DELETED = "この録音は、削除した録音の中にありません。ほかの画面で、先に元に戻されたか、完全に削除されています。"


class Recordings:
    """The rows. Who reads finds none that somebody has deleted, and writes of its running transcription raise NotFound."""

    def __init__(self, engine: Engine, noted: Noted | None = None) -> None:
        self._engine = engine
        self._noted = noted

    def noting(self, noted: Noted) -> Recordings:
        """The same, where `noted` is called in each transaction in which a person changes a text."""
        return Recordings(self._engine, noted)

    def add(self, connection: Connection, recording: Recording) -> None:
        """Insert in the caller's transaction, together with what the recording is of."""
        row = asdict(recording) | {"speakers": str(recording.speakers), "turns": "[]"}
        connection.execute(sa.insert(_recordings).values(row))

    def get(self, recording_id: str) -> Recording:
        with self._engine.connect() as c:
            row = c.execute(sa.select(_recordings).where(_recordings.c.id == recording_id, _STANDS)).one_or_none()
        if row is None:
            raise NotFound(_MISSING)
        return _recording(row)

    def all(self, recording_ids: Iterable[str]) -> dict[str, Recording]:
        ids = list(recording_ids)
        found: dict[str, Recording] = {}
        with self._engine.connect() as c:
            for first in range(0, len(ids), _IDS_AT_ONCE):
                some = _recordings.c.id.in_(ids[first : first + _IDS_AT_ONCE])
                rows = c.execute(sa.select(_recordings).where(some, _STANDS))
                found |= {row.id: _recording(row) for row in rows}
        return found

    def stands(self, recording_id: Text) -> sa.ColumnElement[bool]:
        """Whether nobody has deleted the recording of a row, for such a query."""
        return recording_id.in_(sa.select(_recordings.c.id).where(_STANDS))

    def accepted_at(self, recording_id: Text) -> sa.ColumnElement[datetime]:
        """When the recording of a row was accepted, for a query over rows that have one."""
        return sa.select(_recordings.c.created_at).where(_recordings.c.id == recording_id).scalar_subquery()

    def holds(self, recording_id: Text, word: Callable[[Text], sa.ColumnElement[bool]]) -> sa.ColumnElement[bool]:
        """Whether the file's name or what is said in the recording of a row has a word, for such a query too."""
        said = sa.select(_segments.c.recording_id).where(word(_segments.c.text))
        named = sa.select(_recordings.c.id).where(word(_recordings.c.file_name))
        return sa.or_(recording_id.in_(said), recording_id.in_(named))

    def first_of(self, sha256: str, ids: sa.Select[tuple[str]]) -> str | None:
        """The earliest of `ids` whose file is this one."""
        same = self._ids(_recordings.c.sha256 == sha256, _recordings.c.id.in_(ids), *_STAYS, most=1)
        return same[0] if same else None

    def saying(
        self, recording_ids: Iterable[str], words: Iterable[Callable[[Text], sa.ColumnElement[bool]]], *, each: int
    ) -> dict[str, list[Saying]]:
        """The first places of some recordings at which one of the words is said."""
        s = _segments.c
        rank = sa.func.row_number().over(partition_by=s.recording_id, order_by=(s.start_s, s.end_s)).label("rank")
        said = sa.select(s.recording_id, s.start_s, s.speaker, s.text, rank)
        ranked = said.where(s.recording_id.in_(list(recording_ids)), sa.or_(*(word(s.text) for word in words))).subquery()
        found: dict[str, list[Saying]] = {}
        with self._engine.connect() as c:
            for row in c.execute(sa.select(ranked).where(ranked.c.rank <= each).order_by(ranked.c.rank)):
                found.setdefault(row.recording_id, []).append(Saying(start_s=row.start_s, speaker=row.speaker, text=row.text))
        return found

    def blobs(self) -> dict[str, str]:
        """The SHA-256 of the file of each recording that is not gone for good, by the name that the file has."""
        r = _recordings.c
        with self._engine.connect() as c:
            rows = c.execute(sa.select(r.blob_id, r.sha256).where(r.is_going.is_not(True)).order_by(r.created_at))
            return {row.blob_id: row.sha256 for row in rows}

    def has_blob(self, blob_id: str) -> bool:
        """Whether a recording has this file."""
        with self._engine.connect() as c:
            return c.execute(sa.select(_recordings.c.id).where(_recordings.c.blob_id == blob_id)).first() is not None

    def ahead(self, recordings: Iterable[Recording]) -> dict[str, int]:
        """How many others come before each of those that wait for their turn, by its id."""
        waiting = {r.id for r in recordings if r.state is State.QUEUED}
        return {id_: place for place, id_ in enumerate(self.unfinished()) if id_ in waiting} if waiting else {}

    def blob_of(self, recording_id: str) -> str:
        """The name of its file, be it deleted or not. Raises NotFound."""
        with self._engine.connect() as c:
            blob_id = c.scalar(sa.select(_recordings.c.blob_id).where(_recordings.c.id == recording_id))
        if blob_id is None:
            raise NotFound(_MISSING)
        return str(blob_id)

    def unfinished(self, *, deleted: bool = False) -> list[str]:
        """Ids of those that wait or are being worked on, in their order; those that were deleted as well, where they matter."""
        r = _recordings.c
        there = () if deleted else (_STANDS,)
        in_turn = sa.func.coalesce(r.queued_at, r.created_at)
        with self._engine.connect() as c:
            return list(c.scalars(sa.select(r.id).where(r.state.in_(_UNFINISHED), *there).order_by(in_turn)))

    def is_untouched(self, recording_id: str) -> bool:
        """Whether it waits, and for nothing but its turn."""
        r = _recordings.c
        return bool(self._ids(r.id == recording_id, r.state == State.QUEUED, r.message.is_(None), _STANDS))

    def backlog(self) -> Backlog:
        r = _recordings.c
        query = sa.select(r.state, sa.func.count().label("n"), sa.func.min(r.created_at).label("oldest"))
        with self._engine.connect() as c:
            rows = {row.state: row for row in c.execute(query.where(*_STAYS).group_by(r.state))}
        waiting, working, failed = (rows[s].n if s in rows else 0 for s in (*_UNFINISHED, State.FAILED))
        oldest = [rows[s].oldest for s in _UNFINISHED if s in rows]
        return Backlog(waiting=waiting, working=working, failed=failed, since=min(oldest, default=None))

    def advance(self, recording_id: str, progress: float) -> None:
        """Note that work is under way, and how much of it is done (0..1)."""
        self._update(recording_id, state=State.WORKING, progress=progress, message=None)

    def wait(self, recording_id: str, message: str) -> None:
        """Note why its work can't go on now, unless it is done or gone."""
        self._leave(recording_id, State.QUEUED, message)

    def fail(self, recording_id: str, message: str) -> None:
        """Give up, unless it is done or gone. `message` tells the person what to do."""
        self._leave(recording_id, State.FAILED, message)

    def restart(self, recording_id: str, at: datetime) -> None:
        """Let one that failed wait again, without what was recognised before. Raises InvalidInput where it did not fail."""
        failed = sa.update(_recordings).where(_recordings.c.id == recording_id, _recordings.c.state == State.FAILED)
        with self._engine.begin() as c:
            if not c.execute(failed.values(state=State.QUEUED, progress=0.0, message=None, queued_at=at)).rowcount:
                raise InvalidInput("文字にできなかった録音だけ、もう一度始められます。画面を読み込み直してください。")
            c.execute(sa.delete(_segments).where(_segments.c.recording_id == recording_id))

    def replace_part(self, recording_id: str, part: int, segments: Sequence[Segment]) -> None:
        """Store what a part says in the place of what an earlier try stored."""
        rows = [columns_of(s) | {"recording_id": recording_id, "part": part, "position": i} for i, s in enumerate(segments)]
        with self._engine.begin() as c:
            own = sa.update(_recordings).where(_recordings.c.id == recording_id, _STANDS)
            _require(c.execute(own.values(state=State.WORKING)))
            c.execute(sa.delete(_segments).where(_segments.c.recording_id == recording_id, _segments.c.part == part))
            if rows:
                c.execute(sa.insert(_segments), rows)

    def name_speakers(self, recording_id: str, segments: Sequence[Segment], turns: Sequence[Turn]) -> None:
        """Put segments that say who speaks in the place of all that were recognised."""
        rows = [columns_of(s) | {"recording_id": recording_id, "part": 0, "position": i} for i, s in enumerate(segments)]
        change = sa.update(_recordings).where(_recordings.c.id == recording_id, _STANDS)
        with self._engine.begin() as c:
            _require(c.execute(change.values(turns=json.dumps([asdict(t) for t in turns], ensure_ascii=False))))
            c.execute(sa.delete(_segments).where(_segments.c.recording_id == recording_id))
            if rows:
                c.execute(sa.insert(_segments), rows)

    def finish(self, recording_id: str, outcome: Outcome) -> None:
        self._update(recording_id, state=State.DONE, progress=1.0, message=None, **asdict(outcome))

    def segments(self, recording_id: str) -> tuple[Segment, ...]:
        """What was recognised so far, in time order."""
        with self._engine.connect() as c:
            return tuple(segment_of(row) for row in c.execute(_in_order(recording_id)))

    def speakers(self, recording_id: str) -> tuple[str, ...]:
        """Who speaks, in the order in which they begin to; nothing of what they say is read for it."""
        s = _segments.c
        speak = sa.select(s.speaker).where(s.recording_id == recording_id, s.speaker.is_not(None)).group_by(s.speaker)
        with self._engine.connect() as c:
            return tuple(c.scalars(speak.order_by(sa.func.min(s.start_s))))

    def segment(self, recording_id: str, number: int) -> Segment:
        """Raises NotFound."""
        part, position = place_of(number)
        here = (_segments.c.part == part, _segments.c.position == position)
        with self._engine.connect() as c:
            row = c.execute(_in_order(recording_id).where(*here)).one_or_none()
        if row is None:
            raise NotFound(GONE)
        return segment_of(row)

    def revision(self, recording_id: str) -> int:
        """How often people have changed its segments."""
        with self._engine.connect() as c:
            return _revision(c, recording_id)

    def fresh(self, recording_id: str, since: int) -> Fresh:
        """What was changed since a revision; all of it, if a backup brought an earlier one back meanwhile."""
        s = _segments.c
        with self._engine.connect() as c:
            now = _revision(c, recording_id)  # what is changed before the rest is read comes once more the next time
            since = since if since <= now else -1
            changed = sa.func.coalesce(s.revision, 0) > since
            places = c.execute(_in_order(recording_id).with_only_columns(s.part, s.position, s.speaker, changed)).all()
            segments = tuple(segment_of(row) for row in c.execute(_in_order(recording_id).where(changed)))
        here = {segment.number for segment in segments}
        numbered = ((number_of(part, position), who, is_changed) for part, position, who, is_changed in places)
        said_by = {number: who for number, who, is_changed in numbered if number in here or not is_changed}
        speakers: dict[str, list[int]] = {}
        for number, who in said_by.items():
            if who is not None:
                speakers.setdefault(who, []).append(number)
        return Fresh(revision=now, numbers=tuple(said_by), speakers=speakers, segments=segments)

    @contextmanager
    def changing(self, recording_id: str) -> Iterator[Placed]:
        """The segments of a finished recording, to be changed in a transaction. Nobody else's change comes between.

        Raises:
            NotFound: there is no such recording, or it is not finished.
        """
        finished = sa.update(_recordings).where(_recordings.c.id == recording_id, _recordings.c.state == State.DONE, _STANDS)
        with self._engine.begin() as c:
            _require(c.execute(finished.values(state=State.DONE)))  # takes the lock before anything is read
            rows = c.execute(_in_order(recording_id)).all()
            segments = {number_of(row.part, row.position): segment_of(row) for row in rows}
            revision = _revision(c, recording_id) + 1
            placed = Placed(connection=c, recording_id=recording_id, revision=revision, segments=segments)
            yield placed
            if placed.changed:
                c.execute(sa.update(_recordings).where(_recordings.c.id == recording_id).values(revision=revision))
                if self._noted:
                    self._noted(c, recording_id)

    def replace_segment(self, recording_id: str, number: int, change: Callable[[Segment], Segment]) -> None:
        """Change one segment of a finished recording. Nobody else's change comes between.

        Raises:
            NotFound: there is none.
        """
        with self.changing(recording_id) as placed:
            placed.put(number, columns_of(change(placed.segment(number))))

    def transcript(self, recording_id: str) -> Transcript:
        """The whole text, as it is corrected. Raises InvalidInput while the work is under way, and after it failed."""
        recording = self.get(recording_id)
        if recording.state is not State.DONE:
            raise InvalidInput("文字起こしが終わっていません。終わってから、もう一度お試しください。")
        with self._engine.connect() as c:
            turns = json.loads(c.scalars(sa.select(_recordings.c.turns).where(_recordings.c.id == recording_id)).one())
        segments = self.segments(recording_id)
        return Transcript(
            segments=segments,
            turns=following([Turn(**turn) for turn in turns], segments),
            duration_s=recording.duration_s or 0.0,
            elapsed_s=recording.elapsed_s or 0.0,
            model=recording.model or "",
            device=recording.device or "",
        )

    def lock(self, connection: Connection, recording_id: str) -> bool:
        """Let nobody else decide of a recording until the caller's transaction ends. Gives whether it was deleted. Raises
        NotFound, also once it is to go."""
        here = sa.update(_recordings).where(_recordings.c.id == recording_id, _recordings.c.is_going.is_not(True))
        _require(connection.execute(here.values(is_going=False)))
        return connection.scalar(sa.select(_recordings.c.deleted_at).where(_recordings.c.id == recording_id)) is not None

    def lock_standing(self, connection: Connection, recording_id: str) -> None:
        """The same of one that nobody has deleted. Raises NotFound."""
        if self.lock(connection, recording_id):
            raise NotFound(_MISSING)

    def lock_deleted(self, connection: Connection, recording_id: str, ids: sa.Select[tuple[str]]) -> None:
        """The same of one of `ids` that somebody has deleted. Raises NotFound."""
        is_own = connection.scalar(sa.select(_recordings.c.id).where(_recordings.c.id == recording_id, _recordings.c.id.in_(ids)))
        if not is_own or not self.lock(connection, recording_id):
            raise NotFound(_NOT_AMONG_DELETED)

    def put_aside(self, connection: Connection, recording_id: str, at: datetime, by: str) -> None:
        """Have nobody find a recording, in the transaction that locked it."""
        connection.execute(sa.update(_recordings).where(_recordings.c.id == recording_id).values(deleted_at=at, deleted_by=by))

    def bring_back(self, connection: Connection, recording_id: str) -> None:
        """Have people find it again, in such a transaction; where it was not done, it waits."""
        here = sa.update(_recordings).where(_recordings.c.id == recording_id)
        connection.execute(here.values(deleted_at=None, deleted_by=None))
        connection.execute(here.where(_recordings.c.state.in_(_UNFINISHED)).values(state=State.QUEUED, message=None))

    def line_up(self, recording_id: str, at: datetime) -> None:
        """Have it begin anew behind all others, unless it is done or gone."""
        waiting = sa.update(_recordings).where(_recordings.c.id == recording_id, _recordings.c.state.in_(_UNFINISHED))
        with self._engine.begin() as c:
            c.execute(waiting.values(queued_at=at, progress=0.0))

    def deleted(self, ids: sa.Select[tuple[str]]) -> list[Deletion]:
        """Those of `ids` that can be brought back, the last deleted first."""
        r = _recordings.c
        query = sa.select(_recordings).where(r.id.in_(ids), r.deleted_at.is_not(None), r.is_going.is_not(True))
        with self._engine.connect() as c:
            rows = c.execute(query.order_by(r.deleted_at.desc(), r.id)).all()
        return [Deletion(recording=_recording(row), at=row.deleted_at, by=row.deleted_by or "") for row in rows]

    def deleted_before(self, moment: datetime, ids: sa.Select[tuple[str]], most: int) -> list[str]:
        """At most so many of `ids` that were deleted earlier and whose removal has not begun, the first accepted first."""
        r = _recordings.c
        return self._ids(r.deleted_at < moment, r.id.in_(ids), r.is_going.is_not(True), most=most)

    def begin_removal(self, connection: Connection, recording_id: str) -> None:
        """Note that a recording is to go, in the transaction that locked it."""
        connection.execute(sa.update(_recordings).where(_recordings.c.id == recording_id).values(is_going=True))

    def removing(self, ids: sa.Select[tuple[str]]) -> list[str]:
        """Those of `ids` whose removal has begun."""
        return self._ids(_recordings.c.is_going.is_(True), _recordings.c.id.in_(ids))

    def accepted_before(self, moment: datetime, ids: sa.Select[tuple[str]], most: int) -> list[str]:
        """At most so many of `ids` whose removal has not begun, the oldest first."""
        stays = _recordings.c.is_going.is_not(True)
        return self._ids(_recordings.c.created_at < moment, _recordings.c.id.in_(ids), stays, most=most)

    def delete(self, connection: Connection, recording_id: str) -> None:
        """Remove the rows in the caller's transaction."""
        connection.execute(sa.delete(_recordings).where(_recordings.c.id == recording_id))

    def _ids(self, *wanted: sa.ColumnElement[bool], most: int | None = None) -> list[str]:
        query = sa.select(_recordings.c.id).where(*wanted).order_by(_recordings.c.created_at).limit(most)
        with self._engine.connect() as c:
            return list(c.scalars(query))

    def _leave(self, recording_id: str, state: State, message: str) -> None:
        change = sa.update(_recordings).where(_recordings.c.id == recording_id, _recordings.c.state.in_(_UNFINISHED))
        with self._engine.begin() as c:
            c.execute(change.values(state=state, message=message))

    def _update(self, recording_id: str, **values: object) -> None:
        with self._engine.begin() as c:
            _require(c.execute(sa.update(_recordings).where(_recordings.c.id == recording_id, _STANDS).values(**values)))


def _require(result: sa.CursorResult[tuple[()]]) -> None:
    if result.rowcount == 0:
        raise NotFound(_MISSING)


def _revision(connection: Connection, recording_id: str) -> int:
    return connection.scalar(sa.select(_recordings.c.revision).where(_recordings.c.id == recording_id)) or 0


def _in_order(recording_id: str) -> sa.Select[tuple[object, ...]]:
    s = _segments.c
    return sa.select(_segments).where(s.recording_id == recording_id).order_by(s.start_s, s.end_s, s.part, s.position)


def _recording(row: sa.Row[tuple[object, ...]]) -> Recording:
    values = {k: v for k, v in row._mapping.items() if k not in _ASIDE}
    return Recording(
        **values
        | {
            "channels": Channels(values["channels"]),
            "speakers": parse_speakers(values["speakers"]),
            "state": State(values["state"]),
        }
    )
