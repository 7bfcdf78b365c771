"""Promises of the table of municipalities: each is found by its own name, and no other word is taken for one."""

from __future__ import annotations

import pytest

from dialogue.municipalities import municipalities_in, prefecture_of


@pytest.mark.parametrize(
    ("text", "names", "office"),
    [
        ("鹿屋市役所の電話番号", ["鹿屋市"], "鹿屋市役所"),
        ("東京都港区の住民税", ["東京都", "港区"], "東京都庁"),
        ("大崎町の選挙", ["大崎町"], "大崎町役場"),
        ("明日津市のごみの日", ["津市"], "津市役所"),
        ("いちき串木野市に引っ越す", ["いちき串木野市"], "いちき串木野市役所"),
        ("鹿児島県鹿屋市の図書館", ["鹿児島県", "鹿屋市"], "鹿児島県庁"),
        ("京都の紅葉", ["京都"], "そちらの役所"),
    ],
)
def test_a_municipality_is_found_by_its_name_and_has_an_office(text: str, names: list[str], office: str) -> None:
    found = municipalities_in(text)
    assert [m.name for m in found] == names
    assert [text[m.start : m.end] for m in found] == names
    assert found[0].office == office


@pytest.mark.parametrize(
    "text", ["市町村の合併", "都市計画の窓口", "日曜市の温泉は", "市役所は何時まで", "隣町の図書館", "朝市はいつ", "町村会"]
)
def test_no_other_word_is_taken_for_one(text: str) -> None:
    assert municipalities_in(text) == []


def test_the_prefecture_of_a_city_is_known() -> None:
    assert (prefecture_of("曽於市"), prefecture_of("港区"), prefecture_of("見本市")) == ("鹿児島県", "東京都", None)
