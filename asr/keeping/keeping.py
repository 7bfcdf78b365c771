"""Recordings of one kind, each kept for its time and gone without a trace after it; held ones for longer."""

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
from asr.recording import Recording
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
class Keeping:
    """What is kept of one kind, and for how many days from the day on which it was taken in."""

    engine: Engine
    transcription: Transcription
    ids: sa.Select[tuple[str]]  #: of the recordings of this kind
    days: int  #: 0: until somebody deletes them
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
            self.transcription.recordings.lock(c, recording_id)
            lasting = self._lasting(c, recording_id)
            if (lasting.at if lasting else None) != seen:
                raise Superseded(_CHANGED)
            holds.put(c, recording_id, hold)
            self.log.note(c, recording_id, Deed.HELD, by, hold.reason)

    def lift(self, recording_id: str, by: Person, *, seen: datetime) -> None:
        """End the hold that was set at that time; where none lasts, nothing happens. Raises NotFound; Superseded for another."""
        with self.engine.begin() as c:
            self.transcription.recordings.lock(c, recording_id)
            lasting = self._lasting(c, recording_id)
            if lasting and lasting.at != seen:
                raise Superseded(_CHANGED)
            if lasting:
                holds.lift(c, recording_id)
                self.log.note(c, recording_id, Deed.LIFTED, by)

    def delete(self, recording_id: str, by: Person, why: str = "") -> None:
        """Remove the audio, the text, what people corrected and the unfinished work, for good. Once it has begun it is gone on
        with after a crash. The rows go last.

        Raises:
            NotFound: there is no such recording.
            Held: it is to be kept.
        """
        with self.engine.begin() as c:
            self.transcription.recordings.lock(c, recording_id)
            if self._lasting(c, recording_id):
                raise Held
            self.transcription.recordings.begin_removal(c, recording_id)
            self.log.note(c, recording_id, Deed.DELETED, by, why)
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
        if self.days and may_delete:
            oldest = datetime.combine(self.today - timedelta(days=self.days), time(), JST)
            free = self.ids.where(sa.not_(holds.is_held(self.ids.selected_columns[0], self.today)))
            for recording_id in recordings.accepted_before(oldest, free, _AT_ONCE):
                self._delete_due(recording_id)

    def _lasting(self, connection: Connection, recording_id: str) -> Hold | None:
        return holds.lasting(connection, [recording_id], self.today).get(recording_id)

    def _delete_due(self, recording_id: str) -> None:
        try:
            self.delete(recording_id, BY_ITSELF, f"保存期間 {self.days}日")
        except (Held, NotFound):
            return  # somebody was faster
        except OSError:
            return  # the file can't be deleted now: it is gone on with, and the others don't wait for it
        _logger.info("deleted_after_its_time", extra={"recording": recording_id, "days": self.days})

    def _go_on(self, recording_id: str) -> None:
        try:
            self._remove(recording_id)
        except OSError:
            _logger.warning("removal_stuck", extra={"recording": recording_id})

    def _remove(self, recording_id: str) -> None:
        self.transcription.discard(recording_id)
        with erasing(self.engine) as c:
            self.transcription.recordings.delete(c, recording_id)

    def _until(self, recording: Recording, hold: Hold | None) -> date | None:
        if not self.days or (hold and hold.until is None):
            return None
        own = recording.created_at.astimezone(JST).date() + timedelta(days=self.days)
        return max(own, hold.until) if hold and hold.until else own
