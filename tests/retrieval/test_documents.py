"""Promises of documents: every form gives the same passages with their article, nothing is half-taken, all comes back."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from document_kit import excel_file, html_file, markdown_file, pdf_file, text_file, word_file
from docx import Document
from kb_kit import NOON, ROWS, Opened, csv_text, write_csv
from openpyxl import Workbook

from core.audience import Audience
from core.errors import InvalidInput, NotFound, UnreadableTable
from core.settings import CHECKOUT
from retrieval.documents.block import Block
from retrieval.documents.passages import LONGEST_CHARS, split
from retrieval.exporting import export_all
from retrieval.given import Options, files_in
from retrieval.knowledge import Knowledge
from retrieval.revisions import State

KB = "test"
SOO = CHECKOUT / "samples" / "soo"
RESIDENT = Options(audience=Audience.RESIDENT, department="環境課")
FORMS = {
    "a.txt": text_file,
    "a.docx": word_file,
    "a.html": html_file,
    "a.md": markdown_file,
    "a.pdf": pdf_file,
}


def served(knowledge: Knowledge) -> dict[str, str]:
    return {s.entry.id: s.entry.answer for s in knowledge.repository.load(KB)}


@pytest.mark.parametrize("name", FORMS)
def test_an_ordinance_is_cited_by_its_articles_in_every_form(opened: Opened, tmp_path: Path, name: str) -> None:
    knowledge = opened()
    done = knowledge.import_file(FORMS[name](tmp_path / name), KB, options=RESIDENT)
    assert (done.kind, done.report.added, done.report.refused) == ("document", 4, ())
    by_id = {e.id: e for e in done.entries}
    fee = by_id[f"doc:{name}:第3条の2"]
    assert fee.question == "見本市ごみ条例 第3条の2（手数料）"
    assert fee.answer == "第3条の2 粗大ごみの手数料は、1個500円とする。"
    assert fee.source_title == "見本市ごみ条例 第3条の2" + (" 2ページ" if name == "a.pdf" else "")
    assert (fee.audience, fee.department) == (Audience.RESIDENT, "環境課")
    assert by_id[f"doc:{name}:第2条"].answer.endswith("家庭から出るごみをいう。")
    assert f"doc:{name}:附則 第1条" in by_id
    assert not any("わるい" in e.answer or "メニュー" in e.answer for e in done.entries)


def test_text_of_windows_and_sheets_of_excel_are_read(opened: Opened, tmp_path: Path) -> None:
    assert opened().import_file(text_file(tmp_path / "b.txt", "cp932"), KB).report.added == 4
    (sheet,) = opened().import_file(excel_file(tmp_path / "c.xlsx"), KB).entries
    assert sheet.answer == "品目: 机、手数料: 500\n品目: いす、手数料: 300"


def test_hidden_sheets_and_words_are_not_taken_in_and_titles_above_a_table_are_no_headings(
    opened: Opened, tmp_path: Path
) -> None:
    book = Workbook()
    for row in (("手数料の表",), ("品目", "手数料"), ("机", 500), ("いす", 300)):
        book.active.append(row)
    kept = book.create_sheet("庁内")
    kept.append(("滞納", "三日以内"))
    kept.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    document = Document()
    paragraph = document.add_paragraph("手数料は500円です。")
    paragraph.add_run("庁内では300円です。").font.hidden = True
    document.save(str(tmp_path / "a.docx"))
    knowledge = opened()
    told = [e.answer for name in ("a.xlsx", "a.docx") for e in knowledge.import_file(tmp_path / name, KB).entries]
    assert told == ["手数料の表\n品目: 机、手数料: 500\n品目: いす、手数料: 300", "手数料は500円です。"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp", "utf-16", "iso2022_jp"])
def test_a_document_of_one_short_sentence_is_kept(opened: Opened, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes("印鑑登録の手数料は300円です。\n".encode(encoding))
    (entry,) = opened().import_file(tmp_path / "a.txt", KB).entries
    assert entry.answer == "印鑑登録の手数料は300円です。"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("Shift_JIS", "cp932"),
        ("x-sjis", "cp932"),
        ("Windows-31J", "cp932"),
        ("EUC-JP", "euc_jp"),
        ("nazo-code", "cp932"),
        ("hex", "utf-8"),
        ("undefined", "euc_jp"),
        ("utf-16", "utf-8"),
        ("Shift_JIS", "utf-8-sig"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_browsers_take(opened: Opened, tmp_path: Path, declared: str, encoding: str) -> None:
    answer = "水道料金は上下水道課で払えます。" + ("①㈱髙" if encoding != "euc_jp" else "")
    page = (
        f'<html><head><meta charset="{declared}"><title>水道</title></head><body><h1>水道料金</h1><p>{answer}</p></body></html>'
    )
    (tmp_path / "a.html").write_bytes(page.encode(encoding))
    (entry,) = opened().import_file(tmp_path / "a.html", KB).entries
    assert entry.answer == answer


def test_a_passage_is_an_answer_with_its_source_only_for_whom_it_may_be(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    knowledge.import_file(write_csv(tmp_path / "faq.csv"), KB)
    knowledge.import_file(pdf_file(tmp_path / "a.pdf"), KB)  # for staff, as nothing else was said
    knowledge.build(KB, lambda *_: None)
    asked = "粗大ごみの手数料はいくらですか"
    first = knowledge.search(asked, KB, audience=Audience.STAFF).hits[0].entry
    assert first.source_title == "見本市ごみ条例 第3条の2 2ページ"
    assert all(h.entry.id[:4] != "doc:" for h in knowledge.search(asked, KB, audience=Audience.RESIDENT).hits)


def test_a_document_taken_in_again_changes_only_what_changed(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    path = text_file(tmp_path / "a.txt")
    knowledge.import_file(path, KB)
    again = knowledge.import_file(path, KB).report
    assert (again.added, again.changed, again.unchanged, again.removed) == (0, (), 4, 0)
    text = (
        path.read_text("utf-8")
        .replace("500円", "600円")
        .replace("第1条 この条例は、ごみの減量と適正な処理について定める。\n", "")
    )
    path.write_text(text.replace("（目的）\n", "第4条 新しい条。\n"), "utf-8")
    changed = knowledge.import_file(path, KB).report
    assert (changed.added, len(changed.changed), changed.unchanged, changed.removed) == (1, 1, 2, 1)
    assert "doc:a.txt:第1条" not in served(knowledge)
    assert "600円" in served(knowledge)["doc:a.txt:第3条の2"]
    text_file(path)
    assert knowledge.import_file(path, KB).report.added == 1
    assert "doc:a.txt:第1条" in served(knowledge)


def test_a_folder_is_taken_in_whole_with_a_reason_for_what_is_not(opened: Opened, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    (folder / "gomi").mkdir(parents=True)
    html_file(folder / "index.html")
    html_file(folder / "gomi" / "index.html")
    write_csv(folder / "faq.csv")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")
    for left_behind in (".hidden.txt", "~$site.docx", "Thumbs.db", "gomi/desktop.ini"):
        (folder / left_behind).write_text("秘密", "utf-8")
    (folder / "link.txt").symlink_to("/etc/passwd")
    knowledge, refused = opened(), []
    for file in files_in(folder, Options()):
        try:
            knowledge.import_file(file.path, KB, name=file.name)
        except InvalidInput as e:
            refused.append(e.message)
    assert len(refused) == 1
    assert "photo.jpg" in refused[0]
    ids = served(knowledge)
    assert {"a-1", "doc:index.html:第1条", "doc:gomi／index.html:第1条"} <= set(ids)
    assert not any("root:" in text or "秘密" in text for text in ids.values())


def test_bulletins_of_open_data_are_taken_as_they_are(opened: Opened, tmp_path: Path) -> None:
    path = tmp_path / "bulletin.csv"
    path.write_text(
        "自治体名,公開年月,発行号タイトル,記事タイトル,カテゴリ,記事本文\n"
        '見本市,2026.11.01,広報みほん 11月号,緑の教室,イベント,"苔玉をつくります。\n■申し込み\n公園課へ。<img src=""x"" />"\n'
        "見本市,2026.11.01,広報みほん 11月号,,くらし,本文だけ\n",
        "utf-8",
    )
    done = opened().import_file(path, KB, options=RESIDENT)
    assert (done.kind, done.report.added, [r.row for r in done.report.refused]) == ("bulletin", 2, [3])
    assert [(e.question, e.answer, e.source_title, e.category) for e in done.entries] == [
        ("緑の教室", "苔玉をつくります。", "広報みほん 11月号", "イベント"),
        ("緑の教室 申し込み", "公園課へ。", "広報みほん 11月号", "イベント"),
    ]


BULLETIN = "発行号タイトル,記事タイトル,記事本文\n"
ARTICLES = f"{BULLETIN}11月号,健診,健診は12月です。\n11月号,ごみ,ごみは月曜です。\n"


@pytest.mark.parametrize("rows", ["", "11月号,健診,\n", "11月号,健診,■ 受付\n", "11月号,健診,12月です,から\n"])
def test_a_bulletin_without_a_good_row_takes_no_article_out_of_service(opened: Opened, tmp_path: Path, rows: str) -> None:
    knowledge, path = opened(), tmp_path / "広報.csv"
    path.write_text(ARTICLES, "utf-8")
    knowledge.import_file(path, KB, options=RESIDENT)
    before = served(knowledge)
    path.write_text(BULLETIN + rows, "utf-8")
    with pytest.raises(InvalidInput, match=r"^ファイル 広報\.csv には、登録できる行がありません。前の広報をそのまま"):
        knowledge.import_file(path, KB, options=RESIDENT)
    assert served(knowledge) == before
    assert len(before) == 2


def test_a_row_of_a_bulletin_that_can_t_be_believed_is_refused_with_its_reason(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    (tmp_path / "a.csv").write_text(f"{ARTICLES}11月号,講座,12月です,から,お早めに\n", "utf-8")
    done = knowledge.import_file(tmp_path / "a.csv", KB, options=RESIDENT)
    assert [(r.row, r.reason[:12]) for r in done.report.refused] == [(4, "見出しより多くの列があり")]
    article = '{{"発行号タイトル": "11月号", "記事タイトル": "{}", "記事本文": {}}}'
    rows = [article.format("健診", '"12月です。"'), article.format("\\ud800", '"x"'), article.format("ごみ", '{"月": 1}')]
    (tmp_path / "b.json").write_text(f"[{','.join(rows)}]", "utf-8")
    done = knowledge.import_file(tmp_path / "b.json", KB, options=RESIDENT)
    assert [r.row for r in done.report.refused] == [2, 3]
    assert [e.answer for e in done.entries] == ["12月です。"]


@pytest.mark.parametrize("state", [State.APPROVED, State.DRAFT])
def test_headings_that_differ_in_their_slash_alone_are_told_apart(opened: Opened, tmp_path: Path, state: State) -> None:
    headings = ("受付/交付", "受付／交付", "受付／交付", "受付／交付~2")
    path = tmp_path / "手引き.md"
    path.write_text("# 手引き\n\n" + "".join(f"## {h}\n\n{n}番の窓口です。\n\n" for n, h in enumerate(headings)), "utf-8")
    done = opened().import_file(path, KB, options=replace(RESIDENT, state=state))
    ids = [e.id.removeprefix("doc:手引き.md:") for e in done.entries]
    assert ids == ["受付／交付", "受付／交付~2", "受付／交付~3", "受付／交付~2~2"]
    assert done.report.added == len(headings)


@pytest.mark.parametrize(
    ("first", "is_told"),
    [
        ("図書館は月曜が休みです。", True),
        ("図書館は月曜が休みです", True),
        ("図書館の手引き", False),
        ("# 図書館は月曜が休みです。", False),
    ],
)
def test_the_first_line_of_a_document_is_told_unless_it_is_a_title(
    opened: Opened, tmp_path: Path, first: str, is_told: bool
) -> None:
    path = tmp_path / ("a.md" if first.startswith("#") else "a.txt")
    path.write_text(f"{first}\n\n■ 開館時間\n\n九時から五時まで開いています。\n", "utf-8")
    told = [e.answer for e in opened().import_file(path, KB, options=RESIDENT).entries]
    assert told == [first] * is_told + ["九時から五時まで開いています。"]


def test_json_and_csv_give_one_and_the_same_faq(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    knowledge.import_file(write_csv(tmp_path / "a.csv", [ROWS[0]]), KB)
    path = tmp_path / "a.json"
    path.write_text(
        '[{"番号": "a-1", "質問": "図書館は何時に開きますか。", "回答": "図書館は9時に開きます。\\n月曜日は休みです。",'
        ' "言い換え": ["図書館の時間", "本を借りたい"], "分類": "施設", "担当課": "社会教育課", "公開終了日": null}]',
        "utf-8",
    )
    assert knowledge.import_file(path, KB).report.unchanged == 1
    for broken in ('{"id": 1}', "[1, 2]", "[", "[" * 100_000):
        path.write_text(broken, "utf-8")
        with pytest.raises(UnreadableTable, match=r"a\.json"):
            knowledge.import_file(path, KB)


def test_an_export_gives_back_what_was_imported_byte_for_byte(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    originals = {
        "area_days.csv": SOO / "garbage" / "area_days.csv",
        "garbage.csv": SOO / "garbage" / "target.csv",
        "facilities.csv": SOO / "facilities.csv",
        "duty_doctors.csv": SOO / "duty_doctors.csv",
        "departments.csv": SOO / "departments.csv",
        "staff/ordinance.pdf": pdf_file(tmp_path / "ordinance.pdf"),
    }
    for path in originals.values():
        knowledge.import_file(path, KB)
    faq = SOO / "faq" / "01-moving.csv"
    knowledge.import_file(faq, KB)
    out = tmp_path / "out"
    export_all(knowledge.repository, KB, out)
    originals["faq/01-moving.csv"] = faq
    for name, path in originals.items():
        assert (out / name).read_bytes() == path.read_bytes(), name
    with pytest.raises(InvalidInput, match="空では"):
        export_all(knowledge.repository, KB, out)
    with pytest.raises(NotFound):
        export_all(knowledge.repository, "nothing", tmp_path / "other")


def test_what_was_exported_and_imported_exports_the_same(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    source = tmp_path / "odd.csv"
    source.write_text(
        csv_text([("x-1", '"引用", と、\n改行', " 空白 ", "a | b||c", "", "", "職員", "2026/4/1 09:00", "")]), "utf-8"
    )
    knowledge.import_file(source, KB)
    entry = knowledge.repository.load(KB)[0].entry
    knowledge.repository.save(KB, [replace(entry, department="環境課")], NOON)
    export_all(knowledge.repository, KB, tmp_path / "one")
    knowledge.import_file(tmp_path / "one" / "faq" / "faq.csv", "copy")
    export_all(knowledge.repository, "copy", tmp_path / "two")
    assert (tmp_path / "one" / "faq" / "faq.csv").read_bytes() == (tmp_path / "two" / "faq" / "faq.csv").read_bytes()
    assert "2026-04-01 09:00" in (tmp_path / "one" / "faq" / "faq.csv").read_text("utf-8")


def bomb(path: Path) -> None:
    word_file(path)
    with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as z:
        with zipfile.ZipFile(path) as old:
            for item in old.infolist():
                if item.filename != "word/document.xml":
                    z.writestr(item, old.read(item))
        with z.open("word/document.xml", "w") as part:
            for _ in range(1200):
                part.write(b" " * 1_000_000)
    path.with_suffix(".zip").replace(path)


def entities(path: Path) -> None:
    word_file(path)
    laughs = '<!DOCTYPE x [<!ENTITY a "はは">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 20}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("[Content_Types].xml", f"<?xml version='1.0'?>{laughs}]><Types>&i;</Types>")


HOSTILE: dict[str, Callable[[Path], object]] = {
    "cut.pdf": lambda p: p.write_bytes(pdf_file(p).read_bytes()[:300]),
    "empty.pdf": lambda p: p.write_bytes(b""),
    "locked.pdf": lambda p: pdf_file(p, locked=True),
    "locked.docx": lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096)),
    "blank.pdf": lambda p: pdf_file(p, pages=[[]]),
    "noise.docx": lambda p: p.write_bytes(bytes(range(256)) * 500),
    "bomb.docx": bomb,
    "laughs.docx": entities,
    "noise.txt": lambda p: p.write_bytes(b"\x00\xff\xfe" * 999),
    "noise.html": lambda p: p.write_bytes(b""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_broken_document_is_refused_with_a_sentence_and_nothing_is_taken(
    opened: Opened, tmp_path: Path, name: str
) -> None:
    knowledge = opened()
    HOSTILE[name](tmp_path / name)
    started = time.monotonic()
    with pytest.raises(InvalidInput, match=name):
        knowledge.import_file(tmp_path / name, KB)
    assert time.monotonic() - started < 60
    assert served(knowledge) == {}
    assert knowledge.repository.load_sources(KB) == []


@pytest.mark.parametrize("name", ["empty.pdf", "empty.md"])
def test_an_empty_file_is_said_to_be_empty_not_broken(opened: Opened, tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(InvalidInput, match="何も書かれていません"):
        opened().import_file(tmp_path / name, KB)


def test_a_deep_page_is_read_without_falling_over(opened: Opened, tmp_path: Path) -> None:
    path = html_file(tmp_path / "deep.html", extra="<div>" * 20_000 + "奥の言葉です。" + "</div>" * 20_000)
    try:
        assert opened().import_file(path, KB).report.added >= 4
    except InvalidInput as e:
        assert "deep.html" in e.message


@pytest.mark.parametrize(("asks", "says"), [("問", "答　"), ("【問", "【答】"), ("Q", "A："), ("質問", "答弁　")])
def test_each_question_of_a_collection_of_answers_is_a_passage_with_its_answer(asks: str, says: str) -> None:
    close = "】" if asks.startswith("【") else "　"
    first, second = f"{asks}1{close}耐震化の状況はどうか。", f"{asks}2{close}寄附額の推移はどうか。"
    lines = ["想定問答集", first, f"{says}工事を終えております。", "財部支所は来年度です。", second, f"{says}増えております。"]
    passages = split(Block(text=line) for line in lines)
    assert [p.text.split("\n") for p in passages] == [lines[:1], lines[1:4], lines[4:]]
    assert [p.heading for p in passages[1:]] == [first, second]
    unanswered = [line for line in lines if line != lines[-1]]
    assert len(split(Block(text=line) for line in unanswered)) == 1, "a question alone is a line of the text"


def test_long_sections_are_cut_between_sentences_and_keep_every_word() -> None:
    sentences = [f"これは{i}番目の、とても長い段落の文です。" for i in range(200)]
    passages = split([Block(text="見出し", level=2), Block(text="".join(sentences))])
    assert all(len(p.text) <= LONGEST_CHARS and p.text.endswith("。") for p in passages)
    assert "".join(p.text for p in passages) == "".join(sentences)
    assert [p.locator for p in passages[:2]] == ["見出し", "見出し-2"]
    assert len({p.locator for p in passages}) == len(passages)
