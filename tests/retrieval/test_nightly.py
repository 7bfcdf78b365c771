"""Promises of the nightly training: once a night, in a process of its own, bounded, and one line that says why not."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.clock import JST
from core.jobs import Jobs, JobState, Role, open_jobs
from core.settings import Settings
from models.finetuning import can_train
from retrieval.nightly import Nightly
from tests.conftest import MADOGUCHI, copy_knowledge

TWO = datetime(2026, 11, 22, 2, 10, tzinfo=JST)
JOB_ID = "adapt-soo-20261122"
SAYS = """
import json, sys, time
for n in range(3):
    print(json.dumps({"label": "学習", "done": n, "total": 3}), flush=True)
    time.sleep(0.1)
print(json.dumps({"serves": True, "ndcg_before": 0.6, "ndcg_after": 0.7}), flush=True)
"""
HANGS = """
import json, pathlib, sys, time
pathlib.Path(sys.argv[1]).touch()
print(json.dumps({"label": "学習", "done": 0, "total": 3}), flush=True)
time.sleep(600)
"""


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[tuple[str, str]]]:
    caplog.set_level(logging.INFO, "madoguchi.retrieval.nightly")
    return lambda: [(r.message, getattr(r, "reason", "")) for r in caplog.records if r.name == "madoguchi.retrieval.nightly"]


@pytest.fixture
def opened(settings: Settings) -> Iterator[Callable[..., Nightly]]:
    """opened(command, at=..., ...) -> the job, its queue running."""
    queues: list[Jobs] = []

    def open_nightly(*command: str, at: datetime = TWO, longest_s: float = 60, trains: bool = True, hour: int = 2) -> Nightly:
        for jobs in queues:
            jobs.stop()
        jobs = open_jobs(settings, Role.WORKER)
        jobs.watch_s = 0.2
        nightly = Nightly(
            jobs=jobs,
            kb="soo",
            hour=hour,
            command=command,
            longest_s=longest_s,
            progress=settings.home / "adapted" / "soo" / "progress.json",
            clock=lambda: at,
            can_train=lambda: trains,
        )
        nightly.define()
        jobs.start()
        queues.append(jobs)
        return nightly

    yield open_nightly
    for jobs in queues:
        jobs.stop()


def until(true: Callable[[], bool], within_s: float = 30) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)


def ended(nightly: Nightly) -> Callable[[], bool]:
    return lambda: nightly.jobs.state(JOB_ID) is JobState.ENDED


def test_it_runs_once_in_its_hour_and_shows_how_far_it_is(opened: Callable[..., Nightly], lines: Callable[[], object]) -> None:
    nightly = opened(sys.executable, "-c", SAYS)
    shown: list[dict[str, object]] = []
    seen = threading.Event()

    def look() -> None:
        while not seen.is_set():
            with contextlib.suppress(FileNotFoundError):
                shown.append(json.loads(nightly.progress.read_text("utf-8")))
            time.sleep(0.01)

    thread = threading.Thread(target=look)
    thread.start()
    until(ended(nightly))
    time.sleep(0.5)
    seen.set()
    thread.join()
    assert lines() == [("adapted", "")]
    assert {"label": "学習", "total": 3}.items() <= shown[0].items()
    assert not nightly.progress.exists()


@pytest.mark.parametrize("hour", [-1, 3])
def test_at_another_hour_or_switched_off_it_does_not_run(opened: Callable[..., Nightly], hour: int) -> None:
    nightly = opened(sys.executable, "-c", SAYS, hour=hour)
    time.sleep(1)
    assert nightly.jobs.state(JOB_ID) is JobState.UNKNOWN


def test_without_torch_one_line_says_so(opened: Callable[..., Nightly], lines: Callable[[], object]) -> None:
    until(ended(opened(sys.executable, "-c", SAYS, trains=False)))
    assert lines() == [("not_adapted", "torch is not installed")]


def test_its_time_is_bounded(opened: Callable[..., Nightly], lines: Callable[[], object], tmp_path: Path) -> None:
    until(ended(opened(sys.executable, "-c", HANGS, str(tmp_path / "began"), longest_s=1)))
    assert lines() == [("not_adapted", "time is up")]


def test_a_process_that_breaks_down_is_one_line_and_not_tried_again(
    opened: Callable[..., Nightly], lines: Callable[[], object]
) -> None:
    until(ended(opened(sys.executable, "-c", "print('{\"label', flush=True); raise SystemExit(3)")))
    assert lines() == [("not_adapted", "the process ended by itself")]


def test_what_was_cut_off_is_taken_up_again_by_night_and_left_by_day(
    opened: Callable[..., Nightly], lines: Callable[[], object], tmp_path: Path
) -> None:
    hangs = (sys.executable, "-c", HANGS, str(tmp_path / "began"))
    opened(*hangs)
    until((tmp_path / "began").exists)
    (tmp_path / "began").unlink()
    opened(*hangs, at=TWO + timedelta(hours=1))  # the process before was stopped in the middle
    until((tmp_path / "began").exists)
    until(ended(opened(*hangs, at=TWO + timedelta(hours=7))))
    assert lines() == [("not_adapted", "the night is over")]


def test_the_real_command_learns_once_and_then_finds_nothing_new(
    opened: Callable[..., Nightly],
    lines: Callable[[], list[tuple[str, str]]],
    settings: Settings,
    sample_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copy_knowledge(sample_home, settings.home)
    monkeypatch.setenv("MADOGUCHI_HOME", str(settings.home))
    command = (MADOGUCHI, "kb", "adapt", "--kb", "soo", "--epochs", "0.01", "--nightly")
    until(ended(opened(*command, trains=True, longest_s=240)), within_s=250)
    if not can_train():
        assert lines() == [("not_adapted", "model_error")]
        return
    assert lines() == [("adapted", "")]
    again = opened(*command, longest_s=240)
    again.jobs.enqueue("adapt", JOB_ID.replace("22", "23"))
    until(lambda: len(lines()) == 2, within_s=250)
    assert lines()[1] == ("not_adapted", "nothing changed since the last training")
