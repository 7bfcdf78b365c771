"""A rule of a table of phrases, and whether a normalised text fits it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from dialogue.befalling import befalls
from dialogue.wording import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What says something. The heads of `data/dangers.toml` and `data/smalltalk.toml` tell what its fields mean."""

    says: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    befalls: re.Pattern[str] | None = None  #: then `says` has a group, the verb
    nobody: bool = False

    @classmethod
    def read_all(cls, rules: Iterable[Mapping[str, Any]], wording: Wording) -> tuple[Self, ...]:
        """The rules of a kind. All that need no more than their words are made one, for speed."""
        rules = tuple(rules)
        plain = [says for rule in rules if not rule.keys() & {"unless", "befalls"} for says in rule["says"]]
        others = [cls._read(rule, wording) for rule in rules if rule.keys() & {"unless", "befalls"}]
        return (*((cls(says=wording.pattern(*plain)),) if plain else ()), *others)

    @classmethod
    def _read(cls, rule: Mapping[str, Any], wording: Wording) -> Self:
        says = "|".join(rule["says"])
        if "unless" in rule:
            return cls(says=wording.pattern(says), unless=wording.pattern(*rule["unless"]))
        return cls(
            says=wording.pattern(f"{rule.get('after', '')}(?P<verb>{says})"),
            befalls=wording.pattern(f"({rule['befalls']})$"),
            nobody=rule.get("nobody", False),
        )

    def fits(self, folded: str) -> bool:
        said = self.says.finditer(folded)
        if self.befalls is None:
            return any(said) and not (self.unless and self.unless.search(folded))
        return any(befalls(self.befalls, m, nobody=self.nobody) for m in said)
