"""A text in, the places out where another common word of Japanese sounds like what stands there.

A small Whisper hears 洗濯 and writes 選択, since it knows sounds better than words; and the right word is among none of its
hypotheses, as its search has left that way long before the words behind it would speak for it.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

import fugashi
import msgpack

from core.dictionary import dictionary
from core.errors import ModelDamaged
from core.settings import Settings
from core.sounds.lattice import lattice
from core.sounds.matching import Breadth, TermIndex
from core.sounds.morphemes import Morpheme, morphemes, sound_of
from core.sounds.phonemes import phonemes
from models.conversion import made_once, written_whole
from models.dispensable import if_usable
from models.store import ModelStore, Verified

NAME = "wordfreq-ja"
_SOURCE = "large_ja.msgpack.gz"
_CONVERTED = "spoken-1"  #: folder name; changes with the way of conversion
_WORDS = "words.tsv"
_HUNDREDTHS_OF_A_BEL = 0.0230259  #: in nats
_RAREST = 15.0  #: nats: in three million words it stands once
_KANA, _SHORTEST_KANA = re.compile("[ぁ-ゖ]+"), 3  #: what is shorter holds sentences together
_READINGS = 6  #: of a word that are looked at
_KINDS = frozenset({"名詞", "動詞", "形容詞", "形状詞", "副詞", "接尾辞"})
_OTHER_KINDS = frozenset({"数詞", "固有名詞"})

_BREADTH = Breadth(shortest=4, cost=0.34, any_voice=True)
_MOST_COMPARED = 1000
_FARTHEST = 2.0  #: phonemes
_MOST_OF_ONE_SOUND = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Homophone:
    """A word that may have been said where a text has another."""

    start: int  #: in the text
    end: int
    word: str
    cost: float  #: phonemes that differ
    rarity: float  #: nats: the negative log of its share of all words

    def written_into(self, text: str) -> str:
        return text[: self.start] + self.word + text[self.end :]


class Homophones:
    """Common words by their sounds; `path` is what `convert` wrote. It is read when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @staticmethod
    def of_package(verified: Verified) -> Homophones:
        """The words as their package carries them, with their sounds looked up at the first start."""
        folder = verified.path / _CONVERTED

        def make() -> None:
            convert(verified.path / _SOURCE, folder)

        return _opened_once(made_once(folder, is_whole=(folder / _WORDS).is_file, make=make) / _WORDS)

    def of(self, text: str) -> list[Homophone]:
        """What may stand in the place of a word or two of the text, or of a stretch that sounds like one: never what is there."""
        return [each for each in (*self._near(text), *self._same(text)) if text[each.start : each.end] != each.word]

    def _near(self, text: str) -> Iterator[Homophone]:
        """Longer words that sound about like a stretch of the text, wherever its words begin."""
        for match in self._by_sound.find(lattice(text), len(text), _MOST_COMPARED):
            if match.cost <= _FARTHEST and text[match.start : match.end].isalnum():
                word, _, rarity = self._words[match.term]
                yield Homophone(start=match.start, end=match.end, word=word, cost=match.cost, rarity=rarity)

    def _same(self, text: str) -> Iterator[Homophone]:
        """Words of any length that sound just like one or two of the text."""
        own = morphemes(text)
        for stretch in (*((word,) for word in own if not _is_short(word.surface)), *pairwise(own)):
            for word, rarity in self._of_one_sound.get(_sounds(stretch), ()):
                yield Homophone(start=stretch[0].start, end=stretch[-1].end, word=word, cost=0.0, rarity=rarity)

    @cached_property
    def _words(self) -> list[tuple[str, str, float]]:
        rows = (line.split("\t") for line in self._path.read_text("utf-8").splitlines())
        return [(word, sound, float(rarity)) for word, sound, rarity in rows]

    @cached_property
    def _by_sound(self) -> TermIndex:
        return TermIndex([sound for _, sound, _ in self._words], _BREADTH)

    @cached_property
    def _of_one_sound(self) -> Mapping[tuple[int, ...], list[tuple[str, float]]]:
        """The words of each sequence of phonemes, the most usual first."""
        found: dict[tuple[int, ...], list[tuple[str, float]]] = defaultdict(list)
        for word, sound, rarity in self._words:
            found[phonemes(sound)].append((word, rarity))
        return {sounds: sorted(own, key=lambda each: each[1])[:_MOST_OF_ONE_SOUND] for sounds, own in found.items()}


def _is_short(word: str) -> bool:
    """Whether a word only holds a sentence together, as particles do: too many others sound like that."""
    return len(word) < _SHORTEST_KANA and bool(_KANA.fullmatch(word))


def _sounds(stretch: Sequence[Morpheme]) -> tuple[int, ...]:
    """What words sound like together; nothing where one of them has no sound, as marks have none."""
    sounds = [phonemes(word.sound) for word in stretch]
    return sum(sounds, ()) if all(sounds) else ()


def convert(source: Path, target: Path) -> None:
    """Write the words that say something, how each sounds and how rare it is, to `target`, in one rename, for good.

    Raises:
        ModelDamaged: the file is no such list.
    """
    try:
        header, *bins = msgpack.unpackb(gzip.decompress(source.read_bytes()))
        if header["format"] != "cB":
            raise ValueError(header)
        rarities = {word: step * _HUNDREDTHS_OF_A_BEL for step, words in enumerate(bins) for word in words}
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, msgpack.UnpackException) as e:
        raise ModelDamaged("日本語の語の一覧が正しくありません。「madoguchi models pull」で取得し直してください。") from e
    common = {word: rarity for word, rarity in rarities.items() if rarity <= _RAREST and not _is_short(word)}
    rows = [f"{word}\t{sound}\t{rarity:.2f}\n" for word, rarity in common.items() for sound in sorted(_said(word))]
    with written_whole(target) as folder:
        (folder / _WORDS).write_text("".join(rows), "utf-8")


def _said(word: str) -> set[str]:
    """The ways in which a word that says something is said; none of one that says nothing, or is several."""
    with dictionary() as tagger:
        ways = [nodes[0] for nodes in tagger.nbestToNodeList(word, _READINGS) if len(nodes) == 1]
        return {sound_of(way) for way in ways if _says_something(way)} - {""}


def _says_something(way: fugashi.UnidicNode) -> bool:
    return not way.is_unk and way.feature.pos1 in _KINDS and way.feature.pos2 not in _OTHER_KINDS


@cache
def _opened_once(path: Path) -> Homophones:
    """One for all in a process who ask for it."""
    return Homophones(path)


def load_homophones(settings: Settings) -> Homophones | None:
    """The words that sound alike; None where no language model is wanted, which has to choose among them, or none can be used."""
    if not settings.language_model:
        return None
    return if_usable(NAME, lambda: Homophones.of_package(ModelStore(settings.home / "models").resolve(NAME)))
