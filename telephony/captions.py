"""The calls that go on, followed as their folders grow; what is said in them as text, kept beside the sound.

One thread reads the folders and writes the texts; those of `asr.live` recognise. Sound is never skipped: what can't be
recognised at once waits in its file, and so do calls beyond those that may be heard at the same time. Of these come first who
are read along, and then the oldest. Several processes may follow the same folders: a call is heard by one of them, the others
read what it writes, and hear on where it dies.
"""

from __future__ import annotations

import errno
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from asr.live import Deliver, Failed, Given, Live, Speaker
from asr.stream import Final
from core.errors import MadoguchiError
from core.logging import logger
from telephony.chronicle import Item
from telephony.ear import Ear
from telephony.echo import is_heard_again
from telephony.followed import Followed, Hearing, Standing
from telephony.lines import Lines
from telephony.ongoing import LEGS, UNREADABLE, OngoingCall, calls_in
from telephony.said import Said

SPEAKERS = len(LEGS)  #: that a call takes of `Live`
NAMELESS = Lines({})
_EVERY_S = 0.2
_READ_S = 3.0  #: since its reader was last there, a call is read along
_REST_S = 5.0  #: after what nobody foresaw, and of a folder that can't be read now
_log = logger("telephony.captions")


class Captions:
    """All of them. Its methods may be called from any thread."""

    def __init__(self, calls: Path, open_live: Callable[[], Live], *, most: int, lines: Lines = NAMELESS) -> None:
        """`open_live` is called for the first call: it loads the recogniser, for `most` calls of `SPEAKERS` each."""
        self._folder = calls
        self._open_live = open_live
        self._most, self._lines = most, lines
        self._live: Live | None = None
        self._followed: dict[str, Followed] = {}
        self._read_at_s: dict[str, float] = {}  # calls that are read along
        self._left_alone: dict[str, float] = {}  # folders that can't be read, each until when
        self._given: queue.SimpleQueue[tuple[Ear, Followed, Given]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.wrong: str | None = None  #: a sentence, while nobody can say which calls go on
        self.has_looked = False  #: whether all folders were read once: a call that isn't known by then does not go on
        self._thread = threading.Thread(target=self._run, name="captions", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """What has no final text yet is heard again after the next start."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            for followed in self._followed.values():
                followed.leave()
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

    def read_along(self, call_id: str) -> None:
        """Somebody reads this call now; to be said again as long as that is so."""
        with self._lock:
            self._read_at_s[call_id] = time.monotonic()

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
        try:
            there = {ongoing.folder.name: ongoing for ongoing in calls_in(self._folder)}
        except OSError as e:
            if self.wrong is None:
                _log.error("the folder of calls can't be read", extra={"why": errno.errorcode.get(e.errno or 0)})
            self.wrong = UNREADABLE
            return False
        self.wrong = None
        for name in self._followed.keys() - there.keys():
            self._forget(name)
        self._left_alone = {name: until_s for name, until_s in self._left_alone.items() if name in there}
        for name, ongoing in there.items():
            if self._may_read(name):
                self._refresh(name, ongoing)
        self.has_looked = True
        self._share()
        may_have_more = False
        for name, followed in list(self._followed.items()):
            if followed.ears and self._may_read(name):
                with self._looking(name):
                    may_have_more |= self._listen(followed)
        return may_have_more

    def _may_read(self, name: str) -> bool:
        return time.monotonic() >= self._left_alone.get(name, 0.0)

    def _refresh(self, name: str, ongoing: OngoingCall) -> None:
        """Read a folder again; who reads along doesn't wait for the disk meanwhile."""
        known = self._followed.get(name)
        if known is not None and known.hearing is Hearing.OVER:
            return
        with self._looking(name):
            followed = known or Followed(ongoing, self._lines)
            news = followed.look()
            with self._lock:
                followed.take(news)
                self._followed[name] = followed

    @contextmanager
    def _looking(self, name: str) -> Iterator[None]:
        """Into a folder, which may be taken away meanwhile. One that can't be read now, as files are short or a disk fails, is
        left alone for a while; one that is not as it should be, from now on."""
        try:
            yield
        except FileNotFoundError:
            self._forget(name)
        except OSError as e:
            _log.error("a call's folder can't be read now", extra={"call": name, "why": errno.errorcode.get(e.errno or 0)})
            self._left_alone[name] = time.monotonic() + _REST_S
        except (ValueError, TypeError, KeyError) as e:
            _log.error("a call's folder can't be read", extra={"call": name}, exc_info=e)
            self._forget(name)
            self._left_alone[name] = math.inf

    def _forget(self, name: str) -> None:
        with self._lock:
            if followed := self._followed.pop(name, None):
                followed.leave()

    def _share(self) -> None:
        """Say which calls are heard: those that are read along, those that were before, and then the oldest."""
        with self._lock:
            self._read_at_s = {name: at_s for name, at_s in self._read_at_s.items() if time.monotonic() - at_s < _READ_S}
            read = self._read_at_s.keys() & self._followed.keys()
        free = self._most - sum(bool(f.ears) for f in self._followed.values())
        free += self._give_way(read, most=sum(self._waits(self._followed[name]) for name in read) - free)
        for name, followed in sorted(self._followed.items(), key=lambda item: (item[0] not in read, _began_at(item[1]))):
            if not followed.ears and followed.hearing is not Hearing.OVER and self._may_read(name):
                with self._looking(name):
                    free -= self._begins(followed, may_hear=free > 0)

    def _waits(self, followed: Followed) -> bool:
        return followed.hearing is Hearing.WAITING and followed.may_begin and self._may_read(followed.ongoing.folder.name)

    def _give_way(self, read: Set[str], *, most: int) -> int:
        """So many calls that nobody reads along are heard no more for now, the latest first. Returns how many were."""
        unread = [f for name, f in self._followed.items() if f.ears and f.ended_at is None and name not in read]
        giving = sorted(unread, key=_began_at, reverse=True)[: max(0, most)]
        with self._lock:
            for followed in giving:
                followed.leave()
                followed.hearing = Hearing.WAITING
        return len(giving)

    def _begins(self, followed: Followed, *, may_hear: bool) -> bool:
        """Whether a call is heard here from now on, and say how it stands."""
        said = followed.text.begin() if may_hear and followed.may_begin else None
        begins = said is not None
        is_elsewhere = not begins and followed.text.is_written
        if said is None:
            said = followed.text.read()  # who wrote it until now may have ended with this very look
        with self._lock:
            followed.keep(said)
            if begins:
                followed.ears = {leg: self._ear(followed, leg) for leg in LEGS}
            if is_elsewhere:
                followed.wrong = None
            if begins or is_elsewhere:
                followed.hearing = Hearing.HEARD
            elif followed.ended_at is not None:
                followed.hearing = Hearing.OVER
            else:
                followed.hearing = Hearing.WAITING if self._most else Hearing.OFF
        return begins

    def _ear(self, followed: Followed, leg: int) -> Ear:
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

    def _listen(self, followed: Followed) -> bool:
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
                self._fail(followed, e)
                return False
        if is_done:
            with self._lock:
                followed.leave()
                followed.hearing = Hearing.OVER
        return may_have_more

    def _fail(self, followed: Followed, error: MadoguchiError) -> None:
        _log.error("a call can't be heard", extra={"call": followed.ongoing.folder.name, "code": error.code})
        with self._lock:
            followed.fail(error.message, time.monotonic())

    def _take(self, *, until_s: float) -> None:
        """Keep what was recognised until then."""
        while not self._stopped.is_set():
            try:
                ear, followed, given = self._given.get(timeout=max(0.0, until_s - time.monotonic()))
            except queue.Empty:
                return
            if ear not in followed.ears.values():
                continue  # it was left meanwhile
            if isinstance(given, Failed):
                self._fail(followed, given.error)
                continue
            is_echo = ear.is_echo(given)
            with self._lock:
                said = ear.take(given, is_echo=is_echo)
                if isinstance(given, Final):
                    followed.wrong = None
            if said is not None:
                self._keep(followed, said)

    def _keep(self, followed: Followed, said: Said) -> None:
        try:
            followed.text.add(said)
        except FileNotFoundError:
            return  # taken into the records meanwhile
        except OSError as e:  # it is shown all the same, and heard again after a restart
            _log.error("live text not kept", exc_info=e)
        with self._lock:
            followed.keep([said])


def _began_at(followed: Followed) -> datetime:
    return followed.call.began_at
