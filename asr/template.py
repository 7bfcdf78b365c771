"""What is to be decoded in, a sealed process that does it out: forked in milliseconds from one that has its imports done."""

from __future__ import annotations

import atexit
import importlib.util
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO

from asr.errand import Errand
from core.errors import MadoguchiError
from core.logging import logger

_START = "import sys; sys.path += sys.argv[2:]; from asr.forking import main; main()"
_NEEDED = ("LD_LIBRARY_PATH",)  # where Python itself may lie; the rest is none of its business
_ANSWERS_WITHIN_S = 30.0
_LONGEST_CODE_BYTES = 16
_log = logger("asr.template")


class Child:
    """A process that does one errand. Leaving the context ends it, whatever it does."""

    def __init__(self, said: int, status: socket.socket) -> None:
        self.said = os.fdopen(said, "rb", 0)  #: what it says, line by line
        self.exit: int | None = None  #: once it ended: as subprocess.Popen has it, None where the template itself is gone
        self._status = status

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end()

    def end(self) -> None:
        """End it, and learn how it ended."""
        with self.said, self._status as status:  # closed after its end: who talks to nobody would end in its own way first
            try:
                status.shutdown(socket.SHUT_WR)  # the template ends it now
                self.exit = int(status.recv(_LONGEST_CODE_BYTES) or b"none")
            except (OSError, ValueError):
                _log.warning("decoder_template_gone")


class Template:
    """The process that the decoding ones are forked from. It is started when it is needed, and never reads a recording.

    It ends when this process does, however that ends, and the decoding processes end with it.
    """

    def __init__(self, start: str = _START) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def get_ready(self) -> None:
        """Start it, unless it runs. Does not wait for its imports."""
        with self._lock:
            self._ready()

    def begin(self, errand: Errand, files: Sequence[IO[bytes]]) -> Child:
        """Have a process begin an errand with files that are open.

        Raises:
            MadoguchiError: no process can be started here.
        """
        child = self._begin(errand, files) or self._begin(errand, files)  # it may have been killed meanwhile
        if child is None:
            raise MadoguchiError
        return child

    def close(self) -> None:
        """End it, and what it was asked to do."""
        with self._lock:
            self._end()

    def _begin(self, errand: Errand, files: Sequence[IO[bytes]]) -> Child | None:
        """None where the template did not live to begin it."""
        said, saying = os.pipe()
        status, telling = socket.socketpair()
        status.settimeout(_ANSWERS_WITHIN_S)
        handed = [telling.fileno(), saying, *(f.fileno() for f in files)]
        with self._lock:
            process, control = self._ready()
        try:
            socket.send_fds(control, [errand.to_json().encode()], handed)
            telling.close()
            if status.recv(1):
                return Child(said, status)
        except OSError:
            _log.warning("decoder_not_begun")
        finally:
            os.close(saying)
            telling.close()
        os.close(said)
        status.close()
        with self._lock:
            if process is self._process:
                self._end()
        return None

    def _ready(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        if self._control is None or self._process is None or self._process.poll() is not None:
            self._end()
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - our own module
                    [sys.executable, "-I", "-S", "-c", self._start, str(theirs.fileno()), *_import_paths()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    env={name: os.environ[name] for name in _NEEDED if name in os.environ},
                    cwd="/",
                    start_new_session=True,  # Ctrl-C is for who started us
                )
        return self._process, self._control

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None


@cache
def template() -> Template:
    """The one of this process."""
    made = Template()
    atexit.register(made.close)
    return made


@cache
def _import_paths() -> tuple[str, ...]:
    """Where the process finds what it imports. The rest of `site` would only delay it."""
    spec = importlib.util.find_spec("av")
    assert spec is not None and spec.origin is not None, "PyAV is a requirement"
    return str(Path(__file__).parent.parent), str(Path(spec.origin).parent.parent)
