"""Promises of collection days: a thing has the days of its own kind, and a place only those that the table has for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from core.audience import Audience
from core.clock import JST
from core.settings import Settings
from dialogue.answer import Answer, Band
from dialogue.asked import Asked
from dialogue.collection import about_collection
from dialogue.pipeline import Answerer
from dialogue.utterance import Utterance
from retrieval.city.collection import CollectionTable
from retrieval.garbage import GarbageTable
from retrieval.knowledge import Knowledge

SATURDAY = datetime(2026, 11, 28, 10, tzinfo=JST)
Ask = Callable[[str], Answer]


@pytest.fixture(scope="module")
def ask(knowledge: Knowledge, sample_home: Path) -> Ask:
    answerer = Answerer(knowledge, Settings(home=sample_home), clock=lambda: SATURDAY)
    return lambda text: answerer.answer(Utterance(text=text, audience=Audience.RESIDENT, kb="soo"))


@pytest.mark.parametrize(
    ("text", "kind", "day"),
    [
        ("スプレー缶の日はいつ？末吉町本町", "有害ごみ", "12月16日"),
        ("ペットボトルのふたの収集日 末吉町本町", "プラスチック製容器包装", "12月1日"),
        ("割れたびんの収集日 大隅町岩川", "不燃ごみ", "12月16日"),
        ("花びんの収集日 末吉町本町", "不燃ごみ", "12月23日"),
        ("一斗缶の収集日 大隅町岩川", "不燃ごみ", "12月16日"),
        ("プランターの収集日 末吉町本町", "可燃ごみ", "11月30日"),
        ("天ぷら油の収集日 末吉町本町", "可燃ごみ", "11月30日"),
        ("びんの日 末吉町本町", "びん", "12月2日"),
        ("プラごみはいつ 末吉町本町", "プラスチック製容器包装", "12月1日"),
    ],
)
def test_a_thing_has_the_days_of_its_kind_whatever_kind_its_name_has_in_it(ask: Ask, text: str, kind: str, day: str) -> None:
    answer = ask(text)
    assert answer.band is Band.ANSWER
    assert f"{kind}" in answer.text
    assert f"次の収集日は{day}" in answer.text
    assert answer.text.count("収集日は") == 1


@pytest.mark.parametrize("thing", ["中身の残ったスプレー缶", "膨らんだ充電式電池", "膨らんだモバイルバッテリー"])
def test_what_must_not_be_put_out_has_no_day(ask: Ask, thing: str) -> None:
    assert "次の収集日" not in ask(f"{thing}はいつ出せますか 末吉町本町").text
    assert "次の収集日" not in ask(f"{thing}の収集日はいつですか 末吉町本町").text


def test_what_must_not_be_put_out_is_told_so_instead(ask: Ask) -> None:
    assert "収集場所には出さず" in ask("膨らんだ充電式電池の収集日はいつですか 末吉町本町").text


@pytest.mark.parametrize("thing", ["注射針", "テレビ", "衣類乾燥機", "農薬の瓶"])
def test_what_is_not_collected_has_no_day_but_what_to_do(ask: Ask, thing: str) -> None:
    answer = ask(f"{thing}の収集日はいつ 末吉町本町")
    assert answer.band is Band.ANSWER
    assert "市では収集しません" in answer.text
    assert "次の収集日" not in answer.text


def test_of_two_kinds_both_are_told(ask: Ask) -> None:
    text = ask("末吉町本町の缶とびんはいつ").text
    assert "資源ごみ（缶）" in text
    assert "資源ごみ（びん）" in text


@pytest.mark.parametrize("place", ["末吉町岩川", "大隅町南之郷", "財部町大川原", "末吉の岩川"])
def test_a_place_that_a_town_does_not_have_is_not_taken_for_the_town(ask: Ask, place: str) -> None:
    answer = ask(f"{place}の燃えるごみはいつですか")
    assert answer.band is not Band.ANSWER
    assert "次の収集日" not in answer.text


def test_a_town_alone_still_is_enough_where_its_areas_share_their_days(ask: Ask) -> None:
    assert "11月30日" in ask("末吉町の燃えるごみはいつ").text
    assert "11月30日" in ask("末吉の可燃ごみは何曜日").text


def test_of_two_places_none_is_dropped(ask: Ask) -> None:
    answer = ask("明日の燃えるごみは？二之方と岩川")
    assert answer.band is Band.CLARIFY
    assert {town for town in ("末吉町", "大隅町") if any(town in s.question for s in answer.suggestions)} == {"末吉町", "大隅町"}


@pytest.mark.parametrize(
    "text",
    [
        "都城市の市民課の電話番号",
        "鹿屋市の保健センターの電話番号",
        "鹿児島市の市民プールは何時まで",
        "鹿屋市の当番医",
        "志布志市のごみの日",
    ],
)
def test_another_city_gets_nothing_from_the_tables_of_this_one(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert answer.band is not Band.ANSWER
    assert "曽於市のことだけ" in answer.text, "what is offered is ours, and says so"
    assert not any(":" in citation.entry_id for citation in answer.citations)


def test_days_that_are_left_open_get_the_rule_and_no_date(ask: Ask) -> None:
    answer = ask("1月の不燃ごみはいつですか 末吉町本町")
    assert answer.text.split("\n") == [
        "末吉町本町の不燃ごみは第4水曜日です。",
        "12月31日（木）から1月3日（日）までは休止期間のため、収集はありません。",
        "4月からの収集日は変わることがあります。",
    ]


def test_days_without_an_area_are_asked_again_in_words_that_mean_the_same(ask: Ask) -> None:
    choice = ask("来週の燃えるごみはいつですか").suggestions[0].question
    assert "11月30日（月）は可燃ごみの日です" in ask(choice).text


def test_a_paused_day_is_told_once_and_the_next_one_with_it(ask: Ask) -> None:
    text = ask("12月31日は燃えるごみ来ますか 末吉町新町").text
    assert text.count("12月31日") == 1
    assert "次の収集日は1月4日（月）" in text


def test_a_counter_says_on_which_of_the_days_that_are_asked_for_it_is_closed(ask: Ask) -> None:
    assert "12月30日（水）は休みです。" in ask("市民課は12月30日は何時まで").text
    assert "11月30日（月）は休み" not in ask("市民課は月曜日何時まで").text


def test_a_bare_yes_is_no_question(ask: Ask) -> None:
    assert not ask("はい").citations


def test_only_the_day_it_is_asked_on_is_called_today(ask: Ask) -> None:
    answer = ask("日曜日は燃えるごみの日？末吉町本町")
    assert answer.text.startswith("末吉町本町の収集です。11月29日（日）は可燃ごみの収集はありません。")
    assert answer.text.endswith("次の収集日は11月30日（月）です。")
    assert "今日" not in ask("3月26日の末吉町本町の可燃ごみ").text


def test_a_next_collection_of_another_fiscal_year_is_not_told_whichever_day_is_asked_for(ask: Ask) -> None:
    answer = ask("3月31日の大隅町岩川の可燃ごみ")
    assert answer.text.endswith("3月31日（水）までの収集は、もうありません。4月からの収集日は変わることがあります。")
    assert "4月2日" not in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "あさってのごみ 大隅町岩川",
        "大隅町岩川のあさってのごみ",
        "岩川、あさってのごみは何",
        "大隅町岩川 あさって出していい？",
    ],
)
def test_an_area_may_stand_anywhere_beside_the_day(ask: Ask, text: str) -> None:
    assert ask(text).text == "大隅町岩川の収集です。11月30日（月）はどのごみの収集もありません。"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("鳴神の可燃ごみ", "大隅町鳴神町の可燃ごみは毎週火・金曜日です。"),
        ("大隅町鳴神町の可燃", "大隅町鳴神町の可燃ごみは毎週火・金曜日です。"),
        ("二ノ方のプラスチックごみ", "末吉町二之方の資源ごみ（プラスチック製容器包装）は毎週水曜日です。"),
        ("すえよしちょうほんまちのもえるごみ", "末吉町本町の可燃ごみは毎週月・木曜日です。"),
        ("末吉町本町と上町の可燃ごみ", "末吉町本町、末吉町上町の可燃ごみは毎週月・木曜日です。"),
        ("恒吉で服を出す日", "大隅町恒吉の資源ごみ（布類）は第1水曜日です。"),
    ],
)
def test_an_area_and_a_kind_are_enough_however_they_are_written(ask: Ask, text: str, told: str) -> None:
    assert ask(text).text.startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("財部町下財部 12月31日 可燃", "12月31日（木）は休止期間のため"),
        ("末吉町本町 第２水曜", "12月9日（水）は資源ごみ（ペットボトル）の日です。"),
        ("末吉町本町 三十一日は何の日", "12月31日（木）は休止期間のため"),
        ("末吉栄町燃えるごみ", "末吉町栄町の可燃ごみは毎週月・木曜日です。"),
        ("末吉町栄町　燃えるごみ🗑️", "末吉町栄町の可燃ごみは毎週月・木曜日です。"),
        ("末吉の深川の不燃物はいつね", "末吉町深川の不燃ごみは第4金曜日です。"),
        ("須田木のごみの日おしえて", "大隅町須田木の収集日です。"),
        ("一月五日岩川燃えるごみ", "1月5日（火）は可燃ごみの日です。"),
        ("明日は燃ゆっごみの日け　岩川", "11月29日（日）は可燃ごみの収集はありません。"),
        ("年内最後の不燃ごみ 末吉町本町", "末吉町本町の不燃ごみは第4水曜日です。"),
        ("うるう日のごみ 末吉町本町", "来年度（4月から）の収集日は、収集日の表にありません。"),
    ],
)
def test_who_is_in_a_hurry_need_not_say_all(ask: Ask, text: str, told: str) -> None:
    assert told in ask(text).text


def test_what_has_no_day_in_the_table_is_told_to_have_none(ask: Ask) -> None:
    assert ask("小型家電の日はいつ").text.startswith("「小型家電」の収集日は、収集日の表にありません。環境課（電話")


def test_a_calendar_is_a_thing_and_the_citys_own_calendar_none(ask: Ask) -> None:
    assert ask("カレンダーの捨て方").text.startswith("「カレンダー」は「資源ごみ（紙類）」です。")
    assert "カレンダーの捨て方" not in [s.question for s in ask("来年のごみ収集カレンダーはいつ出ますか").suggestions]


def test_the_name_of_a_kind_asks_for_its_days_and_not_for_what_else_is_called_so(asked_in_soo: Callable[[str], Asked]) -> None:
    rows = [
        {"name": "ペットボトル（汚れたもの）", "type": "可燃ごみ"},
        {"name": "ペットボトル（飲料用）", "type": "資源ごみ（ペットボトル）"},
        {"name": "新聞", "type": "古紙類"},
    ]
    asked = [asked_in_soo(text) for text in ("大隅町岩川のペットボトルはいつ", "大隅町岩川の古紙")]
    told = [about_collection(replace(a, city=replace(a.city, garbage=GarbageTable(rows)))) for a in asked]
    assert told[0] is not None
    assert told[0].text == "大隅町岩川の資源ごみ（ペットボトル）は第1・第3水曜日です。次の収集日は12月2日（水）です。"
    assert told[1] is not None
    assert told[1].text.startswith("大隅町岩川の資源ごみ（紙類）は")  # which is a word for a kind that has days


def test_a_centre_is_known_however_it_is_written() -> None:
    table = CollectionTable(
        [{"地区": "本町", "センター": "クリ−ンセンター", "可燃ごみ": "木"}],
        centers=[{"名称": "ｸﾘｰﾝｾﾝﾀｰ", "休止開始日": "2026/12/31", "休止終了日": "2027/1/3"}],
    )
    assert table.areas[0].is_paused(date(2026, 12, 31))


def test_two_kinds_of_an_area_are_both_told(ask: Ask) -> None:
    text = ask("末吉町本町の燃えるごみと燃えないごみ").text
    assert "可燃ごみは毎週月・木曜日です。" in text
    assert "不燃ごみは第4水曜日です。" in text


@pytest.mark.parametrize(
    "text", ["末吉町本町の2月30日の可燃ごみ", "12月4日(木)の末吉町本町のごみ", "末吉図書館は2月30日開いてる？", "2月30日の当番医"]
)
def test_a_date_that_there_is_not_gets_no_day_of_a_table(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert answer.band is Band.HANDOFF
    assert answer.text.startswith("その日付は、暦にないか、曜日と合いません。")


@pytest.mark.parametrize(
    "text", ["末吉町本町の年末最後の燃えるごみはいつ", "祝日の末吉町本町の燃えるごみ", "末吉町本町の火曜と金曜のごみ"]
)
def test_the_rule_is_told_with_the_days_that_it_does_not_hold_for(ask: Ask, text: str) -> None:
    assert "12月31日（木）から1月3日（日）までは休止期間のため、収集はありません。" in ask(text).text


def test_what_is_said_not_to_be_meant_is_not_told_alone(ask: Ask) -> None:
    text = ask("燃えるごみじゃないほうは何曜日 末吉町本町").text
    assert "不燃ごみは第4水曜日です。" in text


def asked_of(asked: Asked, at: datetime, *, saved_on: date | None = None, pauses: bool = False) -> Asked:
    """The question at another time, to a table of one area that was saved on a day."""
    row = {"地区": "本町", "センター": "A", "可燃ごみ": "月 木"}
    centers = [{"名称": "A", "休止開始日": "2026/12/31", "休止終了日": "2027/1/3"}] if pauses else []
    table = CollectionTable([row], centers=centers, saved_on=saved_on)
    return replace(asked, at=at, city=replace(asked.city, collection=table))


@pytest.mark.parametrize(("month", "day"), [(12, 20), (12, 29), (12, 31), (1, 1), (1, 3)])
def test_a_table_without_the_new_year_says_so_until_it_is_over(
    asked_in_soo: Callable[[str], Asked], month: int, day: int
) -> None:
    at = datetime(2026 + (month == 1), month, day, 9, tzinfo=JST)
    answer = about_collection(asked_of(asked_in_soo("本町の可燃ごみ、1月の収集日は"), at))
    assert answer is not None
    assert "年末年始の収集日は、収集日の表にありません。" in answer.text


@pytest.mark.parametrize(
    "text", ["本町の可燃ごみの収集日", "今日の本町の可燃ごみ", "本町の可燃ごみは4月5日にありますか", "本町の今年度の可燃ごみの日"]
)
@pytest.mark.parametrize(("saved_on", "pauses"), [(date(2026, 11, 1), False), (date(2026, 4, 1), False), (None, True)])
def test_last_years_table_is_not_told_as_this_years(
    asked_in_soo: Callable[[str], Asked], text: str, saved_on: date | None, pauses: bool
) -> None:
    at = datetime(2027, 4, 1, 9, tzinfo=JST)
    answer = about_collection(asked_of(asked_in_soo(text), at, saved_on=saved_on, pauses=pauses))
    assert answer is not None
    assert answer.band is Band.HANDOFF
    assert "2027年4月からの収集日は、収集日の表にまだありません。2027年3月までは、可燃ごみは毎週月・木曜日でした。" in answer.text


@pytest.mark.parametrize("saved_on", [date(2027, 3, 20), date(2027, 4, 1)])
def test_a_table_of_march_is_the_next_years(asked_in_soo: Callable[[str], Asked], saved_on: date) -> None:
    at = datetime(2027, 4, 1, 9, tzinfo=JST)
    answer = about_collection(asked_of(asked_in_soo("本町の可燃ごみの収集日"), at, saved_on=saved_on, pauses=True))
    assert answer is not None
    assert answer.text.startswith("本町の可燃ごみは毎週月・木曜日です。次の収集日は今日、4月1日（木）です。")


def test_until_march_the_table_is_told(asked_in_soo: Callable[[str], Asked]) -> None:
    asked = asked_of(asked_in_soo("本町の可燃ごみの収集日"), datetime(2027, 3, 30, 9, tzinfo=JST), saved_on=date(2026, 11, 1))
    answer = about_collection(asked)
    assert answer is not None
    assert answer.text.startswith("本町の可燃ごみは毎週月・木曜日です。3月31日（水）までの収集は、もうありません。")
    assert "4月1日" not in answer.text
    on_monday = about_collection(replace(asked, at=datetime(2027, 3, 29, 9, tzinfo=JST)))
    assert on_monday is not None
    assert on_monday.text == "本町の可燃ごみは毎週月・木曜日です。次の収集日は今日、3月29日（月）です。"


def test_the_days_of_a_pause_are_told_together(asked_in_soo: Callable[[str], Asked]) -> None:
    answer = about_collection(asked_in_soo("年末年始のごみの収集 末吉町本町"))
    assert answer is not None
    assert "\n12月31日（木）から1月3日（日）までは休止期間のため、収集はありません。" in answer.text
    assert answer.text.count("休止期間") == 1


def test_another_fiscal_year_is_told_by_the_rule_which_may_change(asked_in_soo: Callable[[str], Asked]) -> None:
    answer = about_collection(asked_of(asked_in_soo("本町の可燃ごみは来年度も月曜ですか"), SATURDAY))
    assert answer is not None
    assert answer.text.startswith("本町の可燃ごみは毎週月・木曜日です。")
    assert answer.text.endswith("4月からの収集日は変わることがあります。")


def test_of_many_days_the_rule_is_told(asked_in_soo: Callable[[str], Asked]) -> None:
    answer = about_collection(asked_of(asked_in_soo("本町の可燃ごみは今日から3月20日までいつありますか"), SATURDAY, pauses=True))
    assert answer is not None
    assert answer.text.startswith("本町の可燃ごみは毎週月・木曜日です。")
    assert "12月31日（木）から1月3日（日）まで" in answer.text


def test_of_days_over_the_end_of_the_table_those_that_it_has_are_told(asked_in_soo: Callable[[str], Asked]) -> None:
    asked = asked_of(asked_in_soo("今週の本町のごみ"), datetime(2027, 3, 30, 9, tzinfo=JST), saved_on=date(2026, 11, 1))
    answer = about_collection(asked)
    assert answer is not None
    assert answer.text.splitlines() == [
        "本町の収集です。",
        "3月30日（火）はどのごみの収集もありません。",
        "3月31日（水）はどのごみの収集もありません。",
        "来年度（4月から）の収集日は、収集日の表にありません。",
    ]
