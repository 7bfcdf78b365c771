"""Durable work on DBOS: a job's id goes in, its steps run until all are done, across restarts and kill -9.

A job is a function of its id that does its work in `step`s. A step that finished is never run again; one that was cut off
runs again from its beginning, so it must be able to. Inputs and results of steps are JSON and carry nothing personal.
While the database is out of reach or the disk is full, a job waits; it is not given up.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from core.database import open_engine
from core.errors import MadoguchiError
from core.faults import outage_of
from core.logging import logger
from core.rounds import Rounds
from core.seat import Seat
from core.settings import Settings

if TYPE_CHECKING:
    from dbos import DBOSConfig

T = TypeVar("T")

_QUEUE = "jobs"
_ASIDE = "aside"  #: a queue for work of hours that nobody waits for
_ASIDE_POLL_S = 5.0
_VERSION = "1"  #: raise it when jobs that an older release left unfinished can't go on under this one
_TRIES = 3
_RESTARTS = 20  #: a job that took the process down this often is given up
_FAILED = "__failed__"
_log = logger("jobs")


class Role(StrEnum):
    """What kind of process works on jobs."""

    SERVE = "serve"
    WORKER = "worker"
    COMMAND = "command"


class JobState(StrEnum):
    """What the queue knows of a job."""

    UNKNOWN = "unknown"
    OPEN = "open"  #: waiting or running
    ENDED = "ended"


class Stopping(BaseException):
    """Unwinds a running job so that its process can end; the job goes on at the next start.

    Not an Exception: nothing on the way may take it for a failure of the job.
    """


class Waiting(BaseException):
    """Unwinds a job that can't go on for what happened around it; after a pause it goes on by itself.

    Not an Exception, as `Stopping` is not: it would be kept as what the step came to, for good.
    """

    def __init__(self, fault: MadoguchiError) -> None:
        super().__init__()
        self.fault = fault  #: what happened: no room on the disk, no database


@dataclass(kw_only=True)
class Jobs:
    """One process's share of the queue: it runs one job at a time, and one aside. `define` before `start`; one per process."""

    database_url: str
    home: Path
    role: Role
    poll_s: float = 0.5  #: how often jobs that wait for their turn are looked for
    watch_s: float = 15.0  #: how often the work of processes that died is looked for
    pause_s: float = 60.0  #: after which a job is tried again that could not go on
    _runs: dict[str, Callable[[str], None]] = field(default_factory=dict, init=False)
    _workflows: dict[str, Callable[[str], None]] = field(default_factory=dict, init=False)
    _queues: dict[str, str] = field(default_factory=dict, init=False)
    _sweeps: list[Callable[[], None]] = field(default_factory=list, init=False)
    _pauses: dict[tuple[str, str], float] = field(default_factory=dict, init=False)  # of a job's name and id: when it ends
    _stop: threading.Event = field(default_factory=threading.Event, init=False)
    _running: int = field(default=0, init=False)
    _ran: threading.Condition = field(default_factory=threading.Condition, init=False)
    _seat: Seat | None = field(default=None, init=False)
    _engine: sa.Engine | None = field(default=None, init=False)
    _watcher: threading.Thread | None = field(default=None, init=False)

    def define(
        self, name: str, run: Callable[[str], None], *, sweep: Callable[[], None] | None = None, aside: bool = False
    ) -> None:
        """What a job of this name does. `sweep` is called at the start and then every `watch_s`. Jobs `aside` have a queue of
        their own, so that hours of them hold no recording up."""
        self._runs[name] = run
        self._queues[name] = _ASIDE if aside else _QUEUE
        if sweep is not None:
            self.watch(sweep)

    def watch(self, sweep: Callable[[], None]) -> None:
        """Have something called at the start and then every `watch_s`, by each process that works on jobs; before `start`."""
        self._sweeps.append(sweep)

    def start(self) -> None:
        """Take up the queue, beginning with what this or a dead process left unfinished."""
        from dbos import DBOS

        self._stop.clear()
        self._engine = _open(self.database_url)
        _hush(self._engine)
        self._seat = Seat(self.home / "seats", self._place(self._engine))
        DBOS(config=self._config(self._seat.name, self._engine))
        self._workflows = {name: self._workflow(name, run) for name, run in self._runs.items()}
        DBOS.launch()
        for queue in sorted({_QUEUE, *self._queues.values()}):
            poll_s = self.poll_s if queue == _QUEUE else _ASIDE_POLL_S
            DBOS.register_queue(queue, worker_concurrency=1, polling_interval_sec=poll_s)
        self._watcher = threading.Thread(target=self._watch, name="jobs-watch", daemon=True)
        self._watcher.start()

    def stop(self, *, wait_s: float = 10.0) -> None:
        """Cut running work off at its next progress and leave it to the next start. What goes on for longer keeps the seat until
        this process ends: nobody begins it anew beside it."""
        from dbos import DBOS

        if self._seat is None or self._engine is None or self._watcher is None:
            return
        self._stop.set()
        self._watcher.join(wait_s)  # it may wait for a database out of reach
        with self._ran:
            has_ended = self._ran.wait_for(lambda: self._running == 0, wait_s)
        DBOS.destroy(destroy_registry=True)
        self._engine.dispose()
        if has_ended:
            self._seat.leave()
        else:
            _log.warning("job_still_runs", extra={"seat": self._seat.name})
        self._pauses.clear()
        self._seat = self._engine = self._watcher = None

    def enqueue(self, name: str, job_id: str) -> None:
        """Put a job into the queue; on return that survives power loss. Twice with the same id is once."""
        from dbos import DBOS, SetWorkflowID

        with SetWorkflowID(job_id):
            DBOS.enqueue_workflow(self._queues[name], self._workflows[name], job_id)

    def step(self, name: str, function: Callable[..., T], *args: object) -> T:
        """Run `function` once and for all in the job that calls this. Its result must be JSON.

        Unexpected exceptions are tried again a few times.

        Raises:
            MadoguchiError: what `function` raised; the general one after the last try.
            Waiting: it can't be done now, for what happened around it.
            Stopping: the process ends.
        """
        from dbos import DBOS
        from dbos import error as dbos_error

        self.check()
        options: Any = {
            "name": name,
            "retries_allowed": True,
            "max_attempts": _TRIES,
            "should_retry": lambda error: not isinstance(error, MadoguchiError),
        }

        def attempt() -> T:
            with _waiting_for_better():
                return function(*args)

        try:
            return DBOS.run_step(options, attempt)
        except dbos_error.DBOSMaxStepRetriesExceeded as e:
            raise MadoguchiError from e

    def check(self) -> None:
        """To be called now and then by long steps. Raises Stopping when the process is to end."""
        if self._stop.is_set():
            raise Stopping

    def state(self, job_id: str) -> JobState:
        from dbos import DBOS

        status = DBOS.get_workflow_status(job_id)
        if status is None:
            return JobState.UNKNOWN
        return JobState.OPEN if status.status in ("ENQUEUED", "DELAYED", "PENDING") else JobState.ENDED

    def steps(self, job_id: str) -> list[str]:
        """Names of the steps that are done."""
        from dbos import DBOS

        return [step["function_name"] for step in DBOS.list_workflow_steps(job_id)]

    def forget(self, job_id: str) -> None:
        """Remove what the queue remembers of a job, and cut it off where it waits or runs."""
        from dbos import DBOS

        if self.state(job_id) is JobState.OPEN:
            DBOS.cancel_workflow(job_id)
        DBOS.delete_workflow(job_id)

    def _config(self, executor: str, engine: sa.Engine) -> DBOSConfig:
        return {
            "name": "madoguchi",
            "system_database_url": engine.url.render_as_string(hide_password=False),
            "system_database_engine": engine,
            "executor_id": executor,
            "application_version": _VERSION,
            "log_level": "WARNING",
            "enable_otlp": False,
            "notification_listener_polling_interval_sec": 0.1,  # jobs send each other nothing, but a stop waits for this to end
            "serializer": _json_serializer(),
        }

    def _place(self, engine: sa.Engine) -> str:
        """The role; where machines share a queue, with the machine's name, which must then stay the same."""
        return str(self.role) if engine.dialect.name == "sqlite" else f"{socket.gethostname()}-{self.role}"

    def _workflow(self, name: str, run: Callable[[str], None]) -> Callable[[str], None]:
        from dbos import DBOS

        def job(job_id: str) -> None:
            with self._ran:
                self._running += 1
            try:
                self.check()
                with _waiting_for_better():
                    run(job_id)
            except Waiting as e:
                self._pauses[name, job_id] = time.monotonic() + self.pause_s
                _log.warning("job_waits", extra={"job": job_id, "code": e.fault.code})
                raise
            finally:
                with self._ran:
                    self._running -= 1
                    self._ran.notify_all()

        return DBOS.workflow(name=name, max_recovery_attempts=_RESTARTS)(job)

    def _watch(self) -> None:
        rounds = Rounds(_log, "watch_failed")
        while True:
            rounds.go((self._take_over, self._go_on, *self._sweeps))
            if self._stop.wait(self.watch_s):
                return

    def _go_on(self) -> None:
        """Put back into the queue what has waited long enough. A process that dies meanwhile leaves it as its unfinished work."""
        from dbos import DBOS
        from dbos import error as dbos_error

        for (name, job_id), ends in list(self._pauses.items()):
            if time.monotonic() < ends:
                continue
            del self._pauses[name, job_id]  # first: the job may be at its next pause before this returns
            try:
                DBOS.resume_workflow(job_id, queue_name=self._queues[name])
            except dbos_error.DBOSNonExistentWorkflowError:
                _log.info("job_forgotten", extra={"job": job_id})
            except Exception:
                self._pauses[name, job_id] = ends
                raise

    def _take_over(self) -> None:
        """Put back into the queue what processes that died had begun. Only one process at a time sees a dead one."""
        from dbos import DBOS

        assert self._seat is not None
        with self._seat.others_dead() as dead:
            if dead:
                DBOS._recover_pending_workflows(dead)


