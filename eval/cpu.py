"""A process in, the time that it has taken of the processor out."""

from __future__ import annotations

import os
from pathlib import Path


def cpu_s(pid: int | str) -> float:
    """Of a process on this machine, and of those that it has started and waited for (proc(5): utime to cstime)."""
    stat = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(map(int, stat[11:15])) / os.sysconf("SC_CLK_TCK")
