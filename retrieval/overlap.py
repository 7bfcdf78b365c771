"""Entries in, pairs that ask the same thing out: duplicates, and contradictions where their answers differ."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.embedder import Vectors
from retrieval.analysis import normalise, same_question
from retrieval.entry import Entry
from retrieval.wording import Wording

# Two questions are one when their meaning is this near and nearly all their words are the same: one word more is often the whole
# difference (登録 and 廃止). Pairs are only pointed out; a person decides.
SAME_COSINE = 0.97
SAME_WORDS = 0.8
SAME_ANSWER_WORDS = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Two entries that ask the same."""

    entry: Entry
    other: Entry
    contradicts: bool  #: their answers say different things

    @property
    def text(self) -> str:
        """One sentence for the clerk."""
        where = f"項目「{self.other.id}」（{self.other.department or '担当課なし'}）"
        if self.contradicts:
            return (
                f"項目「{self.entry.id}」は{where}と同じことを尋ねていますが、回答が違います。どちらが正しいか確かめてください。"
            )
        return f"項目「{self.entry.id}」は{where}と重なっています。1つにまとめられないか確かめてください。"


def questions_of(entries: Sequence[Entry]) -> list[str]:
    """The texts whose vectors `overlaps_of` needs, each once."""
    return list(dict.fromkeys(t for e in entries for t in (e.question, *e.paraphrases)))


def overlaps_of(
    checked: Sequence[Entry], served: Sequence[Entry], vectors: Mapping[str, Vectors], wording: Wording
) -> list[Overlap]:
    """Pairs of a checked entry and another served one, each pair once, contradictions first."""
    if not served:
        return []
    texts = [(t, i) for i, e in enumerate(served) for t in (e.question, *e.paraphrases)]
    rows, owners = np.stack([vectors[t] for t, _ in texts]), [i for _, i in texts]
    keys: dict[str, set[int]] = {}
    for text, i in texts:
        keys.setdefault(same_question(text), set()).add(i)
    seen: set[frozenset[str]] = set()
    found = []
    for entry in checked:
        near = {
            owners[r]
            for r in np.flatnonzero(rows @ vectors[entry.question] >= SAME_COSINE)
            if _shared(entry.question, texts[r][0], wording) >= SAME_WORDS
        }
        near |= {i for t in (entry.question, *entry.paraphrases) for i in keys.get(same_question(t), ())}
        for i in sorted(near):
            pair = frozenset({entry.id, served[i].id})
            if len(pair) == 2 and pair not in seen:
                seen.add(pair)
                same = _same_answer(entry.answer, served[i].answer, wording)
                found.append(Overlap(entry=entry, other=served[i], contradicts=not same))
    return sorted(found, key=lambda o: not o.contradicts)


def _same_answer(a: str, b: str, wording: Wording) -> bool:
    """The same words and, above all, the same numbers: days, amounts, phones."""
    return _numbers(a) == _numbers(b) and _shared(a, b, wording) >= SAME_ANSWER_WORDS


def _shared(a: str, b: str, wording: Wording) -> float:
    x, y = set(wording.lemmas(a)), set(wording.lemmas(b))
    return len(x & y) / len(x | y) if x | y else 1.0


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+", normalise(text)))
