"""What was heard and a city's words in, the places out where such a word was said but written in other characters.

Whisper's small models get the sound of a name right and its characters wrong (店入届け for 転入届). A word is proposed where its
reading is close to one of the text's readings, and taken where the recogniser itself, told that the word may come up, finds it
about as likely behind the same sound as what it wrote first. That keeps ordinary words (高齢 is not 条例, 会議 not 会期).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from asr.decoder import Hearing
from asr.edits import Edits
from asr.line import Line, line_of, tidy
from asr.transcript import Reason
from asr.vocabulary import Term, Vocabulary, load_vocabulary
from core.sounds.lattice import Edge, is_word, lattice
from core.sounds.matching import Match, TermIndex
from core.sounds.morphemes import morphemes

LEXICON = Path(__file__).parent / "data" / "lexicon.csv"
_FARTHEST, _FARTHEST_LONG = 0.12, 0.15  # cost of a match, of the term's phonemes
_LONG = 9  # phonemes: hardly two words of a city are so long and that near to each other
_TRUSTED = 0.08  # the nearer to the reading, the less the recogniser must agree
_TRUST_PER_PHONEME = 1.4  # nats
_TRUST_IN_COMMON = 0.4
_DOUBT = 1.0  # nats by which the word may be less likely
_SURE = 0.35  # nats: what was heard is hardly in doubt
_AFTER = 3  # tokens behind the word that must fit as well
_APART = 6  # characters between two words that are asked about in one text: more than those behind a word that must fit
_MOST_PROMPT_TOKENS = 200
_COST_WEIGHT = 10
_OWN = 4  # phonemes that a common word must match more
_MARKS = " 　、。,."


@dataclass(frozen=True, slots=True)
class Proposal:
    """A stretch of a line's text that may be a term."""

    start: int
    end: int
    term: Term
    match: Match
    common: bool = False  #: a word of every city hall, not one that this city registered

    @property
    def weight(self) -> float:
        """The higher, the sooner it is believed: a near match of fewer sounds before a far one of more, a city's own first."""
        return self.match.length - _COST_WEIGHT * self.match.cost + (0 if self.common else _OWN)


class _Layer:
    """Terms that are looked for by themselves: however many a city registers, they crowd out no common word."""

    def __init__(self, terms: Sequence[Term], *, common: bool) -> None:
        self._terms, self._common = terms, common
        self._index = TermIndex([t.reading for t in terms])

    def near(self, edges: Sequence[Edge], text: str) -> Iterator[Proposal]:
        """The places that sound like a term, near enough to be proposed."""
        for match in self._index.find(edges, len(text)):
            start, end = _trim(text, match.start, match.end)
            farthest = _FARTHEST_LONG if not self._common and match.length >= _LONG else _FARTHEST
            if match.cost <= farthest * match.length and start < end:
                yield Proposal(start, end, self._terms[match.term], match, self._common)


class Corrector:
    """Words made ready to be found in texts: a city's own, and common ones, which must fit better to be believed."""

    def __init__(self, own: Sequence[Term], common: Sequence[Term] = ()) -> None:
        self._layers = (_Layer(own, common=False), _Layer(common, common=True))
        self._written = {unicodedata.normalize("NFKC", t.term): t.term for t in (*own, *common)}

    def propose(self, text: str) -> list[list[Proposal]]:
        """The best match of each stretch, without overlap, in order: once of the city's own words, once of the common ones."""
        written, edges = self._places_written(text), lattice(text)
        return [
            _without_overlap(
                sorted((p for p in layer.near(edges, text) if not _is_written(p, text, written)), key=lambda p: -p.weight)
            )
            for layer in self._layers
        ]

    def respelled(self, text: str) -> list[tuple[int, int, str]]:
        """Where a term stands in characters of another width than it is registered in; not where a longer one holds it."""
        places = self._places_written(text)
        inner = [(a, b) for a, b in places if any(c <= a and b <= d and (c, d) != (a, b) for c, d in places)]
        return [
            (start, end, self._written[text[start:end]])
            for start, end in places
            if (start, end) not in inner and self._written.get(text[start:end], text[start:end]) != text[start:end]
        ]

    def _places_written(self, text: str) -> list[tuple[int, int]]:
        """Where a term stands, in characters of any width."""
        plain = unicodedata.normalize("NFKC", text)
        if len(plain) != len(text):
            plain = text
        return [
            (m.start(), m.end()) for t in self._written if len(t) > 1 and t in plain for m in re.finditer(re.escape(t), plain)
        ]


