"""Promises of PDFs: what runs at the head and foot of pages is no text of theirs, and characters are those that people type."""

from __future__ import annotations

from pathlib import Path

import pytest
from document_kit import pdf_file
from kb_kit import Opened

from retrieval.documents.pdf import read_pdf

HEAD = "見本市役所 市民課"
FIRST = ["印鑑登録の手引", "登録は市民課で行います。", "手数料は300円です。"]
SECOND = ["証明書の取り方", "証明書は市民課で交付します。", "手数料は200円です。"]


def texts(path: Path, pages: list[list[str]]) -> list[str]:
    return [block.text for block in read_pdf(pdf_file(path, pages=pages))[1]]


@pytest.mark.parametrize("marks", [("1", "2"), ("- 1 -", "- 2 -"), ("5", "6"), ("手引 1/2", "手引 2/2"), ("市民課", "市民課")])
def test_what_runs_through_two_pages_is_neither_title_nor_text(opened: Opened, tmp_path: Path, marks: tuple[str, str]) -> None:
    path = pdf_file(tmp_path / "a.pdf", pages=[[HEAD, *FIRST, marks[0]], [HEAD, *SECOND, marks[1]]])
    done = opened().import_file(path, "test")
    assert [(e.source_title, e.answer) for e in done.entries] == [("印鑑登録の手引 1ページ", "\n".join([*FIRST, *SECOND]))]


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
