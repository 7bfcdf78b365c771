"""Promises of the page that explains the others: it names buttons as they are called, and leads where it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

SERVER = Path(__file__).parents[2] / "server"
SAID = {"提出先は？", "話者1"}  #: what somebody types or reads there, no name of anything


def test_what_the_help_tells_to_press_stands_on_a_page_by_that_name(staff: TestClient) -> None:
    named = set(re.findall("「([^」]+)」", staff.get("/staff/help").text)) - SAID
    assert len(named) > 20
    pages = [*SERVER.glob("templates/*.html"), *SERVER.glob("static/js/*.js"), *SERVER.glob("*.py")]
    shown = "\n".join(p.read_text("utf-8") for p in pages if p.name != "help.html")
    assert {name for name in named if name not in shown} == set()


def test_every_way_out_of_the_help_is_open(staff: TestClient) -> None:
    page = staff.get("/staff/help").text
    leads = set(re.findall('href="(/staff[^"]*|#[^"]+)"', page))
    assert len(leads) > 8
    for lead in leads:
        assert f'id="{lead[1:]}"' in page if lead.startswith("#") else staff.get(lead).status_code == 200, lead


@pytest.mark.parametrize(
    "page",
    [
        "",
        "/calls",
        "/calls/live",
        "/calls/any",
        "/minutes",
        "/minutes/any",
        "/minutes/template",
        "/voices",
        "/captions",
        "/record-log",
    ],
)
def test_a_page_that_is_drawn_by_scripts_says_so_where_there_are_none(staff: TestClient, page: str) -> None:
    assert re.search(r"<noscript>.*JavaScript.*</noscript>", staff.get(f"/staff{page}").text)
