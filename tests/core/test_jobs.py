"""Promises of durable jobs, with the real queue in a real file."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.database import open_engine
from core.errors import InvalidInput, MadoguchiError
from core.jobs import Jobs, JobState, Role, Stopping, open_jobs
from core.seat import Seat
from core.settings import CHECKOUT, Settings


def until(true: Callable[[], bool], *, within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def jobs(settings: Settings, queue: Path) -> Iterator[Jobs]:
    shutil.copy(queue, settings.home)
    jobs = replace(open_jobs(settings, Role.SERVE), poll_s=0.05)
    yield jobs
    jobs.stop()


def test_a_job_enqueued_twice_runs_once(jobs: Jobs) -> None:
    ran: list[str] = []
    jobs.define("note", ran.append)
    jobs.start()
    for job_id in ("a", "a", "b"):
        jobs.enqueue("note", job_id)
    until(lambda: jobs.state("b") is JobState.ENDED)
    assert ran == ["a", "b"]
    assert jobs.state("c") is JobState.UNKNOWN


def test_one_job_at_a_time(jobs: Jobs) -> None:
    running, most = 0, 0

    def run(_: str) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.2)
        running -= 1

    jobs.define("busy", run)
    jobs.start()
    for job_id in ("a", "b", "c"):
        jobs.enqueue("busy", job_id)
    until(lambda: jobs.state("c") is JobState.ENDED)
    assert most == 1


def test_a_step_that_fails_by_chance_is_tried_again_and_a_refusal_is_not(jobs: Jobs) -> None:
    tries = {"chance": 0, "refusal": 0}
    seen: list[str] = []

    def chance() -> int:
        tries["chance"] += 1
        if tries["chance"] == 1:
            raise OSError
        return 5

    def refusal() -> int:
        tries["refusal"] += 1
        raise InvalidInput("録音を選び直してください。")

    def run(_: str) -> None:
        seen.append(str(jobs.step("chance", chance)))
        try:
            jobs.step("refusal", refusal)
        except MadoguchiError as e:
            seen.append(e.message)

    jobs.define("work", run)
    jobs.start()
    jobs.enqueue("work", "a")
    until(lambda: jobs.state("a") is JobState.ENDED)
    assert seen == ["5", "録音を選び直してください。"]
    assert tries == {"chance": 2, "refusal": 1}


def full() -> None:
    raise OSError(errno.ENOSPC, "full")


def out_of_reach() -> None:
    with open_engine("postgresql://nobody@127.0.0.1:1/a").connect():
        raise AssertionError


@pytest.mark.parametrize("outage", [full, out_of_reach])
@pytest.mark.parametrize("in_a_step", [True, False])
def test_a_job_waits_for_an_outage_to_end(jobs: Jobs, outage: Callable[[], None], *, in_a_step: bool) -> None:
    """And holds nobody up meanwhile."""
    ran: list[str] = []

    def work() -> None:
        if "b" not in ran:
            outage()

    def run(job_id: str) -> None:
        jobs.step("first", lambda: ran.append(f"first of {job_id}"))
        if job_id == "a" and in_a_step:
            jobs.step("second", work)
        elif job_id == "a":
            work()
        ran.append(job_id)

    jobs.watch_s, jobs.pause_s = 0.1, 1.5
    jobs.define("work", run)
    jobs.start()
    for job_id in ("a", "b"):
        jobs.enqueue("work", job_id)
    until(lambda: jobs.state("a") is JobState.ENDED, within_s=60)
    assert ran == ["first of a", "first of b", "b", "a"]


def test_a_job_waits_longer_than_a_process_may_die_of_it(jobs: Jobs) -> None:
    tries = 0

    def work() -> None:
        nonlocal tries
        tries += 1
        if tries < 25:
            full()

    jobs.watch_s = jobs.pause_s = 0.05
    jobs.define("work", lambda _: jobs.step("write", work))
    jobs.start()
    jobs.enqueue("work", "a")
    until(lambda: jobs.state("a") is JobState.ENDED, within_s=60)
    assert tries == 25


def test_a_job_that_waits_is_forgotten_and_goes_on_at_the_next_start(settings: Settings) -> None:
    ran: list[str] = []

    def build(*, is_full: bool) -> Jobs:
        jobs = open_jobs(settings, Role.SERVE)
        jobs.watch_s = jobs.pause_s = 0.3

        def run(job_id: str) -> None:
            ran.append(job_id)
            if is_full:
                jobs.step("write", full)

        jobs.define("work", run)
        jobs.start()
        return jobs

    jobs = build(is_full=True)
    for job_id in ("a", "b"):
        jobs.enqueue("work", job_id)
    until(lambda: {"a", "b"} <= set(ran))
    jobs.forget("a")
    time.sleep(1)
    jobs.stop()
    ran.clear()
    jobs = build(is_full=False)
    until(lambda: jobs.state("b") is JobState.ENDED)
    jobs.stop()
    assert ran == ["b"]


def test_stopping_is_quick_and_the_next_start_goes_on_at_the_unfinished_step(settings: Settings) -> None:
    steps: list[str] = []
    began = threading.Event()

    def build(*, endless: bool) -> Jobs:
        jobs = open_jobs(settings, Role.SERVE)

        def second() -> None:
            steps.append("second")
            began.set()
            while endless:
                jobs.check()
                time.sleep(0.05)

        def run(_: str) -> None:
            jobs.step("first", lambda: steps.append("first"))
            jobs.step("second", second)

        jobs.define("work", run)
        jobs.start()
        return jobs

    jobs = build(endless=True)
    jobs.enqueue("work", "a")
    assert began.wait(20)
    at = time.monotonic()
    jobs.stop()
    assert time.monotonic() - at < 5
    with pytest.raises(Stopping):
        jobs.check()

    jobs = build(endless=False)
    until(lambda: jobs.state("a") is JobState.ENDED)
    assert jobs.steps("a") == ["first", "second"]
    jobs.stop()
    assert steps == ["first", "second", "second"]


@pytest.mark.process
def test_a_step_that_goes_on_after_a_stop_is_not_begun_by_another_process_meanwhile(settings: Settings) -> None:
    script = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from core.jobs import Jobs, Role
        home = Path(sys.argv[1])
        jobs = Jobs(database_url=f"sqlite:///{home / 'jobs.db'}", home=home, role=Role.WORKER, watch_s=0.3)
        def run(job_id):
            jobs.step("slow", lambda: (home / "begun-again").touch())
        jobs.define("work", run)
        jobs.start()
        time.sleep(600)
        """
    )
    begun, end, ended = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        end.wait(60)
        ended.set()

    jobs = open_jobs(settings, Role.SERVE)
    jobs.define("work", lambda _: jobs.step("slow", slow))
    jobs.start()
    jobs.enqueue("work", "a")
    assert begun.wait(20)
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    process = subprocess.Popen([sys.executable, "-c", script, str(settings.home)], env=environment)
    try:
        until((settings.home / "seats" / "worker-1.lock").exists)
        jobs.stop(wait_s=0.2)
        time.sleep(5)
        assert not (settings.home / "begun-again").exists()
    finally:
        end.set()
        ended.wait(20)
        process.kill()
        process.wait()


