"""What is known of what people say before it is heard."""

from __future__ import annotations

from dataclasses import dataclass

from asr.language import Language
from asr.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What helps to understand a recording."""

    vocabulary: Vocabulary | None = None  #: words of the city, put right where they were said and written in other characters
    language: Language | None = None  #: what people are likely to ask; what is in doubt is heard again with it
    about: str = ""  #: a sentence about it: with one, misheard words are put right (asr.misheard), which may double the time


NOTHING = Expectation()
