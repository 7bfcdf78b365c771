"""Written Japanese in, Japanese for the ear out: no links or bullets, brackets unfolded, numbers and signs as they are said."""

from __future__ import annotations

import re

from voice_skill.figures import spelled
from voice_skill.letters import read_letters
from voice_skill.ranges import read_ranges

_WIDE = {ord("０") + i: str(i) for i in range(10)}
_WIDE |= {ord("Ａ") + i: chr(ord("A") + i) for i in range(26)} | {ord("ａ") + i: chr(ord("a") + i) for i in range(26)}
_WIDE |= {ord(wide): narrow for wide, narrow in zip("（）～〜：／－‐−–＃＠％，．", "()〜〜:/----#@%,.", strict=True)}

_EMAIL = r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_URL = r"(?:https?://|www\.)[!-'*-~]++|(?<![\w.-])(?:[a-z0-9-]{1,63}\.){1,6}(?:jp|com|net|org)(?![\w-])(?:/[!-'*-~]*+)?"
_ADDRESS = re.compile(rf"(?:(?P<email>{_EMAIL})|{_URL})[ \t　]*+", re.ASCII | re.IGNORECASE)
_IS_NAMED = re.compile(r"(?:ホームページ|サイト|ページ|アドレス|URL|HP|メール)[\s:「(]*$", re.IGNORECASE)
_GOES_ON = re.compile("[」)]?[をにでかのへ宛]")
_IS_TOLD = re.compile(r"[はが]\s*$")
_ENDS = re.compile("です|となります|になります|。|$")
_AROUND_CHARS = 16  #: of an address, that say how it is spoken of
_AS_WRITTEN = "文字のご案内のとおり"
_IN_WRITING = "アドレスは、文字のご案内にあります。"
_DASH = re.compile(r"(?<=\d)[‑‒—―─ー](?=\d)")  #: what some write in place of a hyphen
_AREA_CODE = re.compile(r"\((0\d{1,4})\)[- ]?(?=\d{1,4}-\d{4})")
_MIDDLE_CODE = re.compile(r"(?<!\d)(0\d{1,4})\((\d{1,4})\)(\d{3,4})(?!\d)")
_MARK = re.compile(r"^[\s　]*(?:[・●■□◆◇○◎▼▶◦•*＊▪]|[-–—](?=\s)|#{1,4}\s)[\s　]*")
_LABEL = re.compile(r"^([^。、:()「」]{1,16}):[\s　]*(?=[^\d\s　/:])")
_FURIGANA = re.compile(r"(?<=[一-鿿々])\([ぁ-ゖー・ ]+\)")
_WEEKDAY = re.compile(r"(?<=日)\(([月火水木金土日])(?:・?祝)?\)")
_BRACKETED = re.compile(r"\(([^()]*)\)(.?)")
_PHONE = re.compile(r"(?:(?<![\d-])0\d{1,4}-\d{1,4}-\d{3,4}(?![\d-])|(?<!\d)0\d{9,10}(?!\d))(?:〜(?P<last>\d{3,4})(?![\d時分]))?")
_LOCAL = re.compile(r"((?:電話|ファックス)(?:番号)?[は、 ]{0,2})(\d{2,3}-\d{4})(?![\d-])")
_CLOCK = re.compile(r"(?<![\d:])([01]?\d|2\d):([0-5]\d)(?![\d:])")
_DATE = re.compile(r"(?<!\d)(20\d\d)[/-](\d{1,2})[/-](\d{1,2})(?!\d)")
_ONE_AND_ANOTHER = re.compile(r"(?<=\d),(?=\d{1,2}(?!\d))")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_SHORT_CODE = re.compile(r"#(\d{4})(?!\d)")
_UNITS = {
    "㎡": "平方メートル",
    "m²": "平方メートル",
    "㎥": "立方メートル",
    "㎝": "センチメートル",
    "㎜": "ミリメートル",
    "㎞": "キロメートル",
    "㎏": "キログラム",
    "㌔": "キロ",
    "㌢": "センチ",
    "㍑": "リットル",
    "ℓ": "リットル",
    "℃": "度",
    "㈱": "株式会社",
    "(株)": "株式会社",
    "℡": "電話番号、",
    "☎": "電話番号、",
}
_AFTER_DIGITS = {
    "cm": "センチメートル",
    "mm": "ミリメートル",
    "km": "キロメートル",
    "m": "メートル",
    "m2": "平方メートル",
    "km2": "平方キロメートル",
    "m3": "立方メートル",
    "kg": "キログラム",
    "g": "グラム",
    "t": "トン",
    "L": "リットル",
    "l": "リットル",
    "ml": "ミリリットル",
    "mL": "ミリリットル",
    "a": "アール",
    "ha": "ヘクタール",
    "V": "ボルト",
    "W": "ワット",
    "kW": "キロワット",
    "KB": "キロバイト",
    "MB": "メガバイト",
    "GB": "ギガバイト",
    "F": "階",
    "%": "パーセント",
}
_MEASURE = re.compile(r"(?<=\d)\s?(" + "|".join(sorted(_AFTER_DIGITS, key=len, reverse=True)) + r")(?![A-Za-z]|判|版|サイズ)")
_DIGITS = ("ゼロ", "イチ", "ニー", "サン", "ヨン", "ゴー", "ロク", "ナナ", "ハチ", "キュウ")
_NAMES = {str(digit): name for digit, name in enumerate(_DIGITS)}
_NESTED = 3  # brackets within brackets; deeper ones are only taken off
_UNGROUPED_CHARS = 10  # a whole phone number without hyphens
# Of three digits, and no hundred and nineteen of anything.
_CALLED = {
    "110": "ひゃくとお",
    "118": "いちいちはち",
    "119": "いちいちきゅう",
    "171": "いちなないち",
    "188": "いちはちはち",
    "189": "いちはちきゅう",
}
_CALL = re.compile(
    rf"(?<!\d)({'|'.join(_CALLED)})番(?![地目号])"
    rf"|(?:(?<=電話)|(?<=電話、)|(?<=局番なしの)|(?<=ダイヤル)|(?<=ホットライン))({'|'.join(_CALLED)})(?!\d)"
)
_BETWEEN_WORDS = re.compile(r"(?<=[ぁ-ん一-鿿々]) +(?=[ぁ-んァ-ヺ一-鿿\d])")  #: where a blank is a pause
_WORDS_APART = re.compile("[ぁ-ん] +[ぁ-ん]")  #: as easy Japanese is written, for the eye: 「みじかい ことばで きいて ください」
_AFTER_KANJI = re.compile(r"(?<=[一-鿿々]) +(?=[ぁ-んァ-ヺ一-鿿\d])")
_END = "。！？"


