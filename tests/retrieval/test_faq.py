"""Promises of the FAQ form: column names in two languages, and a row that can't be taken is refused with its number."""

from __future__ import annotations

import csv
import time
from datetime import date, datetime
from pathlib import Path

import pytest
from kb_kit import COLUMNS, JAPANESE, ROWS, write_csv, write_xlsx

from core.audience import Audience
from core.clock import JST
from core.errors import UnreadableTable
from core.settings import CHECKOUT
from core.table import Row, Table, read_table
from retrieval.entry import Entry
from retrieval.faq import COLUMNS as ALL_COLUMNS
from retrieval.faq import Refusal, is_faq, parse_faq, tells_readers, to_row, told_together


def parse_one(**cells: str) -> Entry | str:
    """The entry of a row, or why it was refused."""
    row = {"id": "x", "question": "問い", "answer": "答え"} | cells
    entries, refusals = parse_faq(Table(tuple(row), (Row(7, row),)))
    if refusals:
        assert not entries
        assert refusals[0].row == 7
        return refusals[0].reason
    return entries[0]


def test_a_row_becomes_an_entry_with_all_its_parts(tmp_path: Path) -> None:
    first, second, third = parse_faq(read_table(write_csv(tmp_path / "faq.csv")))[0]
    assert (first.id, first.question, first.department) == ("a-1", "図書館は何時に開きますか。", "社会教育課")
    assert first.paraphrases == ("図書館の時間", "本を借りたい")
    assert (second.valid_from, second.valid_until) == (date(2026, 4, 1), None)
    assert third.valid_until == date(2030, 3, 31)
    assert [e.audience for e in (first, second, third)] == [Audience.RESIDENT, Audience.RESIDENT, Audience.STAFF]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_japanese_column_names_mean_the_same(tmp_path: Path, encoding: str) -> None:
    english = parse_faq(read_table(write_csv(tmp_path / "a.csv")))
    assert parse_faq(read_table(write_csv(tmp_path / "b.csv", columns=JAPANESE, encoding=encoding))) == english
    assert parse_faq(read_table(write_xlsx(tmp_path / "c.xlsx", list(ROWS), columns=JAPANESE))) == english


@pytest.mark.parametrize(
    ("columns", "faq"),
    [(COLUMNS, True), (JAPANESE, True), (("ID", "Question", "ANSWER"), True), (("name", "phone"), False), (("質問",), False)],
)
def test_a_faq_is_told_by_its_columns(columns: tuple[str, ...], faq: bool) -> None:
    assert is_faq(Table(columns, ())) is faq


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"id": ""}, "idが空です。ほかと重ならない番号を書いてください"),
        ({"question": ""}, "質問が空です"),
        ({"answer": ""}, "回答が空です"),
        ({"answer": "あ" * 20_001}, "文章が長すぎます"),
        ({"valid_from": "来月"}, "公開開始日は 2026-04-01 の形"),
        ({"valid_until": "2026-02-30"}, "公開終了日は 2026-04-01 の形"),
        ({"valid_until": "2026-12-31 17:00だと思う"}, "公開終了日は 2026-04-01 の形"),
        ({"valid_from": "2026-12-31 24:00"}, "公開開始日は 2026-04-01 の形"),
        ({"valid_from": "2026-11-28 0:00", "valid_until": "2026-11-28 00:00"}, "終了日が開始日より前です"),
        ({"valid_from": "2027-01-01", "valid_until": "2026-01-01"}, "終了日が開始日より前です"),
        ({"valid_from": "2027-01-01 17:00", "valid_until": "2027-01-01 9:00"}, "終了の時刻が開始の時刻より前です"),
        ({"question": "😀"}, "質問に言葉がありません"),
        ({"question": "？"}, "質問に言葉がありません"),
        ({"id": "a\nb"}, "id に改行やタブ"),
        ({"id": "a\tb"}, "id に改行やタブ"),
        ({"id": "a\u2028b"}, "id に改行やタブ"),
        ({"id": "a\0b"}, "使えない文字"),
        ({"answer": "\ud83d 答え"}, "使えない文字"),
        ({"id": "doc:ごみの手引.pdf:第1条"}, "「doc:」で始められません"),
        ({"id": "市民課/edit"}, "「/edit」で終えられず"),
        ({"id": ".."}, "「..」も使えません"),
    ],
)
def test_a_row_that_can_not_be_taken_says_why(cells: dict[str, str], reason: str) -> None:
    assert reason in str(parse_one(**cells))


