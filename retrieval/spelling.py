"""Text all in hiragana in, the same text in the knowledge base's own spelling out.

People who type little, and recognition, leave words in hiragana that the dictionary can't cut. The likeliest sequence of
the knowledge base's words with that reading is found as a kana-kanji converter does (Viterbi over a bigram model with
backing off; Mori 1999 describes the noisy-channel form).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from retrieval.bigrams import START, Bigrams

UNKNOWN_KANA = 11.0  #: cost of a kana that stays as it is, in nats: more than that of a rare word
LONGEST_KANA = 16
CHOICES = 4  #: spellings of one reading that are tried

Word = tuple[str, str]
"""A word's spelling and its reading."""


class Speller:
    """Knows the words of a knowledge base and which of them follow each other."""

    def __init__(self, words: Mapping[Word, int], pairs: Mapping[tuple[str, str], int]) -> None:
        counts: Counter[str] = Counter()
        spellings: dict[str, Counter[str]] = defaultdict(Counter)
        for (surface, kana), count in words.items():
            spellings[kana][surface] += count
            counts[surface] += count
        self._spellings = {kana: [s for s, _ in found.most_common(CHOICES)] for kana, found in spellings.items()}
        self._likely = Bigrams(counts, pairs)

    def spell(self, kana: str) -> str:
        """The likeliest spelling; kana that no word has stay."""
        best: list[dict[str, tuple[float, int, str]]] = [{} for _ in range(len(kana) + 1)]
        best[0][START] = (0.0, -1, "")
        for at in range(len(kana)):
            for previous, (cost, _, _) in sorted(best[at].items(), key=lambda item: item[1][0])[:CHOICES]:
                for surface, length, own in self._words(kana, at):
                    total = cost + self._likely.behind(previous, surface, own)
                    known = best[at + length].get(surface)
                    if known is None or total < known[0]:
                        best[at + length][surface] = (total, at, previous)
        return self._read_back(best)

    def _words(self, kana: str, at: int) -> Iterable[tuple[str, int, float]]:
        """Words that begin here, with their lengths in kana and their costs."""
        for length in range(1, min(LONGEST_KANA, len(kana) - at) + 1):
            for surface in self._spellings.get(kana[at : at + length], ()):
                yield surface, length, self._likely.alone(surface)
        yield kana[at], 1, UNKNOWN_KANA

    @staticmethod
    def _read_back(best: list[dict[str, tuple[float, int, str]]]) -> str:
        at = len(best) - 1
        surface = min(best[at], key=lambda s: best[at][s][0])
        found: list[str] = []
        while at > 0:
            _, start, previous = best[at][surface]
            found.append(surface)
            at, surface = start, previous
        return "".join(reversed(found))
