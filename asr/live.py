"""Live speakers' sound in, their texts out: a thread or a few recognise for all of them, each in turn."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from asr.detector import Detector
from asr.stream import Event, Kind, Samples, Stream, Wanted
from core.errors import Busy, MadoguchiError
from core.logging import logger

_log = logger("asr.live")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Nothing more will come."""

    error: MadoguchiError


@dataclass(frozen=True, slots=True)
class Closed:
    """The speaker has finished, and every text was given."""


class Turn(Enum):
    """What is recognised first when several wait."""

    CERTAIN = "certain"  #: utterances that are over
    LIKELY = "likely"  #: those that probably are
    PARTIAL = "partial"


Given = Event | Failed | Closed
Deliver = Callable[[Given], None]


class Live:
    """Those who speak now. Final texts come before partial ones, and each speaker before a second turn of another."""

    def __init__(self, hear: Callable[[Wanted], str], *, most: int, threads: int = 1) -> None:
        """`hear` is called by so many threads at the same time, never for one speaker twice."""
        self._hear = hear
        self._most = most
        self._speakers: deque[Speaker] = deque()
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._work, name="live", daemon=True) for _ in range(threads)]
        self._started = False
        self._stopped = False
        self._partials_from_s = 0.0  # half the time is kept free for final texts

    def join(self, deliver: Deliver) -> Speaker:
        """Take a speaker in.

        Args:
            deliver: called with each text, from other threads and in order; must not wait.

        Raises:
            Busy: as many as there may be speak already.
        """
        with self._changed:
            if len(self._speakers) >= self._most or self._stopped:
                raise Busy("同時に使える数に達しています。ほかの字幕が終わるのを待って、もう一度お試しください。")
            speaker = Speaker(self, Stream(Detector()), deliver)
            self._speakers.append(speaker)
            if not self._started:
                self._started = True
                for thread in self._threads:
                    thread.start()
            return speaker

    def stop(self) -> None:
        """No more work is begun."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for thread in self._threads if self._started else ():
            thread.join()

    def leave(self, speaker: Speaker) -> None:
        with self._changed:
            if speaker in self._speakers:
                self._speakers.remove(speaker)

    def notify(self) -> None:
        """There may be work."""
        with self._changed:
            self._changed.notify_all()

    def _work(self) -> None:
        while (turn := self._next()) is not None:
            speaker, wanted = turn
            began_s = time.monotonic()
            try:
                text = self._hear(wanted)
            except MadoguchiError as e:
                speaker.fail(e)
            except Exception as e:  # noqa: BLE001 - the outermost loop: the other speakers go on
                _log.error("live recognition failed", exc_info=e)
                speaker.fail(MadoguchiError())
            else:
                speaker.heard(wanted, text)
            if wanted.kind is Kind.PARTIAL:
                ended_s = time.monotonic()
                self._partials_from_s = ended_s + (ended_s - began_s)

    def _next(self) -> tuple[Speaker, Wanted] | None:
        with self._changed:
            while not self._stopped:
                rest_s = self._partials_from_s - time.monotonic()
                for turn in Turn if rest_s <= 0 else (Turn.CERTAIN, Turn.LIKELY):
                    for speaker in list(self._speakers):
                        if wanted := speaker.take(turn):
                            self._speakers.remove(speaker)
                            self._speakers.append(speaker)  # behind the others
                            if turn is Turn.PARTIAL:
                                self._partials_from_s = math.inf  # one at a time
                            return speaker, wanted
                self._changed.wait(rest_s if 0 < rest_s < math.inf else None)
            return None


class Speaker:
    """One who speaks now. Sound comes from one thread at a time."""

    def __init__(self, live: Live, stream: Stream, deliver: Deliver) -> None:
        self._live = live
        self._stream = stream
        self._deliver = deliver
        self._lock = threading.Lock()
        self._certain: deque[Wanted] = deque()
        self._partial: Wanted | None = None
        self._working: Wanted | None = None
        self._finished = self._over = False

    @property
    def heard_s(self) -> float:
        return self._stream.heard_s

    @property
    def behind_s(self) -> float:
        """How much speech waits for its final text."""
        with self._lock:
            return sum(w.duration_s for w in self._certain)

    @property
    def owed_since_s(self) -> float | None:
        """When the oldest utterance ended that is over and has no final text yet; None where none is."""
        with self._lock:
            waiting = [w for w in (self._working, *self._certain) if w is not None and self._stream.is_over(w)]
        return min((w.end_s for w in waiting), default=None)

    def feed(self, samples: Samples) -> None:
        """Take the next samples at 16 kHz."""
        with self._lock:
            if self._finished or self._over:
                return
            self._place(self._stream.feed(samples))
        self._live.notify()

    def finish(self) -> None:
        """No more sound will come: the last texts will, and then `Closed`."""
        with self._lock:
            if not self._finished and not self._over:
                self._finished = True
                self._place(self._stream.finish())
                self._close_when_done()
        self._live.notify()

    def leave(self) -> None:
        """Nothing more is wanted."""
        with self._lock:
            self._end()
        self._live.leave(self)

    def take(self, turn: Turn) -> Wanted | None:
        """What is to be recognised next, if it is of this kind."""
        with self._lock:
            if self._working is None:  # texts come in order
                self._working = self._partial_now() if turn is Turn.PARTIAL else self._whole(turn)
                return self._working
            return None

    def _whole(self, turn: Turn) -> Wanted | None:
        while self._certain and not self._stream.is_wanted(self._certain[0]):
            self._certain.popleft()
        if self._certain and (turn is Turn.LIKELY or self._stream.is_over(self._certain[0])):
            return self._certain.popleft()
        return None

    def _partial_now(self) -> Wanted | None:
        if self._stream.pauses:
            return None  # what is wanted next may be the whole utterance, and should not wait for a part of it
        found, self._partial = self._partial, None
        return found if found is not None and self._stream.is_wanted(found) else None

    def heard(self, wanted: Wanted, text: str) -> None:
        with self._lock:
            self._working = None
            if not self._over:
                self._give(self._stream.heard(wanted, text))
                self._close_when_done()

    def fail(self, error: MadoguchiError) -> None:
        with self._lock:
            self._working = None
            if not self._over:
                self._end()
                self._deliver(Failed(error=error))

    def _end(self) -> None:
        """Nothing that waits is recognised any more."""
        self._over = True
        self._certain.clear()
        self._partial = None

    def _place(self, made: list[Wanted | Event]) -> None:
        for each in made:
            if not isinstance(each, Wanted):
                self._deliver(each)
            elif each.kind is Kind.PARTIAL:
                self._partial = each  # an older one has nothing to say any more
            else:
                self._certain.append(each)

    def _give(self, events: list[Event]) -> None:
        for event in events:
            self._deliver(event)

    def _close_when_done(self) -> None:
        if self._finished and not self._over and not self._certain and self._working is None:
            self._over = True
            self._deliver(Closed())
