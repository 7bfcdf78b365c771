"""The likely texts of a clip in, that one out which the others differ from least.

The likeliest text of all is not the one in which the fewest characters are likely to be wrong: that is the one whose distance to
the others, each as likely as the decoder has it, is smallest (minimum Bayes risk, Goel & Byrne 2000).
"""

from __future__ import annotations

import math
from dataclasses import replace

from core.distance import edit_distance
from models.engine import Decoded
from models.tokens import Tokens


def agreed(decoded: Decoded, tokens: Tokens) -> Decoded:
    """The same with the text of all its hypotheses that is likeliest to have the fewest wrong letters. Marks don't count."""
    found = (decoded, *decoded.others)
    texts = [_letters(tokens.decode(each.ids)) for each in found]
    logs = [each.logprob * len(each.ids) for each in found]
    weights = [math.exp(log - max(logs)) for log in logs]

    def risk(row: int) -> float:
        return sum(weight * edit_distance(texts[row], text) for weight, text in zip(weights, texts, strict=True))

    best = found[min(range(len(found)), key=risk)]
    return replace(decoded, ids=best.ids, logprob=best.logprob)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
