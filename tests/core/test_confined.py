"""Promises of the processes that read files from outside: bounded, one for each file, none the worse for the one before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.confined import Bounds, GaveUp, run_confined
from core.settings import CHECKOUT
from retrieval.documents.blocks import module_for

KIT = "confined_kit"
READ = "retrieval.documents.blocks:read_blocks"


@pytest.fixture(autouse=True)
def kit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text("一行目", "utf-8")
    return path


@pytest.mark.parametrize("does", ["crash", "leave", "hoard", "spin", "stall", "babble", "nothing"])
def test_what_takes_too_much_or_breaks_ends_alone(file: Path, does: str) -> None:
    begun = time.monotonic()
    with pytest.raises(GaveUp):
        run_confined(f"{KIT}:{does}", file, Bounds(cpu_s=1, wall_s=3))
    assert time.monotonic() - begun < 30
    assert run_confined(f"{KIT}:seen", file) == [str(file)]


def test_nothing_of_one_file_is_left_for_the_next(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.txt"
    other.touch()
    assert [run_confined(f"{KIT}:seen", path) for path in (file, other)] == [[str(file)], [str(other)]]


def test_a_process_can_speak_of_itself_alone(file: Path) -> None:
    assert run_confined(f"{KIT}:sockets", file) == 1


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.xlsx", "a.html", "a.md", "a.txt"])
def test_what_processes_are_forked_from_has_one_thread(file: Path, name: str) -> None:
    assert run_confined(f"{KIT}:threads", file, needs=[module_for(Path(name))]) == 1


def test_many_files_are_read_at_once(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.txt" for n in range(24)]
    for path in paths:
        path.write_text(path.name, "utf-8")
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda path: run_confined(READ, path), paths))
    assert [s["blocks"][0]["text"] for s in said] == [path.name for path in paths]  # type: ignore[index]


def test_files_are_read_after_what_reads_them_was_killed(file: Path) -> None:
    template = run_confined(f"{KIT}:parent", file)
    assert isinstance(template, int)
    os.kill(template, signal.SIGKILL)
    assert run_confined(f"{KIT}:parent", file) != template


def test_nothing_stays_behind_when_the_process_that_had_files_read_is_killed(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.txt"
    other.touch()
    script = (
        "from pathlib import Path; from core.confined import Bounds, run_confined;"
        f"print(run_confined({f'{KIT}:parent'!r}, Path({str(file)!r})), flush=True);"
        f"run_confined({f'{KIT}:linger'!r}, Path({str(other)!r}), Bounds(wall_s=2))"
    )
    paths = os.pathsep.join((str(CHECKOUT), str(Path(__file__).parent)))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env={"PYTHONPATH": paths}) as process:
        assert process.stdout is not None
        template = Path(f"/proc/{int(process.stdout.readline())}")
        assert wait_for(lambda: bool(other.read_text()))
        child = Path(f"/proc/{other.read_text()}")
        assert template.exists()
        assert child.exists()
        process.kill()
    assert wait_for(lambda: not template.exists() and not child.exists())


def wait_for(what: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not what() and time.monotonic() < end:
        time.sleep(0.05)
    return what()