@pytest.mark.parametrize("word", ["public", "stuff", "職員のみ", "residents", "ｓｔａｆｆ", "1", "-"])
def test_an_unknown_audience_is_refused_and_never_taken_for_residents(word: str) -> None:
    assert "公開範囲は" in str(parse_one(audience=word))


@pytest.mark.parametrize(
    ("word", "audience"),
    [
        ("", Audience.RESIDENT),
        ("Resident", Audience.RESIDENT),
        ("住民", Audience.RESIDENT),
        ("STAFF", Audience.STAFF),
        ("職員", Audience.STAFF),
        ("住民向け", Audience.RESIDENT),
        ("庁内限定", Audience.STAFF),
    ],
)
def test_the_audiences_words(word: str, audience: Audience) -> None:
    entry = parse_one(audience=word)
    assert isinstance(entry, Entry)
    assert entry.audience is audience


def test_what_was_copied_out_of_a_pdf_is_kept_in_the_characters_that_people_type() -> None:
    entry = parse_one(question="⼾籍の写しは", answer="市⺠課です。夜間‧休日は①の窓口です。")
    assert isinstance(entry, Entry)
    assert (entry.question, entry.answer) == ("戸籍の写しは", "市民課です。夜間・休日は①の窓口です。")


def test_lines_that_a_clerk_broke_within_a_cell_are_one_question_and_several_ways_to_ask() -> None:
    entry = parse_one(
        question="受信機は\nどこで借りられますか。\r\nFAX\nnumber",
        answer="窓口です。\n・本人確認書類",
        paraphrases="借りたい\n壊れた|貸して｜返す",
    )
    assert isinstance(entry, Entry)
    assert entry.question == "受信機はどこで借りられますか。 FAX number"
    assert (entry.answer, entry.paraphrases) == ("窓口です。\n・本人確認書類", ("借りたい", "壊れた", "貸して", "返す"))


@pytest.mark.timed
def test_a_cell_of_nothing_but_spaces_between_two_words_takes_no_time() -> None:
    begun = time.perf_counter()
    assert isinstance(parse_one(question=f"窓口は{' ' * 19_000}どこ"), Entry)
    assert time.perf_counter() - begun < 1


def test_a_repeated_id_is_refused_and_the_first_stays() -> None:
    rows = tuple(Row(n, {"id": "x", "question": f"問い{n}", "answer": "答え"}) for n in (2, 3, 4))
    entries, refusals = parse_faq(Table(("id", "question", "answer"), rows))
    assert [e.question for e in entries] == ["問い2"]
    assert [r.row for r in refusals] == [3, 4]
    assert "「x」" in refusals[0].reason


