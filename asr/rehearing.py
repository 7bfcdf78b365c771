"""What was heard of clips in, the same heard again by one who knows what people ask out.

A clerk understands a mumbled question since she knows what is usually asked. So does the recogniser: it is told the sentences of
the city's language that are nearest to what it first heard, and gives several texts. Of all of them, and of those that sound like
them, the one is taken that is likeliest as sound, as Japanese and as the city's language (rescoring of n-best lists with further
language models, Ostendorf et al. 1991).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from difflib import SequenceMatcher

from asr.decoder import Hearing
from asr.edits import Edits
from asr.language import Language
from asr.transcript import Reason, Transcript
from core.sounds.morphemes import morphemes
from models.priors import QUESTION, log_priors

# Chosen on the sample city's questions, spoken by the product's voices; the weight matters little from .2 to .5.
_PROMPT_TOKENS = 60
_HYPOTHESES = 5
_WEIGHT = 0.3  #: of a nat of the city's language against one of sound
_SHORTEST = 0.8  #: of the sounds heard first: nothing that can be compared tells that a text lacks its end
_LEAST = 1e-9


def reheard(hearing: Hearing, heard: Sequence[Edits], language: Language) -> list[Edits]:
    """What was heard of each clip, its text changed where another is likelier; the changes can be undone."""
    better = []
    for row, edits in enumerate(heard):
        sentences = _about(edits, language) if edits.text else ()
        better.append(_changed(edits, _likeliest(hearing, row, edits, sentences, language)) if sentences else edits)
    return better


def _about(edits: Edits, language: Language) -> Sequence[str]:
    """What the text seems to be about. Where a word was put right, another that was misheard may no longer be in doubt: then it
    is what the text without that was about."""
    before = edits.without(Reason.SOUND)
    return language.about(edits.text) or (language.about(before.text) if before != edits else ())


def first_heard(transcript: Transcript) -> str:
    """The text as it was before that."""
    return "".join(Edits.of(segment).without(Reason.LANGUAGE).text for segment in transcript.segments)


def _likeliest(hearing: Hearing, row: int, edits: Edits, sentences: Sequence[str], language: Language) -> str:
    tokens, text = hearing.whisper.tokens, edits.text
    prompt = tokens.encode("".join(reversed(sentences)))[-_PROMPT_TOKENS:]  # the nearest stands right before the question
    heard = [text, edits.without(Reason.SOUND).text, *hearing.hypotheses(row, prompt, _HYPOTHESES)]
    whole = _sounds_in(text) * _SHORTEST
    ways = [way for way in dict.fromkeys([*heard, *map(language.alike, heard)]) if _sounds_in(way) >= whole]
    # Behind the sentences themselves, those would be likelier than they sound.
    ids, context = [tokens.encode(way) for way in ways], tokens.encode(QUESTION)
    found = hearing.probabilities(ids, rows=[row] * len(ways), prompts=[context] * len(ways))
    sounds = [sum(math.log(max(p, _LEAST)) for p in chances) for chances in found]
    priors = log_priors(ways, hearing.whisper.language_model, QUESTION)
    likely = [sound + prior - _WEIGHT * language.cost(way) for sound, prior, way in zip(sounds, priors, ways, strict=True)]
    return ways[likely.index(max(likely))]


def _changed(edits: Edits, text: str) -> Edits:
    """With another text, changed where it differs."""
    parts = SequenceMatcher(None, edits.text, text, autojunk=False).get_opcodes()
    for kind, start, end, written_from, written_to in reversed(parts):
        if kind != "equal":
            edits = edits.replace(start, end, text[written_from:written_to], Reason.LANGUAGE)
    return edits


def _sounds_in(text: str) -> int:
    return sum(len(m.reading or m.surface) for m in morphemes(text))
