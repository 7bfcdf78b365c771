"""Promises of rules as cities write them: each article, annexe and supplement is cited by its own name, and none is cut."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from document_kit import text_file
from docx import Document
from kb_kit import Opened

from retrieval.documents.block import Block
from retrieval.documents.numbering import numbered_headings
from retrieval.documents.passages import LEFT_OUT, LONGEST_CHARS, Passage, split
from retrieval.given import Options

RULE = """○見本市契約規則
目次
第1章　総則（第1条・第2条）
第2章　契約の方法
第1節　随意契約（第3条―第8条）
附則
第1章　総則
（趣旨）
第1条　この規則は、契約について定める。
（平25規則10・一部改正）
第2条　削除
（平25規則10）
第2章　契約の方法
第1節　随意契約
（見積書）
第3条　2人以上の者から見積書を徴する。ただし、
第8条第2項の規定による場合は、この限りでない。
（省略）
第3条の2　3万円未満のときは、前条の規定にかかわらず、省略することができる。
第4条から第7条まで　削除
（検査）
第8条　14日以内に検査をする。
2　物品は、10日以内とする。
附　則
（施行期日）
1　この規則は、平成17年7月1日から施行する。
附　則（平成30年9月28日規則第22号）
第1条　この規則は、平成30年10月1日から施行する。
別表第1（第3条関係）
1　工事　200万円
2　物品　150万円
様式第1号（第8条関係）
検査調書
"""


def passages(text: str) -> dict[str, Passage]:
    return {p.locator: p for p in split(Block(text=line.replace("　", " ")) for line in text.splitlines())}


def test_every_part_of_a_rule_is_cited_by_its_own_name() -> None:
    found = passages(RULE)
    assert list(found) == [
        "本文",
        "第1条",
        "第2条",
        "第3条",
        "第3条の2",
        "第4条から第7条まで",
        "第8条",
        "附則",
        "附則（平成30年9月28日規則第22号） 第1条",
        "別表第1",
        "様式第1号",
    ]
    assert all(p.article == locator for locator, p in found.items() if locator != "本文")
    assert found["別表第1"].heading == "別表第1（第3条関係）"
    assert found["別表第1"].text == "1 工事 200万円\n2 物品 150万円"


def test_a_table_of_contents_is_no_text_and_makes_no_article_part_of_the_supplement() -> None:
    found = passages(RULE)
    assert not any("第1節" in p.text or p.text.startswith("目次") for p in found.values())
    manual = passages("手引\n目次\n1 受付 ………… 2\n2 交付 ………… 3\n1 受付\n印を押す。\n2 交付\n本人に渡す。")
    assert {p.heading: p.text for p in manual.values()} == {"": "手引", "1 受付": "印を押す。", "2 交付": "本人に渡す。"}


def test_a_line_that_begins_with_a_reference_to_an_article_belongs_to_the_article_above_it() -> None:
    assert passages(RULE)["第3条"].text.endswith("ただし、\n第8条第2項の規定による場合は、この限りでない。")
    for refers in ("第8条の規定により", "第8条及び第9条に", "第8条中「2人」を「3人」に改める。", "第8条、第9条", "第8条ただし書"):
        assert list(passages(f"第1条 次による。\n{refers}")) == ["第1条"], refers


def test_what_a_change_says_of_other_articles_is_not_quoted_as_the_article_that_it_adds() -> None:
    change = (
        "規則（平成17年規則第5号）の一部を次のように改正する。\n第4条の次に次の1条を加える。\n第4条の2 券は、譲渡できない。\n"
    )
    found = passages(
        f"{change}別表第1中「300円」を「400円」に改める。\n第6条を第7条とする。\n附 則\nこの規則は、公布の日から施行する。"
    )
    assert found["第4条の2"].text == "第4条の2 券は、譲渡できない。"
    assert found["本文~2"].text == "別表第1中「300円」を「400円」に改める。\n第6条を第7条とする。"


def test_an_article_that_changes_a_rule_is_quoted_with_its_changes() -> None:
    change = (
        "（税条例の改正）\n第1条 税条例（昭和30年条例第1号）の一部を次のように改正する。\n第4条の次に次の1条を加える。\n"
        "第4条の2 券は、譲渡できない。\n別表第1中「300円」を「400円」に改める。\n"
        "（寄附条例の改正）\n第2条 寄附条例（平成17年条例第5号）の一部を次のように改正する。\n第8条中「市」を「本市」に改める。"
    )
    found = passages(change)
    assert found["第1条"].text.endswith("改正する。\n第4条の次に次の1条を加える。")
    assert found["第1条~2"].text == "別表第1中「300円」を「400円」に改める。"
    assert (found["第1条~2"].heading, found["第1条~2"].article) == ("第1条（税条例の改正）", "第1条")
    assert found["第2条"].text.endswith("改正する。\n第8条中「市」を「本市」に改める。")


@pytest.mark.parametrize("begins", ["第8条　市長は", "第8条（検査）市長は", "第８条の２ 市長は", "第八条 市長は", "第8条市長は"])
def test_an_article_is_told_from_a_reference_however_it_is_written(begins: str) -> None:
    assert len(passages(f"第1条 次による。\n{begins}、検査をする。")) == 2


def test_what_changed_an_article_is_not_taken_for_the_caption_of_the_next() -> None:
    found = passages(RULE)
    assert found["第2条"].heading == "第2条"
    assert found["第1条"].text.endswith("（平25規則10・一部改正）")


def test_a_list_that_is_too_long_for_one_passage_keeps_the_words_that_lead_to_it() -> None:
    lead = "第1条 契約書には、次に掲げる事項を記載する。"
    items = [f"({n}) {'事項' * 30}{n}" for n in range(1, 31)]
    first, *others = split(Block(text=line) for line in (lead, *items))
    assert first.text.startswith(lead)
    assert others
    assert all(p.text.startswith(f"{lead}\n{LEFT_OUT}\n(") and len(p.text) <= LONGEST_CHARS for p in others)
    told = [line for p in (first, *others) for line in p.text.splitlines() if line.startswith("(")]
    assert told == items


def test_a_passage_is_cited_by_the_pages_that_it_stands_on() -> None:
    found = split(Block(text=f"{n}番目の段落です。" + "あ" * length, page=n) for n, length in ((1, 700), (2, 300), (3, 300)))
    assert [(p.page, p.last_page) for p in found] == [(1, 1), (2, 3)]


def test_headings_are_known_by_their_numbers_alone(opened: Opened, tmp_path: Path) -> None:
    text = "取扱要領\n１　目的\n取扱いを定める。\n２　押印\n（１）原議を添える。\n（２）次の文書\nア　納税通知書\n"
    (tmp_path / "a.txt").write_text(text + "３．保存\n10年とする。", "utf-8")
    entries = opened().import_file(tmp_path / "a.txt", "test", options=Options()).entries
    assert [(e.question, e.source_title) for e in entries] == [
        ("取扱要領 １ 目的", "取扱要領 １ 目的"),
        ("取扱要領 ２ 押印", "取扱要領 ２ 押印"),
        ("取扱要領 ３．保存", "取扱要領 ３．保存"),
    ]
    assert entries[1].answer == "（１）原議を添える。\n（２）次の文書\nア 納税通知書"


@pytest.mark.parametrize(
    "text",
    [
        "次のものを持参する。\n1 印鑑\n2 通帳\n3 身分証",
        "第1条 次による。\n2 前項の定め\nこれを準用する。",
        "令和8年\n4 月の予定\n総会",
    ],
)
def test_items_of_a_list_and_paragraphs_of_an_article_are_no_headings(text: str) -> None:
    assert len(passages(text)) == 1


def test_a_document_is_called_by_its_name_without_the_mark_of_a_collection_or_the_name_of_a_site(
    opened: Opened, tmp_path: Path
) -> None:
    rule = text_file(tmp_path / "a.txt")
    rule.write_text("○" + rule.read_text("utf-8"), "utf-8")
    page = tmp_path / "a.html"
    page.write_text("<title>補助金 | 見本市</title><h1>補助金</h1><p>30万円です。</p>", "utf-8")
    knowledge = opened()
    titles = [knowledge.import_file(path, "test").entries[0].source_title for path in (rule, page)]
    assert titles == ["見本市ごみ条例 第1条", "補助金"]


def test_parts_of_one_name_are_told_apart_by_the_heading_that_they_stand_under() -> None:
    manual = ["第1章 転入", "1-1 受付", "届を受け取る。", "1-2 入力", "入力する。", "第2章 転出", "2-1 受付", "届を確かめる。"]
    page = [(1, "窓口の手引"), (2, "転入届"), (3, "必要なもの"), (0, "証明書"), (2, "転出届"), (3, "必要なもの"), (0, "届書")]
    told = split(Block(text=line) for line in [*manual, "2-2 入力", "入力する。"])
    arrival, departure = ("第1章 転入 1-1 受付", "第1章 転入 1-2 入力"), ("第2章 転出 2-1 受付", "第2章 転出 2-2 入力")
    assert [p.heading for p in told] == [*arrival, *departure]
    assert [p.heading for p in split(Block(text=text, level=level) for level, text in page)] == [
        "転入届 必要なもの",
        "転出届 必要なもの",
    ]
    chapters = split(Block(text=text, level=max(level - 1, 0)) for level, text in page[1:])
    assert [p.heading for p in chapters] == ["転入届 必要なもの", "転出届 必要なもの"], (
        "of Word, under chapters of the first level"
    )


@pytest.mark.parametrize(
    ("headings", "title"),
    [
        (("成人式", "水道の凍結"), "広報"),
        (("1. 受付", "2. 交付"), "広報"),
        (("窓口の手引", "1. 受付"), "窓口の手引"),
        (("第三次計画", "(1) 目的"), "第三次計画"),
        (("【重要】一般廃棄物計画", "1 目的"), "【重要】一般廃棄物計画"),
    ],
)
def test_a_document_is_not_called_as_the_first_of_its_parts(
    opened: Opened, tmp_path: Path, headings: tuple[str, str], title: str
) -> None:
    document = Document()
    for heading in headings:
        document.add_heading(heading, 1)
        document.add_paragraph("本人が届け出る。")
    document.save(str(tmp_path / "広報.docx"))
    entries = opened().import_file(tmp_path / "広報.docx", "test").entries
    assert entries[-1].source_title == f"{title} {headings[1]}"


@pytest.mark.parametrize("begins", ["曽環第123号", "令和 8 年 4 月 1 日", "曽環 第１２号の２"])
def test_a_letter_is_called_as_its_file_and_not_by_its_number_or_day(opened: Opened, tmp_path: Path, begins: str) -> None:
    (tmp_path / "浄化槽の補助.txt").write_text(f"{begins}\n各課長 様\n次のとおり補助する。", "utf-8")
    (entry,) = opened().import_file(tmp_path / "浄化槽の補助.txt", "test").entries
    assert entry.source_title == "浄化槽の補助"


@pytest.mark.parametrize("begins", ["広報そお 第123号", "令和8年度 粗大ごみの収集日"])
def test_what_only_begins_or_ends_like_the_head_of_a_letter_is_a_title(opened: Opened, tmp_path: Path, begins: str) -> None:
    (tmp_path / "a.txt").write_text(f"{begins}\n毎月第2水曜日に集めます。", "utf-8")
    (entry,) = opened().import_file(tmp_path / "a.txt", "test").entries
    assert entry.source_title == begins


def test_what_stands_in_brackets_before_its_value_is_no_heading() -> None:
    article = ["■教室", "【日時】5月11日", "〔本庁〕市民課", "申込み：公園緑地課", "【電話】225-2412【FAX】225-3027", "抽選。"]
    (passage,) = split(Block(text=line) for line in article)
    assert (passage.heading, passage.text) == ("教室", "\n".join(article[1:]))
    headed = split(Block(text=line) for line in ["【持ち物】", "印鑑", "【2】申込み", "電話で"])
    assert [p.heading for p in headed] == ["持ち物", "【2】申込み"]


@pytest.mark.timed
def test_a_long_list_that_begins_with_no_first_number_costs_no_more_than_its_length() -> None:
    began = time.monotonic()
    assert numbered_headings(["2-1 あいう", "1-1 本文"] * 40_000) == {}
    assert time.monotonic() - began < 5
