"""Promises of the directory: the right counter for a name, a nickname or a matter, and never none while there is one."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.clock import JST
from core.settings import CHECKOUT, Settings
from core.table import read_table
from dialogue.directory import RECEPTION, Department, Directory

ROWS = [row.cells for row in read_table(CHECKOUT / "samples" / "soo" / "departments.csv").rows]


@pytest.fixture(scope="module")
def directory() -> Directory:
    return Directory(ROWS, Settings().holidays)


def name(department: Department | None) -> str | None:
    return department.name if department else None


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r["name"])
def test_each_counter_is_known_by_its_name_its_reading_and_its_nicknames(directory: Directory, row: dict[str, str]) -> None:
    for word in filter(None, [row["name"], row["reading"], *row["aliases"].split("|")]):
        assert directory.named_in(f"{word}はどこですか") is not None
    assert name(directory.named_in(f"{row['name']}の電話番号を教えてください")) == row["name"]
    assert name(directory.get(row["name"])) == row["name"]


def test_the_longest_name_wins(directory: Directory) -> None:
    assert name(directory.named_in("介護福祉課の電話番号")) == "介護福祉課"
    assert name(directory.named_in("福祉課の電話番号")) == "福祉課"


@pytest.mark.parametrize(
    ("text", "counter"),
    [
        ("税務課の電話番号は？", "税務課"),
        ("市民課 電話", "市民課"),
        ("市民課を名乗る電話", None),
        ("市民課は何階ですか", "市民課"),
        ("大隅支所は何時まで開いていますか", "大隅支所"),
        ("税務課どこ", "税務課"),
        ("ぜいむかのばんごう", "税務課"),
        ("しみんかなんじまで", "市民課"),
        ("税務課で証明書は取れますか", None),
        ("電話番号が変わったときの手続き", None),
        ("財部支所の電話", "財部支所"),
        ("市民課の電話を教えて", "市民課"),
        ("市役所の電話番号は", RECEPTION),
        ("役場の代表の電話番号を教えてください", RECEPTION),
        ("大隅の役場の電話番号", "大隅支所"),
        ("市役所から電話があった", None),
        ("市役所はどこですか", RECEPTION),
        ("役場はどこにありますか", RECEPTION),
        ("市役所の住所を教えて", RECEPTION),
        ("大隅支所の住所", "大隅支所"),
        ("財部支所の場所", "財部支所"),
        ("市役所の駐車場はどこ", None),
        ("市民課の住所変更", None),
        ("住所", None),
    ],
)
def test_a_counter_is_asked_for_only_when_its_phone_place_or_hours_are(
    directory: Directory, text: str, counter: str | None
) -> None:
    assert name(directory.asked_for(text)) == counter


@pytest.mark.parametrize(
    ("text", "counter"),
    [("ゴミ袋の値段", "環境課"), ("保育園の空き", "こども未来課"), ("年金の手続き", "保険課"), ("牛が病気みたい", "畜産課")],
)
def test_a_matter_leads_to_the_counter_that_deals_with_it(directory: Directory, text: str, counter: str) -> None:
    assert name(directory.dealing_with(text)) in {counter, None}
    assert name(directory.dealing_with("住民票のこと")) == "市民課"


@pytest.mark.parametrize(
    ("text", "counter"),
    [
        ("社会福祉協議会の電話番号", None),
        ("監査法人の電話番号", None),
        ("県議会の電話番号", None),
        ("市議会の電話番号", "議会事務局"),
        ("議会の電話番号", "議会事務局"),
        ("監査委員の連絡先", "監査委員事務局"),
        ("曽於市市民課の電話番号", "市民課"),
        ("本庁税務課電話番号", "税務課"),
    ],
)
def test_a_counter_is_not_found_in_the_name_of_another_body(directory: Directory, text: str, counter: str | None) -> None:
    assert name(directory.asked_for(text)) == counter


def test_a_town_after_a_counter_is_that_town_s_counter_of_the_kind(directory: Directory) -> None:
    assert name(directory.of_a_kind("大隅支所", "財部")) == "財部支所"
    for other in (("福祉課", "税務"), ("大隅支所", "末吉"), ("大隅支所", "")):
        assert directory.of_a_kind(*other) is None


def test_an_unknown_name_leads_to_the_reception(directory: Directory) -> None:
    for unknown in ("宇宙課", "", None):
        assert name(directory.get(unknown)) == RECEPTION


def test_a_city_without_a_directory_has_no_counter() -> None:
    empty = Directory([], [])
    assert empty.get("市民課") is None
    assert empty.asked_for("市民課の電話番号") is None
    assert empty.dealing_with("住民票") is None


def test_a_contact_says_when_the_counter_opens_next(directory: Directory) -> None:
    counter = directory.get("市民課")
    assert counter is not None
    closed = counter.contact(datetime(2026, 11, 22, 12, 0, tzinfo=JST))
    assert (closed.open_now, closed.next_open_text) == (False, "11月24日（火）8時30分")
    assert closed.phone.startswith("0986-")
    assert closed.hours == "平日 8時30分〜17時15分"
    now_open = counter.contact(datetime(2026, 11, 24, 12, 0, tzinfo=JST))
    assert (now_open.open_now, now_open.next_open, now_open.next_open_text) == (True, None, None)


def test_every_counter_of_the_sample_city_can_be_reached() -> None:
    assert len(ROWS) >= 20
    for row in ROWS:
        assert row["phone"].startswith("0986-00-"), "phones of the sample city must be ones that nobody has"
        assert row["location"]
        assert row["handles"]
