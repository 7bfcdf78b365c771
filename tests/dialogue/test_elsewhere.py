"""Promises of whose city is meant: another's is noticed, and ours in all its names is not taken for another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dialogue.asked import Asked
from dialogue.elsewhere import names_another_city, names_another_place

Soo = Callable[[str], Asked]


@pytest.mark.parametrize(
    "text",
    [
        "鹿児島市の市民プールは何時まで",
        "都城市の図書館は",
        "鹿屋市の当番医",
        "志布志市立図書館",
        "大崎町の図書館は",
        "さつま町の図書館は",
        "明日鹿児島市の図書館は",
        "宮崎市のごみの出し方",
        "鹿児島市本町の図書館は",
        "隣の市の図書館は",
        "県立図書館は何時まで",
    ],
)
def test_another_city_is_noticed(asked_in_soo: Soo, text: str) -> None:
    assert names_another_city(asked_in_soo(text))


@pytest.mark.parametrize(
    "text",
    [
        "市の温泉は何時まで",
        "町の図書館は",
        "本市の当番医",
        "当市の図書館",
        "曽於市の図書館は",
        "曾於市の図書館は",
        "曽於市末吉町本町のごみ",
        "旧末吉町の図書館は",
        "大隅町の体育館は",
        "財部町の温泉は",
        "末吉市民プールは",
        "明日市民プールは",
        "来週市立図書館は",
        "日曜市の温泉は",
        "市町村の合併",
        "市役所は何時まで",
        "都市計画の窓口",
        "曽於市立図書館は",
        "中村病院は日曜やっていますか",
        "市県民税の窓口",
    ],
)
def test_our_own_names_are_ours(asked_in_soo: Soo, text: str) -> None:
    assert not names_another_city(asked_in_soo(text))


@pytest.mark.parametrize("text", ["都城の図書館は何時まで", "志布志のごみの日", "宮崎で日曜の当番医", "霧島のプールは"])
def test_a_place_that_no_table_has_is_noticed(asked_in_soo: Soo, text: str) -> None:
    assert names_another_place(asked_in_soo(text))
    assert not names_another_city(asked_in_soo(text)), "it may be a place of ours that is in no table"


@pytest.mark.parametrize(
    "text",
    ["末吉の図書館は何時まで", "大隅の体育館", "財部のごみの日", "深川の体育館は", "南京錠の捨て方", "日本の国旗の捨て方",
     "末吉から都城の病院へ", "岩川のごみはいつ", "曽於の図書館は"],
)  # fmt: skip
def test_a_place_that_a_table_has_is_ours(asked_in_soo: Soo, text: str) -> None:
    assert not names_another_place(asked_in_soo(text))
