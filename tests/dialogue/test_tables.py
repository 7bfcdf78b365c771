"""Promises of answers from the city's tables: the right date by the clock, a question back when something lacks, no guess."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from core.clock import JST
from core.settings import CHECKOUT
from core.table import read_table
from dialogue.answer import Act, Band
from dialogue.asked import Asked
from dialogue.days import named_days
from dialogue.rubbish import about_rubbish
from retrieval.garbage import GarbageTable
from retrieval.knowledge import Knowledge
from tests.dialogue.conftest import TUESDAY, Ask


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("明日", "2026-11-25", None),
        ("あさって", "2026-11-26", None),
        ("今度の日曜", "2026-11-29", None),
        ("次の火曜日", "2026-12-01", None),
        ("火曜日", "2026-11-24", None),
        ("来週の月曜日", "2026-11-30", None),
        ("再来週のにちようび", "2026-12-13", None),
        ("十二月六日", "2026-12-06", None),
        ("12/6", "2026-12-06", None),
        ("1月5日", "2027-01-05", None),
        ("来年の5月10日", "2027-05-10", None),
        ("23日", "2026-12-23", None),
        ("元日", "2027-01-01", None),
        ("くりすます", "2026-12-25", None),
        ("うるう日", "2028-02-29", None),
        ("天皇誕生日", "2027-02-23", None),
        ("今週末", "2026-11-28", "2026-11-29"),
        ("年末年始", "2026-12-29", "2027-01-03"),
    ],
)
def test_days_are_understood_by_todays_date(text: str, first: str, last: str | None) -> None:
    span = named_days(f"{text}の予定", TUESDAY.date())
    assert span is not None
    assert (span.first.isoformat(), span.last.isoformat()) == (first, last or first)


@pytest.mark.parametrize("text", ["3日前に出した", "10日以内", "児童手当", "日曜大工", "2月30日"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert named_days(text, TUESDAY.date()) is None or text == "日曜大工"


def test_the_next_collection_is_told_for_the_area(ask: Ask) -> None:
    answer = ask("大隅町岩川の不燃ごみはいつ")
    assert (answer.band, answer.act) == (Band.ANSWER, Act.GARBAGE)
    assert answer.text == "大隅町岩川の不燃ごみは第3水曜日です。次の収集日は12月16日（水）です。"
    assert answer.citations[0].source_title == "曽於市 ごみ収集日"
    assert ask("末吉町の可燃ごみはいつ").text == "末吉町の可燃ごみは毎週月・木曜日です。次の収集日は11月26日（木）です。"


def test_without_an_area_it_is_asked_for_and_naming_it_is_enough(ask: Ask) -> None:
    first = ask("次の不燃ごみは", session="s")
    assert first.band is Band.CLARIFY
    assert [s.question for s in first.suggestions] == [f"{t}町の不燃ごみの収集日" for t in ("末吉", "大隅", "財部")]
    second = ask("末吉町", session="s")
    assert second.band is Band.CLARIFY
    assert all("末吉町" in s.question for s in second.suggestions)
    assert "12月22日（火）" in ask("末吉町岩崎", session="s").text
    for choice in second.suggestions:
        assert ask(choice.question).band is Band.ANSWER
    assert ask("末吉町岩崎", session="another").act is not Act.GARBAGE


def test_every_date_told_is_a_day_of_the_table(ask: Ask) -> None:
    for row in read_table(CHECKOUT / "samples" / "soo" / "garbage" / "area_days.csv").rows[::4]:
        answer = ask(f"{row.cells['地区']}の可燃ごみはいつ")
        told = named_days(answer.text.partition("次の収集日は")[2].partition("です")[0], TUESDAY.date())
        assert told is not None
        assert "月火水木金土日"[told.first.weekday()] in row.cells["可燃ごみ"]


def test_the_new_year_pause_is_told(ask: Ask) -> None:
    assert "休止期間のため、収集はありません" in ask("12月31日、末吉町本町のごみ収集はありますか").text
    late = ask("末吉町本町の可燃ごみはいつ", at=datetime(2026, 12, 29, 9, 0, tzinfo=JST))
    assert "次の収集日は1月4日（月）です。" in late.text
    assert "12月31日（木）は休止期間のため" in late.text


def test_a_date_that_the_table_does_not_have_gets_the_counter(ask: Ask) -> None:
    next_year = ask("来年の5月10日、岩川の可燃ごみはありますか")
    assert next_year.band is Band.HANDOFF
    assert "表にありません" in next_year.text
    assert next_year.contact is not None
    assert next_year.contact.department == "環境課"
    assert next_year.contact.phone in next_year.text


def test_the_kind_of_a_thing_gives_its_collection_day(ask: Ask) -> None:
    assert "有害ごみは第3水曜日です。" in ask("末吉町本町の乾電池の収集日は").text


@pytest.mark.parametrize("word", ["ふとん", "布団", "フトン", "蒲団"])
def test_a_thing_is_found_however_it_is_written(ask: Ask, word: str) -> None:
    assert ask(f"{word}の捨て方").text.startswith("「ふとん」は「粗大ごみ」です。")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ペットボトルの蓋", "ペットボトルのふた"),
        ("TV", "テレビ"),
        ("チャリ", "自転車"),
        ("折りたたみ傘", "傘"),
        ("でんち", "乾電池"),
    ],
)
def test_a_bare_thing_is_found_in_other_spellings_and_by_the_citys_synonyms(ask: Ask, text: str, name: str) -> None:
    answer = ask(text)
    assert answer.act is Act.GARBAGE
    assert name in answer.text + "".join(s.question for s in answer.suggestions)


def test_a_thing_that_has_two_rows_is_told_to_have_them(asked_in_soo: Callable[[str], Asked]) -> None:
    rows = [{"name": "傘", "type": type_, "notice": ""} for type_ in ("不燃ごみ", "粗大ごみ")]
    soo = asked_in_soo("傘の捨て方")
    answer = about_rubbish(replace(soo, city=replace(soo.city, garbage=GarbageTable(rows))))
    assert answer is not None
    assert answer.text.startswith("「傘」は、ごみ分別表に2とおりあります。\n「傘」は「不燃ごみ」です。")


@pytest.mark.parametrize("text", ["メガネの捨て方", "コンタクトレンズは何ごみですか", "ヘルメットを捨てたい"])
def test_of_a_thing_that_the_table_does_not_have_it_says_so(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert answer.band is Band.HANDOFF
    assert answer.text.startswith("その名前は、ごみ分別表にありません。環境課（電話")


@pytest.mark.parametrize("text", ["小型家電を捨てたい", "末吉町の小型家電の回収場所"])
def test_a_way_of_putting_out_is_no_unknown_thing(ask: Ask, text: str) -> None:
    assert "その名前は、ごみ分別表にありません" not in ask(text).text


def test_how_to_put_out_a_thing_is_offered_where_nothing_else_is_known_of_it(ask: Ask) -> None:
    for text, thing in (
        ("ソファーはどこに持っていく", "garbage:ソファ"),
        ("カセットボンベに中身が残っとるんですが", "garbage:カセットボンベ"),
    ):
        answer = ask(text)
        assert (answer.band, answer.suggestions[0].entry_id) == (Band.CLARIFY, thing)
    for text in ("自転車のヘルメットを買う補助", "携帯電話をなくした", "テントを借りたい", "灯油がこぼれた"):
        assert not any(s.entry_id.startswith("garbage:") for s in ask(text).suggestions), text


@pytest.mark.parametrize("word", ["印鑑", "はんこ", "印鑑は？"])
def test_a_bare_thing_that_the_city_has_other_business_with_is_asked_back(ask: Ask, word: str) -> None:
    answer = ask(word, session=f"bare-{word}")
    assert answer.band is Band.CLARIFY
    assert answer.text.startswith("「印鑑」の、どのことでしょうか。")
    questions = [s.question for s in answer.suggestions]
    assert any("印鑑登録" in q for q in questions[:-1])
    assert questions[-1] == "印鑑の捨て方"
    assert "可燃" in ask(str(len(questions)), session=f"bare-{word}").text


def test_a_bare_thing_that_is_only_put_out_is_answered_at_once(ask: Ask) -> None:
    assert ask("布団").act is Act.GARBAGE


def test_a_near_miss_is_offered_and_never_answered(ask: Ask) -> None:
    answer = ask("ペットポトルの捨て方")
    assert answer.band is Band.CLARIFY
    assert answer.text.startswith("その名前は、ごみ分別表にありません。")
    assert all("ペットボトル" in s.question for s in answer.suggestions)


@pytest.mark.parametrize(
    "text", ["保険証を捨ててしまった", "誰かが冷蔵庫を捨てていった", "ごみが収集されない", "収集カレンダーがほしい"]
)
def test_what_only_sounds_like_rubbish_goes_to_the_knowledge_base(ask: Ask, text: str) -> None:
    assert ask(text).act is not Act.GARBAGE


def test_a_facility_tells_today_and_the_next_opening(ask: Ask) -> None:
    closed = ask("末吉図書館は今日開いていますか")
    assert (closed.band, closed.act) == (Band.ANSWER, Act.TABLE)
    assert closed.text.startswith(
        "今日、11月24日（火）の末吉図書館は休みです（祝日の振り替えの休み）。次に開くのは11月25日（水）9時30分です。"
    )
    assert closed.contact is not None
    assert (closed.contact.open_now, closed.contact.phone) == (False, "0986-00-0201")
    opened = ask("末吉図書館は何時まで", at=datetime(2026, 11, 25, 12, 0, tzinfo=JST))
    assert "ただいま開いていて、18時30分までです。" in opened.text
    assert (
        "11月30日（月）の末吉図書館は休みです（定休日）。次に開くのは12月1日（火）9時30分です。"
        in ask("末吉図書館は月曜日は休み？").text
    )


def test_several_facilities_of_a_kind_are_offered(ask: Ask) -> None:
    offer = ask("図書館は明日何時まで", session="f")
    assert offer.band is Band.CLARIFY
    assert len(offer.suggestions) == 3
    assert "11月25日（水）の財部図書館" in ask("財部図書館", session="f").text
    assert ask("図書館の電話番号は").suggestions[0].question == "末吉図書館の電話番号と場所"
    assert "0986-00-0202" in ask("大隅図書館の電話番号は").text


@pytest.mark.parametrize("text", ["図書館で本を借りたい", "火葬場の予約", "体育館の使用料はいくら", "仕事の相談はどこですか"])
def test_what_is_no_question_about_hours_goes_to_the_knowledge_base(ask: Ask, text: str) -> None:
    assert ask(text).act is not Act.TABLE


def test_the_doctors_on_duty_are_those_of_the_day(ask: Ask) -> None:
    answer = ask("今度の日曜の当番医は")
    assert (answer.band, answer.act) == (Band.ANSWER, Act.TABLE)
    rows = [r.cells for r in read_table(CHECKOUT / "samples" / "soo" / "duty_doctors.csv").rows]
    on_duty = {r["name"] for r in rows if r["date"] == "2026-11-29"}
    assert {r["name"] for r in rows if r["name"] in answer.text} == on_duty
    assert "11月29日（日）" in answer.text
    assert "電話で確かめて" in answer.text
    assert "見本すえよし歯科" in ask("11月23日の当番の歯医者は、休日当番医で", at=datetime(2026, 11, 22, 9, 0, tzinfo=JST)).text


@pytest.mark.parametrize("text", ["来年5月3日の当番医は", "明日の休日当番医は", "11月1日の当番医は"])
def test_a_day_without_duty_in_the_table_gets_the_counter(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert (answer.band, answer.act) == (Band.HANDOFF, Act.TABLE)
    assert answer.contact is not None
    assert answer.contact.department == "保健課"


def test_an_approved_answer_to_the_very_question_comes_before_the_table(ask: Ask) -> None:
    text = "使わなくなったパソコンはどのように処分しますか。"
    assert ask(text).citations[0].entry_id == "garbage-04"
    assert ask("火事です、図書館が燃えています").act is Act.EMERGENCY


def test_a_changed_table_is_told_at_once_by_a_running_answerer(ask: Ask, knowledge: Knowledge) -> None:
    tables = knowledge.repository
    before = tables.load_table("soo", "facilities")
    changed = [row | {"hours": "10:00-11:00"} if row["name"] == "末吉図書館" else row for row in before]
    try:
        tables.save_table("soo", "facilities", changed, TUESDAY)
        deadline = time.monotonic() + 2
        while "10時〜11時" not in ask("末吉図書館は明日何時まで").text:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        tables.save_table("soo", "facilities", before, TUESDAY)


def test_of_several_things_none_is_left_out_that_is_called_by_a_part_of_its_name(ask: Ask) -> None:
    answer = ask("電池と蛍光灯の捨て方")
    assert answer.band is Band.CLARIFY
    assert {"garbage:蛍光灯", "garbage:乾電池"} <= {s.entry_id for s in answer.suggestions}


@pytest.mark.parametrize("text", ["カンとペットボトルの捨て方", "ビンとカンの出し方"])
def test_a_word_that_is_in_the_names_of_everything_offers_none_of_them(ask: Ask, text: str) -> None:
    offered = {s.entry_id for s in ask(text).suggestions}
    assert not offered & {"garbage:やかん", "garbage:印鑑", "garbage:換気扇", "garbage:花びん"}


@pytest.mark.parametrize("text", ["壊れた炊飯器とフライパン", "フライパンと炊飯器の捨て方", "炊飯器、フライパン"])
def test_of_two_things_each_is_told(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert answer.band is Band.ANSWER
    assert "「フライパン」は「不燃ごみ」です。" in answer.text
    assert "「炊飯器」は「小型家電」です。" in answer.text


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("コップの捨て方", "ガラス製でないものは、環境課にお尋ねください。"),
        ("ガラスのコップの捨て方", None),
        ("エプロンの捨て方", "ビニール製でないものは、環境課にお尋ねください。"),
        ("ピザの箱の捨て方", None),
    ],
)
def test_a_row_of_one_material_says_so_where_none_was_named(ask: Ask, text: str, limit: str | None) -> None:
    answer = ask(text)
    assert answer.text.endswith(limit) if limit else "環境課" not in answer.text


@pytest.mark.parametrize("text", ["灯油缶の捨て方", "灯油缶", "灯油缶は何ごみ"])
def test_what_others_are_called_too_is_offered_and_never_told(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert answer.band is Band.CLARIFY
    assert "ポリタンクの捨て方" in [s.question for s in answer.suggestions]


@pytest.mark.parametrize(
    ("text", "offered"),
    [("電池", "乾電池の捨て方"), ("香水", "化粧品のびんの捨て方")],
)
def test_a_bare_name_of_which_nothing_else_is_known_is_offered_as_rubbish(ask: Ask, text: str, offered: str) -> None:
    answer = ask(text)
    assert (answer.band, answer.act) == (Band.CLARIFY, Act.GARBAGE)
    assert offered in [s.question for s in answer.suggestions]


def test_a_thing_is_no_chatter(ask: Ask) -> None:
    assert ask("ピザの箱").act is Act.GARBAGE
    assert ask("カップラーメンの容器は燃える？").act is Act.GARBAGE
    assert ask("ピザの作り方").act is Act.CHATTER


def test_a_thing_that_the_table_does_not_have_is_sent_to_those_who_know(ask: Ask) -> None:
    answer = ask("水晶玉の捨て方")
    assert answer.band is Band.HANDOFF
    assert answer.contact is not None
    assert answer.contact.department == "環境課"


@pytest.mark.parametrize("text", ["大隅図書館 1月12日", "1月12日の大隅図書館は開いてますか", "大隅図書館は1月12日"])
def test_a_facility_and_a_day_ask_for_its_hours(ask: Ask, text: str) -> None:
    assert ask(text).text.startswith("1月12日（火）の大隅図書館は休みです（祝日の振り替えの休み）。")


def test_the_next_closing_day_is_told_where_it_is_asked_for(ask: Ask) -> None:
    assert "次の休みは11月25日（水）です。" in ask("メセナ温泉の次の休みはいつ").text
    assert "次の休みは" not in ask("メセナ温泉は何時まで").text


def test_a_town_alone_goes_on_with_its_facility_of_the_same_kind(ask: Ask) -> None:
    ask("末吉図書館は何時まで", session="town")
    assert ask("じゃあ大隅は？", session="town").text == ask("大隅図書館は何時まで").text
    assert ask("電話は？", session="town").text == ask("大隅図書館の電話番号").text
    ask("市民プールは何時まで", session="pool")
    assert ask("大隅は？", session="pool").act is not Act.TABLE


@pytest.mark.parametrize(
    ("text", "who"), [("元日の歯医者", "見本おおすみ歯科"), ("大晦日に開いてる病院", "見本たからべクリニック")]
)
def test_a_day_with_duty_and_a_doctor_ask_for_who_is_on_duty(ask: Ask, text: str, who: str) -> None:
    answer = ask(text)
    assert answer.act is Act.TABLE
    assert who in answer.text


@pytest.mark.parametrize("text", ["月曜の小児科", "29日の病院の予約"])
def test_other_business_with_a_doctor_is_none_of_the_roster(ask: Ask, text: str) -> None:
    assert ask(text).act is not Act.TABLE


def test_hours_on_duty_that_have_passed_are_told_as_such(ask: Ask) -> None:
    evening = datetime(2026, 11, 29, 18, 30, tzinfo=JST)
    assert ask("今日の当番医", at=evening).text.count("（今日の診療時間は終わりました）") == 2
    assert ask("休日当番医を教えて", at=evening).text.startswith("12月6日（日）")


def test_a_speciality_that_is_not_on_duty_next_is_told_its_day(ask: Ask) -> None:
    assert "小児科の当番は、当番医の表にありません。次にあるのは12月13日（日）です。" in ask("小児科の当番医").text


@pytest.mark.parametrize(
    ("text", "told", "untold"),
    [
        ("市民課ではなく税務課の電話番号", "0986-00-0102", "0986-00-0101"),
        ("末吉図書館ではなく大隅図書館は何時まで", "大隅図書館", "末吉図書館"),
        ("末吉の図書館じゃなくて大隅の図書館は何時まで", "大隅図書館", "末吉図書館"),
        ("末吉町本町の可燃ごみではなく不燃ごみの日", "不燃ごみ", "可燃ごみ"),
        ("大隅図書館は12月5日じゃなくて6日は開いていますか", "12月6日", "12月5日"),
        ("日曜の内科じゃなくて小児科の当番医", "小児科", "11月28日"),
    ],
)
def test_what_is_turned_down_is_not_answered(ask: Ask, text: str, told: str, untold: str) -> None:
    answer = ask(text)
    assert answer.band is Band.ANSWER
    assert told in answer.text
    assert untold not in answer.text


@pytest.mark.parametrize("text", ["大隅図書館以外の図書館は何時まで", "末吉町本町以外の可燃ごみの収集日", "市民課以外の電話番号"])
def test_all_but_what_is_named_is_no_question_to_a_table(ask: Ask, text: str) -> None:
    assert not any(c.entry_id.startswith(("facility:", "collection:", "department:")) for c in ask(text).citations)
