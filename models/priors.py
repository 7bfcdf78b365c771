"""Texts in, how likely each is before anything is heard out: what is added to how likely it sounds.

A small Whisper knows little Japanese: やかん and 夜間 sound alike, and it can't tell which of them is asked about. A language
model can (rescoring with a language model, e.g. Kannan et al. 2018).
"""

from __future__ import annotations

from collections.abc import Sequence

from models.language_model import LanguageModel

# Sentences about what is said, behind which texts are compared.
QUESTION = "市役所への質問です。"
MEETING = "市役所の会議です。"

# Chosen on the sample city's questions and on read sentences; the weight matters little from .3 to .8.
_WEIGHT = 0.5
_PER_LETTER = 2.0  #: nats given back, so that a text is not the likelier for words that it leaves out


def log_priors(texts: Sequence[str], model: LanguageModel | None, behind: str = "", weight: float = _WEIGHT) -> list[float]:
    """Nats to add to each text's log-probability of sound; nothing to any where there is no model. `weight` is what a nat of
    language counts against one of sound."""
    if model is None or len(texts) < 2:
        return [0.0] * len(texts)
    costs = model.costs(texts, behind)
    return [weight * (_PER_LETTER * sum(map(str.isalnum, text)) - cost) for text, cost in zip(texts, costs, strict=True)]