@contextmanager
def _waiting_for_better() -> Iterator[None]:
    """What is raised for an outage goes on as `Waiting`."""
    try:
        yield
    except Exception as e:
        fault = outage_of(e)
        if fault is None:
            raise
        raise Waiting(fault) from e


def open_jobs(settings: Settings, role: Role) -> Jobs:
    """The queue of the settings: beside the database's tables on PostgreSQL, in a file of its own on SQLite."""
    url = settings.database_url or f"sqlite:///{settings.home / 'jobs.db'}"
    return Jobs(database_url=url, home=settings.home, role=role)


def _open(url: str) -> sa.Engine:
    engine = open_engine(url)
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def _immediate(connection: Any, _: object) -> None:
            connection.isolation_level = "IMMEDIATE"  # DBOS reads before it writes and counts on holding the lock

    return engine


def _hush(engine: sa.Engine) -> None:
    """DBOS writes no lines of its own form to stderr, and while the database is known to be gone, which is one line of ours, not
    five a second of what it can't do."""
    log = logging.getLogger("dbos")
    log.addHandler(logging.NullHandler())
    log.filters.clear()  # those of a queue that was closed
    if engine.dialect.name == "postgresql":
        from core.pulse import pulse_of

        pulse = pulse_of(engine)
        log.addFilter(lambda record: record.levelno > logging.WARNING or not pulse.is_gone)


def _json_serializer() -> Any:
    """JSON instead of DBOS's pickle: rows stay readable across releases and can't run code."""
    from dbos import Serializer

    class Json(Serializer):
        def name(self) -> str:
            return "json"

        def serialize(self, data: Any) -> str:
            if isinstance(data, BaseException):
                data = {_FAILED: data.message if isinstance(data, MadoguchiError) else MadoguchiError.default}
            return json.dumps(data, ensure_ascii=False)

        def deserialize(self, serialized_data: str) -> Any:
            data = json.loads(serialized_data)
            return MadoguchiError(data[_FAILED]) if isinstance(data, dict) and _FAILED in data else data

    return Json()
