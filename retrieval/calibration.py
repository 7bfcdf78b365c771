"""Calibrates confidence for a knowledge base from its own text, or falls back on what the sample city gave."""

from __future__ import annotations

import json
import random
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path

import numpy as np

from models.embedder import Vectors
from retrieval.analysis import normalise, reading, same_question, strip_politeness, thinned
from retrieval.confidence import FEWEST_QUESTIONS, Calibrations, Kind, Trial, calibrate, calibrate_if_enough
from retrieval.entry import Entry
from retrieval.hit import Hit
from retrieval.index import Index, Rows
from retrieval.reranking import RERANKED, Reranking
from retrieval.terms import Terms

DATA = Path(__file__).parent / "data"

OFFERED = 3  #: choices that a clarifying question has room for
ROUNDS = 5  #: paraphrases of an entry that are asked at most, each held out in its turn
HIRAGANA_ROUNDS = 2  #: of these that are asked in hiragana as well, as few people do
MOST_PARAPHRASES = 1400  #: all of a city with some 300 entries: the fewer are asked, the more chance sets the thresholds
MOST_THINNED = 500
MOST_SENTENCES = 3  #: of a passage
FEWEST_SENTENCES = 200  #: of all passages, as far as they have so many
LEFT_OUT = 0.7  #: share of a question's content words: then it is found first about as often as a held-out paraphrase

SENTENCE_CHARS = (12, 80)

MOST_RERANKED = 60  #: questions that are asked where a cross-encoder reads each hit, which takes long

Embed = Callable[[Sequence[str]], Vectors]
"""Query vectors of texts, (n, dimensions)."""

Asked = tuple[str | None, str]
"""What is asked, after the id of the entry that it is about; None where no entry is."""

