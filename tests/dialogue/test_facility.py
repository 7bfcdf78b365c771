"""Promises of the facilities' hours: the days that are asked for, the facility itself, and this city's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dialogue.answer import Band
from dialogue.asked import Asked
from dialogue.city import City
from dialogue.directory import Directory
from dialogue.facility import about_a_facility
from retrieval.city.collection import CollectionTable
from retrieval.city.duty import DutyRoster
from retrieval.city.facilities import Facilities
from retrieval.garbage import GarbageTable

from .conftest import SATURDAY

Soo = Callable[[str], Asked]


def test_the_ear_is_told_the_day_that_was_asked_for_and_what_is_to_be_heeded(asked_in_soo: Soo) -> None:
    answer = about_a_facility(asked_in_soo("メセナ温泉は何時まで"))
    assert answer is not None
    assert answer.speech is not None
    assert "今日、11月28日（土）のメセナ温泉は10時〜21時30分" in answer.speech
    assert "受付は21時までです。" in answer.speech
    assert "休みは" in answer.text
    assert "休みは" not in answer.speech


def test_two_facilities_of_one_name_are_told_apart_by_where_they_are() -> None:
    rows = [
        {"name": "中央公民館", "kind": "公民館", "address": f"{town}1番地", "hours": "9:00-17:00", "phone": phone}
        for town, phone in (("末吉町", "1"), ("大隅町", "2"), ("大隅町", "2"))
    ]
    city = City(
        directory=Directory([], ()),
        garbage=GarbageTable([]),
        collection=CollectionTable([]),
        facilities=Facilities(rows),
        duty=DutyRoster([]),
    )

    def asked(text: str) -> Asked:
        return Asked(text=text, at=SATURDAY, city=city, city_name="曽於市")

    choice = about_a_facility(asked("中央公民館は何時まで"))
    assert choice is not None
    assert len(choice.suggestions) == 2
    for suggestion, town in zip(choice.suggestions, ("末吉町", "大隅町"), strict=True):
        answer = about_a_facility(asked(suggestion.question))
        assert answer is not None
        assert (answer.band, town in answer.text) == (Band.ANSWER, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("第4木曜日は末吉図書館開いてますか", "12月24日（木）の末吉図書館は休みです"),
        ("来週末吉図書館は開いてますか", "11月30日（月）の末吉図書館は休みです"),
        ("成人の日の翌日の末吉図書館は休み？", "1月12日（火）の末吉図書館は休みです"),
        ("クリスマスは末吉図書館開いてますか", "12月25日（金）の末吉図書館は9時30分"),
        ("末吉図書館は1日中開いていますか", "今日、11月28日（土）の末吉図書館は"),
        ("末吉図書館は年末年始はいつから開きますか", "12月28日（月）から1月4日（月）までの末吉図書館は休みです"),
        ("12月5日から6日までの末吉図書館は", "12月5日（土）の末吉図書館は9時30分"),
        ("昨日末吉図書館は開いてましたか", "末吉図書館の開館時間は"),
    ],
)
def test_the_day_that_is_asked_for_is_told(asked_in_soo: Soo, text: str, told: str) -> None:
    answer = about_a_facility(asked_in_soo(text))
    assert answer is not None
    assert answer.text.startswith(told)


@pytest.mark.parametrize(
    "text",
    [
        "12月の末吉図書館の休館日は",
        "夏休みの末吉図書館は何時まで",
        "祝日の月曜日は末吉図書館は開いてますか",
        "平日は末吉図書館何時まで",
    ],
)
def test_days_that_are_left_open_get_the_general_rule_and_not_today(asked_in_soo: Soo, text: str) -> None:
    answer = about_a_facility(asked_in_soo(text))
    assert answer is not None
    assert answer.text.startswith("末吉図書館の開館時間は")
    assert "今日" not in answer.text


def test_each_day_of_a_span_is_told(asked_in_soo: Soo) -> None:
    answer = about_a_facility(asked_in_soo("12月28日から1月4日までクリーンセンターは開いていますか"))
    assert answer is not None
    for day in (
        "12月28日（月）の",
        "12月30日（水）は8時30分",
        "12月31日（木）から1月3日（日）までは休み",
        "1月4日（月）は8時30分",
    ):
        assert day in answer.text


def test_days_around_the_new_year_are_told_with_all_of_the_closure(asked_in_soo: Soo) -> None:
    answer = about_a_facility(asked_in_soo("大隅図書館は年末年始開いていますか"))
    assert answer is not None
    assert answer.speech == (
        "12月28日（月）から1月4日（月）までの大隅図書館は休みです（年末年始などの休み）。次に開くのは1月5日（火）9時30分です。"
    )


def test_a_row_of_days_over_the_new_year_keeps_its_beginning(asked_in_soo: Soo) -> None:
    answer = about_a_facility(asked_in_soo("大隅図書館は12月27日から来年の1月5日まで開いていますか"))
    assert answer is not None
    for part in ("12月27日（日）の大隅図書館は9時30分", "12月28日（月）から1月4日（月）までは休み", "1月5日（火）は9時30分"):
        assert part in answer.text


def test_another_year_is_named_and_beyond_the_next_only_the_rule_is_told(asked_in_soo: Soo) -> None:
    answer = about_a_facility(asked_in_soo("来年の12月5日の大隅図書館は開いていますか"))
    assert answer is not None
    assert answer.text.startswith("2027年12月5日（日）の大隅図書館は")
    far = about_a_facility(asked_in_soo("2030年5月6日の大隅図書館は何時まで"))
    assert far is not None
    assert far.text.startswith("大隅図書館の開館時間は")
    assert "5月6日" not in far.text


def test_a_choice_of_facilities_names_the_whole_span(asked_in_soo: Soo) -> None:
    answer = about_a_facility(asked_in_soo("12月28日から1月4日まで図書館は開いていますか"))
    assert answer is not None
    assert answer.band is Band.CLARIFY
    assert answer.suggestions[0].question == "12月28日から2027年1月4日まで、末吉図書館の開館時間と休み"


@pytest.mark.parametrize(
    "text",
    [
        "メセナ温泉のレストランは何時まで", "道の駅すえよしのレストランは何時まで", "末吉図書館のおはなし会は何時から",
        "市民プールの水泳教室は何時から", "保健センターの乳幼児健診は何時から", "斎場の通夜は何時から", "斎場で通夜は何時から",
        "市民プールの駐車場は何時まで", "末吉図書館の本は何時まで",
    ],
)  # fmt: skip
def test_hours_of_something_else_are_not_the_facilitys(asked_in_soo: Soo, text: str) -> None:
    assert about_a_facility(asked_in_soo(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "メセナ温泉の営業時間",
        "メセナ温泉の明日の営業時間",
        "メセナ温泉の電話番号",
        "メセナ温泉の休みはいつ",
        "メセナ温泉の日曜の営業時間",
    ],
)
def test_its_own_hours_and_place_are_told(asked_in_soo: Soo, text: str) -> None:
    answer = about_a_facility(asked_in_soo(text))
    assert answer is not None
    assert answer.band is Band.ANSWER


@pytest.mark.parametrize("text", ["道の駅おおすみは何時まで", "末吉図書館の受付時間"])
def test_a_facility_is_known_by_the_beginning_of_its_name_and_its_hours_by_when_it_takes_people_in(
    asked_in_soo: Soo, text: str
) -> None:
    answer = about_a_facility(asked_in_soo(text))
    assert answer is not None
    assert answer.band is Band.ANSWER


def test_the_beginning_that_two_names_share_is_asked_back() -> None:
    rows = [{"name": f"道の駅おおすみ{rest}", "kind": "道の駅", "hours": "9:00-17:00"} for rest in ("北", "南")]
    assert len(Facilities(rows).named_in("道の駅おおすみは何時まで")) == 2


@pytest.mark.parametrize(
    "text", ["12月5日の大隅図書館は", "大隅図書館 12月5日", "大隅図書館は12月5日も", "大隅図書館は12月5日の土曜日は？"]
)
def test_a_facility_and_a_day_ask_whether_it_is_open(asked_in_soo: Soo, text: str) -> None:
    answer = about_a_facility(asked_in_soo(text))
    assert answer is not None
    assert answer.text.startswith("12月5日（土）の大隅図書館は9時30分〜17時に開いています。")


@pytest.mark.parametrize("text", ["保健課は何時まで", "保健所の電話番号", "図書館員の休みの日"])
def test_a_facility_is_not_found_in_another_word(asked_in_soo: Soo, text: str) -> None:
    assert about_a_facility(asked_in_soo(text)) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [("プール費用", "市民プール"), ("大隅図書館長期休館", "大隅図書館"), ("財部図書館員は財部図書館にいますか", "財部図書館")],
)
def test_what_is_said_right_after_a_facility_makes_no_other_word_of_it(asked_in_soo: Soo, text: str, name: str) -> None:
    assert [f.name for f in asked_in_soo(text).city.facilities.named_in(text)] == [name]


def test_a_centre_tells_whether_rubbish_may_be_brought_and_until_when(asked_in_soo: Soo) -> None:
    saturday = about_a_facility(asked_in_soo("クリーンセンター 土曜持ち込みできますか"))
    assert saturday is not None
    assert "11月28日（土）の曽於市クリーンセンターは8時30分〜12時と13時〜16時30分に開いています。" in saturday.text
    new_year = about_a_facility(asked_in_soo("クリーンセンターは年末いつまで"))
    assert new_year is not None
    assert "12月31日〜1月3日です。" in new_year.text
    other = about_a_facility(asked_in_soo("大隅図書館の平日の自習はいつから"))
    assert other is None or "9時30分" not in other.text  # hours of what is done there, no table has
    assert about_a_facility(asked_in_soo("プールはいつまで")) is None  # which season, no table says


def test_the_next_closed_day_is_none_of_the_closure_that_was_told(asked_in_soo: Soo) -> None:
    asked = replace(asked_in_soo("大隅図書館の休みはいつまで、次の休みはいつ"), at=SATURDAY.replace(month=12, day=29))
    answer = about_a_facility(asked)
    assert answer is not None
    assert "次に開くのは1月5日（火）9時30分です。次の休みは1月12日（火）です。" in answer.text
