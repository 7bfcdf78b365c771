"""Promises of pages: what their readers don't see is not taken in, and each row of a table says what its values are."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.documents.html import read_html, read_markdown


def lines(path: Path, body: str) -> list[str]:
    path.write_text(f"<html><head><meta charset='utf-8'><title>窓口</title></head><body>{body}</body></html>", "utf-8")
    return [block.text for block in read_html(path)[1]]


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>{}</p>",
        "<p hidden='until-found'>{}</p>",
        "<div style='color:red; DISPLAY : none !important'><p>{}</p></div>",
        "<div style='visibility:hidden'>{}</div>",
        "<span aria-hidden='true'>{}</span>",
        "<template><p>{}</p></template>",
        "<script>{}</script>",
        "<noscript><p>{}</p></noscript>",
        "<!-- {} -->",
        "<dialog>{}</dialog>",
        "<textarea>{}</textarea>",
        "<table><tr><th>課</th><td>市民課</td></tr><tr hidden><th>内線</th><td>{}</td></tr></table>",
        "<table><tr><th>課</th><td>市民課</td><td style='display:none'>{}</td></tr></table>",
    ],
)
def test_what_a_page_hides_is_not_taken_in(tmp_path: Path, hidden: str) -> None:
    found = lines(
        tmp_path / "a.html", "<p>はじめ</p>" + hidden.format("庁内の話") + "おわり<details><p>開けば見える</p></details>"
    )
    assert found[0] == "はじめ"
    assert found[-2:] == ["おわり", "開けば見える"]
    assert "庁内" not in "".join(found)


def table(*rows: str) -> str:
    """A table of which each row is given as its cells, without what begins and ends it."""
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


HEAD = "<th>品目<th>手数料"
DESK = "<td>机<td>500円"


@pytest.mark.parametrize(
    ("markup", "rows"),
    [
        (table("<th>受付時間<td>平日8時30分〜17時"), ["受付時間: 平日8時30分〜17時"]),
        (table(HEAD, DESK, "<th>いす<td>"), ["品目: 机、手数料: 500円", "品目: いす"]),
        (table(HEAD, "<td>机<td>1個<br>500円"), ["品目: 机、手数料: 1個 500円"]),
        (table(HEAD, "<td colspan=2>大きな物", DESK), ["大きな物", "品目: 机、手数料: 500円"]),
        (table(HEAD, DESK, "<th>合計<th>500円"), ["品目: 机、手数料: 500円", "品目: 合計、手数料: 500円"]),
        (table("<td><th>平日<th>土曜", "<th>本庁<td>17時まで<td>休み"), ["本庁、平日: 17時まで、土曜: 休み"]),
        (
            table("<th rowspan=2>課<th colspan=2>電話", "<th>昼<th>夜", "<td>税務課<td>8803<td>8800"),
            ["課: 税務課、電話 昼: 8803、電話 夜: 8800"],
        ),
        (table("<th rowspan=2>開庁<th>平日<td>17時まで", "<th>土曜<td>休み"), ["開庁 平日: 17時まで", "開庁 土曜: 休み"]),
        (table("<td>電話<td>0986-76-8800", "<td>場所<td>1階"), ["電話: 0986-76-8800", "場所: 1階"]),
        (table("<td>課<td>電話<td>階", "<td>税務課<td>8803<td>2"), ["課: 税務課、電話: 8803、階: 2"]),
        (table("<th>課<th>階"), ["課、階"]),
        (f"<table><caption>粗大ごみ</caption><tr>{HEAD}<tr>{DESK}</table>", ["粗大ごみ", "品目: 机、手数料: 500円"]),
    ],
)
def test_each_row_of_a_table_is_told_by_its_headings(tmp_path: Path, markup: str, rows: list[str]) -> None:
    assert lines(tmp_path / "a.html", f"<p>前</p>{markup}後") == ["前", *rows, "後"]


@pytest.mark.parametrize(
    "markup",
    [
        table("<td>案内<td><h2>届出</h2><p>市民課です。"),
        table("<td>案内<td><table><tr><td>届出</table>市民課です。"),
        table("<td>案内", "<td>届出", "<td>市民課です。"),
    ],
)
def test_a_table_that_only_places_things_is_read_as_the_page_that_it_is(tmp_path: Path, markup: str) -> None:
    assert lines(tmp_path / "a.html", markup) == ["案内", "届出", "市民課です。"]


def test_markdown_is_read_as_the_page_that_it_makes(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "# 粗大ごみ\n出し方は\n次のとおり。\n\n| 品目 | 手数料 |\n|---|---|\n| 机 | 500円 |\n\n<!-- 庁内の話 -->\n"
        "<div hidden>庁内の話</div>\n\n```\n窓口 1\n窓口 2\n```\n",
        "utf-8",
    )
    found = [(b.level, b.text) for b in read_markdown(path)[1]]
    assert found == [
        (1, "粗大ごみ"),
        (0, "出し方は"),
        (0, "次のとおり。"),
        (0, "品目: 机、手数料: 500円"),
        (0, "窓口 1"),
        (0, "窓口 2"),
    ]


def test_headings_in_two_rows_of_plain_cells_are_put_together(tmp_path: Path) -> None:
    rows = "<tr><td rowspan=2>区分</td><td colspan=2>専決者</td></tr><tr><td>課長</td><td>部長</td></tr>"
    told = lines(tmp_path / "a.html", f"<table>{rows}<tr><td>委託料</td><td>30万円</td><td>90万円</td></tr></table>")
    assert told == ["区分: 委託料、専決者 課長: 30万円、専決者 部長: 90万円"]


def test_items_keep_their_numbers_and_marks(tmp_path: Path) -> None:
    body = "<ol start=2><li>届け出る<li><p>受け取る</p><p>押印する</p></ol><ul><li> <li>印鑑<ul><li>認印</ul></ul>おわり"
    assert lines(tmp_path / "a.html", body) == ["2. 届け出る", "3. 受け取る", "押印する", "・印鑑", "・認印", "おわり"]
    (tmp_path / "a.md").write_text("1. 抜線する\n2. 報告する\n\n- 端末\n", "utf-8")
    assert [b.text for b in read_markdown(tmp_path / "a.md")[1]] == ["1. 抜線する", "2. 報告する", "・端末"]


@pytest.mark.parametrize(
    "markup",
    [
        "<h2>犬の登録と<br>注射</h2>",
        "<h2><div class='in'><span>犬の登録と</span> 注射</div></h2>",
        "<h2>犬の登録と 注射<h2>",
    ],
)
def test_a_heading_is_one_whatever_it_is_built_of(tmp_path: Path, markup: str) -> None:
    (tmp_path / "a.html").write_text(f"<meta charset='utf-8'>{markup}<p>毎年1回です。<br>550円です。</p>", "utf-8")
    found = [(block.level, block.text) for block in read_html(tmp_path / "a.html")[1]]
    assert found == [(2, "犬の登録と 注射"), (0, "毎年1回です。"), (0, "550円です。")]


def test_what_stands_in_a_heading_that_nobody_closed_is_its_text(tmp_path: Path) -> None:
    page = "<meta charset='utf-8'><h2>犬の登録<div>電話<br>76-8801</div><div>毎年1回です。</div>"
    (tmp_path / "a.html").write_text(page, "utf-8")
    found = [(block.level, block.text) for block in read_html(tmp_path / "a.html")[1]]
    assert found == [(2, "犬の登録"), (0, "電話"), (0, "76-8801"), (0, "毎年1回です。")]


def test_of_a_city_s_page_only_its_own_text_is_taken_in(tmp_path: Path) -> None:
    around = (
        "<div id='header'><p>見本市役所</p></div><div role='navigation'><ul><li>くらし</li></ul></div>"
        "<div class='breadcrumb'><p>トップ > くらし</p></div>{}<p class='page-top'><a href='#'>上へ</a></p>"
        "<p><a href='#top'>このページの先頭へ戻る</a></p><div id='footer'>Copyright</div>"
    )
    assert lines(tmp_path / "a.html", around.format("<h1>転入届</h1><p>14日以内です。</p>")) == ["転入届", "14日以内です。"]
    main = around.format("<p>さがす</p><{0}><h1>転入届</h1><p>14日以内です。</p></{1}><p>関連</p>")
    for begin, end in (("main", "main"), ("div role='main'", "div")):
        assert lines(tmp_path / "b.html", main.format(begin, end)) == ["転入届", "14日以内です。"]
    assert lines(tmp_path / "c.html", "<main></main><p>本文</p>") == ["本文"]
    assert lines(tmp_path / "c.html", "<main><h1>転入届</h1></main><p>本文</p>") == ["転入届", "本文"]
    assert lines(tmp_path / "d.html", "<body id='header' class='skip'><p>本文</p>") == ["本文"]
    table = "<table><tr><th id='head'>品目</th><th>手数料</th></tr><tr><td>机</td><td>500</td></tr></table>"
    assert lines(tmp_path / "d.html", table) == ["品目: 机、手数料: 500"]
    assert lines(tmp_path / "d.html", "<h2 class='header'>手数料</h2><p>上へ積む。</p>") == ["手数料", "上へ積む。"]
