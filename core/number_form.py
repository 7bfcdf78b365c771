"""A number and the form of its cell in a workbook in, what the cell shows out: 0012, 1,200円, 50%."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

_WORDS = re.compile(r'"([^"]*)"|\\(.)')
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]+)?")
_GROUPS = re.compile(r"0+(?:-0+)+")  #: 000-0000, as postcodes are kept
_FRACTION = re.compile(r"(?:[#0?]\s+)?[#0?]+\s*/\s*(?:([#0?]+)|(\d+))")
_OTHER = re.compile(r"General|@|[#0?]\s*/\s*[#0?\d]|[eE][+-]|,(?![#0?])", re.IGNORECASE)  #: other fractions, powers, thousands
_MONEY = re.compile(r"\[\$([^\]-]*)[^\]]*\]")
_EXACT = Context(prec=600)  #: the largest number that there is, and as many places as a form can have
_MOST_PARTS = 9999
_LONGEST = 255  #: characters of a form, in Excel
_PLACE = 0xE000  #: from here on, characters of nobody's stand for the words of a form
_UNSEEN = re.compile(r"\[[^\]]*\]|[_*].")  #: colours, calendars, filling


def shown_number(value: float, form: str) -> str | None:
    """None where the form says nothing of digits, or more than is known here."""
    words: list[str] = []

    def kept(found: re.Match[str]) -> str:
        words.append(found[1] or found[2] or "")
        return chr(_PLACE + len(words) - 1)

    bare = _UNSEEN.sub("", _MONEY.sub(r"\1", _WORDS.sub(kept, form[:_LONGEST]).partition(";")[0]))
    if fraction := _FRACTION.fullmatch(bare.strip()):
        return _in_parts(value, fraction)
    digits = _GROUPS.search(bare) or _DIGITS.search(bare)
    if digits is None or _OTHER.search(bare):
        return None
    number = Decimal(repr(value)) * (100 if "%" in bare else 1)
    shown = _grouped(number, digits[0]) if "-" in digits[0] else _counted(number, digits[0])
    return "".join(words[at] if (at := ord(c) - _PLACE) in range(len(words)) else c for c in bare.replace(digits[0], shown, 1))


def _in_parts(value: float, form: re.Match[str]) -> str:
    """A number of whole ones and a part, as 「1/3」 and 「1 1/2」: of as many parts as the form says (「2/4」), or in the nearest
    one that it has places for."""
    number = abs(Fraction(repr(value)))
    if form[2]:
        of = max(int(form[2]), 1)
        whole, rest = divmod(int(number * of + Fraction(1, 2)), of)
    else:
        nearest = number.limit_denominator(min(10 ** len(form[1]) - 1, _MOST_PARTS))
        of = nearest.denominator
        whole, rest = divmod(nearest.numerator, of)
    said = " ".join([str(whole)] * bool(whole) + [f"{rest}/{of}"] * bool(rest))
    return "-" + said if said and value < 0 else said or "0"


def _counted(number: Decimal, digits: str) -> str:
    """As many digits as the form has places: at least those of 0, at most those behind the point."""
    whole, _, places = digits.partition(".")
    rounded = number.quantize(Decimal(1).scaleb(-len(places)), ROUND_HALF_UP, _EXACT)
    before, point, behind = f"{rounded.copy_abs():{',' if ',' in whole else ''}f}".partition(".")
    behind = behind[: places.rfind("0") + 1] + behind[places.rfind("0") + 1 :].rstrip("0")
    sign = "-" if rounded < 0 else ""
    return sign + before.zfill(0 if "," in whole else whole.count("0")) + (point + behind if behind else "")


def _grouped(number: Decimal, groups: str) -> str:
    """The digits from the right: 8998605 in 000-0000 is 899-8605."""
    left = f"{int(abs(number)):0{groups.count('0')}d}"
    parts: list[str] = []
    for group in reversed(groups.split("-")[1:]):
        parts.append(left[-len(group) :])
        left = left[: -len(group)]
    return "-".join([left, *reversed(parts)])
