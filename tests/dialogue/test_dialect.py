"""Promises of the dialect: endings of Ōsumi are understood, and words that only look like them are left as they are."""

from __future__ import annotations

import pytest

from dialogue.answer import Band
from dialogue.dialect import in_standard
from dialogue.wording import read_wording

from .conftest import Ask

EXAMPLES = [example for rule in read_wording("dialect")["rule"] for example in rule["eg"].items()]


@pytest.mark.parametrize(("text", "standard"), EXAMPLES)
def test_what_is_said_as_in_osumi_is_what_standard_japanese_says(text: str, standard: str) -> None:
    assert in_standard(text) == standard


@pytest.mark.parametrize(
    "text",
    [
        "婚姻とどけ出すのはどこ",
        "ちけっと",
        "介護べっと",
        "いんたーねっと",
        "ぽけっと",
        "おやっどんが",
        "証明書を出せますか",
        "予約できません",
        "知らん人から電話",
        "けっこん",
        "おんせん",
        "印鑑登録もしたい",
        "手続きもしたくて",
        "じゃ、布団は",
        "それじゃ、布団は",
    ],
)
def test_words_that_only_look_like_dialect_stay(text: str) -> None:
    assert in_standard(text) == text


def test_who_asks_in_dialect_is_told_what_others_are(ask: Ask) -> None:
    answer = ask("じいさんにインフルエンザの予防注射をさせたかどん")
    assert (answer.band, [c.entry_id for c in answer.citations]) == (Band.ANSWER, ["health-04"])


def test_a_name_in_hiragana_is_told_what_it_is_in_kanji(ask: Ask) -> None:
    assert [c.entry_id for c in ask("けっこん").citations] == [c.entry_id for c in ask("結婚").citations] == ["registry-12"]
