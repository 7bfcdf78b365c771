"""Politeness is not part of the question, and a choice is understood in the ways people make it."""

from __future__ import annotations

import pytest

from voice_skill.envelope import Slot
from voice_skill.query import bare_question, ordinal


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("転入届をお願いします", "転入届"),
        ("転入届について教えて", "転入届"),
        ("転入届について教えてください", "転入届"),
        ("転入届について知りたいんだけど", "転入届"),
        ("転入届のこと教えてもらえますか", "転入届"),
        ("ごみの日を教えてほしいんですけど", "ごみの日"),
        ("住民票の写しが知りたいです", "住民票の写し"),
        ("えーと、すみません、印鑑登録お願いします", "印鑑登録"),
        ("転入届についてお願いします。", "転入届"),
        ("国民健康保険について", "国民健康保険"),
        ("引っ越しの手続き", "引っ越しの手続き"),
        ("布団は何ごみですか", "布団は何ごみですか"),
        ("教えて", "教えて"),
        ("お願いします", "お願いします"),
    ],
)
def test_what_is_only_polite_is_taken_off(said: str, question: str) -> None:
    assert bare_question(said) == question


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("一つ目", 0),
        ("1番", 0),
        ("最初のをお願いします", 0),
        ("二番目です", 1),
        ("ふたつめ", 1),
        ("2番目の方がいい", 1),
        ("三つ目で", 2),
        ("最後", 2),
        ("四つ目", None),
        ("二階の窓口", None),
        ("一人暮らし", None),
        ("", None),
    ],
)
def test_choices_are_named_by_their_place(said: str, place: int | None) -> None:
    assert ordinal(Slot(value=said or None), 3) == place


def test_a_place_beyond_the_choices_is_none_of_them() -> None:
    assert ordinal(Slot(value="三つ目"), 2) is None
    assert ordinal(Slot(value="最後"), 0) is None


def test_the_resolved_value_counts_before_the_word() -> None:
    slot = Slot.model_validate(
        {"value": "真ん中", "resolutions": {"resolutionsPerAuthority": [{"values": [{"value": {"name": "二つ目", "id": "2"}}]}]}}
    )
    assert ordinal(slot, 3) == 1
