"""Promises of the sorting table: a thing is found by what residents call it, and only when that is what they ask."""

from __future__ import annotations

import time

import pytest

from core.settings import CHECKOUT
from core.table import read_table
from retrieval.garbage import GarbageTable
from retrieval.names import fold

ROWS = [row.cells for row in read_table(CHECKOUT / "samples" / "soo" / "garbage" / "target.csv").rows]


@pytest.fixture(scope="module")
def table() -> GarbageTable:
    return GarbageTable(ROWS)


def names(table: GarbageTable, text: str) -> list[str]:
    return [i.name for i in table.look_up(text)]


def test_the_sample_city_sorts_three_hundred_things(table: GarbageTable) -> None:
    assert len(table) >= 300
    assert all(row["notice"] for row in ROWS)


@pytest.mark.parametrize("row", ROWS[::10], ids=lambda r: r["name"])
def test_each_thing_is_found_by_its_name_its_reading_and_what_residents_call_it(table: GarbageTable, row: dict[str, str]) -> None:
    for word in filter(None, [row["name"], row["reading"], *row["aliases"].split("|")]):
        assert row["name"] in names(table, f"{word}の捨て方"), word


@pytest.mark.parametrize("form", ["{}はどう捨てればいいですか", "{}って何ごみ？", "{} の出し方を教えて", "{}"])
def test_residents_may_ask_in_many_forms(table: GarbageTable, form: str) -> None:
    assert "生ごみ" in names(table, form.format("野菜くず"))


def test_katakana_hiragana_and_widths_are_one_spelling(table: GarbageTable) -> None:
    assert fold("ペットボトル") == fold("ぺっとぼとる") == fold("ﾍﾟｯﾄﾎﾞﾄﾙ") == fold("ペット・ボトル")
    assert names(table, "ペットボトルの捨て方") == names(table, "ぺっとぼとるの捨て方") != []


def test_the_longest_name_wins(table: GarbageTable) -> None:
    (cap,) = names(table, "ペットボトルのふたは何ごみですか")
    assert cap != "ペットボトル"
    assert "ふた" in cap or "キャップ" in cap


@pytest.mark.parametrize(
    "text", ["住民票の取り方", "火災のときの手続き", "傘寿のお祝い", "保険証を返したい", "灰を捨てる袋はどこ", "こんにちは", ""]
)
def test_what_is_no_question_about_rubbish_finds_nothing(table: GarbageTable, text: str) -> None:
    assert names(table, text) == []


def test_a_living_animal_is_no_dead_one(table: GarbageTable) -> None:
    assert table.near("犬を捨てたい") == ()
    assert names(table, "死んだ犬を捨てたい") == ["ペットの死体"]


def test_rows_without_a_name_or_a_kind_are_left_out() -> None:
    rows = [{"name": "", "type": "可燃ごみ"}, {"name": "皿", "type": ""}, {"name": "皿", "type": "不燃ごみ"}]
    assert len(GarbageTable(rows)) == 1
    assert len(GarbageTable([])) == 0
    assert GarbageTable([]).look_up("皿の捨て方") == ()


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("膨らんだモバイルバッテリーの捨て方", {"膨らんだ充電式電池", "モバイルバッテリー"}),
        ("膨張したスマホの捨て方", {"膨らんだ充電式電池", "携帯電話・スマートフォン"}),
        ("注射針のキャップの捨て方", {"注射針", "ペットボトルのふた"}),
        ("電動自転車のバッテリーの捨て方", {"電動アシスト自転車のバッテリー", "自動車のバッテリー"}),
        ("電子レンジ台の捨て方", {"電子レンジ", "食器棚"}),
        ("冷蔵庫のマットの捨て方", {"冷蔵庫"}),
        ("ネギの捨て方", {"野菜・果物の袋"}),
        ("金属のバケツの捨て方", {"バケツ（プラスチック製）"}),
    ],
)
def test_a_thing_of_which_only_a_part_is_known_is_offered_and_never_told(
    table: GarbageTable, text: str, offered: set[str]
) -> None:
    assert table.look_up(text) == ()
    assert offered <= {item.name for item in table.near(text)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("電子レンジとテレビを捨てたい", {"電子レンジ", "テレビ"}),
        ("敷布団と毛布を捨てたい", {"ふとん", "毛布"}),
        ("本と雑誌", {"本", "雑誌"}),
        ("本、雑誌、鏡の捨て方", {"本", "雑誌", "鏡"}),
    ],
)
def test_of_two_things_none_is_dropped(table: GarbageTable, text: str, found: set[str]) -> None:
    assert found <= set(names(table, text))


@pytest.mark.parametrize(
    "text",
    [
        "古い布団はどう捨てればいいですか",
        "引っ越しで布団を捨てたい",
        "すみません、使わなくなった布団を処分したいのですが",
        "布団って何ゴミ?",
    ],
)
def test_what_says_nothing_of_a_thing_does_not_hide_it(table: GarbageTable, text: str) -> None:
    assert names(table, text) == ["ふとん"]


