"""Promises about who asks: who works, sells or supplies, or has something broken, is not told what others ask in those words."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from core.table import read_table
from dialogue.answer import Band
from dialogue.side import is_of_another_side
from retrieval.entry import Entry
from retrieval.faq import parse_faq
from tests.conftest import SAMPLES

from .conftest import Ask


@pytest.fixture(scope="module")
def city() -> Mapping[str, Entry]:
    """What the sample city's entries say, by their numbers."""
    files = sorted(SAMPLES.glob("faq/*.csv"))
    return {entry.id: entry for file in files for entry in parse_faq(read_table(file))[0]}


@pytest.mark.parametrize("text", ["駐車場は職員も使える？", "図書館は外国人も使えますか"])
def test_whether_others_may_as_well_is_not_told_by_what_speaks_of_none_such(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.CLARIFY


@pytest.mark.parametrize("text", ["70歳以上の人も検診を受けられますか", "主人も検診を受けられますか", "本人でも受けられますか"])
def test_who_is_no_kind_of_people_may_ask_anything(city: Mapping[str, Entry], text: str) -> None:
    assert not is_of_another_side(text, city["health-02"])


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
        "図書館に本を寄贈したい",
        "保育園を開設したい",
        "公民館で講演したい",
        "図書館を取材したい",
        "献血バスを会社に呼びたい",
        "犬のトリミングの店を出したい",
        "手話の講師を頼みたい",
        "手話を教えたい",
        "献血を手伝いたい",
        "学童保育を始めたい",
        "市営住宅を買いたい",
        "防災無線の機械を売っている会社です",
        "猫のブリーダーをしています",
        "弁護士をしています",
        "ふるさと納税でお礼の品を出したい業者です",
    ],
)
def test_who_works_gives_or_supplies_is_not_told_what_is_for_those_who_use_it(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.CLARIFY


@pytest.mark.parametrize(
    "text",
    [
        "認定農業者になりたい",
        "農家になりたい",
        "障がいのある息子が働ける作業所を探したい",
        "お店を開きたい",
        "新しく農業を始めたい",
        "会社を経営しています。売り上げが減って困っています",
        "手話通訳者をお願いしたい",
    ],
)
def test_who_asks_for_what_an_entry_is_for_is_told_it(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "トイレが詰まった",
        "台所の排水が流れない",
        "体育館の窓ガラスを割ってしまった",
        "道路の穴で車がパンクしたので弁償してほしい",
        "避難所の鍵が開かない",
        "給食に虫が入っていた",
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


@pytest.mark.parametrize(
    ("entry_id", "text"),
    [
        ("childcare-05", "仕事をしているので延長保育を使いたい"),
        ("tax-04", "家を取り壊したら固定資産税はどうなりますか"),
        ("disaster-04", "台風で窓が割れた、罹災証明書がほしい"),
        ("tax-07", "原付が壊れたので廃車にしたい"),
        ("care-08", "足が動かなくなったので手すりを付けたい"),
        ("welfare-01", "体を壊して働けない"),
        ("registry-09", "印鑑が割れたので登録し直したい"),
        ("insurance-01", "扶養になれますか"),
        ("registry-01", "代理人として住民票を取りたい"),
        ("school-01", "保護者として就学援助を申し込みたい"),
        ("registry-09", "家を売りたいので印鑑証明がほしい"),
        ("registry-01", "採用が決まったので住民票がほしい"),
        ("childcare-01", "働きたいので保育園に入れたい"),
        ("housing-03", "移り住むのに安い一軒家を紹介してほしい"),
    ],
)
def test_what_is_only_the_reason_for_asking_is_no_other_side(city: Mapping[str, Entry], entry_id: str, text: str) -> None:
    assert not is_of_another_side(text, city[entry_id])


def test_no_question_of_an_entry_is_asked_from_another_side_than_the_entry_s_own(city: Mapping[str, Entry]) -> None:
    asked = [(entry, text) for entry in city.values() for text in (entry.question, *entry.paraphrases)]
    assert len(asked) > 1_000
    assert [text for entry, text in asked if is_of_another_side(text, entry)] == []
