"""Lines in, those out that ask what the next ones answer: 「問1　…はどうか。」 above 「答　…」 of a collection of answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FEWEST = 2  #: questions with their answers; one alone may be an example in a text
_NUMBER = r"[\s　]*[0-9０-９]{0,3}(?:[-－‐][0-9０-９]{1,3})?[\s　.．:：、)）】\]]+"
_QUESTION = re.compile(rf"[\s　【\[(（]*(?:問|質問|[QＱ]){_NUMBER}(?=\S)")
_ANSWER = re.compile(rf"[\s　【\[(（]*(?:答|答弁|回答|[AＡ]){_NUMBER}(?=\S)")


def questions_in(lines: Sequence[str]) -> frozenset[int]:
    """The places of the questions, each of which has an answer before the next one; none where one lacks it."""
    asked = [at for at, line in enumerate(lines) if _QUESTION.match(line)]
    ends = [*asked[1:], len(lines)]
    if len(asked) < _FEWEST:
        return frozenset()
    is_answered = (any(map(_ANSWER.match, lines[at + 1 : end])) for at, end in zip(asked, ends, strict=False))
    return frozenset(asked if all(is_answered) else ())