@pytest.mark.parametrize("text", ["スプレー缶の日はいつ", "住民税と布団"])
def test_things_are_named_whatever_is_asked_of_them(table: GarbageTable, text: str) -> None:
    assert table.look_up(text) == ()
    assert table.things_in(text)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("灯油缶", "ポリタンク"),
        ("カーテンレール", "突っ張り棒"),
        ("タバコ", "たばこの吸い殻"),
        ("ガス缶", "キャンプ用ガス缶"),
        ("魔法瓶", "水筒（ステンレス製）"),
    ],
)
def test_what_others_may_be_called_too_is_vague(table: GarbageTable, word: str, meant: str) -> None:
    assert meant in names(table, f"{word}の捨て方")
    assert table.is_vague(f"{word}の捨て方")
    assert not table.is_vague("ポリタンクの捨て方")


@pytest.mark.parametrize("text", ["生ごみじゃないものは何曜日", "生ごみではないごみの日", "プラスチック以外のごみ"])
def test_what_is_said_not_to_be_meant_is_no_thing(table: GarbageTable, text: str) -> None:
    assert table.things_in(text) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("壊れた炊飯器とフライパン", {"炊飯器", "フライパン"}),
        ("割れたお皿と茶碗", {"皿（陶磁器）", "茶わん・湯のみ"}),
        ("割れた皿は何ごみですか", {"皿（陶磁器）"}),
        ("壊れた傘の捨て方", {"傘"}),
        ("動かない扇風機の捨て方", {"扇風機"}),
        ("割れた蛍光灯", {"蛍光灯"}),
        ("壊れたリチウムイオン電池の捨て方", {"膨らんだ充電式電池"}),
    ],
)
def test_what_is_broken_is_found_where_the_table_has_no_other_row_for_it(table: GarbageTable, text: str, found: set[str]) -> None:
    assert set(names(table, text)) == found


@pytest.mark.parametrize(("text", "name"), [("使わなくなった自転車", "自転車"), ("いらない本", "本"), ("古い鍋の捨て方", "鍋")])
def test_what_nobody_wants_any_more_is_to_be_thrown_away(table: GarbageTable, text: str, name: str) -> None:
    assert names(table, text) == [name]


@pytest.mark.parametrize("text", ["使わなくなった井戸", "いらなくなった農地"])
def test_what_nobody_wants_any_more_and_is_no_thing_is_no_rubbish(table: GarbageTable, text: str) -> None:
    assert table.look_up(text) == table.near(text) == ()


@pytest.mark.parametrize(("text", "name"), [("錆びた釘の捨て方", "くぎ・ねじ"), ("破れた傘の捨て方", "傘")])
def test_a_thing_of_one_letter_in_a_state_is_offered(table: GarbageTable, text: str, name: str) -> None:
    assert table.look_up(text) == ()
    assert name in {item.name for item in table.near(text)}


@pytest.mark.parametrize(
    "text", ["膨らんだモバイルバッテリー", "壊れた充電池の捨て方", "汚れたレジ袋の捨て方", "割れた植木鉢の捨て方"]
)
def test_a_state_that_may_be_put_out_otherwise_is_asked_back(table: GarbageTable, text: str) -> None:
    assert table.look_up(text) == ()
    assert table.near(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("卵のパックの捨て方", "卵パック（プラスチック製）"),
        ("単三電池の捨て方", "乾電池"),
        ("化粧品の瓶の捨て方", "化粧品のびん"),
        ("お布団を捨てたい", "ふとん"),
        ("CD", "CD・DVD"),
        ("土の捨て方", "土・砂・石"),
        ("毛布は？", "毛布"),
        ("ペットボトルのキャップはどうすればいい", "ペットボトルのふた"),
    ],
)
def test_a_thing_is_found_however_it_is_said(table: GarbageTable, text: str, name: str) -> None:
    assert names(table, text) == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ペットボトルの蓋", "ペットボトルのふた"),
        ("単三の電池", "乾電池"),
        ("敷き布団", "ふとん"),
        ("掛けぶとんの捨て方", "ふとん"),
        ("折りたたみ傘", "傘"),
        ("物干し竿", "物干しざお"),
        ("割り箸", "割りばし"),
        ("卵のパック", "卵パック（プラスチック製）"),
        ("たまごぱっく", "卵パック（プラスチック製）"),
        ("くすり", "薬（飲み残し）"),
        ("ガラスの破片はどう出す", "割れたびん・ガラス"),
        ("刈った草はどうやって捨てる", "草"),
        ("刈った草", "草"),
        ("プロパンガスのボンベ", "プロパンガスボンベ"),
        ("茶碗が割れた", "茶わん・湯のみ"),
        ("フライパン壊れた", "フライパン"),
    ],
)
def test_a_name_is_known_in_other_spellings(table: GarbageTable, text: str, name: str) -> None:
    assert names(table, text) == [name]


