"""A line of a rule in, what begins with it out: an article, an annexe, its supplement, or nothing but a reference to one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.numerals import in_digits

NUMBER = "[0-9０-９一二三四五六七八九十百]+"
ARTICLE = rf"第{NUMBER}条(?:の{NUMBER})*"
# 「第5条の規定により」, 「第3条第2項」, 「第8条中「…」を…に改める」: what goes on like this only refers to an article.
_REFERS = (
    rf"[のにをはがとでへもや、。・）)」]|第{NUMBER}|から|まで|より|及び|又は|並びに|若しくは|若くは|各号|各項|本文|前段|後段"
    r"|ただし書|中|例|件|以[上下前後]|関係|による|により"
)
_REMOVED = rf"{ARTICLE}(?:(?:及び|から|、|・|[~〜～―－-]){ARTICLE})*(?:まで)?"
_ARTICLE = re.compile(rf"[\s　]*({ARTICLE})(?!{_REFERS})[\s　]*(?:[（(]([^）)]{{1,30}})[）)])?")
_REMOVED_ARTICLES = re.compile(rf"[\s　]*({_REMOVED})[\s　]*削除[\s　]*$")
_CHAPTER = re.compile(rf"[\s　]*第{NUMBER}[章節編款](?![のをにはが])[\s　]*\S{{0,30}}$")
_SUPPLEMENT = re.compile(r"[\s　]*附[\s　]*則[\s　]*(?:[（(](?P<of>[^）)]{1,40})[）)])?(?:[\s　]*抄)?[\s　]*$")
_FORM = rf"(?:別記)?様式(?:第?{NUMBER}号?(?:の{NUMBER})*)?|第{NUMBER}号様式|別記|別紙"
_ANNEXE = re.compile(
    rf"[\s　]*(?P<name>別表(?:第{NUMBER}(?:の{NUMBER})*)?|{_FORM})(?:[\s　]*(?P<of>[（(][^）)]{{1,40}}関係[^）)]{{0,20}}[）)]))?"
    r"(?:[\s　]+[^。]{1,30})?[\s　]*$"
)
_IS_AMENDING = re.compile(r"[）)]の一部を(?:次のように)?改正する。$")
# 「第2条中「…」を「…」に改める。」 is of the rule that it stands in, not of an article that was added above it.
_AMENDS = re.compile(
    rf"[\s　]*(?:第{NUMBER}|別表|別記|様式|附則|題名|目次|本則|同[条項号表])"
    r".*(?:改める|加える|削る|繰り[上下]げる|を[第同別様][^。]{1,20}とする)。$"
)
_CAPTION = re.compile(r"[\s　]*[（(]([^）)]{1,30})[）)][\s　]*$")
# 「（平25規則10・一部改正）」 says what changed the article above it.
_HISTORY = re.compile(
    r"[\s　]*[（(](?:明治?|大正?|昭和?|平成?|令和?)(?:元|[0-9０-９一二三四五六七八九十]{1,3})[^）)]*[）)][\s　]*$"
)
_PARAGRAPH = re.compile(r"[\s　]*([0-9０-９]{1,2})[\s　]+\S")
_ITEM = re.compile(r"[\s　]*(?:[（(]([0-9０-９]{1,3}|[一二三四五六七八九十]{1,4})[）)]|([一二三四五六七八九十]{1,4})[\s　])")
_CONTENTS = re.compile(r"[\s　]*(?:目[\s　]*次|もくじ)[\s　]*$")
_LISTED = re.compile(
    rf".*[（(]第{NUMBER}条.*[）)][\s　]*$|.*[…‥・.．ー―─]{{3,}}[\s　]*[0-9０-９]{{1,3}}[\s　]*$|[\s　]*前[\s　]*文[\s　]*$"
)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a line begins: its number (「第12条の2」, 「別表第1」), and its caption, which may be empty."""

    name: str
    caption: str = ""


def article(line: str) -> Beginning | None:
    """An article, or several that were removed: 「第20条及び第21条 削除」."""
    if removed := _REMOVED_ARTICLES.match(line):
        return Beginning(removed[1])
    found = _ARTICLE.match(line)
    return Beginning(found[1], found[2] or "") if found else None


def annexe(line: str) -> Beginning | None:
    """A table or form behind the articles, with those that it belongs to."""
    found = _ANNEXE.match(line)
    return Beginning(found["name"], found["of"] or "") if found else None


def supplement(line: str) -> Beginning | None:
    """The supplement of a rule, or of one of the rules that changed it."""
    found = _SUPPLEMENT.match(line)
    return Beginning(f"附則（{found['of']}）" if found["of"] else "附則") if found else None


def paragraph(line: str) -> int | None:
    """The number of the paragraph that a line begins; the first of an article has none."""
    found = _PARAGRAPH.match(line)
    return int(found[1]) if found else None


def item(line: str) -> int | None:
    """The number of the item of a list that a line begins: 「(1)」, 「一　」."""
    found = _ITEM.match(line)
    number = in_digits(found[1] or found[2]) if found else ""
    return int(number) if number.isdecimal() else None


def caption(line: str) -> str | None:
    """What stands alone in brackets above an article."""
    found = _CAPTION.match(line)
    return found[1] if found and not _HISTORY.match(line) else None


def begins(line: str) -> bool:
    """Whether any part of a rule begins with a line."""
    return bool(article(line) or supplement(line) or annexe(line) or is_chapter(line))


def is_amending(lines: Sequence[str]) -> bool:
    """Whether lines are those of a rule that changes others."""
    return any(map(_IS_AMENDING.search, lines))


def amends(line: str) -> bool:
    """Whether a line of such a rule says what becomes of another's words."""
    return _AMENDS.match(line) is not None


def is_chapter(line: str) -> bool:
    return _CHAPTER.match(line) is not None


def without_contents(lines: Sequence[str]) -> list[int]:
    """The places of the lines that are no table of contents: that has the words of every heading, and an 附則 before the first
    article. It ends with a line of another form, or where the first of its chapters comes again."""
    kept: list[int] = []
    chapters: set[str] | None = None  # of the table that a line stands in
    for at, line in enumerate(lines):
        if _CONTENTS.match(line):
            chapters = set()
        elif chapters is not None and _is_listed(line, chapters):
            chapters.add(_number_of(line))
        else:
            chapters = None
            kept.append(at)
    return kept


def _is_listed(line: str, chapters: set[str]) -> bool:
    if _LISTED.match(line):
        return True
    return _number_of(line) not in chapters if is_chapter(line) else bool(supplement(line) or annexe(line))


def _number_of(chapter: str) -> str:
    return chapter.split(maxsplit=1)[0]
