"""What staff approved in, indexes that hold it out: built in a thread of its own, so that no request waits for a model."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from core.clock import Clock, now
from core.durable import sync_directory
from core.errors import MadoguchiError
from core.logging import logger

_log = logger("publishing")


class Stage(StrEnum):
    """How far what was approved last has come."""

    DONE = "done"
    PREPARING = "preparing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What the pages say of it."""

    stage: Stage = Stage.DONE
    at: datetime | None = None  #: when the stage began; None before anything was published
    error: str = ""

    @property
    def text(self) -> str:
        if self.stage is Stage.PREPARING:
            return "公開の準備をしています。ふだんは数秒で、チャットなどすべての窓口に出ます。"
        if self.stage is Stage.FAILED:
            return f"公開できませんでした。{self.error}"
        return f"公開済みです（{self.at:%H:%M:%S}）。" if self.at else ""


class Publisher:
    """One build at a time; what is approved meanwhile is in the next. What a crash cut off is known at the next start."""

    def __init__(self, build: Callable[[], None], pending: Path, clock: Clock = now) -> None:
        """`pending` is a file that lies there while something approved is not yet in the indexes."""
        self._build, self._pending, self._clock = build, pending, clock
        self._lock = threading.Lock()
        self._asked = self._built = self._changing = 0
        self._thread: threading.Thread | None = None
        self.publication = Publication()

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """Publish what the block changes. Nothing is to be published where it is refused."""
        with self._lock:
            self._changing += 1
            self._note()
        refused = False
        try:
            yield
        except MadoguchiError:
            refused = True
            raise
        finally:
            with self._lock:
                self._changing -= 1
                if refused:
                    self._settle()
        self.publish()

    def publish(self) -> None:
        """Have the indexes brought up to date soon."""
        with self._lock:
            self._asked += 1
            self._note()
            self.publication = Publication(stage=Stage.PREPARING, at=self._clock())
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="publishing", daemon=True)
                self._thread.start()

    def resume(self) -> None:
        """Publish what was left when the process before ended."""
        if self._pending.exists():
            self.publish()

    def stop(self, *, wait_s: float = 10.0) -> None:
        """Let a build that runs come to its end; what can't is built at the next start."""
        thread = self._thread
        if thread is not None:
            thread.join(wait_s)

    def _work(self) -> None:
        while True:
            with self._lock:
                if self._built == self._asked:
                    self._thread = None
                    return
                asked = self._asked
            done = self._tried()
            with self._lock:
                self._built = asked
                if asked == self._asked:
                    self.publication = replace(done, at=self._clock())
                    if done.stage is Stage.DONE:
                        self._settle()

    def _tried(self) -> Publication:
        try:
            self._build()
        except MadoguchiError as e:
            _log.warning("not_published", extra={"code": e.code})
            return Publication(stage=Stage.FAILED, error=e.message)
        except Exception:  # noqa: BLE001 - outermost loop of a thread: the page has to say that it failed
            _log.exception("not_published")
            return Publication(stage=Stage.FAILED, error=MadoguchiError.default)
        return Publication()

    def _note(self) -> None:
        """Have it known after a power loss too that something is to be published."""
        self._pending.parent.mkdir(parents=True, exist_ok=True)
        self._pending.touch()
        sync_directory(self._pending.parent)

    def _settle(self) -> None:
        """Forget it once all is built. A build that ends while something is being approved may not have seen that."""
        if not self._changing and self._built == self._asked and self.publication.stage is Stage.DONE:
            self._pending.unlink(missing_ok=True)
