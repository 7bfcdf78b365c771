"""A module's function run on one file in a process with little memory, time and no way to write; its JSON comes back."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_START = (
    "import sys; sys.path[:0] = sys.argv[4].split('\\n');"
    "from core.confined import limit; limit(int(sys.argv[2]), int(sys.argv[3]));"
    "import importlib, json;"
    "m, f = sys.argv[1].split(':');"
    "json.dump(getattr(importlib.import_module(m), f)(sys.argv[5]), sys.stdout)"
)
_NEEDED = ("LD_LIBRARY_PATH", "PATH")
_DESCRIPTORS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What the work may take."""

    memory_bytes: int = 1_000_000_000
    cpu_s: int = 60
    wall_s: float = 120.0
    answer_bytes: int = 50_000_000


class GaveUp(Exception):
    """The process failed, took too much, or said what is no JSON. No more is told: what a file made it say is not believed."""


def run_confined(function: str, path: Path, bounds: Bounds | None = None) -> object:
    """`module:function` of this product called with a file's path, in a process that may only read.

    Returns:
        What the function returned, through JSON.

    Raises:
        GaveUp: there is no answer.
    """
    bounds = bounds or Bounds()
    arguments = [function, str(bounds.memory_bytes), str(bounds.cpu_s), "\n".join(p for p in sys.path if p), str(path.resolve())]
    with tempfile.TemporaryFile() as answer:
        try:
            done = subprocess.run(  # noqa: S603 - our own module; the file is only ever an argument
                [sys.executable, "-I", "-c", _START, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _NEEDED if name in os.environ},
                timeout=bounds.wall_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise GaveUp from None
        if done.returncode != 0 or os.fstat(answer.fileno()).st_size > bounds.answer_bytes:
            raise GaveUp
        answer.seek(0)
        try:
            return json.loads(answer.read(bounds.answer_bytes))
        except ValueError:
            raise GaveUp from None


def limit(memory_bytes: int, cpu_s: int) -> None:
    """Bound this process: memory, time, open files, no core, and no file longer than an answer."""
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
        (resource.RLIMIT_FSIZE, Bounds().answer_bytes + 1),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (value, value))
