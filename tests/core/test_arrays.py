"""Promises of reading arrays: what was written comes back, however many threads read at once."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.arrays import read_arrays


@pytest.fixture
def turns_change_often() -> Iterator[None]:
    """Between threads, in the middle of what they do: so that what happens now and then happens here."""
    interval_s, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(20)
    gc.callbacks.append(_nothing)
    yield
    gc.callbacks.remove(_nothing)
    gc.set_threshold(*threshold)
    sys.setswitchinterval(interval_s)


def _nothing(_phase: str, _info: dict[str, int]) -> None:
    """Called by the collector wherever something is made: another thread may get its turn here."""


@pytest.mark.usefixtures("turns_change_often")
def test_many_threads_read_at_once(tmp_path: Path) -> None:
    written = {f"part.{n}": np.arange(n, dtype=np.int64) for n in range(20)}
    np.savez(tmp_path / "arrays.npz", **written)  # type: ignore[arg-type]  # numpy's stub takes the first keyword for its own
    with ThreadPoolExecutor(8) as pool:
        for read in pool.map(read_arrays, [tmp_path / "arrays.npz"] * 400):
            assert list(read) == list(written)
            assert all(np.array_equal(read[name], written[name]) for name in written)
