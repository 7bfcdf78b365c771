"""Lists of telephone numbers as a city writes them down: single ones, and beginnings with an asterisk behind."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_PREFIXED = re.compile(r"18[46](?=0)")  #: dialled before a number to show or to withhold one's own
_DIALLED = re.compile(r"\+?[0-9*#]+")
_NOT_DIGITS = re.compile(r"[^0-9*#]")
_JAPAN = "81"


def domestic(number: str) -> str:
    """As people in Japan write it, whatever country code or prefix it came with; the name of an extension as it is."""
    return comparable(number) if _DIALLED.fullmatch(number) else number


def comparable(number: str) -> str:
    """As it is dialled within Japan, digits alone."""
    plain = unicodedata.normalize("NFKC", number).strip()
    digits = _NOT_DIGITS.sub("", plain)
    if digits.startswith(_JAPAN) and (plain.startswith("+") or len(digits) in (11, 12)):
        return "0" + digits[len(_JAPAN) :].removeprefix("0")
    return _PREFIXED.sub("", digits, count=1) if _PREFIXED.match(digits) else digits


@dataclass(frozen=True, slots=True)
class Numbers:
    whole: frozenset[str]
    beginnings: tuple[str, ...]

    @classmethod
    def read(cls, listed: tuple[str, ...]) -> Numbers:
        written = [unicodedata.normalize("NFKC", n).strip() for n in listed]
        return cls(
            frozenset(comparable(n) for n in written if n and not n.endswith("*")),
            tuple(b for n in written if n.endswith("*") and (b := comparable(n.rstrip("*")))),
        )

    def __contains__(self, number: str) -> bool:
        compared = comparable(number)
        return bool(compared) and (compared in self.whole or compared.startswith(self.beginnings))
