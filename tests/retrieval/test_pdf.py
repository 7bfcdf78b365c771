"""Promises of PDFs: what runs at the head and foot of pages is no text of theirs, and characters are those that people type."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from document_kit import Placed, Ruled, drawn_pdf, pdf_file, ruled, scan_between
from kb_kit import Opened

from retrieval.documents.blocks import read_blocks
from retrieval.documents.pdf import read_pdf
from server.import_report import Told

HEAD = "見本市役所 市民課"
FIRST = ["印鑑登録の手引", "登録は市民課で行います。", "手数料は300円です。"]
SECOND = ["証明書の取り方", "証明書は市民課で交付します。", "手数料は200円です。"]


def texts(path: Path, pages: list[list[str]]) -> list[str]:
    return [block.text for block in read_pdf(pdf_file(path, pages=pages))[1]]


@pytest.mark.parametrize("marks", [("1", "2"), ("- 1 -", "- 2 -"), ("5", "6"), ("手引 1/2", "手引 2/2"), ("市民課", "市民課")])
def test_what_runs_through_two_pages_is_neither_title_nor_text(opened: Opened, tmp_path: Path, marks: tuple[str, str]) -> None:
    path = pdf_file(tmp_path / "a.pdf", pages=[[HEAD, *FIRST, marks[0]], [HEAD, *SECOND, marks[1]]])
    done = opened().import_file(path, "test")
    assert [(e.source_title, e.answer) for e in done.entries] == [("印鑑登録の手引 1〜2ページ", "\n".join([*FIRST, *SECOND]))]


def test_what_only_looks_alike_on_two_pages_stays(tmp_path: Path) -> None:
    pages = [["机の手数料です。", "500"], ["いすの手数料です。", "300"]]
    assert texts(tmp_path / "a.pdf", pages) == [line for page in pages for line in page]
    assert texts(tmp_path / "b.pdf", [FIRST, FIRST]) == [*FIRST, *FIRST], "a form and its copy"
    assert texts(tmp_path / "c.pdf", [[*FIRST, "同じ文です。"], ["同じ文です。", *SECOND]]).count("同じ文です。") == 2


def test_radicals_and_upright_marks_become_the_characters_that_people_type(opened: Opened, tmp_path: Path) -> None:
    path = pdf_file(
        tmp_path / "a.pdf", pages=[["⼾籍の⼿引︵写し︶", "⼾籍は市⺠課で扱う︒⻑寿の祝い⾦は①の窓⼝です。"]], in_unicode=True
    )
    (entry,) = opened().import_file(path, "test").entries
    assert entry.answer == "戸籍の手引（写し）\n戸籍は市民課で扱う。長寿の祝い金は①の窓口です。"
    assert entry.source_title == "戸籍の手引（写し） 1ページ"


def read(path: Path) -> list[tuple[str, int, int | None]]:
    return [(block.text, block.level, block.page) for block in read_pdf(path)[1]]


def told(path: Path, *parts: Placed | Ruled) -> list[str]:
    return [text for text, _, _ in read(drawn_pdf(path, [parts]))]


@pytest.mark.parametrize("places", [(50.0, 300.0), (50.0, 200.0, 350.0)])
def test_columns_are_read_one_after_the_other(tmp_path: Path, places: tuple[float, ...]) -> None:
    columns = [
        ["住民票の写しは、委任", "状がないときは、別の", "世帯の者に交付しない。"],
        ["支援措置の対象者の証", "明書は、決裁を受ける", "まで交付しない。"],
        ["手数料は、証明書を渡", "す前に受け取り、領収", "書を渡す。"],
    ][: len(places)]
    above = "次のことは、どの窓口でも同じように取り扱うものとし、例外は認めないものとする。"
    below = "このほかのことは、市民課長が別に定めるところによるものとし、係長に確かめること。"
    parts = [(x, 700.0 - 15 * n, 10.0, text) for x, lines in zip(places, columns, strict=True) for n, text in enumerate(lines)]
    found = told(tmp_path / "a.pdf", (50, 760, 10, above), *parts, (50, 600, 10, below))
    assert found == [above, *("".join(lines) for lines in columns), below]


LONG = ("申し込みは、十二月の十", "日までに、電話か窓口で", "、本人か同じ世帯の人が", "、必ずしてください。今", "年は抽選です。")


def down(x: float, top: float, *lines: str) -> list[Placed]:
    return [(x, top - 15 * n, 10, line) for n, line in enumerate(lines)]


def test_headings_within_columns_stay_over_their_own_text(tmp_path: Path) -> None:
    """The one column has its heading beside the text of the other, and begins a little lower."""
    left = [(50, 700, 13, "健診の追加"), *down(50, 682, *LONG)]
    left += [(50, 592, 13, "施設の休み"), *down(50, 574, "図書館は年末から休みま", "す。")]
    right = [*down(300, 709, "温水プールも同じ日から", "休みます。"), (300, 679, 13, "電気柵の補助")]
    right += down(300, 661, *LONG)
    wide = "このほかのことは、市民課長が別に定めるところによるものとし、係長に確かめること。"
    found = told(tmp_path / "a.pdf", (50, 740, 18, "広報そお"), *left, *right, (50, 520, 13, "お願い"), (50, 500, 10, wide))
    assert found == [
        *("広報そお", "健診の追加", "".join(LONG), "施設の休み", "図書館は年末から休みます。"),
        *("温水プールも同じ日から休みます。", "電気柵の補助", "".join(LONG), "お願い", wide),
    ]


def test_large_headings_within_columns_part_nothing_but_their_own_column(tmp_path: Path) -> None:
    """A bulletin as Word makes it: headings of either column nearly level, and much room below them."""
    left = [*down(50, 700, *LONG), (50, 607, 18, "水道の凍結"), *down(50, 572, *LONG), *down(50, 490, *LONG)]
    right = [*down(300, 690, *LONG), (300, 597, 14, "地域の便り"), *down(300, 569, *LONG), *down(300, 487, *LONG)]
    text = "".join(LONG)
    assert told(tmp_path / "a.pdf", *left, *right) == [text, "水道の凍結", text, text, text, "地域の便り", text, text]


def test_a_heading_over_two_columns_stays_between_them_and_those_above(tmp_path: Path) -> None:
    first = [*down(50, 700, "甲の一行目の文章です", "甲の二行目の文章です", "甲の三行目です。")]
    first += down(300, 700, "乙の一行目の文章です", "乙の二行目の文章です", "乙の三行目です。")
    second = [(x, y - 75, size, text.replace("甲", "丙").replace("乙", "丁")) for x, y, size, text in first]
    found = told(tmp_path / "a.pdf", *first, (50, 647, 13, "次のお知らせ"), *second)
    assert [text[0] for text in found] == ["甲", "乙", "次", "丙", "丁"]


def test_names_and_values_side_by_side_stay_together(tmp_path: Path) -> None:
    names, values = ["受付時間", "電話", "場所"], ["8時30分から17時", "0986-00-0000", "1階"]
    parts = [(x, 700.0 - 15 * n, 10.0, text) for x, lines in ((50.0, names), (200.0, values)) for n, text in enumerate(lines)]
    assert told(tmp_path / "a.pdf", *parts) == ["受付時間 8時30分から17時", "電話 0986-00-0000", "場所 1階"]


def test_rows_of_a_table_without_rulings_stay_together(tmp_path: Path) -> None:
    rows = [
        ("生ごみ処理機の購入補助", "購入額の2分の1、上限2万円", "令和8年4月1日から"),
        ("合併処理浄化槽", "33万2千円まで", "令和8年5月10日から"),
        ("空き家解体の補助金", "費用の3分の1、上限30万円", "令和8年6月1日から"),
        ("木造住宅の耐震診断", "6万円まで", "令和8年4月1日から"),
    ]
    parts = [(x, 700.0 - 15 * n, 10.0, text) for n, row in enumerate(rows) for x, text in zip((50, 230, 420), row, strict=True)]
    assert told(tmp_path / "a.pdf", *parts) == [" ".join(row) for row in rows]


@pytest.mark.parametrize("repeated", [True, False])
def test_rows_of_a_table_over_two_pages_keep_their_headings(tmp_path: Path, repeated: bool) -> None:
    head, widths = ["書類", "点数", "備考"], [120.0, 60.0, 150.0]
    first = ruled(50, 200, widths, [head, ["免許証", "1点", "期限内"], ["旅券", "1点", ""]])
    second = ruled(50, 800, widths, [*([head] if repeated else []), ["年金手帳", "2点", "ほかの書類と"]])
    pages = [[(50, 260, 10, "書類は、次のとおりとする。"), *first], [*second, (50, 500, 10, "以上です。")]]
    assert read(drawn_pdf(tmp_path / "a.pdf", pages)) == [
        ("書類は、次のとおりとする。", 0, 1),
        ("書類: 免許証、点数: 1点、備考: 期限内", 0, 1),
        ("書類: 旅券、点数: 1点", 0, 1),
        ("書類: 年金手帳、点数: 2点、備考: ほかの書類と", 0, 2),
        ("以上です。", 0, 2),
    ]


@pytest.mark.parametrize("repeated", [True, False])
def test_headings_of_two_rows_are_kept_on_the_next_page(tmp_path: Path, repeated: bool) -> None:
    boxes: list[Ruled] = [(50, 680, 100, 40), (150, 700, 120, 20), (150, 680, 60, 20), (210, 680, 60, 20)]
    names = (60, 695, 10, "区分"), (160, 706, 10, "料金"), (160, 686, 10, "大人"), (220, 686, 10, "子ども")
    pages: list[list[Placed | Ruled]] = []
    for room in "甲乙":
        pages.append(ruled(50, 680, [100, 60, 60], [[f"{room}室", "300円", "100円"]]))
        pages[-1] += [*boxes, *names] if repeated or room == "甲" else []
    told = [text for text, *_ in read(drawn_pdf(tmp_path / "a.pdf", pages))]
    assert told == [f"区分: {room}室、料金 大人: 300円、料金 子ども: 100円" for room in "甲乙"]


def test_a_form_that_goes_on_on_the_next_page_does_not_begin_anew(tmp_path: Path) -> None:
    pages = [ruled(50, 700, [100, 100], [["対象者", "市民"]]), ruled(50, 800, [100, 100], [["窓口", "市民課"]])]
    assert [text for text, *_ in read(drawn_pdf(tmp_path / "a.pdf", pages))] == ["対象者: 市民", "窓口: 市民課"]


def test_a_cell_over_rows_of_three_pages_says_what_all_of_them_are(tmp_path: Path) -> None:
    """Its text and the headings of the table stand on the first of them alone."""
    head = ruled(50, 720, [100, 100, 60], [["課", "補助金", "額"]])
    pages: list[list[Placed | Ruled]] = []
    for n in range(3):
        group: list[Placed | Ruled] = [(50, 660, 100, 40), *([(60, 686, 10, "農政課")] if not n else [])]
        rows = ruled(150, 700, [100, 60], [[f"補助{k}{n}", "3万円"] for k in "甲乙"])
        pages.append([*(head if not n else []), *group, *rows])
    told = [text for text, *_ in read(drawn_pdf(tmp_path / "a.pdf", pages))]
    assert told == [f"課: 農政課、補助金: 補助{k}{n}、額: 3万円" for n in range(3) for k in "甲乙"]


def test_a_blank_of_a_column_that_has_others_stays_one_at_the_head_of_a_page(tmp_path: Path) -> None:
    """As remarks are, of which the last may be of two rows."""
    widths = [100.0, 60.0]
    first = [
        *ruled(50, 740, [*widths, 80], [["品目", "額", "備考"], ["机", "5円", ""]]),
        *ruled(50, 700, widths, [["椅子", "3円"], ["棚", "4円"]]),
    ]
    merged: list[Placed | Ruled] = [(210, 660, 80, 40), (220, 680, 10, "要予約")]
    pages = [[*first, *merged], ruled(50, 800, [*widths, 80], [["箱", "2円", ""], ["畳", "9円", "不可"]])]
    assert [text for text, *_ in read(drawn_pdf(tmp_path / "a.pdf", pages))] == [
        "品目: 机、額: 5円",
        *(f"品目: {thing}、額: {price}円、備考: 要予約" for thing, price in (("椅子", 3), ("棚", 4))),
        "品目: 箱、額: 2円",
        "品目: 畳、額: 9円、備考: 不可",
    ]


def test_a_cell_over_several_rows_or_columns_says_what_all_of_them_are(tmp_path: Path) -> None:
    heads: list[Ruled] = [(50, 680, 100, 40), (150, 700, 120, 20), (150, 680, 60, 20), (210, 680, 60, 20)]
    cells: list[Ruled] = [(50, 640, 100, 40), *((150.0 + 60 * k, 660.0 - 20 * n, 60.0, 20.0) for n in (0, 1) for k in (0, 1))]
    names: list[Placed] = [(60, 695, 10, "区分"), (160, 706, 10, "専決者"), (155, 686, 10, "課長"), (215, 686, 10, "部長")]
    first: list[Placed] = [(60, 655, 10, "委託料"), (155, 666, 10, "30万円"), (215, 666, 10, "90万円")]
    second: list[Placed] = [(155, 646, 10, "合議"), (215, 646, 10, "協議")]
    assert told(tmp_path / "a.pdf", *heads, *cells, *names, *first, *second) == [
        "区分: 委託料、専決者 課長: 30万円、専決者 部長: 90万円",
        "区分: 委託料、専決者 課長: 合議、専決者 部長: 協議",
    ]


def test_larger_lines_are_headings_and_a_sentence_goes_on_over_the_page(tmp_path: Path) -> None:
    long = "転出証明書がないときは、前の住所地の市区町村に電話で照会し、届出の有無を"
    first: list[Placed] = [(50, 780, 18, "窓口の手引"), (50, 740, 14, "転入届"), (50, 700, 10, long)]
    second: list[Placed] = [(50, 780, 10, "確かめる。"), (50, 740, 14, "証明書"), (50, 700, 10, "本人に交付する。")]
    assert read(drawn_pdf(tmp_path / "a.pdf", [first, second])) == [
        ("窓口の手引", 2, 1),
        ("転入届", 3, 1),
        (f"{long}確かめる。", 0, 1),
        ("証明書", 3, 2),
        ("本人に交付する。", 0, 2),
    ]


def test_a_line_under_words_and_a_frame_around_them_are_no_table(tmp_path: Path) -> None:
    drawn: list[Ruled] = [(50, 698, 60, 0.5), (40, 600, 300, 60)]
    texts = [(50.0, y, 10.0, text) for y, text in ((700.0, "注意すること"), (640.0, "印を確かめる。"), (615.0, "本人に返す。"))]
    assert told(tmp_path / "a.pdf", *drawn, *texts) == ["注意すること", "印を確かめる。", "本人に返す。"]


def test_names_above_their_values_and_the_head_of_a_letter_are_no_columns(tmp_path: Path) -> None:
    form = [
        part
        for n in range(4)
        for part in ((50, 700 - 32 * n, 10, f"{n}番目の窓口の名前"), (260, 684 - 32 * n, 10, f"{n}番目の窓口でできること"))
    ]
    assert "".join(told(tmp_path / "form.pdf", *form)) == "".join(text for *_, text in form)
    letter = [(400, 700, 10, "令和8年4月1日発行"), (50, 684, 10, "各自治会長の皆様へ"), (400, 668, 10, "曽於市長 五位塚 剛")]
    letter += [(50, 652, 10, "収集日の変更のお知らせ"), (400, 636, 10, "問い合わせは環境課まで")]
    assert "".join(told(tmp_path / "letter.pdf", *letter)) == "".join(text for *_, text in letter)


def column(x: float, top: float, text: str, size: float = 12.0) -> list[Placed]:
    """A line from top to bottom; 「|12|」 are set side by side in one place of it."""
    parts: list[Placed] = []
    for n, cell in enumerate(re.findall(r"\|[^|]+\||.", text)):
        y = top - 1.1 * size * n
        if cell.startswith("|"):
            parts += [(x + size / 2 * k, y, size / 2, c) for k, c in enumerate(cell.strip("|"))]
        else:
            parts.append((x, y, size, cell))
    return parts


UPRIGHT = [
    "乳幼児の健康診査を、|12|月|10|日に",
    "末吉総合センターで行います。",
    "母子健康手帳を持って来てくだ",
    "さい。",
]


def test_a_page_written_from_top_to_bottom_is_read_from_right_to_left_with_its_numbers_in_their_places(tmp_path: Path) -> None:
    parts = [part for n, text in enumerate(UPRIGHT) for part in column(500 - 20.0 * n, 700, text)]
    reading = column(513, 700, "にゅうようじ", 5.0)
    found = told(tmp_path / "a.pdf", (60, 760, 18, "広報見本市 十二月号"), *parts, *reading, (60, 30, 10, "7"))
    assert found == [
        "広報見本市 十二月号",
        "乳幼児の健康診査を、12月10日に末吉総合センターで行います。",
        "母子健康手帳を持って来てください。",
    ]


def test_large_headings_of_a_page_written_from_top_to_bottom_stay_whole(tmp_path: Path) -> None:
    parts = [part for n, text in enumerate(UPRIGHT) for part in column(460 - 20.0 * n, 700, text)]
    heading = [(500.0, 700 - 22.0 * n, 22.0, character) for n, character in enumerate("健診のお知らせ")]
    assert told(tmp_path / "a.pdf", *heading, *parts)[0] == "健診のお知らせ"


def test_bands_of_upright_columns_are_read_one_under_the_other(tmp_path: Path) -> None:
    bands = [
        ["市民課の窓口は、毎週月曜", "日の夜も、午後七時まで開", "いています。"],
        ["税務課の窓口は、平日の昼", "休みにも開いていて、いつ", "でも相談できます。"],
    ]
    parts = [
        part
        for top, lines in zip((700, 400), bands, strict=True)
        for n, text in enumerate(lines)
        for part in column(500 - 20.0 * n, top, text)
    ]
    assert told(tmp_path / "a.pdf", *parts) == ["".join(lines) for lines in bands]


def test_a_page_of_marks_in_rows_is_not_taken_for_an_upright_one(tmp_path: Path) -> None:
    rows = [("燃やすごみ", "○", "×"), ("資源ごみ", "×", "○"), ("粗大ごみ", "×", "×")]
    parts = [(x, 700.0 - 15 * n, 10.0, t) for n, row in enumerate(rows) for x, t in zip((50, 200, 260), row, strict=True)]
    assert told(tmp_path / "a.pdf", *parts) == [" ".join(row) for row in rows]


def spaced(x: float, y: float, size: float, text: str) -> list[Placed | Ruled]:
    """A line as Word prints it: a quarter of a character between Japanese and half-width numbers, which are drawn apart."""
    parts: list[Placed | Ruled] = []
    for run in re.findall(r"[0-9A-Z]+|[^0-9A-Z]+", text):
        parts.append((x, y, size, run))
        x += size * (len(run) + 0.25)
    return parts


def test_articles_are_found_though_numbers_are_set_apart_and_a_space_is_drawn_before_what_it_follows(tmp_path: Path) -> None:
    apart = [*spaced(50, 780, 12, "第1条 この条例は、平成28年3月から施行する。"), *spaced(50, 750, 12, "A4 の用紙を2枚")]
    drawn = (50, "第"), (65, "2"), (92, "　"), (80, "条"), (104, "市は")
    assert told(tmp_path / "a.pdf", *apart, *((x, 720, 12, text) for x, text in drawn)) == [
        "第1条 この条例は、平成28年3月から施行する。",
        "A4 の用紙を2枚",
        "第2条 市は",
    ]


def test_words_of_a_latin_text_stay_apart_from_its_quotation_marks(tmp_path: Path) -> None:
    words = (50, "field"), (113, "‘id’"), (164, "of"), (191, "“Group”")  # a quarter of a character apart
    assert told(tmp_path / "a.pdf", *((x, 780, 12, text) for x, text in words)) == ["field ‘id’ of “Group”"]


def test_readings_above_words_are_no_text(tmp_path: Path) -> None:
    page: list[Placed | Ruled] = [(50, 793, 5, "そお"), (50, 780, 10, "曽於市は県の東にある。"), (50, 700, 5, "ちいさい")]
    assert told(tmp_path / "a.pdf", *page) == ["曽於市は県の東にある。", "ちいさい"]


def test_a_word_with_its_reading_above_stays_in_its_line(tmp_path: Path) -> None:
    """Programs draw the reading before the word, and so the line in three parts."""
    line = (50, 780, 10, "寒くなると水道管が"), (140, 790, 4, "とうけつ"), (140, 780, 10, "凍結"), (160, 780, 10, "しやすくなり")
    assert told(tmp_path / "a.pdf", *line, (50, 762, 10, "ます。")) == ["寒くなると水道管が凍結しやすくなります。"]


def test_a_character_of_another_font_stays_in_its_place(tmp_path: Path) -> None:
    """Programs draw it after the rest of its line, in which it leaves a hole."""
    line = (50, 780, 10, "第1章"), (90, 780, 10, "総則（第1条"), (160, 780, 10, "第3条）"), (150, 780, 10, "―")
    assert told(tmp_path / "a.pdf", *line) == ["第1章 総則（第1条―第3条）"]


def test_a_sentence_goes_on_behind_a_bracket_at_the_end_of_a_line(tmp_path: Path) -> None:
    page = (
        (50, 780, 10, "分からないことは、会計課の出納係（内線２１５０）"),
        (50, 762, 10, "へ尋ねる。"),
        (50, 744, 10, "（目的）"),
    )
    assert told(tmp_path / "a.pdf", *page) == ["分からないことは、会計課の出納係（内線２１５０）へ尋ねる。", "（目的）"]


def test_a_headline_in_the_middle_does_not_run_into_the_sentence_below_it(tmp_path: Path) -> None:
    page: list[Placed | Ruled] = [(100, 780, 10, "補助金のお知らせについて"), (50, 762, 10, "市は次の方に補助金を交付し")]
    assert told(tmp_path / "a.pdf", *page, (50, 744, 10, "ます。")) == [
        "補助金のお知らせについて",
        "市は次の方に補助金を交付します。",
    ]


def test_lines_of_a_cell_stay_apart_where_the_first_had_room_for_more(tmp_path: Path) -> None:
    cells: list[Placed | Ruled] = [(50, 700, 60, 40), (110, 700, 120, 40), (50, 660, 60, 40), (110, 660, 120, 40)]
    texts: list[Placed | Ruled] = [
        (55, 725, 10, "補助額"), (115, 725, 10, "五人槽は三十万"), (115, 710, 10, "七人槽は四十万"),
        (55, 685, 10, "対象"), (115, 685, 10, "市内に住んでいる方で税"), (115, 670, 10, "を納めた方"),
    ]  # fmt: skip
    assert told(tmp_path / "a.pdf", *cells, *texts) == [
        "補助額: 五人槽は三十万 七人槽は四十万",
        "対象: 市内に住んでいる方で税を納めた方",
    ]


def test_names_with_their_values_one_under_another_stay_lines_of_their_own(tmp_path: Path) -> None:
    page: list[Placed | Ruled] = [(50, 780, 10, "市は十二月から新しい受付を始め"), (50, 765, 10, "ます。")]
    page += [(50, 740, 10, "日時　十二月一日の朝九時から"), (50, 725, 10, "場所　末吉総合センター二階")]
    assert told(tmp_path / "a.pdf", *page) == [
        "市は十二月から新しい受付を始めます。",
        "日時 十二月一日の朝九時から",
        "場所 末吉総合センター二階",
    ]


def test_pages_that_are_pictures_are_told_of_a_document_that_has_text_too(opened: Opened, tmp_path: Path) -> None:
    path = scan_between(tmp_path / "a.pdf", "伺いの文章です。", "", "", "別紙の文章です。", "")
    done = opened().import_file(path, "test")
    assert [e.source_title for e in done.entries] == ["a 1〜4ページ"]
    assert "注意: 2〜3、5ページには文字の情報がない" in Told.of(done).notes[0]


@pytest.mark.parametrize(("known", "blocks"), [("9fff", ["高〓さんの申請です。"]), ("3040", None)])
def test_a_character_without_a_code_is_a_blank_and_a_page_of_them_is_none(
    tmp_path: Path, known: str, blocks: list[str] | None
) -> None:
    path = pdf_file(tmp_path / "a.pdf", pages=[["高Ａさんの申請です。"]], in_unicode=True)
    path.write_bytes(path.read_bytes().replace(b"<ffff>", f"<{known}>".encode()))
    assert read_blocks(str(path)).get("fault") == (None if blocks else "no_text")
    if blocks:
        assert [block.text for block in read_pdf(path)[1]] == blocks
