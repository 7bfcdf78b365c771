"""Promises of recordings that are heard and forgotten: what a crash leaves goes with the next start, what is in use stays."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.passing import Passing
from core.settings import CHECKOUT


@pytest.mark.process
def test_what_a_killed_process_left_is_removed_at_once_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    script = """
import sys, time
from pathlib import Path
from core.passing import Passing
with Passing(Path(sys.argv[1])).folder() as folder:
    (folder / "recording.wav").write_bytes(b"voices")
    time.sleep(600)
"""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], env=environment)
    passing = Passing(tmp_path)
    try:
        while not list(tmp_path.glob("*/recording.wav")):
            assert process.poll() is None
            time.sleep(0.05)
        with passing.folder() as mine:
            passing.sweep()
            assert len(list(tmp_path.iterdir())) == 2, "both are in use"
            process.kill()
            process.wait()
            passing.sweep()
            assert list(tmp_path.iterdir()) == [mine]
        assert list(tmp_path.iterdir()) == []
    finally:
        process.kill()
        process.wait()


def test_a_folder_in_use_is_never_swept_however_often_that_is_done(tmp_path: Path) -> None:
    passing, is_over = Passing(tmp_path), threading.Event()

    def sweep() -> None:
        while not is_over.is_set():
            passing.sweep()

    sweeping = threading.Thread(target=sweep)
    sweeping.start()
    try:
        for _ in range(300):
            with passing.folder() as folder:
                (folder / "recording").write_bytes(b"voices")
                time.sleep(0.001)
                assert (folder / "recording").exists()
    finally:
        is_over.set()
        sweeping.join()
