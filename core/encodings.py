"""Bytes of Japanese text in, the encoding that they are most likely in out."""

from __future__ import annotations

import codecs

_MARKS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ESCAPES = (b"\x1b$", b"\x1b(I")  #: by which ISO-2022-JP changes from ASCII to kanji or katakana
_WITH_MARKS = "euc_jis_2004"  #: EUC-JP with ① and ㈱, which Windows writes into it
_LAST_ROW = 0xF4  #: of JIS X 0208
_OTHERS = ("cp932", "euc_jp", _WITH_MARKS)
_HALF_WIDTH_COST = 0.2  #: lists for old machines are full of half-width katakana


def decoded(raw: bytes) -> str:
    """The text. Raises UnicodeError for what is text in no encoding that `encoding_of` knows."""
    return raw.decode(encoding_of(raw))


def encoding_of(raw: bytes) -> str:
    """UTF-8 or UTF-16 with their marks, plain UTF-8, ISO-2022-JP, EUC-JP or CP932. Raises UnicodeError for what is text in none
    of them."""
    if raw.startswith(_MARKS_16):
        return "utf-16"
    if b"\0" in raw:
        raise UnicodeError  # no text
    if raw.isascii() and any(escape in raw for escape in _ESCAPES):
        raw.decode("iso2022_jp_ext")
        return "iso2022_jp_ext"
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        if _has_japanese(raw[: e.start].decode("utf-8-sig", "ignore")):
            raise UnicodeError from None  # damaged, and the other encodings would make other words of it
    else:
        return "utf-8-sig"
    costs = {encoding: cost for encoding in _OTHERS if (cost := _cost(raw, encoding)) is not None}
    if not costs:
        raise UnicodeError
    likeliest = min(costs, key=costs.__getitem__)
    if likeliest == _WITH_MARKS and any(c.encode(_WITH_MARKS)[0] > _LAST_ROW for c in raw.decode(_WITH_MARKS)):
        raise UnicodeError  # 髙 and 﨑 of Windows, which it takes for other kanji
    return likeliest


def _cost(raw: bytes, encoding: str) -> float | None:
    """How unlike what people write the text would be, from 0 to 1; None where it is none. Most bytes of EUC-JP are half-width
    katakana or rare kanji in CP932, and the other way round."""
    try:
        foreign = [c for c in raw.decode(encoding) if not c.isascii()]
    except UnicodeDecodeError:
        return None
    odd = sum(_HALF_WIDTH_COST if "\uff61" <= c <= "\uff9f" else not _is_usual(c) for c in foreign)
    return odd / max(len(foreign), 1)


def _is_usual(character: str) -> bool:
    """Whether it is kana, a common mark or one of the kanji of JIS X 0208's first level, which are those in use."""
    first = character.encode("euc_jp", "ignore")[:1]
    return b"\xa1" <= first <= b"\xa5" or b"\xb0" <= first <= b"\xcf"


def _has_japanese(text: str) -> bool:
    return any("\u3000" <= c <= "\u9fff" for c in text)