@pytest.mark.parametrize("text", ["ふとん、まくら、毛布", "ふとんとまくらと毛布", "毛布とふとんと枕の捨て方"])
def test_a_list_is_not_divided_within_a_name(table: GarbageTable, text: str) -> None:
    assert sorted(names(table, text)) == ["ふとん", "枕", "毛布"]


def test_a_name_that_was_misheard_offers_what_sounds_so(table: GarbageTable) -> None:
    assert "乾電池" in {i.name for i in table.near("伝地の捨て方")}


@pytest.mark.parametrize("text", ["テレビが映らない", "水道管が壊れた"])
def test_what_is_only_out_of_order_is_not_thrown_away(table: GarbageTable, text: str) -> None:
    assert names(table, text) == []


@pytest.mark.parametrize("text", ["歯医者", "こども", "ぺっと", "火", "水"])
def test_what_only_sounds_like_a_thing_is_none(table: GarbageTable, text: str) -> None:
    assert names(table, text) == []
    assert not table.is_name(text)
    assert table.alike(text) == () or text in ("こども", "ぺっと")  # 子ども服, ペットボトル: offered where nothing else is known


@pytest.mark.parametrize("text", ["水道", "水稲", "除籍", "公告"])
def test_a_word_in_kanji_is_no_other_that_is_read_like_it(table: GarbageTable, text: str) -> None:
    assert names(table, text) == []
    assert not table.is_name(text)


def test_one_kanji_stands_for_the_things_whose_names_end_with_it(table: GarbageTable) -> None:
    assert {"注射針", "裁縫の針"} <= {*names(table, "針を捨てたい")}
    assert {"革靴", "運動靴", "長靴"} == {i.name for i in table.alike("靴")}
    assert next(i.name for i in table.alike("石")) == "土・砂・石"


def test_a_thing_in_hiragana_is_found_by_how_names_end(table: GarbageTable) -> None:
    assert {"乾電池", "ボタン電池"} <= {i.name for i in table.heard_in("でんち")}
    assert table.heard_in("電池") == table.heard_in("ち") == ()


@pytest.mark.parametrize("text", ["かがみ", "でんわき", "ふとんの捨て方", "きり", "茶碗"])
def test_a_table_without_readings_is_read_by_the_dictionary(text: str) -> None:
    rows = ("鏡（かがみ）", "電話機", "布団", "錐（きり）", "茶わん類", "物干し竿")
    table = GarbageTable([{"name": name, "type": "不燃ごみ"} for name in rows])
    assert len(names(table, text)) == 1
    assert [i.name for i in table.heard_in("ものほしざお")] == ["物干し竿"]


def test_a_name_that_ends_with_a_thing_of_one_kanji_offers_it() -> None:
    table = GarbageTable([{"name": name, "type": "不燃ごみ"} for name in ("傘", "机（木製）", "机（金属製）")])
    assert [i.name for i in table.alike("ビニール傘")] == ["傘"]
    assert {i.name for i in table.alike("金属の机")} == {"机（木製）", "机（金属製）"}
    books = GarbageTable([{"name": "本", "type": "資源ごみ（紙類）"}])
    assert [i.name for i in books.alike("漫画の本")] == ["本"]
    assert books.alike("基本") == books.alike("日本") == books.alike("") == ()


def test_what_the_city_calls_the_same_is_found_as_the_thing_itself() -> None:
    rows = [{"name": name, "type": "粗大ごみ"} for name in ("テレビ", "ふとん", "毛布")]
    table = GarbageTable(rows, [("テレビ", "TV"), ("ふとん", "毛布"), ("の", "て"), ("布団", "ふとん", "布団")])
    assert names(table, "TV") == names(table, "ＴＶを捨てたい") == ["テレビ"]
    assert names(table, "毛布の捨て方") == ["毛布"]  # a row of its own says more than a synonym
    assert names(table, "布団の捨て方") == ["ふとん"]
    assert names(table, "のの捨て方") == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ペットボトル工場", None),
        ("自転車のタイヤ", "タイヤ"),
        ("卵のパック", "卵パック（プラスチック製）"),
        ("テレビの受信料", None),
    ],
)
def test_a_bare_name_is_like_what_it_ends_with_never_like_what_it_begins_with(
    table: GarbageTable, text: str, name: str | None
) -> None:
    assert (name in {i.name for i in table.alike(text)}) if name else table.alike(text) == ()


def test_rows_that_say_the_same_are_one(table: GarbageTable) -> None:
    assert len(GarbageTable([*ROWS, ROWS[0]])) == len(table)


@pytest.mark.timed
def test_a_long_text_is_looked_up_in_a_moment(table: GarbageTable) -> None:
    started = time.perf_counter()
    for text in ("ふたのびんの缶の" * 60, "壊れた" * 160, "いらなくなった" * 80, "乾電池と" * 120 + "の捨て方"):
        table.look_up(text), table.near(text), table.alike(text)
    assert time.perf_counter() - started < 2
