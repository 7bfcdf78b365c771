"""BM25 over terms in plain arrays (Robertson & Zaragoza 2009), scored when the index is made as bm25s does
(https://arxiv.org/abs/2407.03618), and how much of a query a text covers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import fsum

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]

K1, B = 1.2, 0.75
_QUERIES, _ENTRIES = 64, 512  #: that are kept as they were last looked at: many are found again and again


@dataclass(frozen=True, slots=True, kw_only=True)
class Bags:
    """Rows of terms by number, each term once with its count: row i is `starts[i]:starts[i + 1]`."""

    starts: Numbers
    terms: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]

    @classmethod
    def of(cls, rows: Sequence[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]]) -> Bags:
        starts = np.concatenate([[0], np.cumsum([len(t) for t, _ in rows])]).astype(np.int64)
        empty = np.empty(0, np.int32)
        terms, counts = (np.concatenate([empty, *(r[k] for r in rows)]) for k in (0, 1))
        return cls(starts=starts, terms=terms, counts=counts)

    def row(self, i: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        part = slice(self.starts[i], self.starts[i + 1])
        return self.terms[part], self.counts[part]


class Lexicon:
    """Numbers for terms. While an index is made terms are only added, so that rows taken over from an older one stay right."""

    def __init__(self, terms: Iterable[str] = ()) -> None:
        self._numbers = {term: i for i, term in enumerate(terms)}

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def terms(self) -> list[str]:
        return list(self._numbers)

    def bag(self, tokens: Iterable[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """The tokens as one row of `Bags`; new terms get numbers."""
        counts = Counter(tokens)
        numbers = [self._numbers.setdefault(t, len(self._numbers)) for t in counts]
        return np.array(numbers, np.int32), np.array(list(counts.values()), np.int32)

    def known(self, tokens: Iterable[str]) -> list[int]:
        return [self._numbers[t] for t in tokens if t in self._numbers]


class Postings:
    """BM25 of one field: for each term the entries that have it and what it adds to their scores."""

    def __init__(self, bags: Bags, owners: Numbers, entries: int, terms: int) -> None:
        of_term, self._entries, tf = _joined(bags, owners)
        lengths = np.bincount(self._entries, weights=tf, minlength=entries)
        share = lengths / max(1e-9, lengths.mean() if entries else 1.0)
        df = np.bincount(of_term, minlength=terms)
        idf = np.log(1 + (entries - df + 0.5) / (df + 0.5))
        weights = np.repeat(idf, df)  # in place from here on: there are millions, and memory takes longer than sums
        weights *= tf
        weights /= tf + (K1 * (1 - B + B * share))[self._entries]
        self._weights = weights.astype(np.float32)
        self._starts = np.concatenate([[0], np.cumsum(df)])
        self._count = entries

    def scores(self, terms: Sequence[int]) -> Scores:
        """BM25 of every entry, (entries,)."""
        found = np.zeros(self._count, np.float32)
        for term in terms:
            part = slice(self._starts[term], self._starts[term + 1])
            found[self._entries[part]] += self._weights[part]  # an entry is once among a term's
        return found

    def having(self, term: int) -> Counts:
        """The entries that have a term, each once."""
        return self._entries[self._starts[term] : self._starts[term + 1]]

    @property
    def df(self) -> Numbers:
        """How many entries have each term."""
        return np.diff(self._starts)

    def df_in_both(self, other: Postings) -> Numbers:
        """How many have each term in this field and in another."""
        ours, theirs = self._pairs(), other._pairs()
        at = np.minimum(np.searchsorted(theirs, ours), max(0, len(theirs) - 1))
        shared = ours[theirs[at] == ours] if len(theirs) else theirs
        return np.bincount(shared // max(1, self._count), minlength=len(self.df))

    def _pairs(self) -> Numbers:
        """Each term with each of its entries, as a number; in order."""
        return np.repeat(np.arange(len(self.df)), self.df) * self._count + self._entries


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a query asks for."""

    known: frozenset[int]  #: those of its terms that the lexicon has
    weight: float  #: of all its terms
    has_unknown: bool


