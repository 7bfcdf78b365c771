"""The training by night: an hour and a knowledge base that changed in, a better search out, trained in a process of its own."""

from __future__ import annotations

import json
import selectors
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.clock import Clock, now
from core.jobs import Jobs, JobState
from core.logging import logger
from models.finetuning import can_train

JOB = "adapt"
NIGHT = timedelta(hours=4)  #: a training that was cut off is taken up again only so long after its hour
_LOOK_EVERY_S = 0.5
_LONGEST_LINE_BYTES = 1 << 16
_log = logger("retrieval.nightly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nightly:
    """The job of one knowledge base. This process never holds what trains: a kill loses a night's training and nothing else."""

    jobs: Jobs
    kb: str
    hour: int  #: of the day; none when negative
    command: Sequence[str]  #: trains and builds; says its progress in lines of JSON, and ends when its input does
    longest_s: float
    progress: Path  #: a file that says how far it is
    clock: Clock = now
    can_train: Callable[[], bool] = can_train

    def define(self) -> None:
        """Make the job known; before `Jobs.start`."""
        self.jobs.define(JOB, self.run, sweep=self.sweep if self.hour >= 0 else None, aside=True)

    def sweep(self) -> None:
        """Enqueue the job in its hour, once a night however many processes look at the clock."""
        at = self.clock()
        job_id = f"{JOB}-{self.kb}-{at:%Y%m%d}"
        if at.hour == self.hour and self.jobs.state(job_id) is JobState.UNKNOWN:
            self.jobs.enqueue(JOB, job_id)

    def run(self, job_id: str) -> None:
        """The job. Leaves one line in the log that says what it came to, or why it did nothing."""
        self.jobs.step("train", self._train, job_id)

    def progress_text(self) -> str:
        """How far a training is, for people; nothing where none runs."""
        try:
            said = json.loads(self.progress.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return ""
        return f"知識ベースに合わせて学習しています: {said.get('label', '')} {said.get('done', 0)}/{said.get('total', 0)}"

    def _train(self, job_id: str) -> None:
        if not self._is_night(job_id):
            self._skip("the night is over")
        elif not self.can_train():
            self._skip("torch is not installed")
        else:
            try:
                self._told(self._watched())
            finally:
                self.progress.unlink(missing_ok=True)

    def _is_night(self, job_id: str) -> bool:
        at = self.clock()
        began = datetime.strptime(job_id[-8:], "%Y%m%d").replace(hour=max(0, self.hour), tzinfo=at.tzinfo)
        return timedelta(0) <= at - began < NIGHT

    def _watched(self) -> dict[str, object]:
        """What the process said last, once it has ended. It is ended when its time is up or this process ends."""
        deadline = time.monotonic() + self.longest_s
        said: dict[str, object] = {}
        with subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own command line
            try:
                assert process.stdout is not None
                with selectors.DefaultSelector() as selector:
                    selector.register(process.stdout, selectors.EVENT_READ)
                    while time.monotonic() < deadline:
                        self.jobs.check()
                        if not selector.select(_LOOK_EVERY_S):
                            continue
                        line = process.stdout.readline(_LONGEST_LINE_BYTES)
                        if not line:
                            return said
                        said = self._noted(line)
                    return {"refused": "time is up"}
            finally:
                process.kill()

    def _noted(self, line: bytes) -> dict[str, object]:
        """A line of the process, kept where the pages of staff look for it."""
        try:
            said: dict[str, object] = json.loads(line)
        except ValueError:  # it was ended in the middle of a word
            return {}
        part = self.progress.with_suffix(".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(said | {"at": self.clock().isoformat()}, ensure_ascii=False), "utf-8")
        part.replace(self.progress)
        return said

    def _told(self, said: dict[str, object]) -> None:
        if "serves" in said:
            _log.info("adapted", extra={"kb": self.kb, **said})
        else:
            self._skip(str(said.get("refused", "the process ended by itself")))

    def _skip(self, why: str) -> None:
        _log.info("not_adapted", extra={"kb": self.kb, "reason": why})
