"""Orders in over a socket, a bounded process for each out, which does it: run by `confined.py`.

It has one thread and never reads a file that came from outside, so that every process that it forks is as good as new.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

_LONGEST_ORDER_BYTES = 200_000
_DESCRIPTORS = 64


def main(control: int) -> None:
    """Fork a process for each order that comes, until the other end of the socket is closed."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: who ordered sees by a socket of its own how they end
    orders = socket.socket(fileno=control)
    while True:
        message, files, _, _ = socket.recv_fds(orders, _LONGEST_ORDER_BYTES, 2)
        if not message:
            return
        order = json.loads(message)
        sys.path[:0] = [path for path in order["paths"] if path not in sys.path]
        for needed in (order["function"].partition(":")[0], *order["needs"]):
            with suppress(Exception):  # the process that needs it says so by its end
                import_module(needed)
        if os.fork() == 0:
            orders.close()
            _work(order, *files)
        for file in files:
            os.close(file)


def _work(order: dict[str, Any], answer: int, status: int) -> None:
    """What the new process does: nothing but this."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        told = socket.socket(fileno=status)
        handle = os.pidfd_open(os.getpid())
        socket.send_fds(told, [b"+"], [handle])  # by which it can be ended, and no other of its number
        os.close(handle)
        signal.setitimer(signal.ITIMER_REAL, order["wall_s"])  # who ordered it may be gone by then
        limit(order["memory_bytes"], order["cpu_s"], order["answer_bytes"])
        module, _, function = order["function"].partition(":")
        said = json.dumps(getattr(import_module(module), function)(order["path"]))
        with os.fdopen(answer, "w") as file:
            file.write(said)
        told.send(b"0")
    finally:
        os._exit(1)


def limit(memory_bytes: int, cpu_s: int, file_bytes: int) -> None:
    """Bound this process: memory, time, open files, no core, and no file longer than an answer."""
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
        (resource.RLIMIT_FSIZE, file_bytes + 1),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (value, value))
