"""Politeness is not part of the question, and a choice is understood in the ways people make it."""

from __future__ import annotations

import pytest

from voice_skill.envelope import Slot
from voice_skill.query import bare_question, choice


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


def test_the_resolved_value_counts_before_the_word() -> None:
    slot = Slot.model_validate(
        {"value": "一つ目", "resolutions": {"resolutionsPerAuthority": [{"values": [{"value": {"name": "二つ目", "id": "2"}}]}]}}
    )
    assert choice(slot, ["a", "b", "c"]) == 1
    assert choice(slot, ["a"]) is None


@pytest.mark.parametrize("resolved", ["", "last", "٢", "²", "0", "9" * 5000])
def test_an_id_that_is_no_number_leaves_the_word(resolved: str) -> None:
    value = {"name": "最後", "id": resolved}
    slot = Slot.model_validate({"value": "最後", "resolutions": {"resolutionsPerAuthority": [{"values": [{"value": value}]}]}})
    assert choice(slot, ["a", "b", "c"]) == 2
    assert choice(slot, []) is None
