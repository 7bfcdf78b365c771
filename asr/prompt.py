"""A vocabulary in, the few words out that Whisper is shown before it listens; and whether it merely said them back."""

from __future__ import annotations

from collections.abc import Callable
from difflib import SequenceMatcher
from itertools import chain

from asr.vocabulary import Vocabulary

MOST_TOKENS = 60
"""A longer prompt costs text: the decoder has 448 positions for both."""

_KINDS = ("市", "組織", "地名")
_ECHO_CHARS = 12


def prompt_of(vocabulary: Vocabulary | None, count_tokens: Callable[[str], int]) -> str | None:
    """The city, then its offices, then its places, in the order of the list, as long as they fit."""
    if vocabulary is None:
        return None
    chosen: list[str] = []
    for term in chain.from_iterable(vocabulary.of_kind(kind) for kind in _KINDS):
        if count_tokens(_sentence([*chosen, term.term])) > MOST_TOKENS:
            break
        chosen.append(term.term)
    return _sentence(chosen) if chosen else None


def echoes(text: str, prompt: str) -> bool:
    """Whether a stretch of the prompt's enumeration came back as if it had been said."""
    match = SequenceMatcher(None, text, prompt, autojunk=False).find_longest_match()
    return match.size >= _ECHO_CHARS and text[match.a : match.a + match.size].count("、") >= 2


def _sentence(terms: list[str]) -> str:
    return "、".join(terms) + "。"
