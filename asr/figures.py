"""A number as it was heard in kanji, digits or both in, its digits out: 二千五百 and 2千5百 are 2500."""

from __future__ import annotations

import re

KANJI = "〇一二三四五六七八九"
_DIGITS = {c: i for i, c in enumerate(KANJI)} | {"零": 0}
_YEAR_DIGITS = 4  #: 一九九五年; of fewer, such as 二三年, each may be a number of its own
_SMALL = {"十": 10, "百": 100, "千": 1000}
WIDE = str.maketrans("０１２３４５６７８９", "0123456789")

DIGIT = "[一二三四五六七八九]"
_A = r"[0-9０-９]{1,4}"
_SECTION = rf"(?:(?:{DIGIT}|{_A})?千)?(?:(?:{DIGIT}|{_A})?百)?(?:(?:{DIGIT}|{_A})?十)?(?:{DIGIT}|{_A})?"
_NUMBER = re.compile(rf"(?={DIGIT}|{_A}|[十百千])(?:{_SECTION}兆)?(?:{_SECTION}億)?(?:{_SECTION}万)?{_SECTION}")
NUMBER = _NUMBER.pattern
RUN = re.compile("[0-9０-９〇零一二三四五六七八九十百千万億兆]+")
_DIGITWISE = re.compile("[〇零一二三四五六七八九]+")


def in_digits(number: str, *, comma: bool) -> str | None:
    """A number in digits, or None for what isn't one: 二三 (two or three), 三四十."""
    number = number.translate(WIDE)
    if number.isdecimal():
        return f"{int(number):,}" if comma and len(number) > 3 and number[0] != "0" else number
    if _DIGITWISE.fullmatch(number):
        if len(number) == 1:
            return str(_DIGITS[number])
        is_one = "〇" in number or "零" in number or len(number) >= _YEAR_DIGITS
        return in_digits(each_digit(number), comma=comma) if is_one else None
    if not _NUMBER.fullmatch(number):
        return None
    written = ""
    for part, unit in re.findall("([^兆億万]+)([兆億万]?)", number):
        value = _section(part)
        if value >= 10_000:
            return None
        written += (f"{value:,}" if comma or unit else str(value)) + unit
    return written or None


def _section(part: str) -> int:
    """二千五百 and 2千5百: below ten thousand."""
    total, current = 0, ""
    for c in part:
        if c in _SMALL:
            total += (int(current) if current else 1) * _SMALL[c]
            current = ""
        else:
            current += c if c.isdecimal() and c.isascii() else str(_DIGITS[c])
    return total + (int(current) if current else 0)


def each_digit(digits: str) -> str:
    digits = digits.replace("ゼロ", "0").translate(WIDE)
    return "".join(str(_DIGITS.get(c, c)) for c in digits)
