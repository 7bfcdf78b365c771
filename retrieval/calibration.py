"""Calibrates confidence for a knowledge base from its own text, or falls back on what the sample city gave."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from models.embedder import Vectors
from retrieval.analysis import normalise, reading, same_question, strip_politeness, thinned
from retrieval.confidence import FEWEST_QUESTIONS, Calibrations, Trial, calibrate, calibrate_if_enough
from retrieval.entry import Entry
from retrieval.hit import Hit
from retrieval.index import Index, Rows
from retrieval.reranking import RERANKED, Reranking
from retrieval.terms import Terms

DATA = Path(__file__).parent / "data"

OFFERED = 3  #: choices that a clarifying question has room for
MOST_QUESTIONS = 200  #: trials are taken from at most so many entries
ROUNDS = 2  #: paraphrases of an entry that are tried, each held out in its turn
MOST_THINNED = 120
MOST_SENTENCES = 3  #: of a passage
LEFT_OUT = 0.7  #: share of a question's content words: then it is found first about as often as a held-out paraphrase

SENTENCE_CHARS = (12, 80)

MOST_RERANKED = 60  #: the same where a cross-encoder reads each hit, which takes long

QueryVector = Callable[[str], Vectors]
Search = Callable[[str, str | None], tuple[Hit, ...]]
"""Called with a question, and an entry to leave out."""


def calibrations_of(
    entries: list[Entry], rows: Rows, terms: Terms, vector: QueryVector, day: date, reranking: Reranking | None = None
) -> Calibrations:
    """Calibrated on held-out paraphrases; where there are too few of them, on the questions with words left out; on nothing of
    its own, with what ships, where there are too few entries. Documents' passages are asked for by their sentences."""
    most = MOST_RERANKED if reranking else MOST_QUESTIONS
    shown = [e for e in entries if e.is_valid_on(day)]
    answers, passages = ([e for e in shown if e.is_passage is wanted] for wanted in (False, True))
    rounds = _rounds(entries, most) if _enough_paraphrases(answers) else [{}]
    rng = random.Random(len(passages))  # noqa: S311 - the same passages give the same trials, whatever answers there are
    about_answers = [_asked(answers, held_out, most, rng) if len(answers) >= FEWEST_QUESTIONS else [] for held_out in rounds]
    about_passages = _asked_of_passages(passages, most, rng) if len(passages) >= FEWEST_QUESTIONS else []
    shipped = Calibrations.from_json(json.loads((DATA / "calibration.json").read_text("utf-8")))
    if not about_answers[0] and not about_passages:
        return shipped
    searches = [_searching(_without(held_out, entries, rows, terms), vector, day, reranking) for held_out in rounds]
    strange = (DATA / "out_of_scope.txt").read_text("utf-8").split()

    def trials(spell: Callable[[str], str]) -> list[Trial]:
        asked = [(search, *each) for search, about in zip(searches, about_answers, strict=True) for each in about]
        asked += [(searches[0], *each) for each in about_passages]
        found = [t for search, entry_id, text in asked for t in _trials(search, entry_id, spell(text))]
        return found + [_trial(searches[0], spell(text), right=None) for text in strange]

    usual = trials(str)
    of_passages = calibrate_if_enough([t for t in usual if t.is_of_a_passage])
    if not about_answers[0]:
        return replace(shipped, passages=of_passages)
    return Calibrations(
        usual=calibrate([t for t in usual if not t.is_of_a_passage]),
        hiragana=calibrate(trials(reading)),
        passages=of_passages,
    )


def _enough_paraphrases(entries: Sequence[Entry]) -> bool:
    return sum(bool(e.paraphrases) for e in entries) >= FEWEST_QUESTIONS


def _asked(entries: list[Entry], held_out: Mapping[str, int], most: int, rng: random.Random) -> list[tuple[str, str]]:
    """Entries' ids, and what is asked for each: its held-out paraphrase, or what its text gives."""
    if held_out:
        return [(e.id, e.paraphrases[held_out[e.id]]) for e in _spread([e for e in entries if e.paraphrases], most)]
    text = _sentence if _share_headings(entries) else _question
    return [(e.id, text(e, rng)) for e in _spread(entries, min(most, MOST_THINNED))]


