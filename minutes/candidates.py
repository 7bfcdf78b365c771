"""What was said in a meeting in, what may be worth noting of it out: sentences found by their wording, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from asr.pieces import pieces
from asr.transcript import Segment
from minutes.point import Candidate, Kind, Quote
from minutes.reference import meant, refers
from minutes.wording import LONGEST, Noted, assents, finds_assent, is_for_a_break, noted, proposes

_ENDS = re.compile("[^。！？!?]*[。！？!?]+|[^。！？!?]+$")
_ENDED = re.compile("(?<!とし|ころ|よう|ので)(?<![はがをにへでと、])[。！？!?]$")  #: no mark that a pause got amid a sentence
_GAP_S = 2.0  #: of silence, behind which nobody goes on with a sentence
_AHEAD = 5  #: sentences in which an assent or an answer comes
_FEWEST = 12  #: characters of an answer: the chair calls people by less
_NO_ANSWER_YET = re.compile("(?:お答え(?:いた)?します|[課室係局]です|質問ですが)[。、]?$")


def candidates(segments: Sequence[Segment]) -> list[Candidate]:
    """In the order in which they were said. The segments are those that people read, in time order."""
    said = list(sentences(segments))
    kinds = [noted(sentence.text) for sentence in said]
    found = [_candidate(said, kinds, at) for at in range(len(said))]
    return [candidate for candidate in found if candidate]


def sentences(segments: Sequence[Segment]) -> Iterator[Quote]:
    """The sentences of a meeting. One that a pause cut in two segments is one, as long as the same person goes on."""
    held: Quote | None = None
    end_s = 0.0
    for segment in segments:
        for sentence in _sentences_of(segment):
            if held and held.speaker == sentence.speaker and segment.start_s - end_s < _GAP_S and not assents(held.text):
                held = Quote(text=held.text + sentence.text, start_s=held.start_s, speaker=held.speaker)
            else:
                if held:
                    yield held
                held = sentence
            if _ENDED.search(held.text) or len(held.text) > LONGEST:
                yield held
                held = None
        end_s = segment.end_s
    if held:
        yield held


def _sentences_of(segment: Segment) -> Iterator[Quote]:
    written = pieces(segment)
    ends = list(accumulate(len(p.text) for p in written))
    at = 0
    for match in _ENDS.finditer(segment.text):
        while at < len(ends) - 1 and ends[at] <= match.start():
            at += 1
        start_s = written[at].start_s if match.start() else segment.start_s
        yield Quote(text=match[0].strip(), start_s=round(start_s, 3), speaker=segment.speaker)


def _candidate(said: list[Quote], kinds: list[Noted | None], at: int) -> Candidate | None:
    quote, found = said[at], kinds[at]
    ahead = slice(at + 1, at + 1 + _AHEAD)
    if proposes(quote.text):
        return _agreed(said, kinds, at)
    if finds_assent(quote.text) and not _is_about_another(said, kinds, at):
        found = Noted(Kind.DECISION, as_said=True)
    if found is None:
        return None
    about = meant(said, kinds, at) if refers(quote.text, found.kind) else ()
    if found.as_said and (not about or any(is_for_a_break(before.text) for before in about)):
        return None
    reply = _answer(quote, said[ahead]) if found.kind is Kind.QUESTION else None
    return Candidate(kind=found.kind, quote=quote, about=about, who=found.who, due=found.due, reply=reply)


def _is_about_another(said: list[Quote], kinds: list[Noted | None], at: int) -> bool:
    """Whether what the chair finds agreed to is a candidate by what was proposed before or is declared after it."""
    declared = any(k and k.kind is Kind.DECISION for k in kinds[at + 1 : at + 1 + _AHEAD])
    return declared or any(proposes(quote.text) for quote in said[max(0, at - _AHEAD) : at])


def _agreed(said: list[Quote], kinds: list[Noted | None], at: int) -> Candidate | None:
    """What the chair proposed and nobody objected to, unless it is said afterwards that it is decided."""
    proposal, ahead = said[at], slice(at + 1, at + 1 + _AHEAD)
    agreed = next((sentence for sentence in said[ahead] if assents(sentence.text)), None)
    if agreed is None or any(k and k.kind is Kind.DECISION for k in kinds[ahead]):
        return None
    about = meant(said, kinds, at) if refers(proposal.text, Kind.DECISION) else ()
    return Candidate(kind=Kind.DECISION, quote=proposal, about=about, reply=agreed)


def _answer(question: Quote, ahead: list[Quote]) -> Quote | None:
    """What somebody else says next that may be the answer; nothing where it isn't known who speaks."""
    others = (s for s in ahead if s.speaker and question.speaker and s.speaker != question.speaker)
    return next((s for s in others if len(s.text) >= _FEWEST and not _NO_ANSWER_YET.search(s.text)), None)
