"""The calls that go on, followed as their folders grow; what is said in them as text, kept beside the sound.

One thread reads the folders and writes the texts; those of `asr.live` recognise. Sound is never skipped: what can't be
recognised at once waits in its file, and so do calls beyond those that may be heard at the same time.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from asr.live import Deliver, Given, Live, Speaker
from core.errors import MadoguchiError
from core.logging import logger
from telephony.chronicle import Chronicle, Item
from telephony.ear import Ear
from telephony.echo import is_heard_again
from telephony.lines import Lines
from telephony.ongoing import LEGS, LiveCall, OngoingCall, calls_in, event_of
from telephony.said import LiveText, Said
from telephony.tail import Tail

SPEAKERS = len(LEGS)  #: that a call takes of `Live`
NAMELESS = Lines({})
_EVERY_S = 0.2
_REST_S = 5.0  #: after what nobody foresaw
_log = logger("telephony.captions")


class Hearing(StrEnum):
    """Whether a call becomes text."""

    HEARD = "heard"
    WAITING = "waiting"  #: others came before it
    OFF = "off"  #: none does, by the settings
    OVER = "over"  #: it ended, and all of it that will be text is


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What somebody is saying; it may still change."""

    leg: int
    text: str
    start_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a call stands now."""

    call: LiveCall
    hearing: Hearing
    is_held: bool
    ended_at: datetime | None
    behind_s: float
    wrong: str | None  #: a sentence, while nothing can be recognised
    saying: tuple[Saying, ...]


class _Followed:
    """A call, as far as it was read."""

    def __init__(self, ongoing: OngoingCall, lines: Lines) -> None:
        self.ongoing = ongoing
        self.call = ongoing.call
        self._told: LiveCall | None = None  # by the exchange, which need not know what the city calls its lines
        self._lines = lines
        self.ended_at: datetime | None = None
        self.chronicle = Chronicle()
        self.text = LiveText(ongoing.folder)
        self.ears: dict[int, Ear] = {}
        self.hearing = Hearing.WAITING
        self._events = Tail(ongoing.folder / "events.jsonl")
        self._heard_s = dict.fromkeys(LEGS, 0.0)
        if ongoing.ended is None:  # else it may be taken away now, and nothing is added any more
            self.text.begin()
        for said in self.text.read():
            self.keep(said)

    def refresh(self) -> None:
        """Read what is new but the sound."""
        told = self.ongoing.call
        if told != self._told:
            self._told = told
            self.call = replace(told, our_name=self._lines.name(told.our_number, told.our_name))
        for line in self._events.lines():
            self.chronicle.happen(event_of(line))
        if (ended := self.ongoing.ended) is not None:
            self.ended_at = ended.at

    def keep(self, said: Said) -> None:
        self._heard_s[said.leg] = max(self._heard_s[said.leg], said.end_s)
        self.chronicle.say(said)

    def heard_s(self, leg: int) -> float:
        """Up to where a leg has its final texts."""
        return self._heard_s[leg]

    def leave(self) -> None:
        for ear in self.ears.values():
            ear.leave()
        self.ears = {}

    @property
    def standing(self) -> Standing:
        partials = [(leg, ear.partial) for leg, ear in self.ears.items() if ear.partial is not None]
        return Standing(
            call=self.call,
            hearing=self.hearing,
            is_held=self.chronicle.is_held,
            ended_at=self.ended_at,
            behind_s=max((ear.behind_s for ear in self.ears.values()), default=0.0),
            wrong=next((ear.wrong for ear in self.ears.values() if ear.wrong), None),
            saying=tuple(Saying(leg=leg, text=p.text, start_s=p.start_s) for leg, p in partials),
        )


class Captions:
    """All of them. Its methods may be called from any thread."""

    def __init__(self, calls: Path, open_live: Callable[[], Live], *, most: int, lines: Lines = NAMELESS) -> None:
        """`open_live` is called for the first call: it loads the recogniser, for `most` calls of `SPEAKERS` each."""
        self._folder = calls
        self._open_live = open_live
        self._most, self._lines = most, lines
        self._live: Live | None = None
        self._followed: dict[str, _Followed] = {}
        self._refused: set[str] = set()  # folders that can't be read
        self._given: queue.SimpleQueue[tuple[Ear, _Followed, Given]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="captions", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """What has no final text yet is heard again after the next start."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._live is not None:
            self._live.stop()

    def standings(self) -> list[Standing]:
        """Of the calls that go on, the oldest first."""
        with self._lock:
            going_on = [f for f in self._followed.values() if f.ended_at is None]
            return [f.standing for f in sorted(going_on, key=_began_at)]

    def standing(self, call_id: str) -> Standing | None:
        """Of a call that goes on or ended, until it is taken into the records."""
        with self._lock:
            followed = self._followed.get(call_id)
            return followed.standing if followed is not None else None

    def items(self, call_id: str, since: int = 0) -> list[Item]:
        """What was said and happened in it; see `Chronicle.since`."""
        with self._lock:
            followed = self._followed.get(call_id)
            return followed.chronicle.since(since) if followed is not None else []

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                may_have_more = self._look()
                self._take(until_s=time.monotonic() + (0 if may_have_more else _EVERY_S))
            except Exception as e:  # noqa: BLE001 - the outermost loop: calls that come later are followed
                _log.error("captions failed", exc_info=e)
                self._stopped.wait(_REST_S)

    def _look(self) -> bool:
        """Read what is new in all folders. Returns whether some sound was left for the next time."""
        there = {ongoing.folder.name: ongoing for ongoing in calls_in(self._folder)}
        for name in self._followed.keys() - there.keys():
            self._forget(name)
        self._refused &= there.keys()
        for name, ongoing in there.items():
            if name not in self._refused:
                self._refresh(name, ongoing)
        self._share()
        left = [self._listen(f) for f in list(self._followed.values()) if f.ears]
        return any(left)

    def _refresh(self, name: str, ongoing: OngoingCall) -> None:
        """Read a folder again, which may be taken away meanwhile."""
        known = self._followed.get(name)
        if known is not None and known.hearing is Hearing.OVER:
            return
        try:
            followed = known or _Followed(ongoing, self._lines)
            with self._lock:
                followed.refresh()
                self._followed[name] = followed
        except FileNotFoundError:
            self._forget(name)
        except (OSError, ValueError, TypeError, KeyError) as e:
            _log.error("a call's folder can't be read", extra={"call": name}, exc_info=e)
            self._forget(name)
            self._refused.add(name)

    def _forget(self, name: str) -> None:
        with self._lock:
            if followed := self._followed.pop(name, None):
                followed.leave()

    def _share(self) -> None:
        """Say which calls are heard: those that were before, and then the oldest."""
        free = self._most - sum(bool(f.ears) for f in self._followed.values())
        for followed in sorted(self._followed.values(), key=_began_at):
            if followed.ears or followed.hearing is Hearing.OVER:
                continue
            with self._lock:
                if followed.ended_at is not None:
                    followed.hearing = Hearing.OVER
                elif free > 0:
                    free -= 1
                    followed.hearing = Hearing.HEARD
                    followed.ears = {leg: self._ear(followed, leg) for leg in LEGS}
                else:
                    followed.hearing = Hearing.WAITING if self._most else Hearing.OFF

    def _ear(self, followed: _Followed, leg: int) -> Ear:
        def deliver(given: Given) -> None:
            self._given.put((ear, followed, given))

        def echoes(start_s: float, end_s: float) -> bool:
            return is_heard_again(followed.ongoing, leg, start_s, end_s)

        def join(deliver: Deliver) -> Speaker:
            return self._opened().join(deliver)

        ear = Ear(leg, from_s=followed.heard_s(leg), join=join, deliver=deliver, echoes=echoes)
        return ear

    def _opened(self) -> Live:
        if self._live is None:
            self._live = self._open_live()
        return self._live

    def _listen(self, followed: _Followed) -> bool:
        now_s = time.monotonic()
        may_have_more, is_done = False, followed.ended_at is not None
        for leg, ear in followed.ears.items():
            try:
                sound = followed.ongoing.sound(leg)
                if sound is None:
                    continue
                may_have_more |= ear.listen(sound, now_s, is_over=followed.ended_at is not None)
                is_done &= ear.is_done(sound)
            except FileNotFoundError:
                continue  # taken into the records: the next look forgets it
            except MadoguchiError as e:
                _log.error("a call can't be heard", extra={"code": e.code})
                ear.fail(e.message, now_s)
        if is_done:
            with self._lock:
                followed.leave()
                followed.hearing = Hearing.OVER
        return may_have_more

    def _take(self, *, until_s: float) -> None:
        """Keep what was recognised until then."""
        while not self._stopped.is_set():
            try:
                ear, followed, given = self._given.get(timeout=max(0.0, until_s - time.monotonic()))
            except queue.Empty:
                return
            is_echo = ear.is_echo(given)
            with self._lock:
                said = ear.take(given, time.monotonic(), is_echo=is_echo)
            if said is not None:
                self._keep(followed, said)

    def _keep(self, followed: _Followed, said: Said) -> None:
        try:
            followed.text.add(said)
        except FileNotFoundError:
            return  # taken into the records meanwhile
        except OSError as e:  # it is shown all the same, and heard again after a restart
            _log.error("live text not kept", exc_info=e)
        with self._lock:
            followed.keep(said)


def _began_at(followed: _Followed) -> datetime:
    return followed.call.began_at