def test_a_row_with_more_cells_than_columns_is_refused_before_its_answer_is_cut_short(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("id,question,answer\n1,問い,持ち物は印鑑,通帳です。\n2,問い,答え\n", "utf-8")
    entries, refusals = parse_faq(read_table(tmp_path / "faq.csv"))
    assert [e.id for e in entries] == ["2"]
    assert [r.row for r in refusals] == [2]


def test_bad_rows_do_not_take_good_ones_with_them(tmp_path: Path) -> None:
    rows = [ROWS[0], ("", *ROWS[1][1:]), (*ROWS[1][:6], "誰でも", *ROWS[1][7:]), ROWS[2]]
    entries, refusals = parse_faq(read_table(write_csv(tmp_path / "faq.csv", rows)))
    assert [e.id for e in entries] == ["a-1", "a-3"]
    assert [r.row for r in refusals] == [3, 4]


@pytest.mark.parametrize("columns", [("audience", "公開範囲"), ("audience", "audience"), ("公開範囲", "Audience")])
def test_two_columns_of_one_meaning_are_refused_by_name_and_none_of_them_wins(columns: tuple[str, str]) -> None:
    with pytest.raises(UnreadableTable, match="同じ意味の列が2つ以上あります: " + "、".join(columns)):
        parse_faq(Table(("id", "question", "answer", *columns), ()))


def test_staff_matters_under_no_heading_are_never_shown_to_residents(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("id,question,answer,\n1,問い,答え,staff\n2,問い,答え,\n", "utf-8")
    entries, refusals = parse_faq(read_table(tmp_path / "faq.csv"))
    assert [e.id for e in entries] == ["2"]
    assert [(r.row, "列名のない列" in r.reason) for r in refusals] == [(2, True)]


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        (("番号", "質問", "回答", "公開範囲"), ("h1", "見出し", "答え", "職員", "余り")),
        (("番号", "質問", "回答", "", "公開範囲"), ("h1", "見出し", "答え左", "答え右", "職員")),
    ],
)
def test_cells_of_excel_beyond_the_headings_are_not_dropped(
    tmp_path: Path, columns: tuple[str, ...], cells: tuple[object, ...]
) -> None:
    entries, refusals = parse_faq(read_table(write_xlsx(tmp_path / "a.xlsx", [cells], columns=columns)))
    assert (entries, [r.row for r in refusals]) == ([], [2])


def test_an_entry_may_begin_and_end_on_one_day() -> None:
    for hours in (("", ""), (" 9:00", " 17:00"), (" 9:00", "")):
        entry = parse_one(valid_from="2026-04-01" + hours[0], valid_until="2026-04-01" + hours[1])
        assert isinstance(entry, Entry), entry


def test_slashes_in_dates_are_understood() -> None:
    entry = parse_one(valid_from="2026/04/01")
    assert isinstance(entry, Entry)
    assert entry.valid_from == date(2026, 4, 1)


def test_what_is_written_out_is_read_in_as_the_same(tmp_path: Path) -> None:
    for path in sorted((CHECKOUT / "samples" / "soo" / "faq").glob("*.csv")):
        entries, refusals = parse_faq(read_table(path))
        assert refusals == []
        with (tmp_path / path.name).open("w", encoding="utf-8", newline="") as f:
            csv.writer(f).writerows([ALL_COLUMNS, *map(to_row, entries)])
        assert parse_faq(read_table(tmp_path / path.name)) == (entries, [])


def test_an_entry_is_valid_from_its_first_day_to_its_last() -> None:
    entry = parse_one(valid_from="2026-04-01", valid_until="2026-04-30")
    assert isinstance(entry, Entry)
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 1)]
    assert [entry.is_valid_on(d) for d in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("2026-11-28", 28),
        ("2026-11-28 24:00", 28),
        ("2026-11-28 00:00", 27),
        ("2026/11/28 0:00:00", 27),
        ("2026-11-28T00:00", 27),
    ],
)
def test_an_end_at_midnight_is_the_midnight_that_is_written(until: str, last: int) -> None:
    entry = parse_one(valid_until=until)
    assert isinstance(entry, Entry)
    assert entry.is_valid_at(datetime(2026, 11, last, 23, 59, tzinfo=JST))
    assert not entry.is_valid_at(datetime(2026, 11, last + 1, 0, 0, tzinfo=JST))


def test_columns_are_known_however_clerks_write_their_names() -> None:
    table = Table(
        ("Ｎｏ．", "質　問", "回答\n内容", " 公開 範囲 "),
        (Row(2, dict(zip(("Ｎｏ．", "質　問", "回答\n内容", " 公開 範囲 "), ("1", "いくら", "300円", "職員"), strict=True))),),
    )
    assert is_faq(table)
    assert tells_readers(table)
    ((entry,), _) = parse_faq(table)
    assert (entry.id, entry.question, entry.answer, entry.audience) == ("1", "いくら", "300円", Audience.STAFF)


@pytest.mark.parametrize(
    ("column", "tells"),
    [
        ("公開範囲 住民・職員", True),
        ("公開範囲\n住民・職員", True),
        ("公 開 範 囲（住民・職員）", True),
        ("公開範囲：住民", True),
        ("公開　範囲", True),
        ("公開範囲の考え方", False),
    ],
)
def test_a_column_of_readers_is_known_with_what_stands_behind_its_name(column: str, tells: bool) -> None:
    assert tells_readers(Table(("件名", "内容", column), ())) is tells


