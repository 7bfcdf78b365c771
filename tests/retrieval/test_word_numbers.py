"""Promises of the numbers that Word writes before paragraphs itself: they are read as a reader sees them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from retrieval.documents.office import read_docx
from retrieval.documents.passages import split

ARTICLES = (("decimal", "第%1条"), ("decimalFullWidth", "%2"), ("aiueo", "%3"))
IN_CHAPTERS = (("decimal", "第%1章"), ("decimal", "第%2節"), ("decimal", "第%3条"))


def numbered(path: Path, *paragraphs: tuple[int, str], levels: Sequence[tuple[str, str]] = ARTICLES, counts_on: int = 9) -> Path:
    """A Word file of paragraphs in one list, each with its level there; one level counts on through those above it."""
    document = Document()
    written = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="{2 if text == "%2" else 1}"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlRestart w:val="{0 if n == counts_on else n}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (form, text) in enumerate(levels)
    )
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="900">{written}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="900"><w:abstractNumId w:val="900"/></w:num>'))
    for level, text in paragraphs:
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        place = f'<w:ilvl w:val="{level}"/><w:numId w:val="900"/>'
        properties.append(parse_xml(f"<w:numPr {nsdecls('w')}>{place}</w:numPr>"))
    document.save(str(path))
    return path


def test_articles_that_word_numbers_itself_are_cited_by_their_numbers(tmp_path: Path) -> None:
    path = numbered(
        tmp_path / "a.docx", (0, "休暇を定める。"), (0, "次による。"), (1, "項です。"), (2, "号です。"), (0, "定める。")
    )
    found = {p.article: p.text for p in split(read_docx(path)[1])}
    assert found == {
        "第1条": "第1条 休暇を定める。",
        "第2条": "第2条 次による。\n２ 項です。\nア 号です。",
        "第3条": "第3条 定める。",
    }


def test_articles_that_word_numbers_itself_count_on_through_its_chapters(tmp_path: Path) -> None:
    told = (0, "総則"), (2, "定める。"), (2, "いう。"), (0, "管理"), (1, "届出"), (2, "届け出る。"), (1, "調査"), (2, "調べる。")
    path = numbered(tmp_path / "a.docx", *told, levels=IN_CHAPTERS, counts_on=2)
    assert [b.text for b in read_docx(path)[1]] == [
        *("第1章 総則", "第1条 定める。", "第2条 いう。", "第2章 管理", "第1節 届出", "第3条 届け出る。"),
        *("第2節 調査", "第4条 調べる。"),
    ]


def test_lists_of_word_keep_their_numbers_and_marks(tmp_path: Path) -> None:
    document = Document()
    for text, style in (("申し出る", "List Number"), ("返す", "List Number"), ("印鑑", "List Bullet"), ("以上", "Normal")):
        document.add_paragraph(text, style=style)
    document.save(str(tmp_path / "a.docx"))
    assert [b.text for b in read_docx(tmp_path / "a.docx")[1]] == ["1. 申し出る", "2. 返す", "・印鑑", "以上"]
