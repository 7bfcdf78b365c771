"""Numbers and years written in any way in, written in one way out: 三月 is 3月, 二〇歳 is 20歳, 令和六年度 is 2024年度.

UniDic tells numbers (数詞) from words that only have a numeral in them (一般, 四国, 千葉, 一人暮らし), and kanjize reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from kanjize import kanji2number

from retrieval.tokens import Token, tokens

_COMMA = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PERSONS = re.compile(r"(?<![\d.,〇一二三四五六七八九十百千万数何])([12])(?=人)")
_KANJI = re.compile(
    "[〇零一二三四五六七八九十百千万億兆0-9]*[〇零一二三四五六七八九十百千万億兆][〇零一二三四五六七八九十百千万億兆0-9]*"
)
_ABOUT = re.compile("[一二三四五六七八九]{2,}")  # 二三日: one token, and no number
_HAS_ANY = re.compile(r"[〇零一二三四五六七八九十百千万億兆\d]|元年|はたち|ハタチ")

_ERAS = (("令和", "r", 2018), ("平成", "h", 1988), ("昭和", "s", 1925), ("大正", "t", 1911), ("明治", "m", 1867))
YEAR_BEFORE = {name: before for *names, before in _ERAS for name in names}  #: the first of an era: 2018 of 令和
_LONGEST_ERA = 64
_YEARS = frozenset({"年", "年度", "年分", "年産"})
_TWENTY = "二十歳"  #: UniDic's lemma of はたち


def in_digits(text: str) -> str:
    """A text with its numbers in digits, without spaces. `text` is normalised."""
    if not _HAS_ANY.search(text):
        return text
    return "".join(token.surface for token in number_tokens(text))


def number_tokens(text: str) -> Sequence[Token]:
    """The tokens of a normalised text, each number one token in digits, years of an era those of the common calendar."""
    if not _HAS_ANY.search(text):
        return tokens(text)
    plain = _PERSONS.sub(lambda m: "一二"[int(m[1]) - 1], _COMMA.sub("", text))
    return list(_in_common_years(list(_joined(tokens(plain)))))


def _joined(found: Sequence[Token]) -> Iterator[Token]:
    for is_number, run in groupby(found, key=lambda t: t.kind == "数詞"):
        if is_number:
            yield from _as_one(list(run))
        else:
            for token in run:
                yield from _of_twenty(token) if token.lemma == _TWENTY else (token,)


def _as_one(run: list[Token]) -> Sequence[Token]:
    """One token of a number that was cut into parts; digits stay as they are, a phone's zeros too."""
    text = "".join(t.surface for t in run)
    if not _KANJI.fullmatch(text) or (len(run) == 1 and _ABOUT.fullmatch(text)):
        return run
    try:
        value = str(kanji2number(text))
    except ValueError:
        return run  # 四五十: no number that could be read
    return (_number(run[0], value, "".join(t.kana for t in run)),)


def _number(token: Token, value: str, kana: str) -> Token:
    return replace(token, surface=value, lemma=value, stem=value, kana=kana)


def _of_twenty(token: Token) -> Sequence[Token]:
    return (
        Token("20", "20", "20", token.kana, "名詞", "数詞"),
        Token("歳", "歳", "歳", "", "接尾辞", "名詞的"),
    )


def _in_common_years(found: list[Token]) -> Iterator[Token]:
    at = 0
    while at < len(found):
        token, following = found[at], found[at + 1 : at + 3]
        before, surfaces = YEAR_BEFORE.get(token.surface), [t.surface for t in following]
        if before is None or not surfaces:
            yield token
            at += 1
        elif surfaces[0] == "元年":
            yield _number(token, str(before + 1), token.kana)
            yield replace(following[0], surface="年", lemma="年", stem="年")
            at += 2
        elif len(surfaces) == 2 and (year := _year(*surfaces)):
            yield _number(token, str(before + year), token.kana + following[0].kana)
            at += 2
        else:
            yield token
            at += 1


def _year(number: str, following: str) -> int | None:
    """The year of an era that a number before 年 is."""
    if following not in _YEARS:
        return None
    if number == "元":
        return 1
    year = int(number) if number.isascii() and number.isdigit() else 0
    return year if 0 < year <= _LONGEST_ERA else None
