"""Promises of telling encodings apart: the text comes out that people would write, short and without kana though it may be."""

from __future__ import annotations

import pytest

from core.encodings import decoded

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp", "iso2022_jp")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "text", ["証明書,手数料", "本籍", "市民課", "曽於市末吉町二之方", "印鑑登録証明書交付申請書", "転入届は市民課です。", "plain"]
)
def test_japanese_is_read_in_every_encoding_that_a_city_hall_has(text: str, encoding: str) -> None:
    assert decoded(f"id,name\n1,{text}\n".encode(encoding)) == f"id,name\n1,{text}\n"


def test_lists_in_half_width_katakana_are_those_of_windows() -> None:
    text = "id,name\n1,ｺﾞﾐｽﾃｰｼｮﾝ\n2,ｶﾝ\n3,ﾋﾞﾝ\n4,ﾍﾟｯﾄﾎﾞﾄﾙ\n"
    assert decoded(text.encode("cp932")) == text


def test_marks_that_windows_writes_into_euc_are_read_and_what_would_become_another_kanji_is_refused() -> None:
    assert decoded("手続".encode("euc_jp") + b"\xad\xa1\xad\xea") == "手続①㈱"
    with pytest.raises(UnicodeError):
        decoded("住民票".encode("euc_jp") + b"\xfc\xe2")  # 髙


@pytest.mark.parametrize("raw", [b"a\0b", b"\x82", "市民".encode() + b"\xe3\x81", b"\x1b$B\x7f\x7f"])
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(UnicodeError):
        decoded(raw)
