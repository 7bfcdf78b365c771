"""Text with numbers as they were heard in, numbers as official documents write them out.

The manner is that of 公用文作成の考え方 (文化審議会 2022): Arabic digits with a comma every three, 兆 億 万 as words, 3か所, and
kanji where a number counts nothing: 一つ, 一人, 数十人, 第一中学校, 四国.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from asr.edits import Edits
from asr.transcript import Reason
from core.sounds.morphemes import Morpheme, morphemes


class Notation(StrEnum):
    """How numbers are written."""

    OFFICIAL = "official"  #: as official documents do (公用文)
    AS_HEARD = "as-heard"


_KANJI = "〇一二三四五六七八九"
_DIGITS = {c: i for i, c in enumerate(_KANJI)} | {"零": 0}
_SURE = 3  #: of so many kanji, a number is nothing else
_YEAR_DIGITS = 4  #: 一九九五年; of fewer, such as 二三年, each may be a number of its own
_SMALL = {"十": 10, "百": 100, "千": 1000}

_K = "[一二三四五六七八九]"
_A = r"[0-9０-９]{1,4}"
_SECTION = rf"(?:(?:{_K}|{_A})?千)?(?:(?:{_K}|{_A})?百)?(?:(?:{_K}|{_A})?十)?(?:{_K}|{_A})?"
_NUMBER = re.compile(rf"(?={_K}|{_A}|[十百千])(?:{_SECTION}兆)?(?:{_SECTION}億)?(?:{_SECTION}万)?{_SECTION}")
_DIGITWISE = re.compile("[〇零一二三四五六七八九]+")
_RUN = re.compile("[0-9０-９〇零一二三四五六七八九十百千万億兆]+")

# What counts things: such numbers take a comma.
_QUANTITIES = (
    "円 人 名 件 世帯 戸 軒 棟 台 個 枚 冊 頭 羽 匹 票 食 社 校 団体 区画 路線 品目 種類 倍 "
    "時間 分間 秒間 日間 週間 年間 泊 か所 ヶ所 カ所 ヵ所 ケ所 箇所 個所 か月 ヶ月 カ月 ヵ月 ケ月 箇月 "
    "か国 ヶ国 カ国 ヵ国 か年 カ年 ヶ年 箇年 パーセント % ％ ポイント ドル 平方メートル 平方キロ 立方メートル 平米 立米 "
    "キロメートル キログラム キロワット キロ メートル センチ ミリ グラム トン リットル ヘクタール アール ボルト ワット "
    "町歩 坪 カロリー 錠 袋 箱 通 着 便 学級 クラス セット チーム 言 字 文字 歩"
).split()
# What numbers things: 2026年, 1205号室.
_ORDINALS = (
    "年度 年代 年生 年目 年 月 日 時 分 秒 世紀 歳 才 回目 回 周年 期目 階 組 桁 番 号 ページ 頁 割 厘 位 問 本 点目 点 代 度 "
    "番目 番地 番議員 番委員 人目 件目 日目 か所目 丁目 学期 学年 班"
).split()
_COUNTER = re.compile("|".join(sorted(map(re.escape, _QUANTITIES + _ORDINALS), key=len, reverse=True)))
_QUANTITY = frozenset(_QUANTITIES)
_AFTER_DAI = re.compile("四半期|条(?![例件約])|次(?!世界)|段階|議案|[項号回期章款節表位問日種子弾]|[0-9０-９]")

# A counter that isn't one when this follows it.
_NOT_BEFORE = {
    "時": re.compile("[代的期点刻折々]|として"),
    "回": re.compile("[りすらしろ]|帰|転"),
    "人": re.compile("称|前(?!後)|一首|十色|三脚|ひとり|一人"),
    "本": re.compile("柱|化|立て"),
    "点": re.compile("張り|[0-9０-９〇零一二三四五六七八九十百千]"),
    "分": re.compile("[の五野]|岐|割"),
    "番": re.compile("[街町館星手煎勝茶]|せんじ|出汁|だし|弟子"),
    "組": re.compile("[合織長]|み"),
    "代": re.compile("言"),
    "年": re.compile("坂"),
    "日": re.compile("坊主|月|中|も早|咳|紅|草|[市町](?![長議内民政役場営])"),
    "字": re.compile("路"),
    "戸": re.compile("建"),
    "言": re.compile(""),
    "歩": re.compile(""),
    "円": re.compile("卓|満|滑"),
}
_OVER_TEN_ONLY = frozenset("度代")
_NOT_ONE_OR_TWO = frozenset("人言歩字組")
#: what shows that 一日 or 一人 is a measure, as in 一日二回, and no word, as in 一日を過ごす
_PER = re.compile("当たり|あたり|(?:につき|に)?(?:約|およそ)?(?!一[日人度]|千[曲差秋])[一二三四五六七八九十百千0-9０-９]")
#: 一人, 二人、三人: in a row with those that are written in digits
_ROW = re.compile(f"(?:[、やか][一二]人)*(?:[、やか]|から|ないし)(?![一二]人){_K}?十?{_K}?人")
#: 一日から十日まで, 一番と二番: the same goes on, which shows that the first counts, too
_GOES_ON = {
    counter: re.compile(f"(?:から|まで|[とや]|及び|または|又は{more}){_K}?十?{_K}?{counter}(?!間)")
    for counter, more in {"日": "|、", "時": "", "番": "", "位": "", "点": "", "本": ""}.items()
}
_ASIDE = re.compile("[数何幾]|[一二三四五六七八九十百千]、|・")
_LISTED = re.compile("、[一二三四五六七八九]")  #: 二十二、三歳 is about as many
_WORDS = re.compile(
    "一(?P<each>[^一、。]{1,2})一(?P=each)|一億総|一日一善|一人[二三]役|百条委員会|五月人形|十文字|二十歳の(?:つどい|集い)|一軒家|八百(?:屋|万の)|五十(?:肩|音|嵐)|三位一体|二人三脚|十人十色|百人一首|三日(?:坊主|月)|十五夜|八十八夜|二十四節気|二百十日|五分五分|九分九厘|一分一厘|百歳体操|千歳|六[ヶケか]所村|十日町"
    "|一石二鳥|一問一答|千載一遇|四[六]時中|七転び八起き|[一二三四五六七八九十]人称|三種の神器|一期一会|百年の計|千里の道|一円玉"
)

_PHONE_DIGIT = "(?:[0-9０-９〇零一二三四五六七八九]|ゼロ)"
_PHONE_JOINT = r"[のノ\-‐－―ー 　、]"
_PHONE = re.compile(
    rf"(?<![0-9０-９〇零一二三四五六七八九ロ])(?P<a>(?:[0０〇零]|ゼロ){_PHONE_DIGIT}{{1,4}}){_PHONE_JOINT}(?P<b>{_PHONE_DIGIT}{{1,4}}){_PHONE_JOINT}"
    rf"(?P<c>{_PHONE_DIGIT}{{3,4}})(?!{_PHONE_DIGIT})"
)
_POINT = re.compile(
    rf"(?P<whole>{_NUMBER.pattern}|[〇零]|ゼロ)[点・](?P<part>[〇零一二三四五六七八九]+|[0-9０-９]+)"
    "(?![〇零一二三四五六七八九0-9０-９十百千]|[目つ点人件個条回]|か所)"
)
_SHARE = re.compile(rf"(?P<whole>{_NUMBER.pattern})(?P<of>分の|対)(?P<part>{_NUMBER.pattern})")
_NATIVE = re.compile("(?<![0-9０-９.．,，])[1-9１-９](?=つ|人暮らし|人ひとり)")
_ALONE = re.compile("(?![一-鿿々つ])")  #: no kanji behind a number, which would make a word of both
_ENDS = "(?=[第弱強以反賛にのをはがもでとへま。]|から|、(?![一二三四五六七八九十百千])|$|規定)"
_GRADE = "(?:震度|レベル|ステージ|フェーズ|要介護|要支援|別表第|定数は?)"
_NUMBERED = (
    re.compile(rf"(?:第{_NUMBER.pattern}条|別表第{_NUMBER.pattern})の(?P<number>{_NUMBER.pattern}){_ENDS}"),
    re.compile(rf"第{_NUMBER.pattern}条の{_NUMBER.pattern}の(?P<number>{_NUMBER.pattern}){_ENDS}"),
    re.compile(rf"{_GRADE}(?P<number>{_NUMBER.pattern}){_ENDS}"),
    re.compile(rf"{_GRADE}{_NUMBER.pattern}(?:から|[とや])(?P<number>{_NUMBER.pattern}){_ENDS}"),
    re.compile(rf"(?:賛成|反対|出席|欠席|起立)者?[はが]?(?P<number>{_NUMBER.pattern}){_ENDS}"),
    re.compile(rf"丁目(?P<number>{_NUMBER.pattern})(?=番)"),
    re.compile("(?P<number>一)(?=番(?:議員|委員))"),
    re.compile(rf"[0-9０-９一二三四五六七八九十百千]番地の?(?P<number>{_NUMBER.pattern}){_ENDS}"),
)
_TO = re.compile(rf"(?:から|ないし|[〜～])(?P<number>{_RUN.pattern})")
#: several tens, some twenty, two or three, in the digits that the recogniser writes them in
_TENS = re.compile("(?:(?<![一-鿿々の])|(?<=約))[数何]1(?P<noughts>0{1,3})(?![0-9.,])")
_ODD = re.compile(rf"(?<![0-9.,])(?P<tens>[1-9])0数(?={_COUNTER.pattern})")
_NEXT = re.compile(
    rf"(?<![0-9.,第月号条項和成昭])(?<![0-9][、，])(?P<few>[1-8])[、,，](?P<more>[2-9])(?P<counter>{_COUNTER.pattern})"
)
_ABOUT = _QUANTITY | set("回日年点度割")  #: with another counter, 2、3 names two of them
_MONTHS = re.compile("(?P<number>[0-9][0-9,]*|数)(?P<ka>[ヶカヵケ]|箇|個(?=所))(?=所|月|国|年)")
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")


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
        groups = [_each_digit(m[name]) for name in "abc"]
        if len("".join(groups)) in (10, 11):
            yield _Found(m.start(), m.end(), "-".join(groups))


def _points(text: str) -> Iterator[_Found]:
    """三点五パーセント."""
    for m in _POINT.finditer(text):
        whole = "0" if m["whole"] in ("〇", "零", "ゼロ") else _written(m["whole"], comma=True)
        if whole is not None and _stands_alone(text, m.start("whole"), m.end("whole")):
            yield _Found(m.start(), m.end(), f"{whole}.{_each_digit(m['part'])}")


def _shares(text: str) -> Iterator[_Found]:
    """三分の二, 三対二."""
    for m in _SHARE.finditer(text):
        whole, part = _written(m["whole"], comma=False), _written(m["part"], comma=False)
        if whole and part and not _ASIDE.match(text[max(0, m.start() - 1) :]):
            yield _Found(m.start(), m.end(), f"{whole}{m['of']}{part}")


def _quarters(text: str) -> Iterator[_Found]:
    """第一四半期, whose digits stand side by side."""
    return (_Found(m.start(1), m.end(1), str(_DIGITS[m[1]])) for m in re.finditer("第([一二三四])四半期", text))


def _numbered(text: str) -> Iterator[_Found]:
    """第三条の二, an article that was put in between; 要介護三; 賛成十五; 二番地三."""
    for m in (m for numbered in _NUMBERED for m in numbered.finditer(text)):
        if written := _written(m["number"], comma=False):
            yield _Found(m.start("number"), m.end("number"), written)


def _ka(text: str) -> Iterator[_Found]:
    """3ヶ所."""
    return (_Found(m.start("ka"), m.end("ka"), "か") for m in _MONTHS.finditer(text))


def _native(text: str) -> Iterator[_Found]:
    """2つ, which the recogniser writes, and nobody counts with more than nine."""
    return (_Found(m.start(), m.end(), _KANJI[int(m[0].translate(_WIDE))]) for m in _NATIVE.finditer(text))


def _about(text: str) -> Iterator[_Found]:
    """数10人, 20数人 and 2、3人, which count nothing exactly and so are written in kanji."""
    for m in _TENS.finditer(text):
        yield _Found(m.start("noughts") - 1, m.end(), "十百千"[len(m["noughts"]) - 1])
    for m in _ODD.finditer(text):
        yield _Found(m.start(), m.end() - 1, "十" if m["tens"] == "1" else f"{_KANJI[int(m['tens'])]}十")
    for m in _NEXT.finditer(text):
        few, more = int(m["few"]), int(m["more"])
        if few + 1 == more and m["counter"] in _ABOUT:
            yield _Found(m.start(), m.end("more"), f"{_KANJI[few]}、{_KANJI[more]}")


def _numbers(text: str) -> Iterator[_Found]:
    kept = [m.span() for m in _WORDS.finditer(text)]
    for run in _RUN.finditer(text):
        start, end = run.span()
        if any(a < end and start < b for a, b in kept) or text[max(0, start - 1) : start] in tuple(",.，．-"):
            continue
        counter = _counter(text, start, end) or _counter_behind(text, start, end)
        is_alone = counter is None and _is_alone(text, start, end)
        if counter is None and not is_alone and not run[0].translate(_WIDE).isdecimal():
            continue
        written = _written(run[0], comma=is_alone or counter in _QUANTITY)
        if written is not None:
            yield _Found(start, end, written)


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether a number without what it counts is one for certain: of three kanji or more, and no part of a word."""
    number = text[start:end]
    is_long = len(number) >= _SURE and any(c in "十百千" for c in number)
    is_large = number[0] in _DIGITS and number[-1] in "万億兆"
    if _LISTED.match(text, end) or _ASIDE.search(text, max(0, start - 2), start):  # 五百二、三十万円
        return False
    if not (is_long or is_large) or text[:start].endswith(("第", "数", "何", "幾")) or not _ALONE.match(text, end):
        return False
    return _stands_alone(text, start, end)


