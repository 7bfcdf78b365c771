"""A text's readings and a list of terms in, the places out where a term sounds like what stands there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from asr.lattice import Edge
from asr.phonemes import insertion_costs, phonemes, substitution_costs

_START_BITS = 12
_FAR = np.int64(1) << 50
SHORTEST = 5  # phonemes; a shorter reading is found everywhere
_PLACE_CHARS = 8  # a term is looked for in two such stretches together
_MOST_COMPARED = 128
_LEAST_SHARED = 0.5
_MOST_COST = 0.3  # of the term's length


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch of a text that sounds like a term."""

    start: int
    end: int
    term: int  #: its place in the list
    cost: float  #: in phonemes: 0 where the readings are the same
    length: int  #: of the term, in phonemes


class TermIndex:
    """Terms by their readings. Finding costs the same however many there are: only those that share sounds are compared."""

    def __init__(self, readings: Sequence[str]) -> None:
        self._sounds = [phonemes(r) for r in readings]
        self._by_pair: dict[tuple[int, int], npt.NDArray[np.int64]] = {}
        places: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, sounds in enumerate(self._sounds):
            for pair in set(pairwise(sounds)) if len(sounds) >= SHORTEST else ():
                places[pair].append(number)
        self._by_pair = {pair: np.array(numbers) for pair, numbers in places.items()}
        self._pairs = np.array([max(1, len(set(pairwise(s)))) for s in self._sounds])
        self._substitution, self._insertion = substitution_costs(), insertion_costs()

    def find(self, edges: Sequence[Edge], length: int) -> list[Match]:
        """The matches in a text of `length` characters that cost at most 0.3 of the term's phonemes.

        Weighted edit distance of each term against every path of the lattice, free at both ends (Sellers 1980), all at once.
        """
        terms = self._candidates(edges)
        if not len(terms) or not edges:
            return []
        sounds = [self._sounds[t] for t in terms]
        lengths = np.array([len(s) for s in sounds])
        padded = np.zeros((len(terms), int(lengths.max())), np.int64)
        for row, own in enumerate(sounds):
            padded[row, : len(own)] = own
        nodes = self._walk(edges, length, padded)
        limit = (lengths * _MOST_COST * 1000).astype(np.int64)
        found = []
        for end in range(1, length + 1):
            last = nodes[end][np.arange(len(terms)), lengths]
            cost, start = last >> _START_BITS, last & ((1 << _START_BITS) - 1)
            for row in map(int, np.flatnonzero((cost <= limit) & (start < end))):
                found.append(Match(int(start[row]), end, int(terms[row]), cost[row] / 1000, int(lengths[row])))
        return found

    def _candidates(self, edges: Sequence[Edge]) -> npt.NDArray[np.int64]:
        """The terms that share most pairs of sounds with some place of the text."""
        ends: dict[int, set[int]] = defaultdict(set)
        pairs: set[tuple[tuple[int, int], int]] = set()  # with the place, of two stretches, that they are in
        for e in edges:
            if not e.sounds:
                ends[e.end] |= ends[e.start]
                continue
            own = [*pairwise(e.sounds), *((before, e.sounds[0]) for before in ends[e.start])]
            stretch = e.start // _PLACE_CHARS
            pairs.update((pair, place) for pair in own for place in (stretch, stretch + 1))
            ends[e.end].add(e.sounds[-1])
        hits = [(self._by_pair[pair], place) for pair, place in pairs if pair in self._by_pair]
        if not hits:
            return np.array([], np.int64)
        places = max(place for _, place in hits) + 1
        counts = np.bincount(
            np.concatenate([terms * places + place for terms, place in hits]), minlength=len(self._sounds) * places
        )
        shared = counts.reshape(len(self._sounds), places).max(axis=1) / self._pairs
        best = np.lexsort((-self._pairs, -shared))[:_MOST_COMPARED]  # of those that share as much, the longer first
        near: npt.NDArray[np.int64] = best[shared[best] >= _LEAST_SHARED]
        return near

    def _walk(self, edges: Sequence[Edge], length: int, terms: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
        """For each place in the text: what each term's first m sounds that end there cost, with their start in the low bits."""
        count, longest = terms.shape
        left_out = self._insertion[terms] << _START_BITS
        total = np.concatenate([np.zeros((count, 1), np.int64), np.cumsum(left_out, axis=1)], axis=1)
        nodes = [np.minimum(np.full((count, longest + 1), _FAR), total + at) for at in range(length + 1)]
        for e in edges:
            row = nodes[e.start] + (e.cost << _START_BITS)
            for sound in e.sounds:
                further = np.empty_like(row)
                further[:, 0] = row[:, 0] + (self._insertion[sound] << _START_BITS)
                further[:, 1:] = np.minimum(
                    row[:, 1:] + (self._insertion[sound] << _START_BITS),
                    row[:, :-1] + (self._substitution[sound][terms] << _START_BITS),
                )
                row = np.minimum.accumulate(further - total, axis=1) + total
            nodes[e.end] = np.minimum(nodes[e.end], row)
        return nodes