class Words:
    """The terms of all entries under one analysis: content lemmas, or pieces of the reading."""

    def __init__(self, lexicon: Lexicon, asked: Bags, answers: Bags, owners: Numbers, question_share: float) -> None:
        """`asked` has a row for each question and paraphrase, whose entries are `owners`; `answers` one for each entry."""
        self._lexicon, self._asked, self._answers = lexicon, asked, answers
        entries = len(answers.starts) - 1
        self._question_share = question_share  # of a lexical score; the rest goes to the answer
        self._rows = np.searchsorted(owners, np.arange(entries + 1))
        self._question = Postings(asked, owners, entries, len(lexicon))
        self._answer = Postings(answers, np.arange(entries), entries, len(lexicon))
        self._entries = entries
        self._unknown = float(np.log(1 + (entries + 0.5) / 0.5))
        self._asked_for = lru_cache(maxsize=_QUERIES)(self._weighed)
        self._questions_of = lru_cache(maxsize=_ENTRIES)(self._read)

    def z(self, query: Sequence[str]) -> Scores:
        """How far each entry stands out, in standard deviations, (entries,)."""
        known = self._lexicon.known(query)
        question, answer = standardise(self._question.scores(known)), standardise(self._answer.scores(known))
        return self._question_share * question + (1 - self._question_share) * answer

    @cached_property
    def _rarity(self) -> list[float]:
        """How much each term says: its inverse document frequency over whole entries."""
        df = self._question.df + self._answer.df - self._question.df_in_both(self._answer)
        rarity: list[float] = np.log(1 + (self._entries - df + 0.5) / (df + 0.5)).tolist()
        return rarity

    def covered(self, query: tuple[str, ...]) -> Scores:
        """The share of the query's information that each entry has, 0..1, (entries,). Unknown terms say the most."""
        asked = self._asked_for(query)
        covered = np.zeros(self._entries, np.float32)
        for term in sorted(asked.known):  # else the last digit would hang on the order
            has = np.zeros(self._entries, bool)
            has[self._question.having(term)] = has[self._answer.having(term)] = True
            covered += self._rarity[term] * has
        return covered / max(1e-9, asked.weight)

    def coverage(self, query: tuple[str, ...], entry: int) -> tuple[float, float, float, float]:
        """Shares of information, 0..1: of the query in the entry; of the query in its questions; of its best question in the
        query; of the query in its answer and one of its questions. Unknown terms say the most."""
        asked, questions = self._asked_for(query), self._questions_of(entry)
        known, shared = asked.known, [asked.known & terms for terms, _ in questions]
        in_questions = frozenset().union(*shared)
        in_answer = known.intersection(self._answers.row(entry)[0].tolist())
        weights = {both: self._weight(both) for both in set(shared)}  # many questions have the same of it
        best = max(_of(weights[both], weight) for both, (_, weight) in zip(shared, questions, strict=True))
        together = max(self._weight(both | in_answer) for both in weights)
        in_entry, in_question = self._weight(in_questions | in_answer), self._weight(in_questions)
        return _of(in_entry, asked.weight), _of(in_question, asked.weight), best, _of(together, asked.weight)

    def asked_alike(self, query: tuple[str, ...], entry: int) -> list[int]:
        """Which of an entry's questions, counted from 0, have the same terms as the query and no other."""
        asked = self._asked_for(query)
        if not query or asked.has_unknown:
            return []
        return [i for i, (terms, _) in enumerate(self._questions_of(entry)) if terms == asked.known]

    def _weighed(self, query: tuple[str, ...]) -> _Asked:
        tokens = frozenset(query)
        known = frozenset(self._lexicon.known(tokens))
        unknown = len(tokens) - len(known)
        return _Asked(known=known, weight=self._weight(known) + self._unknown * unknown, has_unknown=unknown > 0)

    def _read(self, entry: int) -> list[tuple[frozenset[int], float]]:
        """Each question's terms, and what they weigh."""
        rows = (frozenset(self._asked.row(r)[0].tolist()) for r in range(self._rows[entry], self._rows[entry + 1]))
        return [(terms, self._weight(terms)) for terms in rows]

    def _weight(self, terms: frozenset[int]) -> float:
        return fsum(map(self._rarity.__getitem__, terms))  # the same for the same terms, in whatever order they come


def standardise(scores: Scores) -> Scores:
    """Mean 0, standard deviation 1; all 0 where every score is the same."""
    spread = float(scores.std())
    return (scores - scores.mean()) / spread if spread > 0 else np.zeros_like(scores)


def _joined(bags: Bags, owners: Numbers) -> tuple[Counts, Counts, Counts]:
    """Terms, the entries that have them, and how often, in the order of the terms; rows of one entry are put together. `owners`
    stand in order, so those of a term do, too."""
    order = np.lexsort(_digits(bags.terms))
    of_term, counts = bags.terms[order], bags.counts[order]
    of_entry = np.repeat(owners.astype(np.int32), np.diff(bags.starts))[order]
    if len(set(owners.tolist())) == len(owners):  # one row each, as answers are: there is nothing to put together
        return of_term, of_entry, counts
    is_first = np.ones(len(order), bool)
    is_first[1:] = (of_term[1:] != of_term[:-1]) | (of_entry[1:] != of_entry[:-1])
    first = np.flatnonzero(is_first)
    return of_term[first], of_entry[first], np.add.reduceat(counts, first) if len(first) else counts


def _digits(numbers: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.uint16], ...]:
    """Numbers from 0 in digits of 16 bits, the lowest first: by those numpy sorts in linear time, four times as fast."""
    low = numbers.astype(np.uint16)
    return (low, (numbers >> 16).astype(np.uint16)) if numbers.max(initial=0) >> 16 else (low,)


def _of(weight: float, total: float) -> float:
    """0 for what has no content."""
    return weight / total if total > 0 else 0.0