@lru_cache(maxsize=4)
def corrector_of(vocabulary: Vocabulary | None) -> Corrector:
    """The corrector for a city's words, and those that every city hall uses."""
    own = vocabulary.terms if vocabulary else ()
    written = {t.term for t in own}
    common = load_vocabulary(LEXICON).terms
    return Corrector(own, [t for t in common if t.term not in written])


def correct(hearing: Hearing, corrector: Corrector) -> list[tuple[Line, Edits]]:
    """What was heard in each clip, and the same with the terms written in that were said."""
    texts = [tidy(text) for text in hearing.texts()]
    proposals = [corrector.propose(text) for text in texts]
    made = {**_as_heard(hearing, texts, proposals), **_with_terms(hearing, texts, proposals)}
    return [(line, _respelled(edits, corrector)) for line, edits in (made[row] for row in range(len(texts)))]


Layers = Sequence[Sequence[Proposal]]
"""Proposals for one text that do not overlap within a layer."""


def _as_heard(hearing: Hearing, texts: Sequence[str], proposals: Sequence[Layers]) -> dict[int, tuple[Line, Edits]]:
    rows = [row for row, layers in enumerate(proposals) if not any(layers)]
    lines = _lines(hearing, rows, [texts[row] for row in rows])
    return {row: (line, Edits(line.text)) for row, line in zip(rows, lines, strict=True)}


def _with_terms(hearing: Hearing, texts: Sequence[str], proposals: Sequence[Layers]) -> dict[int, tuple[Line, Edits]]:
    """Those with proposals, shown to the recogniser, which then says how likely each text is (teacher-forced)."""
    rows = [row for row, layers in enumerate(proposals) if any(layers)]
    asked = [(row, layer) for row in rows for layer in _together(proposals[row])]
    tokens = hearing.whisper.tokens
    prompt = [tokens.previous, *tokens.encode("、".join(_names(asked, texts)) + "。")[:_MOST_PROMPT_TOKENS]]
    rewritten = [_rewrite(texts[row], layer) for row, layer in asked]
    all_rows = [*rows, *(row for row, _ in asked)]
    lines = _lines(hearing, all_rows, [*(texts[row] for row in rows), *(text for text, _ in rewritten)], prompt)
    heard = dict(zip(rows, lines, strict=False))
    taken: dict[int, list[Proposal]] = {row: [] for row in rows}
    for (row, layer), (text, places), written in zip(asked, rewritten, lines[len(rows) :], strict=True):
        if (heard[row].text, written.text) == (texts[row], text):
            taken[row] += [p for p, at in zip(layer, places, strict=True) if _agrees(p, at, heard[row], written)]
    return {row: (heard[row], _edited(heard[row].text, taken[row])) for row in rows}


def _together(layers: Layers) -> list[Sequence[Proposal]]:
    """The proposals in as few texts as they need, for each takes time: common words with the city's own, but for those so near
    to one that it would spoil what follows them, should it be wrong."""
    own, common = layers
    apart = [p for p in common if all(p.end + _APART <= o.start or o.end + _APART <= p.start for o in own)]
    near = [p for p in common if p not in apart]
    return [sorted(asked, key=lambda p: p.start) for asked in ([*own, *apart], near) if asked]


def _names(asked: Sequence[tuple[int, Sequence[Proposal]]], texts: Sequence[str]) -> list[str]:
    """What the prompt says, the nearest first."""
    nearest = sorted(((row, p) for row, layer in asked for p in layer), key=lambda f: f[1].match.cost / f[1].match.length)
    return list(dict.fromkeys(name for row, p in nearest for name in _shown(p, texts[row])))


