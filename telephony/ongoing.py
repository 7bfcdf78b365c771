"""A call that goes on: a folder that grows with it, written by who records and read by who listens along.

    calls/ID/call.json      who speaks, since when, and who did before; replaced whole
    calls/ID/0-8000.pcm     what one of the two said since the call's beginning: 16 bit, little endian, 8,000 samples a second
    calls/ID/1-8000.pcm     what the other said
    calls/ID/events.jsonl   what happened, a line each: held, gone on, lost packets, a key pressed
    calls/ID/live.jsonl     what was understood of it so far (`said.py`), held by the process that listens along
    calls/ID/ended.json     when and why it ended
    calls/ID/lock           held by the process that records, then by the one that takes the call into the records

Sound stands at its own time and silence is zeros, so both files keep step. Files only grow: who reads them may come late and
misses nothing, who writes them waits for nobody, and what a crash leaves behind is a call up to that moment.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.durable import sync_directory, write_durably
from core.lock import lock_file
from telephony.tail import add_line

Samples = npt.NDArray[np.int16]

UNREADABLE = "続いている通話を読めません。管理者は、データのフォルダの calls を開けるかを確かめてください。"

LEGS = (0, 1)
_SOUND = re.compile(r"([01])-(\d+)\.pcm")
_BYTES = 2  # a sample


class Happened(StrEnum):
    """What is told of a call beside its sound."""

    HELD = "held"
    RESUMED = "resumed"
    LOST = "lost"  #: sound that never came, `lasts_s` in all, from `at_s` on
    KEY = "key"  #: a key was pressed; which is not kept, for it may be a secret number
    CHANGED = "changed"  #: others speak now


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in a call."""

    kind: Happened
    at_s: float  #: since the call began
    leg: int | None = None  #: whose it is; None for both
    lasts_s: float = 0.0


def events_of(lines: Iterable[str]) -> list[Event]:
    """As `OngoingCall.note` writes them; what a power loss or a full disk left of a line is left out."""
    found = []
    for line in lines:
        with suppress(ValueError, KeyError, TypeError):
            stored = json.loads(line)
            found.append(Event(**{**stored, "kind": Happened(stored["kind"])}))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Who was heard on a leg before another was."""

    leg: int
    until_s: float  #: since the call began
    name: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """Who speaks to whom now, as far as the signalling tells, and who did before."""

    id: str
    began_at: datetime
    our_leg: int = 0  #: on which of the two the city hall speaks
    our_name: str = ""
    our_number: str = ""
    other_name: str = ""
    other_number: str = ""
    protocol: str = "SIP"  #: or SIPREC
    lone_leg: bool = False  #: one party alone is heard, or both on one leg: the other file stays empty
    before: tuple[Before, ...] = ()  #: in the order of time

    def who(self, leg: int, at_s: float) -> tuple[str, str]:
        """Name and number of who is heard on a leg at a moment."""
        for earlier in self.before:
            if earlier.leg == leg and at_s < earlier.until_s:
                return earlier.name, earlier.number
        return (self.our_name, self.our_number) if leg == self.our_leg else (self.other_name, self.other_number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a call came to its end."""

    at: datetime
    why: str  #: bye, silence, longest, stopped, refused, or found: its recorder died and another found it


