"""Bytes of Japanese text in, the encoding that they are most likely in out."""

from __future__ import annotations

import codecs

_MARKS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def encoding_of(raw: bytes) -> str:
    """UTF-8 or UTF-16 with their marks, plain UTF-8, EUC-JP or CP932. Raises UnicodeError for what is text in none of them."""
    if raw.startswith(_MARKS_16):
        return "utf-16"
    if b"\0" in raw:
        raise UnicodeError  # no text
    for encoding, is_likely in (("utf-8-sig", _is_any), ("euc_jp", _is_euc), ("cp932", _is_any)):
        try:
            if is_likely(raw, raw.decode(encoding)):
                return encoding
        except UnicodeDecodeError as e:
            if encoding == "utf-8-sig" and _has_japanese(raw[: e.start].decode(encoding, "ignore")):
                break  # damaged, and the other encodings would make other words of it
    raise UnicodeError


def _is_any(_raw: bytes, _text: str) -> bool:
    return True


def _is_euc(raw: bytes, text: str) -> bool:
    """Hardly any text of Windows reads as EUC-JP, but for one that is all half-width katakana; the other way round many do."""
    if any("ぁ" <= c <= "ヶ" for c in text):
        return True
    foreign = [c for c in raw.decode("cp932", "replace") if not c.isascii()]
    half_width = sum("\uff61" <= c <= "\uff9f" for c in foreign)
    return 0 < half_width < len(foreign)


def _has_japanese(text: str) -> bool:
    return any("\u3000" <= c <= "\u9fff" for c in text)