def test_a_faq_without_numbers_is_told_what_it_lacks() -> None:
    with pytest.raises(UnreadableTable, match="番号の列がありません"):
        parse_faq(Table(("質問", "回答"), (Row(2, {"質問": "いくら", "回答": "300円"}),)))


def test_a_row_that_says_nothing_below_one_for_staff_is_not_taken_for_residents() -> None:
    told = ["", "職員", "", "", "住民", ""]
    rows = [Row(n, {"id": str(n), "question": "いくら", "answer": "300円", "audience": a}) for n, a in enumerate(told, 2)]
    entries, refused = parse_faq(Table(("id", "question", "answer", "audience"), tuple(rows)))
    assert [(e.id, e.audience) for e in entries] == [
        ("2", Audience.RESIDENT),
        ("3", Audience.STAFF),
        ("6", Audience.RESIDENT),
        ("7", Audience.RESIDENT),
    ]
    assert [(r.row, "上に「職員」とある" in r.reason, "職員だけなら「職員」と書いて" in r.reason) for r in refused] == [
        (4, True, True),
        (5, True, True),
    ]


@pytest.mark.parametrize("column", range(4))
def test_rows_below_a_heading_for_staff_are_not_taken_for_residents(tmp_path: Path, column: int) -> None:
    """Under whatever column it stands, one without a name, too; what a heading within it divides is not taken either."""

    def heading(text: str) -> str:
        return "," * column + text + "," * (3 - column) + "\n"

    lines = ["番号,質問,回答,\n", "1,休みは,届出を,\n", heading("【職員用】"), "2,金庫は,総務課,\n", heading("【住民対応】")]
    lines += ["3,裏口は,守衛,\n", heading("◆住民向け"), "4,犬は,環境課,\n", heading("【住民票】"), "5,写しは,市民課,\n"]
    (tmp_path / "faq.csv").write_text("".join(lines), "utf-8")
    entries, refused = parse_faq(read_table(tmp_path / "faq.csv"))
    assert [e.id for e in entries] == ["1", "4", "5"]
    assert [r.row for r in refused if "上に「【職員用】」とある" in r.reason] == [4, 6]
    assert "「【職員用】」は見出しのため" in refused[0].reason


def test_a_numbered_heading_for_staff_is_one_and_an_unanswered_question_ends_none(tmp_path: Path) -> None:
    lines = ["番号,質問,回答", "1,休みは,届出を", "2,職員用,", "2-1,金庫は,総務課", "2-2,窓口の住民用,", "2-3,裏口は,守衛"]
    (tmp_path / "faq.csv").write_text("\n".join(lines), "utf-8")
    entries, refused = parse_faq(read_table(tmp_path / "faq.csv"))
    assert [e.id for e in entries] == ["1"]
    assert "回答が空です" in refused[0].reason


def taken_and_asked(tmp_path: Path, *lines: str) -> tuple[list[str], list[int]]:
    """The ids that were taken, and the rows of which it is asked whom they are for."""
    (tmp_path / "faq.csv").write_text("\n".join(["番号,質問,回答,分類,担当課", *lines]), "utf-8")
    entries, refused = parse_faq(read_table(tmp_path / "faq.csv"))
    return [e.id for e in entries], [r.row for r in refused if "公開範囲が空です" in r.reason]


@pytest.mark.parametrize("heading", ["【職員用】,,,,総務課", "2,職員用,,庶務,", "㊙,,,,", "【秘】,,,,", "部内限り,,,,"])
def test_a_heading_for_staff_is_one_whatever_stands_beside_it(tmp_path: Path, heading: str) -> None:
    assert taken_and_asked(tmp_path, "1,休みは,届出を,,", heading, "3,金庫は,総務課,,") == (["1"], [4])


def test_a_question_about_staff_that_nobody_answered_yet_is_no_heading(tmp_path: Path) -> None:
    lines = ("1,市の職員になるにはどうすればいいですか。,,,", "2,職員の対応はどうですか？,,,", "3,犬は,環境課,,")
    assert taken_and_asked(tmp_path, *lines) == (["3"], [])


