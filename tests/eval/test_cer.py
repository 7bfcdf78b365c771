"""Promises of the figures: what is only written differently is no error, and a city's word counts once."""

from __future__ import annotations

import pytest

from eval.cer import cer, errors, found_terms, plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("十四日以内に、届け出。", "14日以内に届け出"),
        ("二千二十六年", "2026年"),
        ("百八十万円", "１８０万円"),
        ("〇九八六の七六", "0986の76"),
        ("一億二千万", "120000000"),
        ("ＡＢＣ ラーメン", "abcラーメン"),
    ],
)
def test_the_same_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert plain(one) == plain(other)


def test_errors_are_what_must_be_changed() -> None:
    assert errors("転入届", "店入届け") == (2, 3)
    assert errors("市民課", "") == (3, 3)
    assert errors("", "はい") == (2, 0)
    assert cer("市民課の窓口", "市民課の窓口") == 0


def test_a_term_inside_a_longer_one_is_not_counted() -> None:
    assert found_terms("介護福祉課と福祉課", "介護福祉課と副支課", ["福祉課", "介護福祉課"]) == (1, 2)
    assert found_terms("市民課", "市民課市民課", ["市民課", "税務課"]) == (1, 1)
