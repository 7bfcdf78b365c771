"""Promises of the city's tables: what a table says is found by what residents call it, and what it doesn't say is not made up."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kb_kit import Opened

from core.clock import JST
from core.errors import InvalidInput
from core.settings import CHECKOUT
from core.table import read_table
from retrieval.city.calendar import Span, day_name, fiscal_year_end, holiday, nth_of_month, parse_date
from retrieval.city.collection import Area, CollectionTable, Pickup
from retrieval.city.duty import DutyRoster
from retrieval.city.facilities import Facilities, facility_of
from retrieval.city.kinds import kind_of, sort_rows
from retrieval.city.opening import OnHoliday, Opening

SOO = CHECKOUT / "samples" / "soo"
SUNDAY = date(2026, 11, 29)


def rows(name: str) -> list[dict[str, str]]:
    return [row.cells for row in read_table(SOO / name).rows]


@pytest.fixture(scope="module")
def collection() -> CollectionTable:
    return CollectionTable(rows("garbage/area_days.csv"), centers=rows("garbage/center.csv"))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-06", date(2026, 12, 6)),
        ("2026/1/5", date(2026, 1, 5)),
        ("20261206", date(2026, 12, 6)),
        ("令和8年12月6日", date(2026, 12, 6)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("R8.4.1", date(2026, 4, 1)),
        ("Ｈ３１．４．３０", date(2019, 4, 30)),
        ("令和８年 ４月 １日", date(2026, 4, 1)),
        ("㋿8年4月1日", date(2026, 4, 1)),
        ("2026年4月1日", date(2026, 4, 1)),
        ("2026/4/1 17:00", date(2026, 4, 1)),
        ("2026-02-30", None),
        ("8.4.1", None),
        ("令和2026年4月1日", None),
        ("元年4月1日", None),
        ("12月6日", None),
        ("", None),
    ],
)
def test_a_date_is_read_in_the_forms_of_city_tables(text: str, day: date | None) -> None:
    assert parse_date(text) == day


def test_days_are_said_with_their_weekday() -> None:
    assert day_name(date(2026, 11, 24)) == "11月24日（火）"
    assert holiday(date(2026, 11, 23)) == "勤労感謝の日"
    assert (fiscal_year_end(date(2026, 3, 31)), fiscal_year_end(date(2026, 4, 1))) == (date(2026, 3, 31), date(2027, 3, 31))


@pytest.mark.parametrize(
    ("cell", "on", "off"),
    [
        ("月 木", "2026-11-26", "2026-11-27"),
        ("水1 水3", "2026-12-02", "2026-12-09"),
        ("火2:4 6 8 10 12 2", "2026-12-08", "2026-11-10"),
        ("20261201 20270105", "2027-01-05", "2027-01-06"),
        ("火 *1", "2026-11-24", "2026-11-25"),
    ],
)
def test_every_form_of_the_5374_table_gives_its_days(cell: str, on: str, off: str) -> None:
    pickup = Pickup.parse("缶", cell, {"1": "一部の地区を除く"})
    assert pickup is not None
    assert pickup.falls_on(date.fromisoformat(on))
    assert not pickup.falls_on(date.fromisoformat(off))
    assert pickup.remarks == (("一部の地区を除く",) if "*" in cell else ())


@pytest.mark.parametrize("cell", ["", "隔週月", "月6", "毎日かも", "火2:13", "2026120"])
def test_a_cell_in_another_form_gives_no_day_at_all(cell: str) -> None:
    assert Pickup.parse("缶", cell, {}) is None


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.sampled_from("月火水木金土日"), st.integers(1, 4))
def test_the_nth_weekday_of_a_month_comes_twelve_times_a_year(start: date, weekday: str, nth: int) -> None:
    pickup = Pickup.parse("缶", f"{weekday}{nth}", {})
    assert pickup is not None
    first = start.replace(day=1)
    days = [d for i in range(366) if pickup.falls_on(d := first + timedelta(days=i)) and d < first.replace(year=first.year + 1)]
    assert len(days) == 12
    assert {nth_of_month(d) for d in days} == {nth}


def test_a_pause_of_the_centre_takes_the_collection_away(collection: CollectionTable) -> None:
    (area,) = collection.areas_in("末吉町本町")
    pickup = area.pickup("可燃ごみ")
    assert pickup is not None
    assert pickup.falls_on(date(2026, 12, 31))
    assert area.next_pickup(pickup, date(2026, 12, 31)) == date(2027, 1, 4)
    assert area.knows_new_year(date(2026, 12, 31))
    assert not area.knows_new_year(date(2027, 12, 31))


def test_named_days_that_are_over_give_no_next_day() -> None:
    pickup = Pickup.parse("缶", "20261201", {})
    assert pickup is not None
    assert Area(name="本町", pickups=(pickup,)).next_pickup(pickup, date(2026, 12, 2)) is None
    assert pickup.last_known == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("可燃ごみはいつ", {"可燃ごみ"}),
        ("燃えるゴミの日", {"可燃ごみ"}),
        ("もえないごみ", {"不燃ごみ"}),
        ("かねんごみ", {"可燃ごみ"}),
        ("空き缶の日", {"資源ごみ（缶）"}),
        ("ビンの日", {"資源ごみ（びん）"}),
        ("古新聞はいつ", {"資源ごみ（紙類）"}),
        ("ペットボトルの回収日", {"資源ごみ（ペットボトル）"}),
        ("税金の納期", set()),
    ],
)
def test_kinds_are_known_by_what_residents_call_them(collection: CollectionTable, text: str, kinds: set[str]) -> None:
    assert set(collection.kinds_in(text)) == kinds


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("末吉町本町の可燃ごみ", {"末吉町本町"}),
        ("明日、岩川は何ごみの日", {"大隅町岩川"}),
        ("財部の不燃ごみ", {"財部町北俣", "財部町南俣", "財部町下財部"}),
        ("東京の可燃ごみ", set()),
    ],
)
def test_areas_are_known_by_their_whole_name_or_a_part(collection: CollectionTable, text: str, areas: set[str]) -> None:
    assert {a.name for a in collection.areas_in(text)} == areas


def test_an_area_is_known_by_the_citys_own_reading() -> None:
    table = CollectionTable(rows("garbage/area_days.csv"), readings={r["surface"]: r["reading"] for r in rows("readings.csv")})
    assert [a.name for a in table.areas_in("たからべちょうきたまたのかねんごみ")] == ["財部町北俣"]
    assert table.is_area("末吉町本町です")
    assert not table.is_area("末吉町本町の可燃ごみ")


def opening(hours: str, closed: str) -> Opening:
    return Opening.parse(hours, closed)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


def test_hours_differ_by_the_kind_of_day() -> None:
    library = opening("火-金 9:30-18:30|土日祝 9:30-17:00", "月|祝翌日|第4木|12/28-1/4")
    assert library.open_until(at("2026-11-25 12:00")) == time(18, 30)
    assert library.open_until(at("2026-11-29 16:59")) == time(17)
    assert library.open_until(at("2026-11-29 17:00")) is None
    assert library.next_open(at("2026-12-27 18:00")) == at("2027-01-05 09:30")


def test_a_closing_day_on_a_holiday_moves_past_the_holidays() -> None:
    moved = opening("9:00-17:00", "月|祝翌日")
    assert moved.on_holiday is OnHoliday.NEXT_DAY
    assert moved.closed_because(date(2026, 11, 23)) is None
    assert moved.closed_because(date(2026, 11, 24)) == "祝日の振り替えの休み"
    assert moved.closed_because(date(2026, 11, 25)) is None
    # Silver Week 2026: Monday to Wednesday are holidays, so the closing day is Thursday.
    assert [d.day for d in Span(first=date(2026, 9, 19), last=date(2026, 9, 25)) if moved.closed_because(d)] == [24]
    assert opening("9:00-17:00", "月").closed_because(date(2026, 11, 23)) == "定休日"
    assert opening("9:00-17:00", "月|祝開館").closed_because(date(2026, 11, 24)) is None


@pytest.mark.parametrize(
    ("closed", "day", "is_closed"),
    [
        ("第2第4水", "2026-12-09", True),
        ("第2第4水", "2026-12-16", False),
        ("月末", "2026-11-30", True),
        ("祝", "2026-11-03", True),
        ("2026/12/10-12/15", "2026-12-15", True),
        ("2026/12/10-12/15", "2026-12-16", False),
        ("12/29-1/3", "2027-01-03", True),
        ("無休", "2027-01-01", False),
        ("", "2026-11-24", False),
    ],
)
def test_closing_days_are_read_as_cities_write_them(closed: str, day: str, is_closed: bool) -> None:
    assert bool(opening("9:00-17:00", closed).closed_because(date.fromisoformat(day))) is is_closed


@pytest.mark.parametrize(
    ("hours", "closed"), [("9時から17時", ""), ("17:00-9:00", ""), ("9:00-17:00", "だいたい月曜"), ("9:00-17:00", "13/40")]
)
def test_what_is_not_understood_is_refused(hours: str, closed: str) -> None:
    with pytest.raises(ValueError, match=r"時|:|だいたい|month|13"):
        opening(hours, closed)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)))  # noqa: DTZ001 - the zone is added below
def test_the_next_opening_is_later_and_open_then(moment: datetime) -> None:
    library = opening("火-金 9:30-18:30|土日祝 9:30-17:00", "月|祝翌日|第4木|12/28-1/4")
    now = moment.replace(tzinfo=JST)
    following = library.next_open(now)
    assert following is not None
    assert following > now
    assert library.open_until(following) is not None


def test_the_sample_facilities_are_found_by_name_reading_and_kind() -> None:
    facilities = Facilities(rows("facilities.csv"))
    assert len(rows("facilities.csv")) >= 25
    for row in rows("facilities.csv"):
        for word in filter(None, [row["name"], row["reading"], *row["aliases"].split("|")]):
            assert row["name"] in {f.name for f in facilities.named_in(f"{word}は何時まで")}, word
    assert {f.name for f in facilities.named_in("図書館は何時まで")} == {"末吉図書館", "大隅図書館", "財部図書館"}
    assert facilities.named_in("仕事の相談はどこ") == ()
    assert facilities.named_in("こくみんけんこうほけんのてつづき") == (), "a kind in three kana is in too many words"


def test_the_national_standard_table_of_facilities_is_taken_as_it_is() -> None:
    row = {"名称": "中央図書館", "名称_カナ": "チュウオウトショカン", "所在地_連結表記": "本町1", "電話番号": "(0986)00-0001"}
    row |= {"利用可能曜日": "火水木金土", "開始時間": "09:00", "終了時間": "17:00", "利用可能日時特記事項": ""}
    (facility,) = Facilities([row]).named_in("ちゅうおうとしょかん")
    assert facility.opening.closed_because(date(2026, 11, 23)) == "定休日"
    assert facility.opening.open_until(at("2026-11-24 12:00")) == time(17)


@pytest.mark.parametrize("days", ["平日", "月～金", "月,火,水,木,金", "月;火;水;木;金", "月・火・水・木・金曜日"])
def test_the_days_of_the_standard_data_set_are_read_as_they_are_meant(days: str) -> None:
    row = {"名称": "見本会館", "利用可能曜日": days, "開始時間": "9:00:00", "終了時間": "17:00:00"}
    (facility,) = Facilities([row]).named_in("見本会館")
    assert facility.opening.hours_text() == "月・火・水・木・金曜日 9時〜17時"
    with pytest.raises(ValueError, match="から"):
        facility_of(row | {"利用可能曜日": "月曜日から金曜日"})


def test_hours_of_holidays_alone_are_told_as_theirs() -> None:
    assert opening("火-金 9:00-19:00|祝 10:00-16:00", "月").hours_text() == "火・水・木・金曜日 9時〜19時、祝日 10時〜16時"


def test_a_roster_says_nothing_beyond_its_last_day() -> None:
    roster = DutyRoster(rows("duty_doctors.csv"))
    assert [d.day for d in roster.next_at(datetime(2026, 11, 24, 12, tzinfo=JST))] == [date(2026, 11, 29)] * 2
    assert roster.next_at(datetime(2027, 4, 1, tzinfo=JST)) == ()
    assert not roster.covers(Span(first=date(2027, 4, 4), last=date(2027, 4, 4)))


def test_rows_that_cannot_be_understood_are_refused_by_number(tmp_path: Path) -> None:
    table = tmp_path / "facilities.csv"
    table.write_text("name,hours,closed\n図書館,9:00-17:00,月\n体育館,朝から,\n,9:00-17:00,\n", "utf-8")
    read = read_table(table)
    kind = kind_of(read)
    assert kind is not None
    good, refused = sort_rows(kind, read)
    assert [r["name"] for r in good] == ["図書館"]
    assert [(r.row, "朝から" in r.reason or "空" in r.reason) for r in refused] == [(3, True), (4, True)]


def test_5374_tables_and_all_others_are_told_by_their_columns(opened: Opened, tmp_path: Path) -> None:
    columns = {
        "area_days": "地区,センター,可燃ごみ\n本町,,月 木\n",
        "collection_pauses": "名称,休止開始日,休止終了日\n東部,2026/12/28,2027/1/5\n",
        "collection_remarks": "ID,注意事項\n1,一部を除く\n",
        "garbage_kinds": "label,sublabel,description,styles,bgcolor\nびん,,,,#fff\n",
        "garbage": "type,name,notice,furigana\n可燃ごみ,衣類,,い\n",
        "duty_doctors": "date,name,field,phone\n2026-12-06,見本医院,内科,0986-00-0000\n",
    }
    for kind, text in columns.items():
        path = tmp_path / f"{kind}.csv"
        path.write_text(text, "utf-8")
        done = opened().import_file(path, "test")
        assert (done.kind, done.report.added, done.report.refused) == (kind, 1, ())


ELSEWHERE = CollectionTable(
    {"地区": name, "可燃ごみ": days}
    for name, days in {
        "峰山町１区": "月 木", "峰山町１１区": "火 金", "峰山町新町": "水 土", "久美浜町一区新町": "月 木",
        "久美浜町尉ヶ畑": "水 土", "久美浜町川上地区": "水 土", "丹後町間人岡成": "火 金", "丹後町間人谷": "火 金",
        "丹後町谷内": "水 土", "大宮町谷内": "火 金",
    }.items()
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("峰山町１区の可燃ごみ", ["峰山町１区"]),
        ("峰山町十一区のごみ", ["峰山町１１区"]),
        ("峰山1区は", ["峰山町１区"]),
        ("新町の可燃ごみ", ["峰山町新町", "久美浜町一区新町"]),
        ("一区新町の可燃ごみ", ["久美浜町一区新町"]),
        ("峰山の新町", ["峰山町新町"]),
        ("谷内の可燃ごみ", ["丹後町谷内", "大宮町谷内"]),
        ("尉が畑の可燃ごみ", ["久美浜町尉ヶ畑"]),
        ("久美浜町尉ケ畑のごみ", ["久美浜町尉ヶ畑"]),
        ("川上の可燃ごみ", ["久美浜町川上地区"]),
        ("丹後町間人の可燃ごみ", ["丹後町間人岡成", "丹後町間人谷"]),
        ("丹後町間人谷の可燃ごみ", ["丹後町間人谷"]),
        ("峰山町１区と大宮町谷内の可燃ごみ", ["峰山町１区", "大宮町谷内"]),
        ("峰山町１区と新町の可燃ごみ", ["峰山町１区", "峰山町新町"]),
    ],
)
def test_an_area_is_found_however_it_is_written_and_each_that_may_be_meant(text: str, places: list[str]) -> None:
    assert [a.name for a in ELSEWHERE.areas_in(text)] == places


@pytest.mark.parametrize(
    "text", ["みなみのごうの不燃ごみ", "すえよしちょうみなみのごうのごみ", "末吉町南の郷のごみ", "末吉南之郷のごみ"]
)
def test_an_area_is_found_by_its_reading(text: str) -> None:
    table = CollectionTable(rows("garbage/area_days.csv"), readings={r["surface"]: r["reading"] for r in rows("readings.csv")})
    assert [a.name for a in table.areas_in(text)] == ["末吉町南之郷"]
    assert table.areas_in("ほかのまちのごみ") == table.areas_in("さかもとさんのごみ") == ()


@pytest.mark.parametrize(
    "text",
    ["あさってのごみ 大隅町岩川", "大隅町岩川のあさってのごみ", "岩川、あさってのごみ", "曽於市大隅町岩川であさってのごみ"],
)
def test_what_is_asked_of_an_area_is_left_without_it(collection: CollectionTable, text: str) -> None:
    assert collection.without_areas(text).removeprefix("曽於市") == "あさってのごみ"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("area_days.csv", "地区,センター,可燃ごみ\n本町,,月 木\n本町,,火 金\n", "「本町」は 2行目にもあります"),
        ("area_days.csv", "地区,センター,可燃ごみ,可燃ごみ\n上町,,月,月\n本町,,月,火\n", "「可燃ごみ」という列が2つあり"),
        (
            "center.csv",
            "名称,休止開始日,休止終了日\nA,2026/12/31,令和9年1月3日\nB,2026/12/31,2026/1/3\n",
            "休止終了日が休止開始日より前",
        ),
        ("facilities.csv", "name,hours,closed\nA館,9:00-17:00,月\nB館,9:00-25:00,月\n", "分かりません: 9:00-25:00 (例:"),
        ("facilities.csv", "name,hours,closed\nA館,9:00-17:00,月\nB館,9:00-17:00,13/40\n", "分かりません: 13/40 (例:"),
    ],
)
def test_a_row_that_would_tell_a_wrong_day_is_refused_with_the_reason(tmp_path: Path, name: str, text: str, reason: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    table = read_table(tmp_path / name)
    kind = kind_of(table)
    assert kind is not None
    good, refused = sort_rows(kind, table)
    assert [r.row for r in refused] == [3]
    assert reason in refused[0].reason
    assert len(good) == 1


@pytest.mark.parametrize("text", ["地区,センター,可燃ごみ\n", "地区,センター,可燃ごみ\n本町,,毎週月曜日\n"])
def test_a_table_without_a_row_that_can_be_taken_does_not_replace_the_one_before(
    opened: Opened, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "area_days.csv"
    path.write_text("地区,センター,可燃ごみ\n本町,,月 木\n", encoding="utf-8")
    knowledge = opened()
    knowledge.import_file(path, "test")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match="前の表をそのまま使います"):
        knowledge.import_file(path, "test")
    assert [row["地区"] for row in knowledge.repository.load_table("test", "area_days")] == ["本町"]


def test_a_practice_is_over_once_its_hours_are() -> None:
    roster = DutyRoster(rows("duty_doctors.csv"))
    [duty, *_] = roster.on(Span(first=date(2026, 11, 29), last=date(2026, 11, 29)))
    assert not duty.is_over(datetime(2026, 11, 29, 16, 59, tzinfo=JST))
    assert duty.is_over(datetime(2026, 11, 29, 17, 0, tzinfo=JST))
    assert {d.day for d in roster.next_at(datetime(2026, 11, 29, 18, tzinfo=JST))} == {date(2026, 12, 6)}


def test_a_practice_of_another_district_is_known_by_its_town() -> None:
    addresses = ("曽於市末吉町本町", "鹿児島県曽於郡大崎町仮宿", "志布志市志布志町志布志", "鹿屋市札元")
    roster = DutyRoster([{"date": "2026-11-29", "name": address, "address": address} for address in addresses])
    assert [d.town for d in roster.on(Span(first=SUNDAY, last=SUNDAY))] == ["末吉町", "大崎町", "志布志町", ""]
    assert roster.town_in("大崎の当番医") == "大崎町"


def test_a_town_has_its_own_facility_of_a_kind() -> None:
    facilities = Facilities(rows("facilities.csv"))
    found = facilities.of_a_kind("末吉図書館", "大隅")
    assert found is not None
    assert found.name == "大隅図書館"
    assert facilities.of_a_kind("図書館", "鹿屋") is None
    assert facilities.of_a_kind("市民プール", "大隅") is None, "a range for archery is no pool, though both are for sports"


@pytest.mark.parametrize(
    ("hours", "open_at", "over_at"),
    [
        ("9:00〜17:00", ["9:00", "16:59"], ["17:00", "23:59"]),
        ("9:00～12:00、13:00～17:30", ["12:30", "17:29"], ["17:30"]),
        ("9:00〜17:00（受付 8:30〜16:30）", ["16:45"], ["17:00"]),
        ("18:00〜翌8:00", ["7:00", "20:00", "23:59"], []),
        ("午後7時〜翌朝7時", ["20:00", "23:59"], []),
        ("22:00〜6:00", ["20:00", "23:59"], []),
        ("19:00〜24:00", ["20:00", "23:59"], []),
        ("午後6時〜午後10時", ["19:00", "21:59"], ["22:00"]),
        ("午前9時〜午後5時", ["13:00", "16:59"], ["17:00"]),
        ("午後1時半から5時半", ["13:00", "17:29"], ["17:30"]),
        ("9時〜正午", ["9:00", "11:59"], ["12:00"]),
        ("9時から", ["9:00", "23:00"], []),
        ("電話で確認", ["9:00", "23:59"], []),
    ],
)
def test_a_doctor_on_duty_has_finished_when_the_hours_are_over(hours: str, open_at: list[str], over_at: list[str]) -> None:
    (duty,) = DutyRoster([{"date": "2026-11-29", "name": "医院", "hours": hours}]).on(Span(first=SUNDAY, last=SUNDAY))

    def is_over(clock: str) -> bool:
        return duty.is_over(datetime.combine(SUNDAY, time.fromisoformat(clock.zfill(5)), JST))

    assert [clock for clock in open_at if is_over(clock)] == []
    assert [clock for clock in over_at if not is_over(clock)] == []
    assert duty.is_over(datetime(2026, 11, 30, 0, 0, tzinfo=JST))
