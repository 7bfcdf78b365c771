"""How many letters two texts differ by."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.distance import edit_distance

_TEXTS = st.text(alphabet="転入届けを", max_size=12)


def test_letters_that_differ_are_counted() -> None:
    assert edit_distance("転入届", "店入届け") == 2
    assert edit_distance("", "転入届") == 3
    assert edit_distance("転入届", "") == 3


@given(_TEXTS, _TEXTS, _TEXTS)
def test_it_is_a_distance(a: str, b: str, c: str) -> None:
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, b) == edit_distance(b, a)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
