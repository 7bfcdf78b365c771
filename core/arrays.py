"""A file of arrays (.npz) in, the arrays by name out, whoever else reads one at the same time."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

# numpy parses each array's header as Python, and Python 3.11 counts how deep it is in that over all threads together: two that
# read at once may fail with a SystemError (https://github.com/python/cpython/issues/106905).
_reading = threading.Lock()


def read_arrays(source: Path | IO[bytes]) -> dict[str, npt.NDArray[Any]]:
    """All arrays of a file."""
    with _reading, np.load(source) as arrays:
        return {name: arrays[name] for name in arrays.files}