def _asked_of_passages(passages: list[Entry], most: int, rng: random.Random) -> list[tuple[str, str]]:
    """The same for passages. Of a few documents several sentences of each are asked: of one alone too few would find another
    passage first once theirs is taken away, and answers would set the passages' thresholds."""
    asked = _spread(passages, min(most, MOST_THINNED))
    times = min(MOST_SENTENCES, max(1, most // len(asked)))
    return [(e.id, _sentence(e, rng)) for e in asked for _ in range(times)]


def _share_headings(entries: list[Entry]) -> bool:
    """Whether most questions are headings that stand over several entries."""
    times = Counter(same_question(e.question) for e in entries)
    return sum(n > 1 for n in (times[same_question(e.question)] for e in entries)) > len(entries) / 2


def _question(entry: Entry, rng: random.Random) -> str:
    return thinned(entry.question, lambda: rng.random() < LEFT_OUT)


def _sentence(entry: Entry, rng: random.Random) -> str:
    """A sentence of the passage with half of its words left out: about what somebody asks who has not read it."""
    sentences = [s for s in re.split("[。\n]", entry.answer) if SENTENCE_CHARS[0] <= len(s) <= SENTENCE_CHARS[1]]
    return thinned(rng.choice(sentences), lambda: rng.random() < 0.5) if sentences else _question(entry, rng)


def _spread(entries: list[Entry], most: int) -> list[Entry]:
    """At most so many entries, evenly over the knowledge base."""
    return entries[:: -(-len(entries) // most) or 1]


def _rounds(entries: Sequence[Entry], most: int) -> list[Mapping[str, int]]:
    """For each round the paraphrase of each entry that is held out. Of one round alone chance would set the thresholds."""
    rounds = ROUNDS if most == MOST_QUESTIONS else 1
    return [{e.id: _held_out(i + n, e) for i, e in enumerate(entries) if e.paraphrases} for n in range(rounds)]


def _held_out(position: int, entry: Entry) -> int:
    """Which paraphrase of an entry serves as the question: another one from entry to entry, so that all sorts are asked."""
    return position % len(entry.paraphrases)


def _without(held_out: Mapping[str, int], entries: list[Entry], rows: Rows, terms: Terms) -> Index:
    """The index, but it does not know the held-out paraphrases."""
    if not held_out:
        return Index(entries, [date.min] * len(entries), rows, terms)
    seen = [
        replace(e, paraphrases=tuple(p for i, p in enumerate(e.paraphrases) if i != held_out[e.id])) if e.paraphrases else e
        for e in entries
    ]
    first_row = np.searchsorted(rows.question_owners, np.arange(len(entries)))
    hidden = [int(first_row[i]) + 1 + held_out[e.id] for i, e in enumerate(entries) if e.paraphrases]
    kept = Rows(
        question_vectors=np.delete(rows.question_vectors, hidden, axis=0),
        question_owners=np.delete(rows.question_owners, hidden),
        answer_vectors=rows.answer_vectors,
        answer_owners=rows.answer_owners,
    )
    return Index(seen, [date.min] * len(seen), kept, terms.without(hidden))


def _searching(index: Index, vector: QueryVector, day: date, reranking: Reranking | None) -> Search:
    """A search as it will serve."""

    def search(text: str, without: str | None) -> tuple[Hit, ...]:
        query = strip_politeness(normalise(text))
        written = index.written(query)
        hits = index.search(query, vector(written), top=RERANKED if reranking else OFFERED, day=day, without=without)
        return reranking.order(written, hits)[:OFFERED] if reranking else hits

    return search


def _trials(search: Search, entry_id: str, text: str) -> list[Trial]:
    """The held-out paraphrase asked twice: with its entry there, and with it taken away."""
    return [
        _trial(search, text, right=entry_id),
        _trial(search, text, right=None, without=entry_id),
    ]


def _trial(search: Search, text: str, *, right: str | None, without: str | None = None) -> Trial:
    hits = search(text, without)
    ids = [h.entry.id for h in hits]
    return Trial(
        hits=hits,
        answerable=right is not None,
        right=right is not None and ids[:1] == [right],
        offered=right is not None and right in ids,
    )
