"""Promises of the table of counters: where a counter is, as far as the table says it."""

from __future__ import annotations

import pytest

from core.settings import Settings
from dialogue.answer import Band
from dialogue.asked import Asked
from dialogue.city import City
from dialogue.counter import about_a_counter
from dialogue.directory import Directory
from retrieval.city.collection import CollectionTable
from retrieval.city.duty import DutyRoster
from retrieval.city.facilities import Facilities
from retrieval.garbage import GarbageTable

from .conftest import SATURDAY, Ask


def reply(text: str, **row: str) -> str:
    city = City(
        directory=Directory([{"name": "総合案内", "phone": "1", "location": "本庁1階", **row}], Settings().holidays),
        garbage=GarbageTable([]),
        collection=CollectionTable([]),
        facilities=Facilities([]),
        duty=DutyRoster([]),
    )
    answer = about_a_counter(Asked(text=text, at=SATURDAY, city=city, city_name="曽於市"))
    assert answer is not None
    return answer.text


def test_the_address_is_told_where_the_table_has_it() -> None:
    assert reply("市役所はどこですか", address="末吉町見本1番地").startswith("総合案内は末吉町見本1番地、本庁1階です。")


def test_of_two_counters_that_sound_alike_none_is_guessed(ask: Ask) -> None:
    answer = ask("ほけんかの電話番号", session="alike")
    assert answer.band is Band.CLARIFY
    assert [s.question for s in answer.suggestions] == ["保険課の電話番号と場所", "保健課の電話番号と場所"]
    assert "0986-00-0108" in ask("保健課", session="alike").text
    assert ask("保健課の電話番号").text.startswith("保健課は")


@pytest.mark.parametrize("text", ["市役所はどこですか", "市役所の住所"])
def test_who_asks_for_an_address_that_the_table_lacks_is_told_so(text: str) -> None:
    assert "住所は、窓口一覧にありません。" in reply(text)


def test_who_asks_for_a_phone_hears_nothing_of_an_address() -> None:
    assert "住所" not in reply("市役所の電話番号")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("総合案内は年末年始やっていますか", "12月29日（火）から1月3日（日）までは休みです。"),
        ("総合案内は11月30日開いてますか", "11月30日（月）は開いています。"),
        ("総合案内 日曜", "11月29日（日）は休みです。"),
        (
            "総合案内 12月25日から1月5日まで",
            "12月26日（土）、12月27日（日）、12月29日（火）から1月3日（日）までは休みです。",
        ),
        ("総合案内 12月1日から1月20日まで", "土・日曜日、祝日、12月29日〜1月3日は休みです。"),
        ("総合案内は年末やってる", "土・日曜日、祝日、12月29日〜1月3日は休みです。"),
        ("総合案内は祝日やってる", "土・日曜日、祝日、12月29日〜1月3日は休みです。"),
        ("総合案内は今開いてる？", "総合案内は本庁1階です。"),
    ],
)
def test_whether_a_counter_is_open_is_told_of_the_days_that_are_asked_for(text: str, first: str) -> None:
    assert reply(text).startswith(first)


def test_what_a_counter_does_on_a_day_is_not_its_hours() -> None:
    with pytest.raises(AssertionError):
        reply("総合案内で土曜日に住民票は取れますか")


def test_the_sample_city_tells_where_its_city_hall_stands(ask: Ask) -> None:
    for text in ("市役所の住所", "市役所はどこですか", "市民課はどこ"):
        assert "末吉町二之方1980" in ask(text).text, text
    assert "二之方" not in ask("市民課の電話番号").text
