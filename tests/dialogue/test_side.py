"""Promises about who asks: who works, sells or supplies, or has something broken, is not told what others ask in those words."""

from __future__ import annotations

import pytest

from dialogue.answer import Band

from .conftest import Ask


@pytest.mark.parametrize(
    "text",
    [
        "図書館で働きたい",
        "民生委員になりたい",
        "手話通訳者として登録したい",
        "成年後見人の仕事をしたい",
        "学校給食に野菜を納めたい",
        "浄化槽の清掃業の許可を取りたい",
        "がん検診を引き受ける医療機関になりたい",
        "医師として予防接種の費用を市に請求したい",
    ],
)
def test_who_works_or_supplies_is_not_told_what_is_for_those_who_use_it(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.CLARIFY


@pytest.mark.parametrize("text", ["認定農業者になりたい", "農家になりたい", "障がいのある息子が働ける作業所を探したい"])
def test_who_asks_for_what_an_entry_is_for_is_told_it(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "トイレが詰まった",
        "台所の排水が流れない",
        "体育館の窓ガラスを割ってしまった",
        "道路の穴で車がパンクしたので弁償してほしい",
    ],
)
def test_who_has_something_broken_is_not_told_of_another_thing_or_of_getting_one(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.CLARIFY


@pytest.mark.parametrize(
    "text", ["側溝のふたが割れた", "街灯がつかない", "防災無線の戸別受信機が鳴らない", "水道管が凍って割れた"]
)
def test_who_has_something_broken_is_told_what_to_do_with_that(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.ANSWER


@pytest.mark.parametrize("text", ["商売で出た段ボールを資源ごみに出してよいか", "食堂を経営しています。生ごみはどこに出しますか"])
def test_what_a_business_throws_away_is_not_put_out_like_a_household_s(ask: Ask, text: str) -> None:
    answer = ask(text)
    ids = {c.entry_id for c in answer.citations} or {s.entry_id for s in answer.suggestions}
    assert "garbage-07" in ids
    assert not any(i.startswith("garbage:") for i in ids)


@pytest.mark.parametrize("text", ["空き地に古タイヤが捨てられている", "山に布団が捨ててある", "道に冷蔵庫が捨てられていた"])
def test_what_somebody_dumped_is_not_told_how_to_put_out(ask: Ask, text: str) -> None:
    assert ask(text).act.value != "garbage"
