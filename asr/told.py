"""Texts in, each as the recogniser finds it in its clip out: how probable every character of it is there."""

from __future__ import annotations

from collections.abc import Sequence

from asr.decoder import Hearing
from asr.line import Line, line_of
from models.engine import Aligned


def told(hearing: Hearing, texts: Sequence[tuple[int, Sequence[int], str]]) -> list[Line]:
    """Texts, each in the clip at its row and behind its prompt (token ids). The lines have no times."""
    if not texts:
        return []
    tokens = hearing.whisper.tokens
    ids = [tokens.encode(text) for *_, text in texts]
    found = hearing.probabilities(ids, rows=[row for row, *_ in texts], prompts=[prompt for _, prompt, _ in texts])
    return [
        line_of(own, Aligned(starts_s=[0.0] * len(own), probabilities=chances), tokens)
        for own, chances in zip(ids, found, strict=True)
    ]
