"""Recordings of one kind, each kept for its time and gone without a trace after it: held ones later, and those that people
deleted after some days in which they can be brought back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from time import monotonic

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from asr.keeping import hold as holds
from asr.keeping.hold import Hold
from asr.keeping.log import Deed, Person, RecordLog
from asr.recording import Deletion, Recording
from asr.workflow import Transcription
from core.clock import JST, Clock, now
from core.database import erasing
from core.errors import Held, InvalidInput, NotFound, Superseded
from core.logging import logger
from core.settling import SETTLE_S, Settling

BY_ITSELF = Person(name="自動削除")  #: who deleted what nobody deleted
_CHANGED = "保全は、ほかの画面で先に変えられました。今の理由と期限を確かめてから、もう一度操作してください。"
_AT_ONCE = 100  #: deletions of one look, so that a process that is to end does not wait for thousands
_logger = logger("asr.keeping")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How long a recording is kept."""

    until: date | None  #: the last day; on the next it is deleted by itself. None: it is not
    hold: Hold | None  #: that lasts


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """A recording that was deleted and can be brought back."""

    recording: Recording
    at: datetime
    by: str
    until: date  #: the last day; on the next it is gone for good


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What is kept of one kind, and for how many days from the day on which it was taken in."""

    engine: Engine
    transcription: Transcription
    ids: sa.Select[tuple[str]]  #: of the recordings of this kind
    days: int  #: 0: until somebody deletes them
    deleted_days: int = 0  #: for which what somebody deleted can be brought back; 0: it is gone at once
    log: RecordLog
    settle_s: float = SETTLE_S
    clock: Clock = now
    _settling: Settling = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_settling", Settling(self.settle_s))

    @property
    def today(self) -> date:
        return self.clock().astimezone(JST).date()

    def of(self, recordings: Iterable[Recording]) -> dict[str, Kept]:
        """How long each is kept, by id."""
        found = {r.id: r for r in recordings}
        with self.engine.connect() as c:
            held = holds.lasting(c, found, self.today)
        return {i: Kept(until=self._until(r, held.get(i)), hold=held.get(i)) for i, r in found.items()}

    def hold(self, recording_id: str, hold: Hold, by: Person, *, seen: datetime | None = None) -> None:
        """Keep a recording beyond its time. `seen` is when the hold was set whose place this takes; None: there was none.

        Raises:
            NotFound: there is no such recording.
            InvalidInput: that time would be over already.
            Superseded: another hold lasts than the one that was seen.
        """
        if not hold.lasts(self.today):
            raise InvalidInput("保全の期限には、今日か、今日より先の日を指定してください。")
        with self.engine.begin() as c:
            self.transcription.recordings.lock_standing(c, recording_id)
            lasting = self._lasting(c, recording_id)
            if (lasting.at if lasting else None) != seen:
                raise Superseded(_CHANGED)
            holds.put(c, recording_id, hold)
            self.log.note(c, recording_id, Deed.HELD, by, hold.reason)

    def lift(self, recording_id: str, by: Person, *, seen: datetime) -> None:
        """End the hold that was set at that time; where none lasts, nothing happens. Raises NotFound; Superseded for another."""
        with self.engine.begin() as c:
            self.transcription.recordings.lock_standing(c, recording_id)
            lasting = self._lasting(c, recording_id)
            if lasting and lasting.at != seen:
                raise Superseded(_CHANGED)
            if lasting:
                holds.lift(c, recording_id)
                self.log.note(c, recording_id, Deed.LIFTED, by)

    def delete(self, recording_id: str, by: Person) -> None:
        """Have nobody find a recording any more. For some days it can be brought back; without such days it is gone at once.

        Raises:
            NotFound: there is no such recording.
            Held: it is to be kept.
        """
        recordings = self.transcription.recordings
        with self.engine.begin() as c:
            recordings.lock_standing(c, recording_id)
            if self._lasting(c, recording_id):
                raise Held
            self.log.note(c, recording_id, Deed.DELETED, by)
            if self.deleted_days:
                recordings.put_aside(c, recording_id, self.clock(), by.name)
                return
            recordings.begin_removal(c, recording_id)
        self._remove(recording_id)

    def deleted(self) -> list[Deleted]:
        """What can be brought back, the last deleted first."""
        found = self.transcription.recordings.deleted(self.ids)
        return [Deleted(recording=d.recording, at=d.at, by=d.by, until=self._recoverable_until(d)) for d in found]

    def restore(self, recording_id: str, by: Person) -> None:
        """Bring back what was deleted; what was not done of it waits to be. Raises NotFound for anything else."""
        recordings = self.transcription.recordings
        with self.engine.begin() as c:
            recordings.lock_deleted(c, recording_id, self.ids)
            recordings.bring_back(c, recording_id)
            self.log.note(c, recording_id, Deed.RESTORED, by)
        self.transcription.go_on(recording_id)

    def erase(self, recording_id: str, by: Person) -> None:
        """Remove the audio, the text, what people corrected and the unfinished work of what was deleted, for good. Once it has
        begun it is gone on with after a crash. The rows go last. Raises NotFound for anything else."""
        with self.engine.begin() as c:
            self.transcription.recordings.lock_deleted(c, recording_id, self.ids)
            self.transcription.recordings.begin_removal(c, recording_id)
            self.log.note(c, recording_id, Deed.ERASED, by)
        self._remove(recording_id)

    def sweep(self) -> None:
        """Delete what is over its time, and go on with what a crash cut off. Any number of processes may do so at once, each when
        the clock has settled: one that is wrong after a start, or is set wrong, or days that were mistyped, cost nothing until
        then."""
        may_delete = self._settling.has_settled(self.clock(), monotonic())
        if may_delete:
            self.log.sweep()
        recordings = self.transcription.recordings
        for recording_id in recordings.removing(self.ids):
            self._go_on(recording_id)
        if may_delete:
            for recording_id in recordings.deleted_before(self._days_ago(self.deleted_days), self.ids, _AT_ONCE):
                self._end(recording_id, f"削除から{self.deleted_days}日", if_deleted=True)
        if self.days and may_delete:
            free = self.ids.where(sa.not_(holds.is_held(self.ids.selected_columns[0], self.today)))
            for recording_id in recordings.accepted_before(self._days_ago(self.days), free, _AT_ONCE):
                self._end(recording_id, f"保存期間 {self.days}日")

    def _days_ago(self, days: int) -> datetime:
        return datetime.combine(self.today - timedelta(days=days), time(), JST)

    def _lasting(self, connection: Connection, recording_id: str) -> Hold | None:
        return holds.lasting(connection, [recording_id], self.today).get(recording_id)

    def _end(self, recording_id: str, why: str, *, if_deleted: bool = False) -> None:
        """Remove what is over its time for good; where that is the time since a deletion, unless it was just brought back."""
        recordings = self.transcription.recordings
        try:
            with self.engine.begin() as c:
                was_deleted = recordings.lock(c, recording_id)
                if self._lasting(c, recording_id) or (if_deleted and not was_deleted):
                    return  # somebody was faster
                recordings.begin_removal(c, recording_id)
                self.log.note(c, recording_id, Deed.ERASED if was_deleted else Deed.DELETED, BY_ITSELF, why)
            self._remove(recording_id)
        except NotFound:
            return  # somebody was faster
        except OSError:
            return  # the file can't be deleted now: it is gone on with, and the others don't wait for it
        _logger.info("deleted_after_its_time", extra={"recording": recording_id})

    def _go_on(self, recording_id: str) -> None:
        try:
            self._remove(recording_id)
        except OSError:
            _logger.warning("removal_stuck", extra={"recording": recording_id})

    def _remove(self, recording_id: str) -> None:
        self.transcription.discard(recording_id)
        with erasing(self.engine) as c:
            self.transcription.recordings.delete(c, recording_id)

    def _recoverable_until(self, deletion: Deletion) -> date:
        last = deletion.at.astimezone(JST).date() + timedelta(days=self.deleted_days)
        own = self._until(deletion.recording, None)
        return min(last, own) if own else last

    def _until(self, recording: Recording, hold: Hold | None) -> date | None:
        if not self.days or (hold and hold.until is None):
            return None
        own = recording.created_at.astimezone(JST).date() + timedelta(days=self.days)
        return max(own, hold.until) if hold and hold.until else own
