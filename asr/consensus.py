"""The likely texts of a clip in, that one out which the others differ from least.

The likeliest text of all is not the one in which the fewest characters are likely to be wrong: that is the one whose distance to
the others, each as likely as it sounds and as Japanese, is smallest (minimum Bayes risk, Goel & Byrne 2000).
"""

from __future__ import annotations

import math
from dataclasses import replace

from core.distance import edit_distance
from models.engine import Decoded
from models.language_model import LanguageModel
from models.priors import log_priors
from models.tokens import Tokens


def agreed(decoded: Decoded, tokens: Tokens, model: LanguageModel | None = None) -> Decoded:
    """The same with the text of all its hypotheses that is likeliest to have the fewest wrong letters. Marks don't count."""
    found = (decoded, *decoded.others)
    said = [tokens.decode(each.ids).strip() for each in found]
    texts = [*map(_letters, said)]
    logs = [each.logprob * len(each.ids) + prior for each, prior in zip(found, log_priors(said, model), strict=True)]
    weights = [math.exp(log - max(logs)) for log in logs]

    def risk(row: int) -> float:
        return sum(weight * edit_distance(texts[row], text) for weight, text in zip(weights, texts, strict=True))

    best = found[min(range(len(found)), key=risk)]
    return replace(decoded, ids=best.ids, logprob=best.logprob)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