def _edited(text: str, taken: Sequence[Proposal]) -> Edits:
    """With the terms written in; of two that overlap the better match."""
    kept = _without_overlap(sorted(taken, key=lambda p: -p.weight))
    edits = Edits(text)
    for p in reversed(kept):
        edits = edits.replace(p.start, p.end, p.term.term, Reason.VOCABULARY)
    return edits


def _respelled(edits: Edits, corrector: Corrector) -> Edits:
    for start, end, term in reversed(corrector.respelled(edits.text)):
        edits = edits.replace(start, end, term, Reason.VOCABULARY)
    return edits


def _lines(hearing: Hearing, rows: Sequence[int], texts: Sequence[str], prompt: Sequence[int] = ()) -> list[Line]:
    if not rows:
        return []
    tokens = hearing.whisper.tokens
    ids = [tokens.encode(text) for text in texts]
    aligned = hearing.align(ids, rows=rows, start=[*prompt, *tokens.start])
    return [line_of(own, found, tokens) for own, found in zip(ids, aligned, strict=True)]


def _shown(proposal: Proposal, text: str) -> tuple[str, ...]:
    """What the prompt says of a proposal: its term, and what was heard if that is a word too, so that both have their chance."""
    heard = text[proposal.start : proposal.end]
    return (heard, proposal.term.term) if is_word(heard) else (proposal.term.term,)


def _rewrite(text: str, proposals: Sequence[Proposal]) -> tuple[str, list[int]]:
    """The text with all proposals written in, and where each begins."""
    made, places, at = "", [], 0
    for p in proposals:
        made += text[at : p.start]
        places.append(len(made))
        made += p.term.term
        at = p.end
    return made + text[at:], places


def _agrees(proposal: Proposal, at: int, heard: Line, written: Line) -> bool:
    behind = at + len(proposal.term.term)
    old = heard.log_probability(proposal.start, proposal.end)
    difference = written.log_probability(at, behind) - old
    after = written.log_probability_after(behind, _AFTER) - heard.log_probability_after(proposal.end, _AFTER)
    ratio = proposal.match.cost / proposal.match.length
    if swallows_particle(heard.text, proposal):
        return False
    if proposal.common and difference < 0 and is_word(heard.text[proposal.start : proposal.end]):
        return False
    trust = (_TRUST_IN_COMMON if proposal.common else _TRUST_PER_PHONEME) * proposal.match.length * max(0.0, 1 - ratio / _TRUSTED)
    doubtful = old < -_SURE or difference > 0
    return doubtful and difference + min(0.0, after) + trust > -_DOUBT


def swallows_particle(text: str, proposal: Proposal) -> bool:
    """Whether a word would take in the particle behind another (昨年の is not 昨年度). A city's own may where it sounds the same,
    or like 課, which is often heard so: 市民が is 市民課."""
    if not any(proposal.start < m.start and m.end == proposal.end and m.pos == "助詞" for m in morphemes(text)):
        return False
    return proposal.common or (proposal.match.cost > 0 and text[proposal.end - 1] not in "かが")


def _without_overlap(best_first: Sequence[Proposal]) -> list[Proposal]:
    chosen: list[Proposal] = []
    for proposal in best_first:
        if all(proposal.end <= p.start or p.end <= proposal.start for p in chosen):
            chosen.append(proposal)
    return sorted(chosen, key=lambda p: p.start)


def _is_written(proposal: Proposal, text: str, written: Sequence[tuple[int, int]]) -> bool:
    """Whether the term stands there already, or would cut into one that does."""
    start, end, term = proposal.start, proposal.end, proposal.term.term
    return (
        term in text[start:end]
        or _same(text[start:end], term)
        or any(start < b and a < end and not (start <= a and b <= end) for a, b in written)
        or any(a <= start and end <= b for a, b in written)
    )


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _MARKS:
        start += 1
    while start < end and text[end - 1] in _MARKS:
        end -= 1
    return start, end


def _same(a: str, b: str) -> bool:
    return unicodedata.normalize("NFKC", a).casefold() == unicodedata.normalize("NFKC", b).casefold()
