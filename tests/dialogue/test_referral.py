"""Promises about what a facility's table does not say: the facility itself is named, and nothing of another place is offered."""

from __future__ import annotations

import pytest

import dialogue.entries
from dialogue.answer import Band

from .conftest import Ask


@pytest.mark.parametrize(
    ("question", "more", "facility"),
    [
        ("大隅図書館の電話番号", "駐車場は？", "大隅図書館"),
        ("市民プールは何時まで", "駐車場は無料ですか", "市民プール"),
        ("財部温泉の休みは", "タオルはある？", "財部温泉"),
        ("郷土資料館は明日開いてますか", "入場料は", "郷土資料館"),
        ("斎場の電話番号", "料金はいくら", "曽於市斎場"),
    ],
)
def test_what_is_asked_on_about_a_facility_is_not_told_of_another(ask: Ask, question: str, more: str, facility: str) -> None:
    ask(question, session=more)
    answer = ask(more, session=more)
    assert answer.band is not Band.ANSWER
    assert answer.contact is not None
    assert answer.contact.department == facility
    assert not {"life-11", "life-21", "disability-12"} & {s.entry_id for s in answer.suggestions}


@pytest.mark.parametrize(
    ("text", "facility"),
    [
        ("末吉児童館は何歳から使える", "末吉児童館"),
        ("キャンプ場の予約をしたい", "花房峡憩いの森"),
        ("道の駅すえよしの駐車場は何台", "道の駅すえよし"),
    ],
)
def test_what_nobody_wrote_of_a_facility_is_asked_there(ask: Ask, text: str, facility: str) -> None:
    answer = ask(text)
    assert answer.band is Band.HANDOFF
    assert answer.contact is not None
    assert (answer.contact.department, answer.contact.phone in answer.text) == (facility, True)


def test_the_price_of_a_bath_is_offered_with_the_phone_of_the_bath(ask: Ask) -> None:
    ask("メセナ温泉は今日やってる？", session="price")
    answer = ask("それはいくら？", session="price")
    assert [s.entry_id for s in answer.suggestions] == ["facilities-05"]
    assert "メセナ温泉（電話0986-00-0220）" in answer.text


@pytest.mark.parametrize("text", ["メセナ温泉に行くバスはありますか", "クリーンセンターの近くの道路に穴がある"])
def test_what_is_only_near_a_facility_is_not_asked_there(ask: Ask, text: str) -> None:
    contact = ask(text).contact
    assert contact is None or contact.department not in ("メセナ温泉", "曽於市クリーンセンター")


@pytest.mark.parametrize(("more", "entry_id"), [("AEDはありますか", "health-08"), ("住民票はどこで取れますか", "registry-01")])
def test_what_the_city_answers_is_told_after_a_facility_too(ask: Ask, more: str, entry_id: str) -> None:
    ask("末吉図書館は何時まで", session=more)
    assert [c.entry_id for c in ask(more, session=more).citations] == [entry_id]


def test_the_place_asked_for_is_still_the_facility_after_what_it_does_not_say(ask: Ask) -> None:
    for text in ("郷土資料館は明日開いてますか", "入場料は"):
        ask(text, session="museum")
    assert "大隅町岩川1300番地" in ask("どこにあるの", session="museum").text


def test_another_counters_place_is_not_told_for_a_facility_however_sure_search_is(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogue.entries, "is_certain", lambda *_: True)
    camp, gym = ask("キャンプ場の予約をしたい"), ask("体育館の予約はどうすればいい")
    assert (camp.band, camp.contact and camp.contact.department) == (Band.HANDOFF, "花房峡憩いの森")
    assert [c.entry_id for c in gym.citations] == ["facilities-02"]
