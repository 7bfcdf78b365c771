"""How clerks change the form of minutes: a Word file sent, looked at, used and taken back, on a phone's width too."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Page, expect

from .conftest import DESKTOP, PHONE, Pages, Stored, sideways, violations

pytestmark = pytest.mark.browser


def downloaded(page: Page, name: str) -> str:
    with page.expect_download() as begun:
        page.get_by_role("link", name=name, exact=True).click()
    document = Document(io.BytesIO(Path(begun.value.path()).read_bytes()))
    return "\n".join([*(p.text for p in document.paragraphs), *(c.text for t in document.tables for c in t._cells)])


def used(page: Page, name: str) -> None:
    expect(page.locator("#templates li").filter(has_text="使っています")).to_contain_text(name)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
def test_a_form_of_the_city_is_sent_used_and_taken_back(
    open_page: Pages, stored: Stored, viewport: dict[str, int], tmp_path: Path
) -> None:
    meeting = stored(False)
    page = open_page("/staff/minutes", viewport=viewport)
    page.get_by_role("link", name="ひな形").click()
    used(page, "標準の形")
    assert "{{決定事項}}" in downloaded(page, "ひな形「標準の形」を保存")
    document = Document()
    document.add_paragraph("曽於市 様式第3号 {{会議名}} {{日時}}")
    document.save(tmp_path / "様式.docx")
    page.locator("#file").set_input_files(tmp_path / "様式.docx")
    page.get_by_role("button", name="確かめて送る").click()
    expect(page.get_by_role("alert").filter(has_text="ひな形に {{発言}} がありません。")).to_be_visible()
    document.add_paragraph("{{発言}}")
    document.save(tmp_path / "様式.docx")
    page.locator("#file").set_input_files(tmp_path / "様式.docx")
    page.get_by_role("button", name="確かめて送る").click()
    expect(page.get_by_text("「様式.docx」を確かめて残しました。")).to_be_visible()
    expect(page.locator("#templates li").filter(has_text="様式.docx")).to_contain_text("がないので、その内容は Word に載りません")
    assert "様式第3号 見本の会議" in downloaded(page, "「様式.docx」で作った見本")
    page.get_by_role("button", name="「様式.docx」を使う").click()
    used(page, "様式.docx")
    expect(page.get_by_role("heading", name="ひな形", exact=True)).to_be_focused()
    assert sideways(page) == 0
    assert violations(page) == []
    page.goto(meeting)
    assert "様式第3号 定例会" in downloaded(page, "Word")
    page.goto("/staff/minutes/template")
    page.get_by_role("button", name="「標準の形」を使う").click()
    used(page, "標準の形")
    page.get_by_role("button", name="ひな形「様式.docx」を削除").click()
    page.get_by_role("dialog").get_by_role("button", name="削除する").click()
    expect(page.locator("#templates li")).to_have_count(1)
