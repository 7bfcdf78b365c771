"""How far two texts are from each other."""

from __future__ import annotations

import numpy as np


def edit_distance(a: str, b: str) -> int:
    """The fewest letters to insert, delete or change that make one of the other (Levenshtein 1966)."""
    codes, steps = np.array([ord(c) for c in b], np.int64), np.arange(len(b) + 1)
    row = steps
    for i, c in enumerate(a, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (codes != ord(c)))
        row = np.minimum.accumulate(np.concatenate(([i], best)) - steps) + steps
    return int(row[-1])
