"""What staff approved in, indexes that hold it out: built in a thread of its own, so that no request waits for a model."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.clock import Clock, now
from core.errors import MadoguchiError, ModelError
from core.faults import fault_of
from core.logging import logger
from core.rounds import Rounds

_TRIED_AGAIN_AFTER = timedelta(minutes=1)  #: twice as long after each time that it fails again, since a build may take a while
_LONGEST_DOUBLED = 4
_WATCH_S = 1.0
_log = logger("publishing")


class Stage(StrEnum):
    """How far what was approved last has come."""

    DONE = "done"
    PREPARING = "preparing"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What the pages say of it."""

    stage: Stage = Stage.DONE
    at: datetime | None = None  #: when the stage began; None before anything was published
    error: str = ""
    is_anew: bool = False  #: all the indexes are made, as after an update, which takes minutes

    @property
    def text(self) -> str:
        if self.stage is Stage.PREPARING and self.is_anew:
            return "起動したあとの準備をしています（数分かかることがあります）。承認した内容は、それが終わると窓口に出ます。"
        if self.stage is Stage.PREPARING:
            return "公開の準備をしています。ふだんは数秒で、チャットなどすべての窓口に出ます。"
        if self.stage is Stage.FAILED:
            return f"公開できませんでした。{self.error}"
        if self.stage is Stage.ROLLED_BACK:
            return (
                "前の索引に戻してあります。住民や職員に出る回答は、ひとつ前のもので、そのあとに承認した内容は出ていません。"
                "次に何かを承認すると、最新の内容に替わります。"
            )
        return f"公開済みです（{self.at:%H:%M:%S}）。" if self.at else ""


class Others:
    """Commands, and machines, that write the knowledge base into the same database."""

    def __init__(
        self,
        times_written: Callable[[], int],
        is_behind: Callable[[], bool],
        are_building: Callable[[], bool] = lambda: False,
        looks: int = 1,
    ) -> None:
        """`looks` is how often in a row nothing new is seen before it is time to build. Who shares the indexes builds what it
        wrote, but where it died."""
        self._times_written, self._is_behind, self._are_building = times_written, is_behind, are_building
        self._looks = looks
        self._built: int | None = None  #: what had been written when the indexes were last known to hold it
        self._seen: int | None = None
        self._seen_again = 0

    def have_written(self) -> bool:
        """Whether they wrote something that the indexes lack. While they are at it, as with a folder, a later look says."""
        before, self._seen = self._seen, self._times_written()
        self._seen_again = self._seen_again + 1 if self._seen == before else 0
        if self._seen == self._built or self._seen_again < self._looks or self._are_building():
            return False
        if self._is_behind():
            return True
        self._built = self._seen
        return False

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """A build, which holds what was written before it began."""
        written = self._times_written()
        yield
        self._built = written


class Publisher:
    """One build at a time; what is approved meanwhile is in the next."""

    def __init__(
        self,
        build: Callable[[], None],
        is_rolled_back: Callable[[], bool],
        is_untimely: Callable[[], bool] = lambda: False,
        clock: Clock = now,
        others: Others | None = None,
    ) -> None:
        """`others` are asked what they wrote that is to be built here."""
        self._build, self._is_rolled_back, self._is_untimely, self._clock = build, is_rolled_back, is_untimely, clock
        self._others = others
        self._lock = threading.Lock()
        self._asked = self._built = 0
        self._thread: threading.Thread | None = None
        self._watching: threading.Thread | None = None
        self._publication = Publication()
        self._swept_at: datetime | None = None
        self._is_anew = False
        self._failed_again = 0  #: how often in a row
        self._stop = threading.Event()

    @property
    def publication(self) -> Publication:
        """What the pages say; the command line may have rolled back what was published here."""
        last = self._publication
        try:
            return Publication(stage=Stage.ROLLED_BACK) if last.stage is Stage.DONE and self._is_rolled_back() else last
        except ModelError:
            return last  # nothing is served without its model, which /readyz tells

    @property
    def has_failed(self) -> bool:
        """Whether what was approved last could not be published, for pages that say no more; asks nobody."""
        return self._publication.stage is Stage.FAILED

    def publish(self, *, anew: bool = False) -> None:
        """Have the indexes brought up to date soon. A build that a crash cuts off is missed by the next start. What is asked for
        while they are made `anew` waits until they are, and the pages say so."""
        with self._lock:
            self._asked += 1
            self._is_anew = self._is_anew or anew
            self._publication = self._preparing()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="publishing", daemon=True)
                self._thread.start()

    def start(self) -> None:
        """Look every second for what has ended, in every zone: a server of residents alone works on no jobs; and for what others
        wrote."""
        self._stop.clear()
        self._watching = threading.Thread(target=self._watch, name="publishing-watch", daemon=True)
        self._watching.start()

    def sweep(self) -> None:
        """Once a day, at its beginning, have entries whose time is over leave the indexes. What was rolled back stays so. A build
        that failed is tried again by and by."""
        at = self._clock()
        if self._publication.stage is Stage.FAILED:
            waits = _TRIED_AGAIN_AFTER * 2 ** min(self._failed_again, _LONGEST_DOUBLED)
            waited = at - (self._publication.at or at)  # less than nothing where the clock was set back
            if not timedelta() <= waited < waits and not self._is_rolled_back():
                self._failed_again += 1
                self.publish()
            return
        if self._publication.stage is Stage.DONE:
            self._failed_again = 0
        if self._swept_at and at.date() == self._swept_at.date():
            return
        is_wanted = self._is_untimely() and not self._is_rolled_back()
        self._swept_at = at  # not before: where the database could not be asked, the next look asks it
        if is_wanted:
            self.publish()

    def follow(self) -> None:
        """Build what others wrote. A build that failed is `sweep`'s to try again."""
        if self._others and self._thread is None and self._publication.stage is not Stage.FAILED and self._others.have_written():
            self.publish()

    def stop(self, *, wait_s: float = 10.0) -> None:
        """Let a look or a build that runs come to its end; what can't is built at the next start."""
        self._stop.set()
        for thread in (self._watching, self._thread):
            if thread is not None:
                thread.join(wait_s)

    def _watch(self) -> None:
        rounds = Rounds(_log, "not_looked")
        while True:
            rounds.go((self.sweep, self.follow))
            if self._stop.wait(_WATCH_S):
                return

    def _work(self) -> None:
        while True:
            with self._lock:
                if self._built == self._asked:
                    self._thread = None
                    return
                asked = self._asked
            done = self._tried()
            with self._lock:
                self._built, self._is_anew = asked, False
                self._publication = replace(done, at=self._clock()) if asked == self._asked else self._preparing()

    def _preparing(self) -> Publication:
        return Publication(stage=Stage.PREPARING, at=self._clock(), is_anew=self._is_anew)

    def _tried(self) -> Publication:
        try:
            with self._others.awaited() if self._others else nullcontext():
                self._build()
        except MadoguchiError as e:
            _log.warning("not_published", extra={"code": e.code})
            return Publication(stage=Stage.FAILED, error=e.message)
        except Exception as e:  # noqa: BLE001 - outermost loop of a thread: the page has to say that it failed
            _log.exception("not_published")
            return Publication(stage=Stage.FAILED, error=(fault_of(e) or MadoguchiError()).message)
        return Publication()
