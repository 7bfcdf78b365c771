"""Promises of giving memory back: what was freed between things that are still in use goes back to the machine."""

from __future__ import annotations

import ctypes
from pathlib import Path

from core.memory import give_back

BLOCKS, BLOCK_BYTES = 40_000, 2_000


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096


def test_what_was_freed_goes_back_though_something_behind_it_is_in_use() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
    blocks = [libc.malloc(BLOCK_BYTES) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, BLOCK_BYTES)
    for block in blocks[:-1]:
        libc.free(block)
    before = resident_bytes()
    give_back()
    assert before - resident_bytes() > BLOCKS * BLOCK_BYTES / 2
    libc.free(blocks[-1])