class OngoingCall:
    """One such folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: int | None = None
        self._noting = threading.Lock()

    @classmethod
    def begin(cls, calls: Path, call: LiveCall) -> OngoingCall:
        """Make the folder of a new call, which this process records. On return it survives power loss."""
        folder = calls / call.id
        folder.mkdir(parents=True)
        ongoing = cls(folder)
        try:
            ongoing._held = lock_file(folder / "lock")
            ongoing.describe(call)
            sync_directory(calls)
        except OSError:
            ongoing.discard()
            raise
        return ongoing

    @property
    def call(self) -> LiveCall:
        """Raises FileNotFoundError where the call was taken away meanwhile."""
        stored = json.loads((self.folder / "call.json").read_text("utf-8"))
        before = tuple(Before(**told) for told in stored.pop("before", ()))
        return LiveCall(**{**stored, "began_at": datetime.fromisoformat(stored["began_at"]), "before": before})

    def describe(self, call: LiveCall) -> None:
        """Who speaks is known better now."""
        stored = {**asdict(call), "began_at": call.began_at.isoformat()}
        write_durably(self.folder / "call.json", json.dumps(stored, ensure_ascii=False))

    def note(self, event: Event) -> None:
        """Add what happened. Threads may at the same time. Raises OSError on a full disk, and then nothing was added."""
        with self._noting, (self.folder / "events.jsonl").open("ab", buffering=0) as f:
            add_line(f, json.dumps({**asdict(event), "kind": event.kind.value}))

    def events(self) -> list[Event]:
        """What happened so far; a line that is being written is not there."""
        path = self.folder / "events.jsonl"
        return events_of(path.read_text("utf-8", errors="replace").split("\n")[:-1] if path.exists() else [])

    def end(self, ended: Ended) -> None:
        """Nothing more comes: whoever takes calls into the records may have it."""
        try:
            write_durably(self.folder / "ended.json", json.dumps({"at": ended.at.isoformat(), "why": ended.why}))
        finally:  # whom a full disk keeps from saying so records it no more all the same
            self._let_go()

    def discard(self) -> None:
        """It is not to be kept: as if it had never been. What names it goes first, so that a crash leaves no call behind."""
        try:
            (self.folder / "call.json").unlink(missing_ok=True)
            sync_directory(self.folder)
            shutil.rmtree(self.folder, ignore_errors=True)
        finally:
            self._let_go()

    def _let_go(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Whether nobody records it or takes it in, and nobody can inside the block."""
        try:
            lock = lock_file(self.folder / "lock", create=False)
        except FileNotFoundError:  # it was taken away
            lock = None
        try:
            yield lock is not None
        finally:
            if lock is not None:
                os.close(lock)

    @property
    def ended(self) -> Ended | None:
        path = self.folder / "ended.json"
        if not path.exists():
            return None
        stored = json.loads(path.read_text("utf-8"))
        return Ended(at=datetime.fromisoformat(stored["at"]), why=stored["why"])

    def sound(self, leg: int) -> Sound | None:
        """What one said so far; None before the first of it."""
        for path in self.folder.iterdir():
            if (named := _SOUND.fullmatch(path.name)) and int(named[1]) == leg:
                return Sound(path, rate_hz=int(named[2]))
        return None

    def new_sound(self, leg: int, rate_hz: int) -> Sound:
        """The file of a leg that is heard for the first time."""
        path = self.folder / f"{leg}-{rate_hz}.pcm"
        path.touch(exist_ok=False)
        sync_directory(self.folder)
        return Sound(path, rate_hz=rate_hz)


@dataclass(frozen=True, slots=True)
class Sound:
    """The file of one leg."""

    path: Path
    rate_hz: int

    def __len__(self) -> int:
        """Samples so far."""
        return self.path.stat().st_size // _BYTES

    def read(self, start: int, count: int) -> Samples:
        """At most so many samples from there on, as many as there are."""
        with self.path.open("rb") as f:
            f.seek(start * _BYTES)
            data = f.read(count * _BYTES)
        return np.frombuffer(data, "<i2", count=len(data) // _BYTES).astype(np.int16)  # a full disk may have taken half a sample

    def place(self, at: int, samples: Samples) -> None:
        """Write samples at their time, whatever lies between it and the end so far is silence. Raises OSError on a full disk."""
        with self.path.open("r+b", buffering=0) as f:
            f.seek(at * _BYTES)
            left = memoryview(samples.astype("<i2").tobytes())
            while left:  # a disk that is nearly full takes a part
                left = left[f.write(left) :]

    def reach(self, end: int) -> None:
        """Nothing more comes before that time: what is missing is silence."""
        if end > len(self):
            os.truncate(self.path, end * _BYTES)


def calls_in(calls: Path) -> Iterator[OngoingCall]:
    """Those that go on or ended and are not yet taken into the records, the oldest first. Raises OSError where their folder can't
    be read, of which `UNREADABLE` tells people."""
    yield from filter(_has_begun, _folders(calls))


def leftovers_in(calls: Path) -> Iterator[OngoingCall]:
    """What a recorder that died left of calls that it hadn't yet begun, or that were not to be kept."""
    yield from itertools.filterfalse(_has_begun, _folders(calls))


def _has_begun(call: OngoingCall) -> bool:
    """One that can't be looked into, as it is another user's, has: who reads it is told why it can't be, and reads the others."""
    try:
        return (call.folder / "call.json").exists()
    except OSError:
        return True


def _folders(calls: Path) -> list[OngoingCall]:
    """Any of them may be taken away meanwhile."""
    aged = []
    for folder in calls.iterdir() if calls.exists() else ():
        with suppress(FileNotFoundError):
            aged.append((folder.stat().st_ctime, folder.name, folder))
    return [OngoingCall(folder) for _, _, folder in sorted(aged)]
