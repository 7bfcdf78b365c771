"""Promises of the table of counters: where a counter is, as far as the table says it."""

from __future__ import annotations

import pytest

from core.settings import Settings
from dialogue.asked import Asked
from dialogue.city import City
from dialogue.counter import about_a_counter
from dialogue.directory import Directory
from retrieval.city.collection import CollectionTable
from retrieval.city.duty import DutyRoster
from retrieval.city.facilities import Facilities
from retrieval.garbage import GarbageTable

from .conftest import SATURDAY


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


@pytest.mark.parametrize("text", ["市役所はどこですか", "市役所の住所"])
def test_who_asks_for_an_address_that_the_table_lacks_is_told_so(text: str) -> None:
    assert "住所は、窓口一覧にありません。" in reply(text)


def test_who_asks_for_a_phone_hears_nothing_of_an_address() -> None:
    assert "住所" not in reply("市役所の電話番号")