def clean(text: str) -> str:
    """Sentences only: links, list marks and brackets gone, what stood in brackets kept between commas."""
    text = _DASH.sub("-", text.replace("\r", "").translate(_WIDE))
    text = _MIDDLE_CODE.sub(r"\1-\2-\3", _AREA_CODE.sub(r"\1-", text))
    text = spelled(text, _NAMES)
    for sign, said in _UNITS.items():
        text = text.replace(sign, said)
    text = re.sub(r"#(?=\D)", "", text)
    lines = (_line(_without_addresses(line)) for line in text.split("\n"))
    return _tidy("".join(line for line in lines if line).replace("~", "〜"))  # which is a part of an address, too


def sentences(text: str) -> list[str]:
    """Whole sentences with their ends."""
    return re.findall(rf"[^{_END}]+[{_END}]*|[{_END}]+", text)


def read_out(text: str) -> str:
    """Phone numbers digit by digit in groups, times, dates, ranges, money and measures as they are said."""
    text = _DATE.sub(lambda m: f"{m[1]}年{int(m[2])}月{int(m[3])}日", clean(text))
    text = _LOCAL.sub(lambda m: m[1] + phone(m[2]), _PHONE.sub(_phone, text))
    text = _CLOCK.sub(_clock, text)
    text = _SHORT_CODE.sub(lambda m: f"シャープ {_digits(m[1])}", text)
    text = _CALL.sub(lambda m: _CALLED[m[1]] + "ばん" if m[1] else _CALLED[m[2]], text)
    text = _ONE_AND_ANOTHER.sub("、", _THOUSANDS.sub("", text))
    text = re.sub(r"[¥￥](\d+)", r"\1円", text)
    text = _MEASURE.sub(lambda m: _AFTER_DIGITS[m[1]], text)
    return read_letters(read_ranges(text))


