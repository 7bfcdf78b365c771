"""Text with numbers as they were heard in, numbers as official documents write them out.

The manner is that of 公用文作成の考え方 (文化審議会 2022): Arabic digits with a comma every three, 兆 億 万 as words, 3か所, and
kanji where a number counts nothing: 一つ, 一人, 数十人, 第一中学校, 四国.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from asr.counters import AFTER_DAI, ASIDE, COUNTER, GOES_ON, LISTED, NOT_BEFORE, NOT_ONE_OR_TWO, OVER_TEN_ONLY, PER, QUANTITY, ROW
from asr.edits import Edits
from asr.figures import KANJI, NUMBER, RUN, WIDE, each_digit, in_digits
from asr.transcript import Reason
from core.sounds.morphemes import Morpheme, morphemes


class Notation(StrEnum):
    """How numbers are written."""

    OFFICIAL = "official"  #: as official documents do (公用文)
    AS_HEARD = "as-heard"


_SURE = 3  #: of so many kanji, a number is nothing else
#: Words with a number in them, in kanji always: 一軒一軒, 三位一体, 六ヶ所村.
_WORDS = re.compile(
    "|".join(
        (
            "一(?P<each>[^一、。]{1,2})一(?P=each) 一億総 一日一善 一人[二三]役 "
            "百条委員会 五月人形 十文字 二十歳の(?:つどい|集い) 一軒家 八百(?:屋|万の) "
            "五十(?:肩|音|嵐) 三位一体 二人三脚 十人十色 百人一首 三日(?:坊主|月) 十五夜 八十八夜 "
            "二十四節気 二百十日 五分五分 九分九厘 一分一厘 百歳体操 千歳 六[ヶケか]所村 十日町 一石二鳥 "
            "一問一答 千載一遇 四六時中 七転び八起き [一二三四五六七八九十]人称 三種の神器 一期一会 "
            "百年の計 千里の道 一円玉"
        ).split()
    )
)

_PHONE_DIGIT = "(?:[0-9０-９〇零一二三四五六七八九]|ゼロ)"
_PHONE_JOINT = r"[のノ\-‐－―ー 　、]"
_PHONE = re.compile(
    rf"(?<![0-9０-９〇零一二三四五六七八九ロ])(?P<a>(?:[0０〇零]|ゼロ){_PHONE_DIGIT}{{1,4}}){_PHONE_JOINT}(?P<b>{_PHONE_DIGIT}{{1,4}}){_PHONE_JOINT}"
    rf"(?P<c>{_PHONE_DIGIT}{{3,4}})(?!{_PHONE_DIGIT})"
)
_POINT = re.compile(
    rf"(?P<whole>{NUMBER}|[〇零]|ゼロ)[点・](?P<part>[〇零一二三四五六七八九]+|[0-9０-９]+)"
    "(?![〇零一二三四五六七八九0-9０-９十百千]|[目つ点人件個条回]|か所)"
)
_SHARE = re.compile(rf"(?P<whole>{NUMBER})(?P<of>分の|対)(?P<part>{NUMBER})")
_NATIVE = re.compile("(?<![0-9０-９.．,，])[1-9１-９](?=つ|人暮らし|人ひとり)")
_ALONE = re.compile("(?![一-鿿々つ])")  #: no kanji behind a number, which would make a word of both
_ENDS = "(?=[第弱強以反賛にのをはがもでとへま。]|から|、(?![一二三四五六七八九十百千])|$|規定)"
_GRADE = "(?:震度|レベル|ステージ|フェーズ|要介護|要支援|別表第|定数は?)"
_NUMBERED = (
    re.compile(rf"(?:第{NUMBER}条|別表第{NUMBER})の(?P<number>{NUMBER}){_ENDS}"),
    re.compile(rf"第{NUMBER}条の{NUMBER}の(?P<number>{NUMBER}){_ENDS}"),
    re.compile(rf"{_GRADE}(?P<number>{NUMBER}){_ENDS}"),
    re.compile(rf"{_GRADE}{NUMBER}(?:から|[とや])(?P<number>{NUMBER}){_ENDS}"),
    re.compile(rf"(?:賛成|反対|出席|欠席|起立)者?[はが]?(?P<number>{NUMBER}){_ENDS}"),
    re.compile(rf"丁目(?P<number>{NUMBER})(?=番)"),
    re.compile("(?P<number>一)(?=番(?:議員|委員))"),
    re.compile(rf"[0-9０-９一二三四五六七八九十百千]番地の?(?P<number>{NUMBER}){_ENDS}"),
)
_TO = re.compile(rf"(?:から|ないし|[〜～])(?P<number>{RUN.pattern})")
#: several tens, some twenty, two or three, in the digits that the recogniser writes them in
_TENS = re.compile("(?:(?<![一-鿿々の])|(?<=約))[数何]1(?P<noughts>0{1,3})(?![0-9.,])")
_ODD = re.compile(rf"(?<![0-9.,])(?P<tens>[1-9])0数(?={COUNTER.pattern})")
_NEXT = re.compile(
    rf"(?<![0-9.,第月号条項和成昭])(?<![0-9][、，])(?P<few>[1-8])[、,，](?P<more>[2-9])(?P<counter>{COUNTER.pattern})"
)
_ABOUT = QUANTITY | set("回日年点度割")  #: with another counter, 2、3 names two of them
_MONTHS = re.compile("(?P<number>[0-9][0-9,]*|数)(?P<ka>[ヶカヵケ]|箇|個(?=所))(?=所|月|国|年)")


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    written: str


def official(edits: Edits) -> Edits:
    """Numbers in digits, with commas, and joined telephone numbers. Nothing that is not a number changes."""
    for find in (_phones, _points, _shares, _quarters, _numbered, _numbers, _ka, _native, _about):
        text = edits.text
        for found in sorted(find(text), key=lambda f: f.start, reverse=True):
            if text[found.start : found.end] != found.written:
                edits = edits.replace(found.start, found.end, found.written, Reason.NOTATION)
    return edits


def _phones(text: str) -> Iterator[_Found]:
    """〇九八六の七六の八八〇一: ten or eleven digits in three groups."""
    for m in _PHONE.finditer(text):
        groups = [each_digit(m[name]) for name in "abc"]
        if len("".join(groups)) in (10, 11):
            yield _Found(m.start(), m.end(), "-".join(groups))


def _points(text: str) -> Iterator[_Found]:
    """三点五パーセント."""
    for m in _POINT.finditer(text):
        whole = "0" if m["whole"] in ("〇", "零", "ゼロ") else in_digits(m["whole"], comma=True)
        if whole is not None and _stands_alone(text, m.start("whole"), m.end("whole")):
            yield _Found(m.start(), m.end(), f"{whole}.{each_digit(m['part'])}")


def _shares(text: str) -> Iterator[_Found]:
    """三分の二, 三対二."""
    for m in _SHARE.finditer(text):
        whole, part = in_digits(m["whole"], comma=False), in_digits(m["part"], comma=False)
        if whole and part and not ASIDE.match(text[max(0, m.start() - 1) :]):
            yield _Found(m.start(), m.end(), f"{whole}{m['of']}{part}")


def _quarters(text: str) -> Iterator[_Found]:
    """第一四半期, whose digits stand side by side."""
    return (_Found(m.start(1), m.end(1), str(KANJI.index(m[1]))) for m in re.finditer("第([一二三四])四半期", text))


def _numbered(text: str) -> Iterator[_Found]:
    """第三条の二, an article that was put in between; 要介護三; 賛成十五; 二番地三."""
    for m in (m for numbered in _NUMBERED for m in numbered.finditer(text)):
        if written := in_digits(m["number"], comma=False):
            yield _Found(m.start("number"), m.end("number"), written)


def _ka(text: str) -> Iterator[_Found]:
    """3ヶ所."""
    return (_Found(m.start("ka"), m.end("ka"), "か") for m in _MONTHS.finditer(text))


def _native(text: str) -> Iterator[_Found]:
    """2つ, which the recogniser writes, and nobody counts with more than nine."""
    return (_Found(m.start(), m.end(), KANJI[int(m[0].translate(WIDE))]) for m in _NATIVE.finditer(text))


def _about(text: str) -> Iterator[_Found]:
    """数10人, 20数人 and 2、3人, which count nothing exactly and so are written in kanji."""
    for m in _TENS.finditer(text):
        yield _Found(m.start("noughts") - 1, m.end(), "十百千"[len(m["noughts"]) - 1])
    for m in _ODD.finditer(text):
        yield _Found(m.start(), m.end() - 1, "十" if m["tens"] == "1" else f"{KANJI[int(m['tens'])]}十")
    for m in _NEXT.finditer(text):
        few, more = int(m["few"]), int(m["more"])
        if few + 1 == more and m["counter"] in _ABOUT:
            yield _Found(m.start(), m.end("more"), f"{KANJI[few]}、{KANJI[more]}")


def _numbers(text: str) -> Iterator[_Found]:
    kept = [m.span() for m in _WORDS.finditer(text)]
    for run in RUN.finditer(text):
        start, end = run.span()
        if any(a < end and start < b for a, b in kept) or text[max(0, start - 1) : start] in tuple(",.，．-"):
            continue
        counter = _counter(text, start, end) or _counter_behind(text, start, end)
        is_alone = counter is None and _is_alone(text, start, end)
        if counter is None and not is_alone and not run[0].translate(WIDE).isdecimal():
            continue
        written = in_digits(run[0], comma=is_alone or counter in QUANTITY)
        if written is not None:
            yield _Found(start, end, written)


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether a number without what it counts is one for certain: of three kanji or more, and no part of a word."""
    number = text[start:end]
    is_long = len(number) >= _SURE and any(c in "十百千" for c in number)
    is_large = number[0] in KANJI and number[-1] in "万億兆"
    if LISTED.match(text, end) or ASIDE.search(text, max(0, start - 2), start):  # 五百二、三十万円
        return False
    if not (is_long or is_large) or text[:start].endswith(("第", "数", "何", "幾")) or not _ALONE.match(text, end):
        return False
    return _stands_alone(text, start, end)