def _counter(text: str, start: int, end: int) -> str | None:
    """What the number at text[start:end] counts; None where it is part of a word or stands for no number."""
    number, before, after = text[start:end], text[:start], text[end:]
    if before.endswith("第"):
        m = _AFTER_DAI.match(after)
        return m[0] if m and (m[0] == "子" or _tokens_are_numbers(text, start, end, m[0])) else None  # 第三子 is read as a name
    m = _COUNTER.match(after)
    if m is None or _ASIDE.search(text[max(0, start - 2) : start]) or _LISTED.match(after):
        return None
    counter = m[0]
    if (no := _NOT_BEFORE.get(counter)) and no.match(after[len(counter) :]):
        return None
    if number in "一二十" and not _counts(number, counter, before, after[len(counter) :]):
        return None
    if counter in _OVER_TEN_ONLY and number in _KANJI:
        return None
    return counter if _tokens_are_numbers(text, start, end, counter) else None


def _counter_behind(text: str, start: int, end: int) -> str | None:
    """What the number counts whose counter stands behind the next: 三千から四千円. (一から is from the beginning, too.)"""
    to = _TO.match(text, end)
    if to is None or text[start:end] == "一" or not _stands_alone(text, start, end):
        return None
    if text[:start].endswith(("第", "数", "何")) or _ASIDE.search(text, max(0, start - 2), start):
        return None
    return _counter(text, to.start("number"), to.end("number"))


