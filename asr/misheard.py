"""What was heard of clips in, the same out with words that were taken for others which sound alike.

A small Whisper writes 選択 for 洗濯, 主張 for 市長, and its search has left the right way long before the words behind would
speak for it. So for each word that it is not sure of, the common words are tried that sound about like it; the one is taken with
which the sentence is likelier as sound and as Japanese together (rescoring, Ostendorf et al. 1991).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from asr.decoder import Hearing
from asr.edits import Edits
from asr.line import Line
from asr.told import told
from asr.transcript import Reason
from core.sounds.morphemes import morphemes
from models.homophones import Homophone, Homophones
from models.language_model import LanguageModel
from models.priors import log_priors

# Chosen on the sample city's questions and paraphrases, spoken by the product's voices and recognised.
_UNSURE = -0.5  #: nats: a word all of whose tokens are likelier is left alone
_MOST_AT_A_PLACE, _MOST = 12, 20  #: words that are judged as Japanese
_MOST_COMPARED = 4  #: of these, those that are compared with the sound
_WEIGHT = 0.7  #: of a nat of language against one of sound
_PER_PHONEME = 3.0  #: nats that a phoneme costs where nothing was compared yet
_PER_PHONEME_BEFORE, _RARITY = 4.0, 0.5  #: the same, and the weight of a word's rarity, before the language model is asked
_GAIN = 1.0  #: nats by which a text must be likelier
_HIRAGANA, _KANA = re.compile("[ぁ-ゖー]+"), re.compile("[ぁ-ゖァ-ヺー]+")


PlacesKnown = Callable[[str], Iterable[tuple[int, int]]]
"""Called with a text: where it has words of a city."""


@dataclass(frozen=True, slots=True)
class _Other:
    """A word in the place of another, and by how many nats the text is likelier with it."""

    homophone: Homophone
    gain: float


def put_right(
    hearing: Hearing, heard: Sequence[tuple[Line, Edits]], about: str, places_known: PlacesKnown = lambda _: ()
) -> Iterator[Edits]:
    """What was heard of each clip, words changed that were misheard, but for those that are known of a city; the changes can be
    undone. All stays as it is where the recogniser has no language model or no list of words. Clips are looked at as the iterator
    is asked for them.

    Args:
        about: a sentence about what is said; without one half of the gain is lost.
    """
    model, homophones = hearing.whisper.language_model, hearing.whisper.homophones
    if model is None or homophones is None:
        return (edits for _, edits in heard)

    def better(row: int, line: Line, edits: Edits) -> Edits:
        text = edits.text
        if line.text != text:
            (line,) = told(hearing, [(row, (), text)])
        fixed = _places((*places_known(text), *_particles(text)))
        possible = _possible(line, fixed, homophones) if line.text == text else []
        return _changed(edits, _apart(_likelier(hearing, row, text, possible, about, model)))

    return (better(row, line, edits) if edits.text else edits for row, (line, edits) in enumerate(heard))


def _likelier(
    hearing: Hearing, row: int, text: str, possible: Sequence[Homophone], about: str, model: LanguageModel
) -> list[_Other]:
    """The words with which the clip's text is likelier as Japanese, and how much likelier it is then as sound, too."""
    if not possible:
        return []
    own, *priors = log_priors([text, *(each.written_into(text) for each in possible)], model, about, _WEIGHT)
    others = [_Other(each, prior - own) for each, prior in zip(possible, priors, strict=True) if prior > own]
    others = sorted(others, key=lambda o: _PER_PHONEME * o.homophone.cost - o.gain)[:_MOST_COMPARED]
    if not others:
        return []
    as_it_is, *changed = told(hearing, [(row, (), t) for t in (text, *(o.homophone.written_into(text) for o in others))])
    return [_Other(o.homophone, o.gain + _sound(new) - _sound(as_it_is)) for o, new in zip(others, changed, strict=True)]


def _sound(line: Line) -> float:
    """How likely a text sounds, in nats."""
    return line.mean_log_probability * len(line.aligned.probabilities)


def _possible(line: Line, fixed: frozenset[int], homophones: Homophones) -> list[Homophone]:
    """The words that may have been said where the recogniser is unsure, the nearest and most usual first."""
    text = line.text
    at_a_place: dict[int, dict[tuple[int, str], Homophone]] = {}
    for each in sorted(homophones.of(text), key=_unlikely):
        place = at_a_place.setdefault(each.start, {})
        free = fixed.isdisjoint(range(each.start, each.end))
        if len(place) < _MOST_AT_A_PLACE and free and _is_unsure(line, each) and not _is_spelling(text, each):
            place.setdefault((each.end, each.word), each)
    return sorted((each for place in at_a_place.values() for each in place.values()), key=_unlikely)[:_MOST]


def _places(spans: Iterable[tuple[int, int]]) -> frozenset[int]:
    return frozenset(at for start, end in spans for at in range(start, end))


def _particles(text: str) -> Iterator[tuple[int, int]]:
    """Where the words stand that hold the others of a sentence together: no other takes one in (手続きは is not 手続)."""
    return ((m.start, m.end) for m in morphemes(text) if m.pos == "助詞" and m.known)


def _unlikely(each: Homophone) -> float:
    return _PER_PHONEME_BEFORE * each.cost + _RARITY * each.rarity


def _is_unsure(line: Line, each: Homophone) -> bool:
    first, last = line.tokens(each.start, each.end)
    return min(line.aligned.probabilities[first:last]) < math.exp(_UNSURE)


def _is_spelling(text: str, other: Homophone) -> bool:
    """Whether a word is only the same one written otherwise (ごみ, ゴミ). What was heard in hiragana may become kanji."""
    heard, word = text[other.start : other.end], other.word
    if [m.lemma for m in morphemes(heard)] != [m.lemma for m in morphemes(word)]:
        return False
    return not _HIRAGANA.fullmatch(heard) or bool(_KANA.fullmatch(word))


def _changed(edits: Edits, others: Sequence[_Other]) -> Edits:
    """With words written for others that don't overlap."""
    for each in sorted((o.homophone for o in others), key=lambda h: -h.start):
        edits = edits.replace(each.start, each.end, each.word, Reason.SOUND)
    return edits


def _apart(others: Sequence[_Other]) -> list[_Other]:
    """Those that the text gains enough by, the best first, without any that overlaps a better one."""
    chosen: list[_Other] = []
    for other in sorted(others, key=lambda o: -o.gain):
        places = range(other.homophone.start, other.homophone.end)
        if other.gain > _GAIN and all(c.homophone.end <= places.start or places.stop <= c.homophone.start for c in chosen):
            chosen.append(other)
    return chosen