def _counter(text: str, start: int, end: int) -> str | None:
    """What the number at text[start:end] counts; None where it is part of a word or stands for no number."""
    number, before, after = text[start:end], text[:start], text[end:]
    if before.endswith("第"):
        m = AFTER_DAI.match(after)
        return m[0] if m and (m[0] == "子" or _tokens_are_numbers(text, start, end, m[0])) else None  # 第三子 is read as a name
    m = COUNTER.match(after)
    if m is None or ASIDE.search(text[max(0, start - 2) : start]) or LISTED.match(after):
        return None
    counter = m[0]
    if (no := NOT_BEFORE.get(counter)) and no.match(after[len(counter) :]):
        return None
    if number in "一二十" and not _counts(number, counter, before, after[len(counter) :]):
        return None
    if counter in OVER_TEN_ONLY and number in KANJI:
        return None
    return counter if _tokens_are_numbers(text, start, end, counter) else None


def _counter_behind(text: str, start: int, end: int) -> str | None:
    """What the number counts whose counter stands behind the next: 三千から四千円. (一から is from the beginning, too.)"""
    to = _TO.match(text, end)
    if to is None or text[start:end] == "一" or not _stands_alone(text, start, end):
        return None
    if text[:start].endswith(("第", "数", "何")) or ASIDE.search(text, max(0, start - 2), start):
        return None
    return _counter(text, to.start("number"), to.end("number"))


