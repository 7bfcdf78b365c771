"""Phrases in, a pattern out: how something is said, in words that have names, instead of one long expression.

In the tables `data/*.toml` a phrase is a regular expression with three things besides:

- `<person>` is any of the words of that name in the table's `[words]`, which may have names in them themselves;
- `‥` is up to three characters, `…` up to eight;
- brackets only group.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"
_NAMED = re.compile("(?<!P)<([a-z_]+)>")  #: no group that Python calls so
_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_GAPS = {"‥": ".{0,3}", "…": ".{0,8}"}


def read_wording(name: str) -> dict[str, Any]:
    """A table of phrases that the product ships."""
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))


class Wording:
    """The words of one table, by their names."""

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        self._words = {name: "|".join(each) for name, each in words.items()}

    def pattern(self, *phrases: str) -> re.Pattern[str]:
        """What any of the phrases fits.

        Raises:
            KeyError: a phrase has a name that the table does not.
        """
        return re.compile(self.spelt(*phrases))

    def spelt(self, *phrases: str) -> str:
        """The same as a regular expression, in brackets."""
        named = _NAMED.sub(lambda m: self.spelt(self._words[m[1]]), "|".join(phrases))
        for gap, pattern in _GAPS.items():
            named = named.replace(gap, pattern)
        return f"(?:{_GROUP.sub('(?:', named)})"
