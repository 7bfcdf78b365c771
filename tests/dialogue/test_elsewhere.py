"""Promises of whose city is meant: another's is noticed, and ours in all its names is not taken for another."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from dialogue.asked import Asked
from dialogue.elsewhere import asked_elsewhere, names_another_city, names_another_place, without_names, without_ours

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


@pytest.mark.parametrize(
    ("text", "place", "rest"),
    [
        ("鹿屋市役所の電話番号", "鹿屋市", "電話番号"),
        ("宮崎市のごみの日", "宮崎市", "ごみの日"),
        ("東京都の粗大ごみの出し方", "東京都", "粗大ごみの出し方"),
        ("志布志のごみの出し方", "志布志", "ごみの出し方"),
        ("鹿屋市ではごみはどう出しますか", "鹿屋市", "ごみはどう出しますか"),
        ("隣の市の図書館", "隣の市", "図書館"),
        ("鹿児島県庁の電話番号", "鹿児島県", "電話番号"),
        ("鹿屋市", "鹿屋市", ""),
    ],
)
def test_what_another_city_hall_deals_with_is_elsewhere(asked_in_soo: Soo, text: str, place: str, rest: str) -> None:
    elsewhere = asked_elsewhere(asked_in_soo(text))
    assert elsewhere is not None
    assert (elsewhere.place.name, elsewhere.rest) == (place, rest)


@pytest.mark.parametrize(
    "text",
    ["鹿屋市から引っ越してきた", "都城市の病院でも使える？", "鹿児島県の奨学金", "志布志市に転出する",
     "都城市に本籍がある戸籍は取れますか", "宮崎市の大学に通う子の住民票", "福岡市で亡くなった父の死亡届",
     "鹿児島市立病院で予防接種", "鹿屋市の人ですが曽於市の図書館は使えますか", "曽於市のごみの日", "大隅町のごみの日",
     "末吉の図書館", "市の図書館は何時まで", "鹿児島市の会社に就職した"],
)  # fmt: skip
def test_where_somebody_comes_from_or_goes_to_is_no_matter_of_another_city_hall(asked_in_soo: Soo, text: str) -> None:
    assert asked_elsewhere(asked_in_soo(text)) is None


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("曽於市のごみの出し方", "ごみの出し方"),
        ("曾於市役所の駐車場", "駐車場"),
        ("曽於市の中で引っ越した", "曽於市の中で引っ越した"),
        ("曽於市に引っ越す", "曽於市に引っ越す"),
    ],
)
def test_our_own_name_before_a_matter_says_nothing(asked_in_soo: Soo, text: str, bare: str) -> None:
    assert without_ours(asked_in_soo(text)) == bare


def test_where_somebody_comes_from_is_another_municipality_with_its_rank_and_without(asked_in_soo: Soo) -> None:
    for place in ("東京", "東京都", "大阪", "鹿児島市"):
        assert without_names(asked_in_soo(f"{place}から引っ越してきた")) == "他の市町村から引っ越してきた"


@pytest.mark.timed
@pytest.mark.parametrize("text", ["津市 " * 166, "鹿屋市、" * 125, "市" * 500, "鹿屋市から" * 100, "深川の" * 166])
def test_names_that_strangers_repeat_take_no_time(asked_in_soo: Soo, text: str) -> None:
    asked = asked_in_soo(text)
    start = time.perf_counter()
    asked_elsewhere(asked)
    without_names(asked)
    assert time.perf_counter() - start < 0.2
