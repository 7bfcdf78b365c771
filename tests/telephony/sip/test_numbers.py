"""Telephone numbers are the same however they are written."""

from __future__ import annotations

import pytest

from telephony.sip.numbers import Numbers, comparable


@pytest.mark.parametrize(
    "written", ["0986-76-0000", "+81986760000", "+81 (0)986-76-0000", "81986760000", "０９８６７６００００", "1860986760000"]
)
def test_a_number_is_known_however_it_is_written(written: str) -> None:
    assert comparable(written) == "0986760000" and written in Numbers.read(("0986-76-0000",))


def test_beginnings_are_meant_only_where_an_asterisk_says_so() -> None:
    numbers = Numbers.read(("098676*", "101"))
    assert "0986760001" in numbers and "101" in numbers
    assert "1012345" not in numbers and "0985760001" not in numbers


def test_who_withholds_a_number_is_on_no_list() -> None:
    assert "" not in Numbers.read(("*", "", "0986760000")) and "anonymous" not in Numbers.read(("*",))


def test_a_short_number_that_begins_like_the_country_is_itself() -> None:
    assert comparable("8101") == "8101"