Search = Callable[[Sequence[str]], Iterator[tuple[Hit, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """What is asked of the index while it does not know some paraphrases, one an entry at most."""

    held_out: Mapping[str, int]  #: by the entry's id which of its paraphrases
    asked: list[Asked]


def calibrations_of(
    entries: list[Entry], rows: Rows, terms: Terms, embed: Embed, day: date, reranking: Reranking | None = None
) -> Calibrations:
    """Calibrated on held-out paraphrases; where there are too few of them, on the questions with words left out; on nothing of
    its own, with what ships, where there are too few entries. Documents' passages are asked for by their sentences.

    What is asked of an entry, and whether it is, hangs on the entry alone: neither the order of the entries nor one more of them
    makes other trials of the rest."""
    most = MOST_RERANKED if reranking else MOST_PARAPHRASES
    shown = [e for e in entries if e.is_valid_on(day)]
    answers, passages = ([e for e in shown if e.is_passage is wanted] for wanted in (False, True))
    rounds = _rounds(entries, answers, most) if len(answers) >= FEWEST_QUESTIONS else []
    about_passages = _asked_of_passages(passages, min(most, MOST_THINNED)) if len(passages) >= FEWEST_QUESTIONS else []
    shipped = Calibrations.from_json(json.loads((DATA / "calibration.json").read_text("utf-8")))
    if not rounds and not about_passages:
        return shipped
    strange: list[Asked] = [(None, text) for text in (DATA / "out_of_scope.txt").read_text("utf-8").split()]
    first, *others = rounds or [_Round(held_out={}, asked=[])]
    usual, hiragana = list[Trial](), list[Trial]()
    for n, each in enumerate((replace(first, asked=[*first.asked, *about_passages, *strange]), *others)):
        search = _searching(_without(each.held_out, entries, rows, terms), embed, day, reranking)
        usual += _trials(search, each.asked)
        if rounds and n < HIRAGANA_ROUNDS:
            hiragana += _trials(search, [(about, reading(text)) for about, text in each.asked])
    of_passages = calibrate_if_enough([t for t in usual if t.is_of_a_passage])
    if not rounds:
        return replace(shipped, passages=of_passages)
    return Calibrations(
        usual=calibrate([t for t in usual if not t.is_of_a_passage]),
        hiragana=calibrate(hiragana),
        passages=of_passages,
    )


def _rounds(entries: Sequence[Entry], answers: Sequence[Entry], most: int) -> list[_Round]:
    """What is asked for approved answers: held-out paraphrases, or what their texts give. Every entry's first paraphrase comes
    before anybody's second, so that many entries need few rounds."""
    if sum(bool(e.paraphrases) for e in answers) < FEWEST_QUESTIONS:
        text = _sentence if _share_headings(answers) else _question
        drawn = _drawn(answers, min(most, MOST_THINNED))
        return [_Round(held_out={}, asked=[(e.id, text(e, _chance(e))) for e in drawn])]
    in_turn = [(n, e.paraphrases[i], e.id) for e in answers for n, i in enumerate(_in_turn(e)[:ROUNDS])]
    tried = sorted(in_turn, key=lambda each: (each[0], _lot(each[1])))[:most]
    return [
        _Round(
            held_out={e.id: turns[n] for e in entries if n < len(turns := _in_turn(e))},
            asked=[(about, text) for _, text, about in same_turn],
        )
        for n, same_turn in groupby(tried, key=lambda each: each[0])
    ]


def _in_turn(entry: Entry) -> list[int]:
    """The places of an entry's paraphrases in the order in which they are held out: a mixed one, so that all sorts are asked in
    every round, and none that another entry has a part in."""
    return sorted(range(len(entry.paraphrases)), key=lambda i: _lot(entry.paraphrases[i]))


def _drawn(entries: Sequence[Entry], most: int) -> list[Entry]:
    """At most so many entries, each by a lot of its own."""
    return sorted(entries, key=lambda e: _lot(e.id))[:most]


def _lot(text: str) -> int:
    return zlib.crc32(text.encode())


def _chance(entry: Entry) -> random.Random:
    return random.Random(entry.id)  # noqa: S311 - the same entry gives the same trials, whatever others there are


def _asked_of_passages(passages: list[Entry], most: int) -> list[Asked]:
    """The same for passages. Of a few documents several sentences of each are asked: of one alone too few would find another
    passage first once theirs is taken away, and answers would set the passages' thresholds."""
    drawn = _drawn(passages, most)
    times = min(MOST_SENTENCES, max(1, FEWEST_SENTENCES // len(drawn)))
    return [(e.id, _sentence(e, rng)) for e in drawn for rng in [_chance(e)] for _ in range(times)]


def _share_headings(entries: Sequence[Entry]) -> bool:
    """Whether most questions are headings that stand over several entries."""
    times = Counter(same_question(e.question) for e in entries)
    return sum(n > 1 for n in (times[same_question(e.question)] for e in entries)) > len(entries) / 2


def _question(entry: Entry, rng: random.Random) -> str:
    return thinned(entry.question, lambda: rng.random() < LEFT_OUT)


def _sentence(entry: Entry, rng: random.Random) -> str:
    """A sentence of the passage with half of its words left out: about what somebody asks who has not read it."""
    sentences = [s for s in re.split("[。\n]", entry.answer) if SENTENCE_CHARS[0] <= len(s) <= SENTENCE_CHARS[1]]
    return thinned(rng.choice(sentences), lambda: rng.random() < 0.5) if sentences else _question(entry, rng)


def _without(held_out: Mapping[str, int], entries: list[Entry], rows: Rows, terms: Terms) -> Index:
    """The index, but it does not know the held-out paraphrases."""
    if not held_out:
        return Index(entries, [date.min] * len(entries), rows, terms)
    seen = [
        replace(e, paraphrases=tuple(p for i, p in enumerate(e.paraphrases) if i != held_out[e.id])) if e.id in held_out else e
        for e in entries
    ]
    first_row = np.searchsorted(rows.question_owners, np.arange(len(entries)))
    hidden = [int(first_row[i]) + 1 + held_out[e.id] for i, e in enumerate(entries) if e.id in held_out]
    kept = Rows(
        question_vectors=np.delete(rows.question_vectors, hidden, axis=0),
        question_owners=np.delete(rows.question_owners, hidden),
        answer_vectors=rows.answer_vectors,
        answer_owners=rows.answer_owners,
    )
    return Index(seen, [date.min] * len(seen), kept, terms.without(hidden))


def _searching(index: Index, embed: Embed, day: date, reranking: Reranking | None) -> Search:
    """A search as it will serve. It finds one more than is offered, for the first may be taken away."""

    def search(texts: Sequence[str]) -> Iterator[tuple[Hit, ...]]:
        queries = [strip_politeness(normalise(text)) for text in texts]
        written = [index.written(query) for query in queries]
        for query, spelled, vector in zip(queries, written, embed(written), strict=True):
            hits = index.search(query, vector, top=RERANKED if reranking else OFFERED + 1, day=day)
            yield reranking.order(spelled, hits) if reranking else hits

    return search


def _trials(search: Search, asked: Sequence[Asked]) -> Iterator[Trial]:
    """Each question twice: with its entry there, and with it taken away. What is about none is asked once."""
    for (about, _), hits in zip(asked, search([text for _, text in asked]), strict=True):
        if about is None:
            yield Trial(kind=Kind.STRANGE, hits=hits[:OFFERED])
            continue
        yield Trial(kind=Kind.ANSWERABLE, hits=hits[:OFFERED], about=about)
        yield Trial(kind=Kind.TAKEN_AWAY, hits=tuple(h for h in hits if h.entry.id != about)[:OFFERED])