def _counts(number: str, counter: str, before: str, after: str) -> bool:
    """Whether 一, 二 and 十, which many words begin with, count here."""
    if number == "一" and counter in ("日", "円", "度", "点", "本", "位", "番"):
        is_dated = counter in ("日", "位") and before.endswith(("月", "第"))
        return is_dated or (counter == "日" and bool(PER.match(after))) or _goes_on(counter, after, 0)
    if number == "一" and counter == "時":
        return _goes_on(counter, after, 0) or before.endswith(("午前", "午後", "夜", "昼")) or after.startswith(("半", "間"))
    if counter == "人" and (PER.match(after) or ROW.match(after)):
        return True
    if counter == "組" and before.endswith("年"):
        return True
    return not (number in "一二" and counter in NOT_ONE_OR_TWO)


def _goes_on(counter: str, text: str, end: int) -> bool:
    return counter in GOES_ON and bool(GOES_ON[counter].match(text, end))


def _tokens_are_numbers(text: str, start: int, end: int, counter: str) -> bool:
    """Whether the analyser, too, sees a number at text[start:end], or a date such as 一日."""
    number = text[start:end]
    if number.translate(WIDE).isdecimal():
        return True
    for token in (t for t in morphemes(text) if t.start < end and start < t.end):
        if not (_is_number(token, start, end) or _is_date(text, token, start, counter)):
            return False
    return True


def _is_number(token: Morpheme, start: int, end: int) -> bool:
    return token.kind == "数詞" and start <= token.start and token.end <= end


def _is_date(text: str, token: Morpheme, start: int, counter: str) -> bool:
    """一日 in 四月一日, 一時 in 午後一時: single words elsewhere."""
    if token.start < start or token.surface not in (text[token.start : token.end - len(counter)] + counter,):
        return False
    if _goes_on(counter, text, token.end):
        return True
    if counter == "日":
        return text[:start].endswith("月") or bool(PER.match(text, token.end))
    if counter == "人":
        return bool(PER.match(text, token.end) or ROW.match(text, token.end))
    return counter in ("月", "年", "回", "歳") or (counter == "時" and text[:start].endswith(("午前", "午後")))


def _stands_alone(text: str, start: int, end: int) -> bool:
    return all(t.kind == "数詞" for t in morphemes(text) if t.start < end and start < t.end)
