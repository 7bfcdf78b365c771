"""A text in, every way to read each stretch of it out: the readings of its words and of its single characters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from core.dictionary import dictionary
from core.sounds.morphemes import morphemes, sound_of
from core.sounds.phonemes import phonemes

_OTHER_READING = 250  # thousandths of a phoneme: a character read by itself, not as its word is
_OVER_A_MARK, _OVER_A_STOP = 100, 600
_SMALL = tuple("ャュョァィゥェォゃゅょぁぃぅぇぉ")  #: with the kana before they are one sound
_DIGITS = {
    "0": "れい ぜろ まる",
    "1": "いち いっ",
    "2": "に",
    "3": "さん",
    "4": "よん し",
    "5": "ご",
    "6": "ろく",
    "7": "なな しち",
    "8": "はち はっ",
    "9": "きゅう く",
}
_NAMES_OF_LETTERS = (
    "えー びー しー でぃー いー えふ じー えいち あい じぇー けー える えむ "
    "えぬ おー ぴー きゅー あーる えす てぃー ゆー ぶい だぶりゅー えっくす わい ぜっと"
)
_LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _NAMES_OF_LETTERS.split(), strict=True))


@dataclass(frozen=True, slots=True)
class Edge:
    """A stretch of the text, `start` to `end`, read in one way."""

    start: int
    end: int
    sounds: tuple[int, ...]
    cost: int  #: in thousandths of a phoneme


@lru_cache(maxsize=64)  # a question that nothing answers is looked through twice
def lattice(text: str) -> tuple[Edge, ...]:
    """The readings in the order of their starts (unidic's words, and each character's own readings)."""
    found: dict[tuple[int, int, tuple[int, ...]], int] = {}

    def add(start: int, end: int, sounds: tuple[int, ...], cost: int) -> None:
        key = (start, end, sounds)
        found[key] = min(cost, found.get(key, cost))

    at = 0
    for word in morphemes(text):
        for place in range(at, word.start):
            add(place, place + 1, (), 0)  # a space
        at = word.end
        if word.sound:
            add(word.start, at, phonemes(word.sound), 0)
        for place in range(word.start, at):
            for sounds, cost in _readings_of(text[place]):
                add(place, place + 1, sounds, cost)
            if text[place + 1 : place + 2] in _SMALL:
                add(place, place + 2, phonemes(text[place : place + 2]), 0)
    return tuple(sorted((Edge(a, b, s, c) for (a, b, s), c in found.items()), key=lambda e: (e.start, e.end)))


def is_word(text: str) -> bool:
    """Whether this is one word of the dictionary with more than one character."""
    words = morphemes(text)
    return len(text) > 1 and len(words) == 1 and words[0].known


@lru_cache(maxsize=10_000)
def _readings_of(character: str) -> tuple[tuple[tuple[int, ...], int], ...]:
    if character in "、。・,.　 「」":
        return (((), _OVER_A_STOP if character in "。." else _OVER_A_MARK),)
    if names := _DIGITS.get(character):
        return tuple((phonemes(n), 0) for n in names.split())
    if name := _LETTERS.get(character.upper()):
        return ((phonemes(name), 0),)
    if own := phonemes(character):
        return ((own, 0),)
    if character in "ッっー":
        return ((phonemes(character), 0),)
    with dictionary() as tagger:
        sounds = {sound_of(n) for path in tagger.nbestToNodeList(character, 12) for n in path if n.surface == character}
    return tuple((phonemes(s), _OTHER_READING) for s in sorted(sounds) if s) or (((), 1000),)