@pytest.mark.parametrize("row", ["1,【職員用】金庫は,総務課,,", "1,金庫は,総務課,職員向け,", "1,金庫は,総務課,庁内,"])
def test_a_row_that_itself_names_staff_is_not_taken_for_residents(tmp_path: Path, row: str) -> None:
    lines = (row, "2,【職員採用】試験は,総務課,職員採用,", "3,【内部障害】手帳は,福祉課,職員の募集,")
    assert taken_and_asked(tmp_path, *lines) == (["2", "3"], [2])


@pytest.mark.parametrize("heading", ["【住民】", "市民の方へ", "2.市民用", "【住民向けFAQ】", "一般の方向け", "resident"])
def test_a_heading_that_addresses_residents_ends_what_is_for_staff(tmp_path: Path, heading: str) -> None:
    assert taken_and_asked(tmp_path, "【職員用】,,,,", heading + ",,,,", "1,犬は,環境課,,") == (["1"], [])


@pytest.mark.parametrize("heading", ["【外国人住民】", "住民用端末の操作", "【市民向け講座】の手配", "市民課の住民"])
def test_a_heading_about_residents_does_not(tmp_path: Path, heading: str) -> None:
    assert taken_and_asked(tmp_path, "【職員用】,,,,", heading + ",,,,", "1,端末は,情報課,,") == ([], [4])


@pytest.mark.parametrize(("title", "taken"), [("職員用 よくある質問", ["2"]), ("曽於市 よくある質問", ["1", "2"])])
def test_a_title_that_names_staff_stands_above_all_rows(tmp_path: Path, title: str, taken: list[str]) -> None:
    (tmp_path / "faq.csv").write_text(f"{title},,,\n番号,質問,回答,公開範囲\n1,金庫は,総務課,\n2,犬は,環境課,住民\n", "utf-8")
    assert [e.id for e in parse_faq(read_table(tmp_path / "faq.csv", is_faq))[0]] == taken


def test_rows_that_are_refused_for_one_reason_are_told_at_once() -> None:
    refused = [Refusal(row=n, reason="回答が空です") for n in (3, 4, 7)]
    refused += [Refusal(row=n, reason="id が空です") for n in (9, 10)]
    refused += [Refusal(row=n, reason="質問が空です", sheet=sheet) for n, sheet in ((18, ""), (8, "別表"))]
    assert told_together(refused) == [
        ("3行目から7行目までのうち3行: 回答が空です", 3),
        ("9行目から10行目までの2行: id が空です", 2),
        ("18行目: 質問が空です", 1),
        ("シート「別表」の8行目: 質問が空です", 1),
    ]


@pytest.mark.parametrize(("told", "taken"), [("庁内のみ", []), ("職員", []), ("", ["3"]), ("住民", ["3"])])
@pytest.mark.parametrize("first", ["", "id"])
def test_what_readers_a_refused_row_names_is_not_guessed_below_it(told: str, taken: list[str], first: str) -> None:
    rows = [Row(n, {"id": str(n), "question": "いくら", "answer": "300円", "audience": a}) for n, a in enumerate((told, ""), 2)]
    rows[0].cells["id"] = first and "2"
    entries, _ = parse_faq(Table(("id", "question", "answer", "audience"), tuple(rows)))
    assert [e.id for e in entries if e.id != "2"] == taken


def test_a_row_with_a_comma_too_many_spoils_none_below_it() -> None:
    columns = ("id", "question", "answer", "audience")
    rows = (
        Row(2, dict(zip(columns, ("2", "いくら", "1", "200円"), strict=True)), surplus=True),
        Row(3, dict(zip(columns, ("3", "いくら", "300円", ""), strict=True))),
    )
    entries, refused = parse_faq(Table(columns, rows))
    assert ([e.id for e in entries], [r.row for r in refused]) == (["3"], [2])


def test_the_columns_that_may_be_used_are_named_as_they_are_written() -> None:
    with pytest.raises(UnreadableTable, match=r"番号、質問、回答、.*、出典、出典URL、公開開始日"):
        parse_faq(Table(("番号", "質問", "回答", "備考"), ()))
