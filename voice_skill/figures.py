"""Figures that stand with signs in, the same with words out: 「4/1」「1/2」「②」「-5℃」「R8.4.1」「〒899-8692」「内線123」."""

from __future__ import annotations

import re
import unicodedata

_CIRCLED = re.compile("[①-⑳]")
_NEXT_ITEM = re.compile(r"(?:(?<=[。、(])|[ \t　]+)([①-⑳])(?=[一-鿿ァ-ヺ])")
_NUMBERED_RANGE = re.compile(r"\(([ぁ-んァ-ン]|\d{1,2})\)[〜~]\(([ぁ-んァ-ン]|\d{1,2})\)")
_LISTED = re.compile(
    r"^([ \t　]*)(?:([①-⑳])(?![のとはがかにをへもや〜・、,])|\((\d{1,2})\)|(\d{1,2})[.)](?=\s|\D))[ \t　]*", re.MULTILINE
)
_ERA = re.compile(r"(?<![A-Za-z])([RHS])(\d{1,2})[./](\d{1,2})[./](\d{1,2})(?![\d.])")
_ERAS = {"R": "令和", "H": "平成", "S": "昭和"}
_MINUS = re.compile(r"(?<![\w)-])-(?=\d+(?:\.\d+)?\s?(?:度|℃|円|%|パーセント|点|ポイント))")
_POSTCODE = re.compile(r"(?:〒|郵便番号(?:は|:)?)\s?(\d{3})-(\d{4})(\s*(?=[一-鿿]))?")
_EXTENSION = re.compile(r"内線:?\s?(\d{2,5})(?!\d)")
_DASHED = re.compile(
    r"(?<![\d-])(\d{1,3})-(?=\d{1,3}(?:日|回|時|人|名|歳|年|か月|ヶ月|週|時間|分|枚|個|本|台|件|円|[万千倍]|%|割|階|名|世帯|km|m|kg))"
)
_DAY = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?![\d/])(?=(?P<weekday>\([月火水木金土日]))?")
_SHARE = re.compile(r"(?<![\d/])(\d{1,3})/(\d{1,3})(?![\d/])")
_SUM = r"\d[\d,.]*(?:[千万億][\d,.]*)*"
_EACH = re.compile(
    rf"(?<![\d,.千万億])((?:およそ|約|最大|最高|最低)?{_SUM}(?:円?[〜~～]{_SUM})?円)"
    r"/(枚|本|個|回|人|名|袋|箱|台|件|部|冊|通|世帯|泊|日|月|年|時間?|km|kg|t)(?![A-Za-z一-鿿・/])"
)
_RATIO = re.compile(r"(?<![\d:])(\d{1,2}):(\d)(?![\d:])")
_NOTED = re.compile(r"(?<=\S)\(?※\d{1,2}\)?(?=[はがのをにでと、。\s]|$)", re.MULTILINE)
_NOTE = re.compile(r"^([ \t　]*※)\d{1,2}[ \t　.:)]+", re.MULTILINE)
_HALF = re.compile(r"(?<![A-Za-z])([ap])\.?m\.?\s?(?=\d{1,2}(?::|時))", re.I)
_HALVES = {"a": "午前", "p": "午後"}
_SIGNS = (
    (re.compile(r"(?<=[^\s、。○×])\s?[×✕]\s?(?!月(?!数))(?=[^\s、。○×印日])"), "かける"),
    (re.compile(r"±\s?(?=\d)"), "プラスマイナス"),
    (re.compile(r"(?<![A-Za-z0-9)+])[+＋](?=\d)"), "プラス"),
)
_ABBREVIATIONS = (
    (re.compile(r"(?<![A-Za-z])B(?=\d{1,2}(?:F(?![A-Za-z])|階))"), "地下"),
    (re.compile(r"(?<![A-Za-z])TEL\.?(?![A-Za-z])", re.I), "電話番号"),
    (re.compile(r"(?<![A-Za-z])FAX\.?(?![A-Za-z])", re.I), "ファックス"),
)
_MOST_MONTHS, _MOST_DAYS = 12, 31
_SMALL = 10  #: of two numbers up to this one, 「2/3」 is a share sooner than a day


def spelled(text: str, digits: dict[str, str]) -> str:
    """`text` in narrow signs with its figures in words; `digits` names a digit as it is said one by one."""

    def one_by_one(group: str) -> str:
        return " ".join(digits[digit] for digit in group)

    text = _NOTE.sub(r"\1", _NOTED.sub("", text))
    text = _NEXT_ITEM.sub(r"、\1、", _NUMBERED_RANGE.sub(r"\1〜\2", text))
    text = _CIRCLED.sub(lambda m: _plain(m[0]), _LISTED.sub(_numbered, text))
    text = _ERA.sub(lambda m: f"{_ERAS[m[1]]}{_year(m[2])}年{int(m[3])}月{int(m[4])}日", text)
    text = _POSTCODE.sub(lambda m: f"郵便番号、{one_by_one(m[1])}の{one_by_one(m[2])}{'' if m[3] is None else '、'}", text)
    text = _EXTENSION.sub(lambda m: f"内線{one_by_one(m[1])}", text)
    text = _DASHED.sub(r"\1〜", _MINUS.sub("マイナス", text))
    text = _EACH.sub(_for_each, text)
    text = _SHARE.sub(_shared, _DAY.sub(_dated, text))
    text = _HALF.sub(lambda m: _HALVES[m[1].lower()], text)
    for form, said in (*_ABBREVIATIONS, *_SIGNS):
        text = form.sub(said, text)
    return _RATIO.sub(r"\1対\2", text)


def _for_each(match: re.Match[str]) -> str:
    """「1,200円/枚」 -> 「1枚につき1,200円」."""
    each = {"月": "か月", "時": "時間"}.get(match[2], match[2])
    return f"1{each}につき{match[1]}"


def _year(number: str) -> str:
    """Of an era, whose first one has a name."""
    return "元" if int(number) == 1 else str(int(number))


def _numbered(match: re.Match[str]) -> str:
    """The number of a list's item stays: another sentence may name it."""
    number = _plain(match[2]) if match[2] else match[3] or match[4]
    return f"{match[1]}{number}、"


def _plain(circled: str) -> str:
    return unicodedata.normalize("NFKC", circled)


def _dated(match: re.Match[str]) -> str:
    month, day = int(match[1]), int(match[2])
    if not (1 <= month <= _MOST_MONTHS and 1 <= day <= _MOST_DAYS):
        return match[0]
    before, after = match.string[: match.start()], match.string[match.end() :]
    spoken_of_as_a_day = (
        match["weekday"]
        or before.endswith("〜")
        or re.match("〜|から|まで|に|より|は(?:休|閉|開|祝|振替|中止)|の[朝昼夜]", after)
    )
    share = month < day <= _SMALL and not spoken_of_as_a_day
    return match[0] if share else f"{month}月{day}日"


def _shared(match: re.Match[str]) -> str:
    whole = int(match[2])
    return f"{whole}分の{int(match[1])}" if whole > 1 and int(match[1]) < whole else match[0]
