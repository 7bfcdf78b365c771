"""Promises of the dialect: endings of Ōsumi are understood, and words that only look like them are left as they are."""

from __future__ import annotations

import pytest

from dialogue.dialect import in_standard


@pytest.mark.parametrize(
    ("text", "standard"),
    [
        ("ごみはどけ出すと", "ごみはどこに出すと"),
        ("印鑑登録はなんが要っと", "印鑑登録は何が要るの"),
        ("給付金はもらえっと", "給付金はもらえるの"),
        ("住民票はどこで取れっとけ", "住民票はどこで取れるの"),
        ("教えっとな", "教えるの"),
    ],
)
def test_what_is_asked_as_in_osumi_is_asked_in_standard_japanese(text: str, standard: str) -> None:
    assert in_standard(text) == standard


@pytest.mark.parametrize("text", ["婚姻とどけ出すのはどこ", "ちけっと", "介護べっと", "いんたーねっと", "ぽけっと"])
def test_words_that_only_look_like_dialect_stay(text: str) -> None:
    assert in_standard(text) == text
