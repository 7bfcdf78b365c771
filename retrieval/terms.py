"""The analysed text of an index: entries in, numbered terms out, taken over from the version before where nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from core.arrays import read_arrays
from retrieval.analysis import same_question
from retrieval.bigrams import START
from retrieval.entry import Entry
from retrieval.lexical import Bags, Lexicon
from retrieval.respelling import Respeller
from retrieval.spelling import Speller, Word
from retrieval.wording import Wording

LONGEST_CHARS = 20_000  #: an entry's texts are never longer
READ_CHARS = 250  #: of an answer whose reading is searched: that is where it says what it is about

Numbers = npt.NDArray[np.int64]
Row = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One analysis of all entries: a row for each question and paraphrase, and a row for each answer."""

    lexicon: Lexicon
    asked: Bags
    answers: Bags

    def totals(self) -> dict[str, int]:
        """How often each term is in all rows."""
        counts = sum(
            np.bincount(bags.terms, weights=bags.counts, minlength=len(self.lexicon)) for bags in (self.asked, self.answers)
        )
        return {term: int(n) for term, n in zip(self.lexicon.terms, np.atleast_1d(counts), strict=True) if n}

    def without_unused(self) -> Channel:
        """The same without terms that no row has: those of an entry that left must not stay for readers who may not see it."""
        counted = (np.bincount(bags.terms, minlength=len(self.lexicon)) for bags in (self.asked, self.answers))
        used = np.flatnonzero(np.logical_or(*counted))
        terms, numbers = self.lexicon.terms, np.zeros(len(self.lexicon), np.int32)
        numbers[used] = np.arange(len(used))
        return Channel(
            lexicon=Lexicon(terms[i] for i in used.tolist()),
            asked=replace(self.asked, terms=numbers[self.asked.terms]),
            answers=replace(self.answers, terms=numbers[self.answers.terms]),
        )

    def keeping(self, rows: Sequence[int]) -> Channel:
        """The same with these questions only."""
        return replace(self, asked=Bags.of([self.asked.row(r) for r in rows]))


