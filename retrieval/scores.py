"""Rankings and confidences in, figures of their quality out."""

from __future__ import annotations

import numpy as np

SHOWN = 10  #: hits that count


def ndcg(ranked: list[str], right: frozenset[str]) -> float:
    """Normalised discounted cumulative gain of the first ten, each right entry worth the same (Järvelin 2002)."""
    gain = sum(1 / np.log2(i + 2) for i, r in enumerate(ranked[:SHOWN]) if r in right)
    return float(gain / sum(1 / np.log2(i + 2) for i in range(min(len(right), SHOWN))))


def auroc(positive: list[float], negative: list[float]) -> float:
    """How often a positive has the higher value (Mann-Whitney); 0.5 where there is nothing to tell apart."""
    if not positive or not negative:
        return 0.5
    difference = np.array(positive)[:, None] - np.array(negative)[None, :]
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())
