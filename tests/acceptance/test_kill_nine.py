"""Accepted means durable: a server that is killed in the middle of a recording goes on with it when it starts again."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile

from core.settings import CHECKOUT

pytestmark = pytest.mark.process

MINUTES = "/api/staff/minutes"

SENTENCES = (
    "ただいまから、定例会議を始めます。",
    "はじめに、窓口の混雑について報告をお願いします。",
    "三月は転入の手続きが多く、待ち時間が長くなりました。",
    "来年度は、予約の仕組みを取り入れたいと思います。",
)


class Server:
    """The product as its user starts it."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            "MADOGUCHI_HOME": str(home),
            "MADOGUCHI_PORT": str(self.port),
            "MADOGUCHI_DEV_OPEN_STAFF": "true",
            "MADOGUCHI_ASR_PART_S": "5",
        }
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30, trust_env=False)
        self._log = home / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, within_s: float = 120.0) -> None:
        command = [sys.executable, "-c", "from server.cli import main; main()", "serve"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environment, cwd=self._log.parent, stdout=log, stderr=log)
        deadline = time.monotonic() + within_s
        while True:
            assert self._process.poll() is None, self._log.read_text()[-2000:]
            assert time.monotonic() < deadline, "the server did not start in time"
            try:
                if self.http.get(MINUTES).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait. Gives the exit status."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(30)

    def close(self) -> None:
        self.http.close()
        if self._process is not None and self._process.poll() is None:
            self.end(signal.SIGKILL)

    def accept(self, content: bytes) -> str:
        form = {"title": "定例会議", "held_on": "2026-11-20", "speakers": "off", "again": "true"}
        reply = self.http.post(MINUTES, files={"audio": ("会議.wav", content)}, data=form)
        assert reply.status_code == 202, reply.text
        return str(reply.json()["id"])

    def meeting(self, meeting_id: str) -> dict[str, Any]:
        return dict(self.http.get(f"{MINUTES}/{meeting_id}").json())

    def until(self, meeting_id: str, true: Callable[[dict[str, Any]], bool], *, within_s: float = 180.0) -> dict[str, Any]:
        deadline = time.monotonic() + within_s
        while not true(meeting := self.meeting(meeting_id)):
            assert meeting["state"] != "failed", meeting["message"]
            assert time.monotonic() < deadline, f"still {meeting['state']} at {meeting['progress']}"
            time.sleep(0.1)
        return meeting


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    server = Server(home)
    yield server
    server.close()


@pytest.fixture
def meeting(speech: Callable[..., Path], tmp_path: Path) -> bytes:
    """Four sentences with pauses: about 20 seconds."""
    pause = np.zeros(16_000, np.float32)
    spoken = [part for text in SENTENCES for part in (soundfile.read(speech(text), dtype="float32")[0], pause)]
    soundfile.write(tmp_path / "meeting.wav", np.concatenate(spoken), 16_000, subtype="PCM_16")
    return (tmp_path / "meeting.wav").read_bytes()


def parts_done(home: Path, meeting_id: str) -> dict[str, int]:
    """When each finished part was begun, as the queue has it."""
    query = "SELECT function_name, started_at_epoch_ms FROM operation_outputs WHERE workflow_uuid = ?"
    connection = sqlite3.connect(f"file:{home / 'jobs.db'}?mode=ro", uri=True)
    try:
        rows = connection.execute(query, (meeting_id,)).fetchall()
    finally:
        connection.close()
    return {name: at for name, at in rows if name.startswith("part ")}


def test_a_killed_server_goes_on_where_it_was(server: Server, home: Path, meeting: bytes) -> None:
    server.start()
    undisturbed = server.until(server.accept(meeting), lambda m: m["state"] == "done")
    whole = len(parts_done(home, undisturbed["id"]))
    assert whole >= 3

    killed = server.accept(meeting)
    while not parts_done(home, killed):
        time.sleep(0.02)
    server.end(signal.SIGKILL)
    before = parts_done(home, killed)
    assert 1 <= len(before) < whole, "it was not in the middle when it was killed"

    server.start()
    finished = server.until(killed, lambda m: m["state"] == "done")
    after = parts_done(home, killed)
    assert len(after) == whole
    assert {name: after[name] for name in before} == before, "a finished part was recognised again"
    assert finished["segments"] == undisturbed["segments"]
    assert list((home / "work").iterdir()) == []


def test_a_server_that_is_told_to_end_ends_soon_and_goes_on_later(
    server: Server, meeting: bytes, speech: Callable[..., Path]
) -> None:
    server.start()
    stopped, waiting = server.accept(meeting), server.accept(speech(SENTENCES[0]).read_bytes())
    begun = server.until(stopped, lambda m: bool(m["segments"]))
    at = time.monotonic()
    server.end(signal.SIGTERM)
    assert time.monotonic() - at < 15

    server.start()
    finished = server.until(stopped, lambda m: m["state"] == "done")
    assert finished["segments"][: len(begun["segments"])] == begun["segments"]
    assert server.until(waiting, lambda m: m["state"] == "done")["segments"]