def phone(number: str) -> str:
    """「0986-76-1111」 -> 「ゼロ キュウ ハチ ロク、ナナ ロク、イチ イチ イチ イチ」."""
    groups = [group for group in re.split(r"\D+", number.translate(_WIDE)) if group]
    if len(groups) == 1 and len(groups[0]) >= _UNGROUPED_CHARS:
        groups = [groups[0][:3], groups[0][3:-4], groups[0][-4:]]
    return "、".join(_digits(group) for group in groups)


def _phone(match: re.Match[str]) -> str:
    """A number, or those up to another one: 「0986-76-8801〜8804」."""
    first, _, _ = match[0].partition("〜")
    return f"{phone(first)}から、{_digits(match['last'])}まで" if match["last"] else phone(first)


def _digits(group: str) -> str:
    return " ".join(_DIGITS[int(digit)] for digit in group)


def _without_addresses(line: str) -> str:
    """Nobody remembers an address by ear: it is called what it is. Where to find one that is to be typed is said."""
    called = [(m["email"], _called(m)) for m in _ADDRESS.finditer(line)]
    names = iter(called)
    said = _ADDRESS.sub(lambda _: next(names)[1], line)
    is_missed = any(email and name != _AS_WRITTEN for email, name in called)
    return f"{_line(said)}{_IN_WRITING}" if is_missed else said


def _called(address: re.Match[str]) -> str:
    start, end, text = address.start(), address.end(), address.string
    before, after = text[max(0, start - _AROUND_CHARS) : start], text[end : end + _AROUND_CHARS]
    if _IS_TOLD.search(before) and _ENDS.match(after):
        return _AS_WRITTEN
    if _IS_NAMED.search(before) or not _GOES_ON.match(after):
        return ""
    return "メールアドレス" if address["email"] else "市のホームページ"


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    return f"{hour}時{minute}分" if minute else f"{hour}時"


def _line(line: str) -> str:
    """One line as a sentence. A list's item, too, ends with a full stop, so that the voice rests after it."""
    line = _LABEL.sub(r"\1。", _MARK.sub("", line))  # a comma would make the label the first of a list
    line = line.strip(" 　\t-=*_:、・")
    line = re.sub(r"\*\*|__|`", "", line)
    if not line or line[-1] in _END:
        return line
    return line + "。"


def _tidy(text: str) -> str:
    text = _FURIGANA.sub("", text)
    text = _WEEKDAY.sub(r"\1曜日", text)
    for _ in range(_NESTED):
        text = _BRACKETED.sub(_unfold, text)
    text = re.sub(r"【([^】]*)】", r"\1。", text)
    text = re.sub(r"。+(?=[」』])", "、", text)
    text = re.sub(r"[」』](?=[「『A-Za-z0-9一-鿿ァ-ヺ])", "、", text)
    text = re.sub(r"[「」『』〔〕［］【】\[\]<>〈〉《》\"“”()]", "", text)
    text = re.sub(r"(?<=[^。、！？\s])※\s*", "。なお、", text)
    text = re.sub(r"※\s*", "なお、", text)
    text = re.sub(r"[→⇒／/|｜:;；]|(?<=[^ァ-ヺー])・(?=[^ァ-ヺ])", "、", _protect_clock(text)).replace("\0", ":")
    text = re.sub(r"…+|‥+|\s*[　\t]\s*", "、", text)
    text = (_AFTER_KANJI if _WORDS_APART.search(text) else _BETWEEN_WORDS).sub("、", text)
    text = re.sub(r"、[、\s]*", "、", text).replace("、。", "。").replace("。、", "。")
    return re.sub(r"。{2,}", "。", text).strip(" 、")


def _protect_clock(text: str) -> str:
    """Colons of times and slashes of dates outlive the signs that become commas."""
    text = _DATE.sub(lambda m: f"{m[1]}-{m[2]}-{m[3]}", text)
    return _CLOCK.sub(r"\1" + "\0" + r"\2", text)


def _unfold(match: re.Match[str]) -> str:
    inside, after = match[1].strip(" 、。"), match[2]
    if not inside:
        return after
    copula = match.string.startswith("です", match.start(2))
    particle = bool(re.match(r"[をにはがのでともへやか]", after)) and not copula
    joined = after in "、。！？ 　" or (particle and not re.search(r"[ぁ-ゖ]$", inside))
    return f"、{inside}{'' if joined else '、'}{after}"
