"""Calls that ended in, call records out: what was recorded live waits in its folder until it is among the records for good."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from asr.keeping.log import Deed
from core.errors import NotFound
from core.logging import logger
from telephony.call import Parties, Remark, Spoke, side_of
from telephony.calls import Calls
from telephony.lines import Lines
from telephony.ongoing import LEGS, Ended, LiveCall, OngoingCall, calls_in, leftovers_in
from telephony.remarks import remarks
from telephony.said import LIVE_TEXT
from telephony.stereo import StereoWav

_LOOK_EVERY_S = 1.0
_RECORDER = "電話"
_FOUND = "found"  #: why a call ended whose recorder could not say so: it died, or the disk stayed full
_log = logger("telephony.intake")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Looks for ended calls while the process lives. Several processes may: each call is taken in by one."""

    folder: Path
    calls: Calls
    lines: Lines
    rest_s: float = 60.0  #: until what could not be taken in, because the disk is full perhaps, is tried again
    _rests: dict[str, float] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        thread = threading.Thread(target=self._work, name="intake", daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self) -> None:
        """A call that is being taken in is finished first."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def take_all(self) -> None:
        """Take in each call that ended, and each whose recorder died. One that can't be stays and is tried again after a while.

        A call is taken in under its own id, and its folder goes after that, so that a crash between leads to neither two
        records nor none.
        """
        leftovers, there = list(leftovers_in(self.folder)), list(calls_in(self.folder))
        for name in self._rests.keys() - {ongoing.folder.name for ongoing in (*leftovers, *there)}:
            del self._rests[name]  # another process took it in
        for leftover in leftovers:
            self._try(leftover, _clear)
        for ongoing in there:
            self._try(ongoing, self._take)

    @property
    def stuck(self) -> int:
        """How many calls could not be taken in when that was last tried."""
        return len(self._rests)

    def _try(self, ongoing: OngoingCall, do: Callable[[OngoingCall], None]) -> None:
        name = ongoing.folder.name
        if self._rests.get(name, 0.0) > time.monotonic():
            return
        try:
            with ongoing.held() as ours:
                if ours:
                    do(ongoing)
            self._rests.pop(name, None)
        except Exception:  # noqa: BLE001 - outermost loop of a thread: the other calls can still be taken in
            _log.exception("call_not_taken_in", extra={"call": name})
            self._rests[name] = time.monotonic() + self.rest_s

    def _take(self, ongoing: OngoingCall) -> None:
        if ongoing.ended is None:
            ongoing.end(Ended(at=_last_heard(ongoing), why=_FOUND))
            _log.warning("call_found", extra={"call": ongoing.folder.name})
        call = ongoing.call
        try:
            self.calls.records.get(call.id)
        except NotFound:
            if not any(ongoing.sound(leg) for leg in LEGS):
                _log.info("call_without_sound", extra={"call": call.id})
            elif self.calls.log.tells(call.id, Deed.DELETED):  # be it that it can be brought back
                _log.info("call_deleted_before", extra={"call": call.id})  # while its folder could not be
            else:
                self.calls.accept(
                    StereoWav(ongoing),
                    file_name=_name(call),
                    parties=self._parties(call),
                    imported_by=_RECORDER,
                    call_id=call.id,
                    remarks=(*remarks(ongoing.events(), call.our_leg), *_broken_off(ongoing)),
                )
        shutil.rmtree(ongoing.folder)

    def _parties(self, told: LiveCall) -> Parties:
        call = self.lines.applied(told)
        return Parties.as_told(
            our_name=call.our_name,
            other_name=call.other_name,
            caller_number=call.other_number,
            started_at=call.began_at,
            lone=call.lone_leg,
            before=[
                Spoke(side=side_of(b.leg, call.our_leg), until_s=b.until_s, name=b.name, number=b.number) for b in call.before
            ],
        )

    def _work(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY_S):
            try:
                self.take_all()
            except Exception:  # noqa: BLE001 - the outermost loop of the thread: calls that come later are taken in
                _log.exception("intake_failed")
                self._stopping.wait(self.rest_s)


def _clear(leftover: OngoingCall) -> None:
    if not (leftover.folder / "call.json").exists():
        shutil.rmtree(leftover.folder)


def _broken_off(ongoing: OngoingCall) -> Iterator[Remark]:
    """That the call may have gone on longer than its sound: what was lost then, nobody could write down."""
    if ongoing.ended is not None and ongoing.ended.why == _FOUND:
        sounds = filter(None, map(ongoing.sound, LEGS))
        yield Remark(at_s=max(len(sound) / sound.rate_hz for sound in sounds), text="録音が途中で終わりました")


def _last_heard(ongoing: OngoingCall) -> datetime:
    """When its recorder last wrote; who reads along may have come later."""
    newest = max(path.stat().st_mtime for path in ongoing.folder.iterdir() if path.name != LIVE_TEXT)
    return datetime.fromtimestamp(newest, tz=ongoing.call.began_at.tzinfo)


def _name(call: LiveCall) -> str:
    """Of the file, as people save it."""
    return f"{call.began_at:%Y%m%d-%H%M%S}.wav"
