"""A knowledge base's words and which of them follow each other in, how likely a word is behind another out."""

from __future__ import annotations

import math
from collections.abc import Mapping

START = "^"  #: stands before the first word
_BACKING_OFF = 1.5  #: cost of a pair of words that was never seen together


class Bigrams:
    """A bigram model with backing off. Costs are in nats: the less, the likelier."""

    def __init__(self, counts: Mapping[str, int], pairs: Mapping[tuple[str, str], int]) -> None:
        self._counts, self._pairs = counts, pairs
        self._total = max(1, sum(counts.values()))

    def alone(self, word: str) -> float:
        """Cost of a word that the knowledge base has, wherever it stands."""
        return -math.log(self._counts[word] / self._total)

    def behind(self, previous: str, word: str, own: float) -> float:
        """Cost of a word, whose own is given, behind another."""
        seen = self._pairs.get((previous, word))
        if not seen:
            return own + _BACKING_OFF
        likely = seen / max(seen, self._counts.get(previous, 0))
        return min(own + _BACKING_OFF, -math.log(0.7 * likely + 0.3 * math.exp(-own)))
