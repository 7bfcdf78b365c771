"""A module's function run on one file in a process with little memory, time and no way to write; its JSON comes back."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

_START = "import sys; sys.path[:0] = sys.argv[2].split('\\n'); from core.confining import main; main(int(sys.argv[1]))"
_NEEDED = ("LD_LIBRARY_PATH", "PATH")
_BEGINS_WITHIN_S = 60.0  #: its imports included


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What the work may take."""

    memory_bytes: int = 1_000_000_000
    cpu_s: int = 60
    wall_s: float = 120.0
    answer_bytes: int = 50_000_000


class GaveUp(Exception):
    """The process failed, took too much, or said what is no JSON. No more is told: what a file made it say is not believed."""


def run_confined(function: str, path: Path, bounds: Bounds | None = None, *, needs: Sequence[str] = ()) -> object:
    """`module:function` of this product called with a file's path, in a process that may only read.

    `needs` are modules that it will import. They, and its own, are imported once for all files, before any is read.

    Returns:
        What the function returned, through JSON.

    Raises:
        GaveUp: there is no answer.
    """
    bounds = bounds or Bounds()
    order = {
        "function": function,
        "path": str(path.resolve()),
        "needs": [*needs],
        "paths": [p for p in sys.path if p],
        "memory_bytes": bounds.memory_bytes,
        "cpu_s": bounds.cpu_s,
        "wall_s": bounds.wall_s,
        "answer_bytes": bounds.answer_bytes,
    }
    with os.fdopen(os.memfd_create("answer"), "w+b") as answer:  # which may say what citizens wrote, and lies on no disk
        if not template().work(json.dumps(order).encode(), answer, bounds.wall_s):
            raise GaveUp
        if os.fstat(answer.fileno()).st_size > bounds.answer_bytes:
            raise GaveUp
        answer.seek(0)
        try:
            return json.loads(answer.read(bounds.answer_bytes))
        except ValueError:
            raise GaveUp from None


class Template:
    """The process that those which read files are forked from, so that their imports are done once. It reads no file itself; each
    file has a process of its own, and ends with it. The template ends when this process does, however that ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def work(self, order: bytes, answer: IO[bytes], wall_s: float) -> bool:
        """Whether a process did what it was ordered; it is ended after that time."""
        for _ in range(2):  # the template may have been killed meanwhile
            status, theirs = socket.socketpair()
            with status, theirs:
                status.settimeout(_BEGINS_WITHIN_S)
                process = self._send(order, [answer.fileno(), theirs.fileno()])
                theirs.close()
                try:
                    begun, handles, _, _ = socket.recv_fds(status, 1, 1)
                except OSError:
                    begun, handles = b"", []
                if begun:
                    return _ended_well(status, handles, wall_s)
                self._end(process)
        return False

    def _send(self, order: bytes, files: Sequence[int]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._control is None or self._process is None or self._process.poll() is not None:
                if self._control is not None:  # of one that was killed
                    self._control.close()
                self._control, self._process = _started()
            with suppress(OSError):  # then nobody answers
                socket.send_fds(self._control, [order], files)
            return self._process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            if process is self._process and self._control is not None:
                self._control.close()
                self._control = self._process = None
        process.kill()
        process.wait()

    def close(self) -> None:
        if self._process is not None:
            self._end(self._process)


@cache
def template() -> Template:
    """The one of this process."""
    made = Template()
    atexit.register(made.close)
    return made


def _started() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-I", "-c", _START, str(theirs.fileno()), "\n".join(p for p in sys.path if p)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            env={name: os.environ[name] for name in _NEEDED if name in os.environ},
            start_new_session=True,  # Ctrl-C is for who started us
        )
    return control, process


def _ended_well(status: socket.socket, handles: Sequence[int], wall_s: float) -> bool:
    """Wait for the word that all is done. A process that ends before it says nothing; one that goes on is killed."""
    try:
        status.settimeout(wall_s)
        return status.recv(1) == b"0"
    except OSError:
        return False
    finally:
        for handle in handles:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            os.close(handle)