class _Making:
    """A channel while it is made: how texts become tokens, how much of an answer is read, and what was read before."""

    def __init__(self, before: Channel | None, analyse: Callable[[str], tuple[str, ...]], longest: int) -> None:
        self._before, self._analyse, self._longest = before, analyse, longest
        self._lexicon = Lexicon(before.lexicon.terms if before else ())
        self._asked: list[Row] = []
        self._answers: list[Row] = []

    def add(self, entry: Entry, number: int | None, rows: range | None) -> None:
        """`number` is the entry's in the channel before, `rows` are its questions there; None where it is new."""
        if self._before is not None and number is not None and rows is not None:
            self._asked += [self._before.asked.row(r) for r in rows]
            self._answers.append(self._before.answers.row(number))
        else:
            self._asked += [self._lexicon.bag(self._analyse(q)) for q in entry.questions]
            text = self._analyse(entry.answer[: self._longest])
            self._answers.append(self._lexicon.bag((*text, *self._analyse(entry.category or ""))))

    def made(self) -> Channel:
        return Channel(lexicon=self._lexicon, asked=Bags.of(self._asked), answers=Bags.of(self._answers)).without_unused()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that search by words needs to know of the entries. A row is a question or a paraphrase."""

    wording: Wording  #: what questions are analysed with: of the city's terms those that the entries have
    wording_digest: str  #: of all that the city says, which the entries were analysed with
    lemmas: Channel
    readings: Channel
    words: Channel  #: as they are written, with their readings
    pairs: Channel  #: which of them follow each other
    owners: Numbers  #: of each row: the entry's number
    keys: tuple[str, ...]  #: of each row: what the question comes to without politeness
    spoken: tuple[str, ...]  #: of each row: the key's reading
    hashes: tuple[str, ...]  #: of each entry: its content

    @classmethod
    def of(cls, entries: Sequence[Entry], before: Terms | None = None, *, wording: Wording | None = None) -> Terms:
        """Analyse the entries, with the words that the city has. Those that `before` has as they are, in the same wording, cost
        nothing."""
        wording = wording or Wording()
        before = before if before is not None and before.wording_digest == wording.digest else None
        old = {h: i for i, h in enumerate(before.hashes)} if before else {}
        hashes = tuple(e.content_hash for e in entries)
        known = [old.get(h) for h in hashes]
        keys: list[str] = []
        spoken: list[str] = []
        for entry, i in zip(entries, known, strict=True):
            if before is not None and i is not None:
                rows = slice(*np.searchsorted(before.owners, [i, i + 1]))
                keys += before.keys[rows]
                spoken += before.spoken[rows]
            else:
                new = [same_question(t) for t in entry.questions]
                keys += new
                spoken += map(wording.reading, new)
        analyses = _analyses(wording)
        making = {name: _Making(getattr(before, name, None), analyses[name], longest) for name, longest in _CHANNELS.items()}
        for entry, i in zip(entries, known, strict=True):  # all channels of an entry in turn: they share its analysis
            places = None if before is None or i is None else range(*np.searchsorted(before.owners, [i, i + 1]))
            for channel in making.values():
                channel.add(entry, i, places)
        channels = {name: channel.made() for name, channel in making.items()}
        return cls(
            wording=wording.only(_terms_in(channels["words"], wording)),
            wording_digest=wording.digest,
            **channels,
            owners=np.repeat(np.arange(len(entries)), [len(e.questions) for e in entries]).astype(np.int64),
            keys=tuple(keys),
            spoken=tuple(spoken),
            hashes=hashes,
        )

    def speller(self) -> Speller:
        """What spells text in hiragana as these entries do."""
        return Speller(*self._counted())

    def respeller(self) -> Respeller:
        """What puts these entries' words where a text only sounds like them."""
        return Respeller(self.wording, *self._counted())

    def _counted(self) -> tuple[dict[Word, int], dict[tuple[str, str], int]]:
        """How often each word with its reading, and each pair of words, is in all rows."""
        made = ({tuple(t.split("\t")): n for t, n in channel.totals().items()} for channel in (self.words, self.pairs))
        return tuple(made)  # type: ignore[return-value]  # the terms of both have two parts

    def without(self, rows: Sequence[int]) -> Terms:
        """The same, but these questions are not known."""
        hidden = set(rows)
        kept = [r for r in range(len(self.owners)) if r not in hidden]
        return replace(
            self,
            **{name: getattr(self, name).keeping(kept) for name in _CHANNELS},
            owners=self.owners[kept],
            keys=tuple(self.keys[r] for r in kept),
            spoken=tuple(self.spoken[r] for r in kept),
        )

    def save(self, target: Path | IO[bytes]) -> None:
        arrays: dict[str, npt.NDArray[np.generic]] = {
            "owners": self.owners,
            "wording": _text([self.wording.to_json(), self.wording_digest]),
        }
        arrays |= {k: _text(getattr(self, k)) for k in _TEXTS}
        for name in _CHANNELS:
            channel: Channel = getattr(self, name)
            arrays[f"{name}.terms"] = _text(channel.lexicon.terms)
            for part, bags in (("asked", channel.asked), ("answers", channel.answers)):
                arrays |= {f"{name}.{part}.{k}": getattr(bags, k) for k in _BAGS}
        np.savez(target, **arrays)  # type: ignore[arg-type]  # numpy's stub takes the first keyword for its own

    @classmethod
    def load(cls, source: Path | IO[bytes]) -> Terms:
        arrays = read_arrays(source)
        channels = {
            name: Channel(
                lexicon=Lexicon(_lines(arrays[f"{name}.terms"])),
                **{part: Bags(**{k: arrays[f"{name}.{part}.{k}"] for k in _BAGS}) for part in ("asked", "answers")},
            )
            for name in _CHANNELS
        }
        texts = {k: tuple(_lines(arrays[k])) for k in _TEXTS}
        wording, digest = _lines(arrays["wording"])
        own = {"wording": Wording.from_json(wording), "wording_digest": digest}
        return cls(owners=arrays["owners"], **own, **channels, **texts)  # type: ignore[arg-type]  # each has its own kind


def _terms_in(words: Channel, wording: Wording) -> list[str]:
    """The city's terms that were found in the entries."""
    found = set(words.lexicon.terms)
    return [term for term, kana in wording.terms.items() if f"{term}\t{kana}" in found]


def _analyses(wording: Wording) -> dict[str, Callable[[str], tuple[str, ...]]]:
    def spellings(text: str) -> tuple[str, ...]:
        return tuple(f"{surface}\t{kana}" for surface, kana in wording.words(text))

    def pairs(text: str) -> tuple[str, ...]:
        surfaces = [START, *(surface for surface, _ in wording.words(text))]
        return tuple(f"{a}\t{b}" for a, b in pairwise(surfaces))

    return {"lemmas": wording.lemmas, "readings": wording.kana_grams, "words": spellings, "pairs": pairs}


#: How many letters of an answer each channel reads.
_CHANNELS = {"lemmas": LONGEST_CHARS, "readings": READ_CHARS, "words": LONGEST_CHARS, "pairs": LONGEST_CHARS}
_TEXTS = ("keys", "spoken", "hashes")
_BAGS = ("starts", "terms", "counts")


def _text(lines: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Lines as bytes: numpy's own strings take four bytes a letter of the longest."""
    return np.frombuffer("".join(f"{line}\n" for line in lines).encode(), np.uint8)


def _lines(array: npt.NDArray[np.uint8]) -> list[str]:
    return array.tobytes().decode().split("\n")[:-1]
