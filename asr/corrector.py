"""What was heard and a city's words in, the places out where such a word was said but written in other characters.

Whisper's small models get the sound of a name right and its characters wrong (店入届け for 転入届). A word is proposed where its
reading is close to one of the text's readings, and taken where the recogniser itself, told that the word may come up, finds it
about as likely behind the same sound as what it wrote first. That keeps ordinary words (高齢 is not 条例, 会議 not 会期).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from asr.decoder import Hearing
from asr.edits import Edits
from asr.lattice import is_word, lattice
from asr.line import Line, line_of, tidy
from asr.matching import Match, TermIndex
from asr.transcript import Reason
from asr.vocabulary import Term, Vocabulary, load_vocabulary

LEXICON = Path(__file__).parent / "data" / "lexicon.csv"
_FARTHEST = 0.12  # cost of a match, of the term's phonemes
_TRUSTED = 0.08  # the nearer to the reading, the less the recogniser must agree
_TRUST_PER_PHONEME = 1.4  # nats
_TRUST_IN_COMMON = 0.4
_DOUBT = 1.0  # nats by which the word may be less likely
_SURE = 0.35  # nats: what was heard is hardly in doubt
_AFTER = 3  # tokens behind the word that must fit as well
_MOST_PROMPT_TOKENS = 200
_COST_WEIGHT = 10  # a near match of fewer sounds is believed before a far one of more
_MARKS = " 　、。,."


@dataclass(frozen=True, slots=True)
class Proposal:
    """A stretch of a line's text that may be a term."""

    start: int
    end: int
    term: Term
    match: Match
    common: bool = False  #: a word of every city hall, not one that this city registered


class Corrector:
    """Words made ready to be found in texts: a city's own, and common ones, which must fit better to be believed."""

    def __init__(self, own: Sequence[Term], common: Sequence[Term] = ()) -> None:
        self._terms = (*own, *common)
        self._own = len(own)
        self._index = TermIndex([t.reading for t in self._terms])
        self._written = {unicodedata.normalize("NFKC", t.term): t.term for t in self._terms}

    def propose(self, text: str) -> list[Proposal]:
        """The best match of each stretch, without overlap, in order."""
        written = self._places_written(text)
        found: list[tuple[float, Proposal]] = []
        for match in self._index.find(lattice(text), len(text)):
            start, end = _trim(text, match.start, match.end)
            term = self._terms[match.term]
            if match.cost > _FARTHEST * match.length or start >= end:
                continue
            if (
                term.term in text[start:end]
                or _same(text[start:end], term.term)
                or any(start < b and a < end and not (start <= a and b <= end) for a, b in written)
            ):
                continue
            found.append((match.length - _COST_WEIGHT * match.cost, Proposal(start, end, term, match, match.term >= self._own)))
        chosen: list[Proposal] = []
        for _, proposal in sorted(found, key=lambda f: -f[0]):
            inside_written = any(a <= proposal.start and proposal.end <= b for a, b in written)
            if not inside_written and all(proposal.end <= p.start or p.end <= proposal.start for p in chosen):
                chosen.append(proposal)
        return sorted(chosen, key=lambda p: p.start)

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


def _as_heard(hearing: Hearing, texts: Sequence[str], proposals: Sequence[Sequence[Proposal]]) -> dict[int, tuple[Line, Edits]]:
    rows = [row for row, found in enumerate(proposals) if not found]
    lines = _lines(hearing, rows, [texts[row] for row in rows])
    return {row: (line, Edits(line.text)) for row, line in zip(rows, lines, strict=True)}


def _with_terms(hearing: Hearing, texts: Sequence[str], proposals: Sequence[Sequence[Proposal]]) -> dict[int, tuple[Line, Edits]]:
    """Those with proposals, shown to the recogniser, which then says how likely either text is (teacher-forced)."""
    rows = [row for row, found in enumerate(proposals) if found]
    tokens = hearing.whisper.tokens
    nearest = sorted(((row, p) for row in rows for p in proposals[row]), key=lambda f: f[1].match.cost / f[1].match.length)
    names = dict.fromkeys(name for row, p in nearest for name in _shown(p, texts[row]))
    prompt = [tokens.previous, *tokens.encode("、".join(names) + "。")[:_MOST_PROMPT_TOKENS]]
    rewritten = [_rewrite(texts[row], proposals[row]) for row in rows]
    lines = _lines(hearing, [*rows, *rows], [*(texts[row] for row in rows), *(text for text, _ in rewritten)], prompt)
    made = {}
    for row, heard, written, (text, places) in zip(rows, lines, lines[len(rows) :], rewritten, strict=False):
        edits = Edits(heard.text)
        if (heard.text, written.text) == (texts[row], text):
            for p, at in reversed(list(zip(proposals[row], places, strict=True))):
                if _agrees(p, at, heard, written):
                    edits = edits.replace(p.start, p.end, p.term.term, Reason.VOCABULARY)
        made[row] = (heard, edits)
    return made


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
    if proposal.common and difference < 0 and is_word(heard.text[proposal.start : proposal.end]):
        return False
    trust = (_TRUST_IN_COMMON if proposal.common else _TRUST_PER_PHONEME) * proposal.match.length * max(0.0, 1 - ratio / _TRUSTED)
    doubtful = old < -_SURE or difference > 0
    return doubtful and difference + min(0.0, after) + trust > -_DOUBT


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _MARKS:
        start += 1
    while start < end and text[end - 1] in _MARKS:
        end -= 1
    return start, end


def _same(a: str, b: str) -> bool:
    return unicodedata.normalize("NFKC", a).casefold() == unicodedata.normalize("NFKC", b).casefold()
