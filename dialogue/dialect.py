"""What is said as in Ōsumi in, the same in standard forms out: 「燃えちょっ」 is 燃えている, 「できん」 できない.

`data/dialect.toml` has the rules.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from dialogue.wording import Wording, read_wording
from retrieval.analysis import is_bare_name, is_hiragana


@lru_cache(maxsize=256)  # each kind of reply asks for it
def in_standard(text: str) -> str:
    """A normalised text in the forms that everybody knows; as it is, where it has those. A name in hiragana has no ending, be it
    けっこん or おんせん."""
    if is_hiragana(text) and is_bare_name(text):
        return text
    for pattern, standard in _rules():
        text = pattern.sub(standard, text)
    return text


@cache
def _rules() -> tuple[tuple[re.Pattern[str], str], ...]:
    table = read_wording("dialect")
    wording = Wording(table["words"])
    return tuple((wording.pattern(*rule["says"]), rule["standard"]) for rule in table["rule"])
