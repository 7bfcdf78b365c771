"""A text's readings and a list of terms in, the places out where a term sounds like what stands there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, groupby, pairwise
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from core.sounds.lattice import Edge
from core.sounds.phonemes import SYMBOLS, families, insertion_costs, phonemes, substitution_costs

_START_BITS = 12
_Costs = npt.NDArray[np.int32]
"""Thousandths of a phoneme, shifted by the bits of a start. Enough for 500 phonemes that all differ."""
_PLACE_CHARS = 8  # a term is looked for in two such stretches together
_LEAST_SHARED = 0.5
_MOST_COMPARED = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Breadth:
    """How far to look: the farther, the longer it takes."""

    shortest: int = 5  #: phonemes of a term; a shorter reading is found everywhere
    cost: float = 0.3  #: of a match at most, of the term's length
    any_voice: bool = False  #: whether terms that share sounds but for their voicing are compared too (ベッド and ペット)


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

    def __init__(self, readings: Sequence[str], breadth: Breadth = Breadth(), *, first: int = 0) -> None:
        """The `first` so many terms are a group by themselves: however many they are, they crowd out none of the others."""
        self._breadth, self._first = breadth, first
        self._like = families() if breadth.any_voice else range(len(SYMBOLS))
        each = [phonemes(r) for r in readings]
        self._sounds = np.fromiter(chain.from_iterable(each), np.int64)  # of all terms, one behind the other
        self._lengths = np.array([len(sounds) for sounds in each], np.int64)
        self._starts = np.cumsum(self._lengths) - self._lengths
        terms, pairs = self._pairs_of_terms()
        self._pairs = np.maximum(1, np.bincount(terms, minlength=len(each)))
        found = self._lengths[terms] >= breadth.shortest
        terms, pairs = terms[found], pairs[found]
        order = np.argsort(pairs, kind="stable")
        each_pair, begins = np.unique(pairs[order], return_index=True)
        parts = np.split(terms[order], begins[1:])
        self._by_pair = {divmod(pair, len(SYMBOLS)): part for pair, part in zip(each_pair.tolist(), parts, strict=False)}
        self._insertion = (insertion_costs() << _START_BITS).astype(np.int32)
        self._replacing = (substitution_costs() << _START_BITS).astype(np.int32) - self._insertion

    def _pairs_of_terms(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Each term with each pair of sounds that follow each other in it, once, in the order of the terms."""
        sounds = np.array(self._like)[self._sounds]
        terms = np.repeat(np.arange(len(self._lengths)), self._lengths)
        within = terms[1:] == terms[:-1]
        pairs = sounds[:-1] * len(SYMBOLS) + sounds[1:]
        terms, pairs = np.divmod(np.unique((terms[:-1] * len(SYMBOLS) ** 2 + pairs)[within]), len(SYMBOLS) ** 2)
        return terms, pairs

    def find(self, edges: Sequence[Edge], length: int, most: int = _MOST_COMPARED) -> list[Match]:
        """The matches in a text of `length` characters that cost no more than they may, of at most so many terms of a group.

        Weighted edit distance of each term against every path of the lattice, free at both ends (Sellers 1980), all at once.
        """
        terms = self._candidates(edges, most)
        if not len(terms) or not edges:
            return []
        lengths = self._lengths[terms]
        limit = (lengths * self._breadth.cost * 1000).astype(np.int64)
        last = self._walk(edges, length, terms)
        cost, start = last >> _START_BITS, last & ((1 << _START_BITS) - 1)
        ends, which = np.nonzero((cost <= limit) & (start < np.arange(length + 1)[:, None]))
        of_match = (start[ends, which], ends, terms[which], cost[ends, which] / 1000, lengths[which])
        return list(map(Match, *(column.tolist() for column in of_match)))

    def _candidates(self, edges: Sequence[Edge], most: int) -> npt.NDArray[np.int64]:
        """The terms that share most pairs of sounds with some place of the text."""
        ends: dict[int, set[int]] = defaultdict(set)
        pairs: dict[int, set[tuple[int, int]]] = defaultdict(set)  # by the place, of two stretches, that they are in
        for e in edges:
            if not e.sounds:
                ends[e.end] |= ends[e.start]
                continue
            sounds = [self._like[x] for x in e.sounds]
            own = [*pairwise(sounds), *((before, sounds[0]) for before in ends[e.start])]
            stretch = e.start // _PLACE_CHARS
            pairs[stretch].update(own)
            pairs[stretch + 1].update(own)
            ends[e.end].add(sounds[-1])
        most_shared = np.zeros(len(self._pairs), np.int64)
        for own_pairs in pairs.values():
            if hits := [self._by_pair[pair] for pair in own_pairs if pair in self._by_pair]:
                np.maximum(most_shared, np.bincount(np.concatenate(hits), minlength=len(most_shared)), out=most_shared)
        shared = most_shared / self._pairs
        near = np.flatnonzero(shared >= _LEAST_SHARED)
        groups = (near[near < self._first], near[near >= self._first])
        return np.concatenate([self._nearest(group, shared[group], most) for group in groups])

    def _nearest(self, terms: npt.NDArray[np.int64], shared: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.int64]:
        """The terms that share most, of equals the longer first."""
        if len(terms) > most:  # to put all in order would take longer than all the rest
            kept = shared >= -np.partition(-shared, most - 1)[most - 1]
            terms, shared = terms[kept], shared[kept]
        return terms[np.lexsort((-self._pairs[terms], -shared))[:most]]

    def _walk(self, edges: Sequence[Edge], length: int, terms: npt.NDArray[np.int64]) -> _Costs:
        """For each place in the text what each term costs that ends there, with its start in the low bits, (places, terms).

        Args:
            edges: in the order of their starts.
        """
        sounds = self._sounds_of(terms)
        left_out = np.cumsum(self._insertion[sounds], axis=0, dtype=np.int32)
        total = np.concatenate([np.zeros((1, len(terms)), np.int32), left_out])
        # All but the result is kept less `total`: what a term's sounds cost that are left out is then no step of its own.
        nodes = [np.full_like(total, at) for at in range(length + 1)]  # what a term's first m sounds cost, (longest + 1, terms)
        replaced = {s: self._replacing[s].take(sounds) for s in {s for e in edges for s in e.sounds}}
        for start, leaving in groupby(edges, key=attrgetter("start")):
            heard: dict[tuple[int, ...], _Costs] = {(): nodes[start]}  # since then: several readings begin alike
            for e in leaving:
                for n, sound in enumerate(e.sounds):
                    if e.sounds[: n + 1] not in heard:
                        heard[e.sounds[: n + 1]] = self._further(heard[e.sounds[:n]], sound, replaced[sound])
                np.minimum(nodes[e.end], heard[e.sounds] + np.int32(e.cost << _START_BITS), out=nodes[e.end])
        whole = self._lengths[terms], np.arange(len(terms))
        costs: _Costs = np.stack([node[whole] for node in nodes]) + total[whole]
        return costs

    def _sounds_of(self, terms: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """A column for each term, filled up with any sound, (longest, terms)."""
        place = np.arange(self._lengths[terms].max())[:, None]
        return np.where(place < self._lengths[terms], self._sounds.take(self._starts[terms] + place, mode="clip"), 0)

    def _further(self, costs: _Costs, sound: int, replaced: _Costs) -> _Costs:
        """The costs after one more sound, which the terms have not, or have instead of their own."""
        further: _Costs = costs + self._insertion[sound]
        np.minimum(further[1:], costs[:-1] + replaced, out=further[1:])
        for shorter, longer in pairwise(further):  # faster than np.minimum.accumulate
            np.minimum(shorter, longer, out=longer)
        return further
