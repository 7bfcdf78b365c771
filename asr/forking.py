"""Errands in over a socket, a sealed process for each out: the template that the decoding processes are forked from.

It imports as little as it can, has one thread, and never reads a byte of a recording, so that every process that it forks is as
good as new. Run by `template.py`.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from contextlib import suppress

from asr import media, packets, seal
from asr.errand import Errand, Work

_LONGEST_ERRAND_BYTES = 4096
_MOST_FILES = 8
_BEGUN = b"+"


def main() -> None:
    """Fork a process for each errand that comes over the socket of the first argument, until its other end is closed."""
    control = socket.socket(fileno=int(sys.argv[1]))
    children: dict[int, int] = {}  # process ids by the descriptor of who waits
    events = select.poll()
    events.register(control, select.POLLIN)
    while True:
        for descriptor, _ in events.poll():
            if descriptor == control.fileno():
                _begin(control, children, events)
            else:
                events.unregister(descriptor)
                _end(descriptor, children.pop(descriptor))


def _begin(control: socket.socket, children: dict[int, int], events: select.poll) -> None:
    message, files, _, _ = socket.recv_fds(control, _LONGEST_ERRAND_BYTES, _MOST_FILES)
    if not message:
        os._exit(0)  # what is under way ends with us
    status, *handed = files
    template = os.getpid()
    if (pid := _forked()) == 0:
        for descriptor in (control.fileno(), status, *children):
            os.close(descriptor)
        _work(template, message, handed)
    children[status] = pid
    events.register(status, select.POLLIN)
    with suppress(OSError):  # nobody waits any more: the next look at it ends the process
        os.write(status, _BEGUN)
    for descriptor in handed:
        os.close(descriptor)


def _forked() -> int:
    """The new process's id, 0 in that process, or -1 where there are too many already."""
    try:
        return os.fork()
    except OSError:
        return -1


def _work(parent: int, message: bytes, handed: list[int]) -> None:
    """What the new process does: nothing but its errand."""
    try:
        seal.die_with(parent)
        said, *files = handed
        os.dup2(said, sys.stdout.fileno())
        os.close(said)
        errand = Errand.from_json(message.decode())
        (media if errand.work == Work.FILE else packets).work(errand, files)
    finally:
        os._exit(1)


def _end(status: int, pid: int) -> None:
    """Nobody waits for it any more, or it has done its work."""
    code = 1
    if pid > 0:
        os.kill(pid, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(OSError):
        os.write(status, b"%d" % code)
    os.close(status)