@pytest.mark.process
def test_another_process_takes_over_what_a_killed_one_had_begun(settings: Settings, jobs: Jobs) -> None:
    script = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from core.jobs import Jobs, Role
        home = Path(sys.argv[1])
        jobs = Jobs(database_url=f"sqlite:///{home / 'jobs.db'}", home=home, role=Role.WORKER)
        def run(job_id):
            jobs.step("begin", (home / "begun").touch)
            time.sleep(600)
        jobs.define("work", run)
        jobs.start()
        jobs.enqueue("work", "a")
        time.sleep(600)
        """
    )
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    process = subprocess.Popen([sys.executable, "-c", script, str(settings.home)], env=environment)
    try:
        until((settings.home / "begun").exists)
        finished: list[str] = []

        def run(job_id: str) -> None:
            jobs.step("begin", lambda: finished.append("begun again"))
            finished.append(job_id)

        jobs.watch_s = 0.3
        jobs.define("work", run)
        jobs.start()
        time.sleep(2)
        assert finished == [], "the worker is alive: its job is its own"
        process.send_signal(signal.SIGKILL)
        process.wait()
        until(lambda: jobs.state("a") is JobState.ENDED)
        assert finished == ["a"]
    finally:
        process.kill()
        process.wait()


def test_a_forgotten_job_does_not_run(jobs: Jobs) -> None:
    ran: list[str] = []
    go = threading.Event()

    def run(job_id: str) -> None:
        go.wait(20)
        ran.append(job_id)

    jobs.define("work", run)
    jobs.start()
    jobs.enqueue("work", "a")
    jobs.enqueue("work", "b")
    jobs.enqueue("work", "c")
    jobs.forget("b")
    go.set()
    until(lambda: jobs.state("c") is JobState.ENDED)
    assert ran == ["a", "c"]
    assert jobs.state("b") is JobState.UNKNOWN


def test_seats_are_numbered_per_live_process(tmp_path: Path) -> None:
    first, second = Seat(tmp_path, "worker"), Seat(tmp_path, "worker")
    assert (first.name, second.name) == ("worker-1", "worker-2")
    with second.others_dead() as dead:
        assert dead == []
    first.leave()
    with second.others_dead() as dead:
        assert dead == ["worker-1"]
    again = Seat(tmp_path, "worker")
    assert again.name == "worker-1"
    again.leave()
    second.leave()