def _counts(number: str, counter: str, before: str, after: str) -> bool:
    """Whether 一, 二 and 十, which many words begin with, count here."""
    if number == "一" and counter in ("日", "円", "度", "点", "本", "位", "番"):
        is_dated = counter in ("日", "位") and before.endswith(("月", "第"))
        return is_dated or (counter == "日" and bool(_PER.match(after))) or _goes_on(counter, after, 0)
    if number == "一" and counter == "時":
        return _goes_on(counter, after, 0) or before.endswith(("午前", "午後", "夜", "昼")) or after.startswith(("半", "間"))
    if counter == "人" and (_PER.match(after) or _ROW.match(after)):
        return True
    if counter == "組" and before.endswith("年"):
        return True
    return not (number in "一二" and counter in _NOT_ONE_OR_TWO)


def _goes_on(counter: str, text: str, end: int) -> bool:
    return counter in _GOES_ON and bool(_GOES_ON[counter].match(text, end))


def _tokens_are_numbers(text: str, start: int, end: int, counter: str) -> bool:
    """Whether the analyser, too, sees a number at text[start:end], or a date such as 一日."""
    number = text[start:end]
    if number.translate(_WIDE).isdecimal():
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
        return text[:start].endswith("月") or bool(_PER.match(text, token.end))
    if counter == "人":
        return bool(_PER.match(text, token.end) or _ROW.match(text, token.end))
    return counter in ("月", "年", "回", "歳") or (counter == "時" and text[:start].endswith(("午前", "午後")))


def _stands_alone(text: str, start: int, end: int) -> bool:
    return all(t.kind == "数詞" for t in morphemes(text) if t.start < end and start < t.end)


def _written(number: str, *, comma: bool) -> str | None:
    """A number in digits, or None for what isn't one: 二三 (two or three), 三四十."""
    number = number.translate(_WIDE)
    if number.isdecimal():
        return f"{int(number):,}" if comma and len(number) > 3 and number[0] != "0" else number
    if _DIGITWISE.fullmatch(number):
        if len(number) == 1:
            return str(_DIGITS[number])
        is_one = "〇" in number or "零" in number or len(number) >= _YEAR_DIGITS
        return _written(_each_digit(number), comma=comma) if is_one else None
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


def _each_digit(digits: str) -> str:
    digits = digits.replace("ゼロ", "0").translate(_WIDE)
    return "".join(str(_DIGITS.get(c, c)) for c in digits)
