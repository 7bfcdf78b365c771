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
from asr.era import in_era
from asr.line import Line, line_of, tidy
from asr.told import told
from asr.transcript import Reason
from asr.vocabulary import Term, Vocabulary, load_vocabulary
from core.sounds.lattice import is_word, lattice
from core.sounds.matching import Match, TermIndex
from core.sounds.morphemes import morphemes

LEXICON = Path(__file__).parent / "data" / "lexicon.csv"
_FARTHEST, _FARTHEST_LONG = 0.12, 0.15  # cost of a match, of the term's phonemes
_LONG = 9  # phonemes: hardly two words of a city are so long and that near to each other
_TRUSTED = 0.08  # the nearer to the reading, the less the recogniser must agree
_TRUST_PER_PHONEME = 1.4  # nats
_TRUST_IN_COMMON = 0.4
_DOUBT = 1.5  # nats by which the word may be less likely
_SURE = 0.35  # nats: what was heard is hardly in doubt
_AFTER = 3  # tokens behind the word that must fit as well
_APART = 6  # characters between two words that are asked about in one text: more than those behind a word that must fit
_MOST_PROMPT_TOKENS = 100
_CONTEXT = "市役所の会議です。"  # a sentence before the words: a bare list makes every word of a list likelier
_COST_WEIGHT = 10
_OWN = 4  # phonemes that a common word must match more
_MARKS = " 　、。,."
_NAMING = ("名詞", "代名詞", "接頭辞", "接尾辞")
_HIRAGANA = re.compile("[ぁ-ゖー]+")
_KANA = re.compile("[ぁ-ゖァ-ヺー]+")


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


class Corrector:
    """Words made ready to be found in texts: a city's own, and common ones, which must fit better to be believed."""

    def __init__(self, own: Sequence[Term], common: Sequence[Term] = ()) -> None:
        self._terms, self._own = (*own, *common), len(own)
        self._index = TermIndex([t.reading for t in self._terms], first=self._own)
        self._written = {unicodedata.normalize("NFKC", t.term): t.term for t in self._terms}

    def propose(self, text: str) -> list[list[Proposal]]:
        """The best match of each stretch, without overlap, in order: once of the city's own words, once of the common ones."""
        written, grammar = self.places_written(text), _grammar(text)
        near = [
            p
            for p in self._near(text)
            if not _is_written(p, text, written)
            and not _is_grammar(p, grammar)
            and not _are_ordinary(p, text)
            and not _swallows_particle(text, p)
        ]
        near.sort(key=lambda p: -p.weight)
        return [_without_overlap([p for p in near if p.common == common]) for common in (False, True)]

    def _near(self, text: str) -> Iterator[Proposal]:
        """The places that sound like a term, near enough to be proposed."""
        for match in self._index.find(lattice(text), len(text)):
            start, end = _trim(text, match.start, match.end)
            common = match.term >= self._own
            farthest = _FARTHEST_LONG if not common and match.length >= _LONG else _FARTHEST
            if match.cost <= farthest * match.length and start < end:
                yield Proposal(start, end, self._terms[match.term], match, common)

    def respelled(self, text: str) -> list[tuple[int, int, str]]:
        """Where a term stands in characters of another width than it is registered in; not where a longer one holds it."""
        places = self.places_written(text)
        inner = [(a, b) for a, b in places if any(c <= a and b <= d and (c, d) != (a, b) for c, d in places)]
        return [
            (start, end, self._written[text[start:end]])
            for start, end in places
            if (start, end) not in inner and self._written.get(text[start:end], text[start:end]) != text[start:end]
        ]

    def places_written(self, text: str) -> list[tuple[int, int]]:
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
    lines = _lines(hearing)
    taken = _taken(hearing, lines, [corrector.propose(line.text) for line in lines])
    return [(line, in_era(_respelled(_edited(line.text, own), corrector))) for line, own in zip(lines, taken, strict=True)]


Layers = Sequence[Sequence[Proposal]]
"""Proposals for one text that do not overlap within a layer."""


def _taken(hearing: Hearing, lines: Sequence[Line], proposals: Sequence[Layers]) -> list[list[Proposal]]:
    """The proposals for each clip that the recogniser agrees with: it is told of them and says how likely each text is then."""
    asked = [(row, layers, _prompt(lines[row].text, layers, hearing)) for row, layers in enumerate(proposals) if any(layers)]
    heard = told(hearing, [(row, prompt, _until(lines[row].text, layers)) for row, layers, prompt in asked])
    ways = [
        (line, row, layer, prompt, _rewrite(lines[row].text, layer))
        for (row, layers, prompt), line in zip(asked, heard, strict=True)
        for layer in _together(layers)
    ]
    written = told(hearing, [(row, prompt, text) for _, row, _, prompt, (text, _) in ways])
    taken: list[list[Proposal]] = [[] for _ in lines]
    for (line, row, layer, _, (text, places)), other in zip(ways, written, strict=True):
        if lines[row].text.startswith(line.text) and other.text == text:
            taken[row] += [p for p, at in zip(layer, places, strict=True) if _agrees(p, at, line, other)]
    return taken


