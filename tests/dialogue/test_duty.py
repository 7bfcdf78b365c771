"""Promises of the roster of doctors: the very day and the very speciality, or that the table doesn't have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from core.clock import JST
from dialogue.answer import Band
from dialogue.asked import Asked
from dialogue.duty import about_duty

Soo = Callable[[str], Asked]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("土曜と日曜の当番医は", {"11月29日（日）の休日当番医", "11月28日（土）は、当番医の表に当番がありません"}),
        ("12月31日と1月1日の当番医", {"12月31日（木）の休日", "1月1日（金）の休日"}),
        ("12月29日から1月3日までの当番医", {"12月29日（火）の休日", "1月2日（土）の休日", "1月3日（日）の休日"}),
        ("12月の第3日曜の当番医は", {"12月20日（日）の休日"}),
        ("来週の当番医は", {"12月6日（日）の休日"}),
        ("3月28日から4月4日までの当番医", {"3月28日（日）の休日", "表にあるのは2027年3月28日までです"}),
    ],
)
def test_every_day_that_is_asked_for_is_told(asked_in_soo: Soo, text: str, told: set[str]) -> None:
    answer = about_duty(asked_in_soo(text))
    assert answer is not None
    assert answer.band is Band.ANSWER
    assert {part for part in told if part not in answer.text} == set()


@pytest.mark.parametrize(
    "text", ["昨日の当番医", "おとといの当番医", "先週の日曜の当番医", "去年の12月29日の当番医", "令和7年12月29日の当番医"]
)
def test_past_days_are_refused(asked_in_soo: Soo, text: str) -> None:
    answer = about_duty(asked_in_soo(text))
    assert answer is not None
    assert (answer.band, answer.text.partition("。")[0]) == (Band.HANDOFF, "過ぎた日の休日当番医は、ご案内していません")


def test_another_years_day_is_not_this_years(asked_in_soo: Soo) -> None:
    answer = about_duty(asked_in_soo("令和9年12月29日の当番医"))
    assert answer is not None
    assert answer.band is Band.HANDOFF
    assert answer.text.startswith("2027年12月29日の休日当番医は、当番医の表にありません。")


@pytest.mark.parametrize(
    "text",
    [
        "日曜の動物病院",
        "日曜に開いている獣医の病院",
        "日曜に病院で生まれた子の出生届",
        "土日に病院で亡くなったら死亡届は",
        "日曜に病院で投票できますか",
        "休日の歯科健診はやっていますか",
        "日曜の夜の当番医",
        "1月の当番医",
        "来月の当番医",
        "祝日の当番医",
        "日曜の当番表をください",
        "ごみ当番は日曜ですか",
    ],
)
def test_what_is_not_of_the_roster_is_left_alone(asked_in_soo: Soo, text: str) -> None:
    assert about_duty(asked_in_soo(text)) is None


@pytest.mark.parametrize("field", ["脳外科", "口腔外科", "形成外科", "血管外科"])
def test_a_speciality_is_not_found_in_the_name_of_another(asked_in_soo: Soo, field: str) -> None:
    answer = about_duty(asked_in_soo(f"12月6日の{field}の当番医"))
    assert answer is not None
    assert answer.text.startswith(f"12月6日（日）の{field}の当番は、当番医の表にありません。")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("12月6日の整形外科の当番医", {"見本さかもと整形外科"}),
        ("12月6日の外科の当番医", {"見本さかもと整形外科", "見本そお病院"}),
        ("12月29日の歯医者の当番医", {"見本おおすみ歯科"}),
        ("12月13日日曜日小児科の当番医", {"見本いわがわこどもクリニック", "見本すえよし内科"}),
        ("子どもが熱を出した 1月2日の当番医", {"見本いわがわこどもクリニック", "見本すえよし内科"}),
        ("12月13日 子どもの病院", {"見本いわがわこどもクリニック", "見本すえよし内科"}),
        ("12月6日の外科の当番", {"見本さかもと整形外科", "見本そお病院"}),
        ("年末の歯医者", {"見本おおすみ歯科", "見本たからべ歯科", "見本すえよし歯科"}),
    ],
)
def test_a_speciality_of_the_day_is_told_alone(asked_in_soo: Soo, text: str, names: set[str]) -> None:
    asked = asked_in_soo(text)
    answer = about_duty(asked)
    assert answer is not None
    assert {line[1:].partition("（")[0] for line in answer.text.splitlines() if line.startswith("・")} == names
    assert "表にありません" not in answer.text


def test_the_days_after_new_year_are_not_those_before_it(asked_in_soo: Soo) -> None:
    told = [about_duty(asked_in_soo(text)) for text in ("年始の当番医", "年末から年始の当番医", "年内の当番医")]
    first = [answer.text.partition("の休日当番医")[0] for answer in told if answer]
    assert first == ["1月1日（金）", "12月29日（火）", "11月29日（日）"]


def test_an_injured_child_is_no_matter_of_children_alone(asked_in_soo: Soo) -> None:
    answer = about_duty(asked_in_soo("子どもが骨折した 12月6日の当番医"))
    assert answer is not None
    assert "見本さかもと整形外科" in answer.text
    assert "小児科の当番は" not in answer.text


def test_those_of_the_town_that_is_named_come_first(asked_in_soo: Soo) -> None:
    answer = about_duty(asked_in_soo("末吉の日曜の当番医"))
    assert answer is not None
    assert answer.text.index("見本みなみのごう診療所") < answer.text.index("見本たからべクリニック")
    elsewhere = about_duty(asked_in_soo("大隅町の日曜の当番医"))
    assert elsewhere is not None
    assert elsewhere.text.startswith("11月29日（日）の大隅町の当番は、当番医の表にありません。11月29日（日）の休日当番医は")


def test_who_needs_a_doctor_now_is_told_who_is_on_duty_until_they_close(asked_in_soo: Soo) -> None:
    sunday = asked_in_soo("今開いてる病院ある？")
    morning, evening = (replace(sunday, at=datetime(2026, 11, 29, hour, tzinfo=JST)) for hour in (10, 20))
    answer = about_duty(morning)
    assert answer is not None
    assert answer.text.startswith("11月29日（日）の休日当番医は、次のとおりです。")
    assert about_duty(evening) is about_duty(sunday) is None


def test_a_speciality_that_the_next_day_lacks_is_not_said_to_be_lacking_altogether(asked_in_soo: Soo) -> None:
    answer = about_duty(asked_in_soo("歯科の当番医は"))
    assert answer is not None
    assert answer.text.startswith("11月29日（日）の歯科の当番は、当番医の表にありません。")


@pytest.mark.parametrize("text", ["びょうき です。にちようび びょういん どこ", "あした あいている びょういんは どこですか"])
def test_who_writes_without_kanji_is_told_the_day_too(asked_in_soo: Soo, text: str) -> None:
    answer = about_duty(asked_in_soo(text))
    assert answer is not None
    assert "11月29日（日）の休日当番医" in answer.text
