"""What turns the meaning of the same words: whether a text denies, suffers or has something done, and whether it asks who, when
or where."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.tokens import tokens

_TURNS = {"ない": "ない", "無い": "ない", "ず": "ない", "れる": "れる", "られる": "れる", "せる": "せる", "させる": "せる"}
_ASKS = frozenset({"いつ", "何時", "何処", "誰", "何れ", "幾つ", "幾ら", "何故", "どうして", "どう", "どの", "何"})
_POLITE = re.compile("ませんか|ないか(?=な?[?。\\s]*$)")  #: asks, and denies nothing


@dataclass(frozen=True, slots=True)
class Mood:
    """Of one text."""

    turns: frozenset[str]
    asks: frozenset[str]

    def fits(self, known: Mood, *, is_name: bool) -> bool:
        """Whether what is asked in the same words as a `known` question asks for the same; what only names something is asked
        for all that there is to it."""
        return self.turns == known.turns and (is_name or self.asks <= known.asks)


def mood_of(text: str) -> Mood:
    """Of a normalised text."""
    lemmas = {token.lemma for token in tokens(_POLITE.sub("", text))}
    return Mood(turns=frozenset(_TURNS[lemma] for lemma in lemmas & _TURNS.keys()), asks=frozenset(lemmas & _ASKS))