def _until(text: str, layers: Layers) -> str:
    """A text as far as it matters for the proposals: what comes later makes nothing before it likelier."""
    return text[: max(p.end for layer in layers for p in layer) + _APART]


def _together(layers: Layers) -> list[Sequence[Proposal]]:
    """The proposals in as few texts as they need, for each takes time: common words with the city's own, but for those so near
    to one that it would spoil what follows them, should it be wrong."""
    own, common = layers
    apart = [p for p in common if all(p.end + _APART <= o.start or o.end + _APART <= p.start for o in own)]
    near = [p for p in common if p not in apart]
    return [sorted(asked, key=lambda p: p.start) for asked in ([*own, *apart], near) if asked]


def _prompt(text: str, layers: Layers, hearing: Hearing) -> list[int]:
    """What the recogniser is told of a clip, the nearest first."""
    nearest = sorted((p for layer in layers for p in layer), key=lambda p: p.match.cost / p.match.length)
    names = dict.fromkeys(name for p in nearest for name in _shown(p, text))
    tokens = hearing.whisper.tokens
    return tokens.encode(_CONTEXT + "、".join(names) + "。")[:_MOST_PROMPT_TOKENS]


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


def _lines(hearing: Hearing) -> list[Line]:
    tokens = hearing.whisper.tokens
    ids = [tokens.encode(tidy(text)) for text in hearing.texts()]
    return [line_of(own, found, tokens) for own, found in zip(ids, hearing.align(ids), strict=True)]


def _shown(proposal: Proposal, text: str) -> tuple[str, ...]:
    """What the prompt says of a proposal: its term, and what was heard if that is a word too, so that both have their chance."""
    heard = text[proposal.start : proposal.end]
    return (heard, proposal.term.term) if is_word(heard) else (proposal.term.term,)


def _rewrite(text: str, proposals: Sequence[Proposal]) -> tuple[str, list[int]]:
    """The text with all proposals written in, as far as it matters for them, and where each begins."""
    made, places, at = "", [], 0
    for p in proposals:
        made += text[at : p.start]
        places.append(len(made))
        made += p.term.term
        at = p.end
    return made + text[at : at + _APART], places


def _agrees(proposal: Proposal, at: int, heard: Line, written: Line) -> bool:
    behind = at + len(proposal.term.term)
    old = heard.log_probability(proposal.start, proposal.end)
    difference = written.log_probability(at, behind) - old
    after = written.log_probability_after(behind, _AFTER) - heard.log_probability_after(proposal.end, _AFTER)
    ratio = proposal.match.cost / proposal.match.length
    if proposal.common and difference < 0 and is_word(heard.text[proposal.start : proposal.end]):
        return False
    trust = (_TRUST_IN_COMMON if proposal.common else _TRUST_PER_PHONEME) * proposal.match.length * max(0.0, 1 - ratio / _TRUSTED)
    doubtful = old < -_SURE or difference > 0
    return doubtful and difference + min(0.0, after) + trust > -_DOUBT


def _swallows_particle(text: str, proposal: Proposal) -> bool:
    """Whether a word would take in the particle behind another (昨年の is not 昨年度), and maybe the beginning of the next, too
    (税はいくら is not 税課くら). A city's own may where it sounds the same, or like 課, as which が is often meant (市民が).
    """
    words = morphemes(text)
    cut = (m for m in words if m.start < proposal.end < m.end and m.known and _HIRAGANA.fullmatch(m.surface))
    end = next((m.start for m in cut), proposal.end)
    if not any(proposal.start < m.start and m.end == end and m.pos == "助詞" for m in words):
        return False
    return proposal.common or end < proposal.end or (proposal.match.cost > 0 and text[proposal.end - 1] not in "かが")


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


def _grammar(text: str) -> set[int]:
    """The places of a text's inflections, particles and other words in kana that are no names of things."""
    return {
        at
        for m in morphemes(text)
        if m.known and m.pos not in _NAMING and _HIRAGANA.fullmatch(m.surface)
        for at in range(m.start, m.end)
    }


def _is_grammar(proposal: Proposal, grammar: set[int]) -> bool:
    """Whether a word only resembles what holds the words of a sentence together (したい is not 次第)."""
    return proposal.match.cost > 0 and grammar.issuperset(range(proposal.start, proposal.end))


def _are_ordinary(proposal: Proposal, text: str) -> bool:
    """Whether both what was heard and the term, which is in kana, are ordinary words: the recogniser knows them, and writes kana
    as it hears it (彼 is not カレー, 耐える not タイル)."""
    term = proposal.term.term
    if not _KANA.fullmatch(term) or not is_word(term):
        return False
    return all(m.known for m in morphemes(text) if m.start < proposal.end and proposal.start < m.end)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _MARKS:
        start += 1
    while start < end and text[end - 1] in _MARKS:
        end -= 1
    return start, end


def _same(a: str, b: str) -> bool:
    return unicodedata.normalize("NFKC", a).casefold() == unicodedata.normalize("NFKC", b).casefold()
