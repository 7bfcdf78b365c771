"""Entries in, pairs that ask the same thing out: duplicates, and contradictions where their answers differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.embedder import Vectors
from retrieval.claims import claims_of, contradict, same_claims
from retrieval.entry import Entry
from retrieval.likeness import Asked
from retrieval.revisions import State, state_name
from retrieval.wording import Wording

# Likeness from which two questions are one, and from which they are near. Chosen on the sample city and 68 of its questions
# that were worded anew as clerks do, so kinder to these than to others: three quarters reach the first and 19 of 20 the
# second, where a notice waits for answers that contradict each other. Residents' own words, held out, do so far less (6 %
# and 20 %). One in 20 entries that ask something of their own gets a notice; in localgovFAQ, where many questions differ in
# one word, three in ten.
ASKS_THE_SAME = 10.4
IS_NEAR = 6.5
NEAREST = 2  #: entries whose answers are compared where the questions are only near

SAME_ANSWER_WORDS = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An entry that is served or waits to be."""

    entry: Entry
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Two entries that ask the same, or nearly the same and are answered differently."""

    entry: Entry
    other: Entry
    state: State  #: where the other stands
    asks_the_same: bool
    contradicts: bool  #: their answers say different things

    @property
    def text(self) -> str:
        """One sentence for the clerk."""
        stands = "" if self.state is State.APPROVED else f"、{state_name(self.state)}"
        other = f"項目「{self.other.id}」（{self.other.department or '担当課なし'}{stands}）"
        if not self.asks_the_same:
            return f"項目「{self.entry.id}」に近い{other}があります。回答が食い違っていないか確かめてください。"
        if self.contradicts:
            return (
                f"項目「{self.entry.id}」は{other}と同じことを尋ねていますが、回答が違います。どちらが正しいか確かめてください。"
            )
        return f"項目「{self.entry.id}」は{other}と重なっています。1つにまとめられないか確かめてください。"

    @property
    def weight(self) -> tuple[bool, bool, bool]:
        """Sorts what has to be looked at first to the end: what residents are told before what they may be told."""
        return self.contradicts, self.asks_the_same, self.state is State.APPROVED


def questions_of(entries: Sequence[Entry]) -> list[str]:
    """The texts whose vectors `overlaps_of` needs, each once."""
    return list(dict.fromkeys(t for e in entries for t in e.questions))


def overlaps_of(
    checked: Sequence[Entry], known: Sequence[Known], vectors: Mapping[str, Vectors], wording: Wording
) -> list[Overlap]:
    """Pairs of a checked entry and another known one, each pair once, contradictions first."""
    if not known:
        return []
    asked = Asked([k.entry for k in known], vectors, wording)
    found: dict[frozenset[str], Overlap] = {}
    for entry, like in zip(checked, asked.like(checked), strict=True):
        for overlap in _overlaps_with(entry, known, like, wording):
            pair = frozenset({entry.id, overlap.other.id})
            if pair not in found or found[pair].weight < overlap.weight:
                found[pair] = overlap
    return sorted(found.values(), key=lambda o: o.weight, reverse=True)


def _overlaps_with(
    entry: Entry, known: Sequence[Known], like: Sequence[tuple[int, float]], wording: Wording
) -> Iterator[Overlap]:
    for place, (i, likeness) in enumerate(like):
        other = known[i]
        if not entry.meets(other.entry):
            continue
        if likeness >= ASKS_THE_SAME:
            contradicts = not _same_answer(entry.answer, other.entry.answer, wording)
            yield Overlap(entry=entry, other=other.entry, state=other.state, asks_the_same=True, contradicts=contradicts)
        elif likeness >= IS_NEAR and place < NEAREST and contradict(claims_of(entry.answer), claims_of(other.entry.answer)):
            yield Overlap(entry=entry, other=other.entry, state=other.state, asks_the_same=False, contradicts=True)


def _same_answer(a: str, b: str, wording: Wording) -> bool:
    """The same words and, above all, the same claims: 「できます」 and 「できません」 have the same words."""
    if not same_claims(claims_of(a), claims_of(b)):
        return False
    x, y = set(wording.lemmas(a)), set(wording.lemmas(b))
    return len(x & y) >= SAME_ANSWER_WORDS * len(x | y)
