"""Two numbers with a wave dash or a hyphen between them in, the same as it is said out: 「8時〜17時」「3〜5営業日」「1980-1」."""

from __future__ import annotations

import re

_UNIT = (
    r"(?:年度|年生|年|か月|ヶ月|月|日間|日|週間|曜日|時間|時|分|半|円|歳児|歳|才|人|名|回|階|番地|番|枚|通|個|冊|本|台|件|号"
    r"|級|割|度|丁目|世帯|か所|キロ|[ァ-ヺー]+)"
)
_COUNT = rf"\d[\d.]*(?:{_UNIT}\d*)*"
_RANGE = re.compile(
    rf"〜(?P<last>(?:翌日?の?)?(?:令和|平成|昭和)?(?:午前|午後)?{_COUNT}(?:[月火水木金土日]曜日(?:{_COUNT})?)?"
    r"|[月火水木金土日]曜日?|正午)(?P<until>まで|に(?!は|生))?"
)
_MOMENT = re.compile("(?:時|分|半|日|月|年|年度|正午)$")  #: something may begin there at once: 「17時受付」
_BOUND = re.compile("以上|以下|未満|以内|程度|前後|超|目|頃|ごろ|[くぐ]らい|ほど|生まれ")  #: says itself how far it goes
_WEEKDAYS = re.compile(
    r"(?:(?<![一-鿿\d])|(?<=毎週))([月火水木金土日])〜([月火水木金土日])(?:曜日?|(?![一-鿿])|(?=及び|並びに|又は))"
)
_LASTING = re.compile(r"(?<![月\d])(\d{1,3})〜(?=\d{1,3}(?:日|週間|時間|分|か月|年|回|割|倍|人|名|か所|点|枚|本|個))")
_TIMES_SPAN = re.compile(r"(\d{1,2}時(?:\d{1,2}分|半)?)-((?:午前|午後)?\d{1,2}時)")
_LOT = re.compile(rf"(?<=[一-鿿])\d{{1,5}}(?:-\d{{1,5}}){{1,3}}(?![\d-])(?=番地?|号|(?!{_UNIT}|[万千百億倍]))")


def read_ranges(text: str) -> str:
    """「8時〜17時」 -> 「8時から17時まで」; a wave dash that is no range is dropped."""
    text = _LOT.sub(lambda m: m[0].replace("-", "の"), _TIMES_SPAN.sub(r"\1〜\2", text))
    text = _LASTING.sub(r"\1から", _WEEKDAYS.sub(r"\1曜日〜\2曜日", text))
    text = _RANGE.sub(_said, text)
    return re.sub(r"(?<=\w)〜(?=\w)|(?<=[\d年月日時分円歳])〜", "から", text).replace("〜", "")


def _said(match: re.Match[str]) -> str:
    """With 「まで」 in place of a last 「に」: 「17時までに開く」 would be a last hour."""
    last, after = match["last"], match.string[match.end() :]
    counts_on = not _MOMENT.search(last) and re.match("[一-鿿々ァ-ヺ]", after)  # 「3から5営業日」
    if not match["until"] and (counts_on or _BOUND.match(after)):
        return f"から{last}"
    return f"から{last}まで"
