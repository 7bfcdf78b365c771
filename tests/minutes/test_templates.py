"""Promises of the Word files of minutes: what clerks send is checked and kept, what they choose is used at once."""

from __future__ import annotations

import io
import json
import logging
from datetime import datetime
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy.engine import Engine

from asr.keeping.log import Person
from core.clock import JST
from core.database import open_database
from core.errors import InvalidInput, NotFound, SettingsError
from core.logging import JsonFormatter
from core.passing import Passing
from core.settings import Settings
from minutes import templates as module
from minutes.export import docx
from minutes.sample import sample
from minutes.starter import starter
from minutes.template import PLACES, filled
from minutes.templates import Own, Sent, Templates

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=JST)
BY = Person(name="総務課 曽於 花子", sign_in="番号012")


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, home: Path) -> Settings:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    return Settings(home=home, database_url=url)


@pytest.fixture
def templates(engine: Engine, passing: Passing) -> Templates:
    return Templates(engine=engine, passing=passing)


def word(*texts: str) -> bytes:
    document, out = Document(), io.BytesIO()
    for text in texts:
        document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


MADE = word("{{会議名}}", "{{日時}}", "{{発言}}")


def added(templates: Templates, name: str = "市の様式.docx") -> Sent:
    return templates.add(MADE, name=name, by=BY, at=NOON)


def test_what_was_sent_is_used_once_it_is_chosen_and_after_a_restart(
    templates: Templates, settings: Settings, passing: Passing
) -> None:
    sent = added(templates)
    assert (sent.places, templates.in_use()) == (("会議名", "日時", "発言"), Own.STANDARD)
    templates.use(sent.id, BY)
    engine = open_database(settings)
    again = Templates(engine=engine, passing=passing)
    assert (again.in_use(), again.content(sent.id), again.sent()) == (sent.id, MADE, (sent,))
    engine.dispose()


def test_the_one_before_and_the_standard_one_can_be_gone_back_to(templates: Templates) -> None:
    first, second = added(templates), added(templates, "新しい様式.docx")
    for wanted in (first.id, second.id, first.id, Own.STANDARD):
        templates.use(wanted, BY)
        assert templates.in_use() == wanted
    assert templates.content(Own.STANDARD) is None


def test_what_an_administrator_named_is_used_until_another_is_chosen(engine: Engine, tmp_path: Path, passing: Passing) -> None:
    path = tmp_path / "kanri.docx"
    path.write_bytes(MADE)
    templates = Templates(engine=engine, passing=passing, setting=path)
    assert (templates.in_use(), templates.content(Own.SETTING)) == (Own.SETTING, MADE)
    templates.use(Own.STANDARD, BY)
    assert templates.in_use() == Own.STANDARD
    templates.use(Own.SETTING, BY)
    assert Templates(engine=engine, passing=passing).in_use() == Own.STANDARD  # the setting was taken away
    path.unlink()
    with pytest.raises(SettingsError, match="minutes_template"):
        templates.content(Own.SETTING)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (word("{{会議名}}"), "{{日時}} {{発言}} がありません"),
        (word("{{会議名}}", "{{日時}}", "{{発言}}", "{{会議場}}"), "「{{会議場}}」は使えません"),
        (b"no word", "読めません"),
        (b"0" * 10_000_001, "10MBまで"),
    ],
)
def test_of_what_can_not_be_used_the_reason_is_told_and_nothing_is_kept(templates: Templates, content: bytes, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        templates.add(content, name="a.docx", by=BY, at=NOON)
    assert told in refused.value.message
    assert templates.sent() == ()


def test_an_administrator_s_file_that_can_not_be_filled_in_is_a_wrong_setting(
    engine: Engine, tmp_path: Path, passing: Passing
) -> None:
    path = tmp_path / "kanri.docx"
    templates = Templates(engine=engine, passing=passing, setting=path)
    for content in (None, b"no word", word("{{会議名}}")):
        if content:
            path.write_bytes(content)
        with pytest.raises(SettingsError, match="minutes_template"):
            templates.check()
    path.write_bytes(MADE)
    templates.check()


def test_the_one_in_use_can_not_be_deleted_and_what_is_gone_can_not_be_used(templates: Templates) -> None:
    sent = added(templates)
    templates.use(sent.id, BY)
    with pytest.raises(InvalidInput, match="使っているひな形は消せません"):
        templates.delete(sent.id, BY)
    templates.use(Own.STANDARD, BY)
    templates.delete(sent.id, BY)
    for change, missing in ((templates.delete, sent.id), (templates.use, sent.id), (templates.use, Own.SETTING)):
        with pytest.raises(NotFound):
            change(missing, BY)
    for missing in (sent.id, Own.SETTING):
        with pytest.raises(NotFound):
            templates.content(missing)
    assert templates.in_use() == Own.STANDARD


def test_who_changed_what_is_logged_by_number_and_not_by_name(templates: Templates, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        sent = added(templates)
        templates.use(sent.id, BY)
        templates.use(Own.STANDARD, BY)
        templates.delete(sent.id, BY)
    lines = [JsonFormatter().format(r) for r in caplog.records if r.name == "madoguchi.minutes.templates"]
    assert [(line["event"], line["template"], line["by"]) for line in map(json.loads, lines)] == [
        ("template_added", sent.id, "番号012"),
        ("template_chosen", sent.id, "番号012"),
        ("template_chosen", "standard", "番号012"),
        ("template_deleted", sent.id, "番号012"),
    ]
    assert "花子" not in "".join(lines)


def test_only_so_many_are_kept(templates: Templates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    sent = added(templates)
    with pytest.raises(InvalidInput, match="1個まで"):
        added(templates)
    assert templates.sent() == (sent,)


def test_what_one_starts_from_has_every_place_and_says_all_that_the_standard_form_says(passing: Passing) -> None:
    shown = sample()
    made = filled(starter(), shown, passing)
    text, standard = ("\n".join(_texts(content)) for content in (made.content, docx(shown)))
    said = [
        *(s.text for s in shown.transcript.segments),
        *(p.wording.text for p in shown.points),
        shown.meeting.title,
        shown.held,
    ]
    assert made.places == PLACES
    assert [words for words in said if words not in text or words not in standard] == []


def _texts(content: bytes) -> list[str]:
    document = Document(io.BytesIO(content))
    return [*(cell.text for table in document.tables for cell in table._cells), *(p.text for p in document.paragraphs)]
