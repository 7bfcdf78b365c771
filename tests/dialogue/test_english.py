"""Promises to who does not write Japanese: danger is understood, the answer is offered as it stands, and whom to call is said."""

from __future__ import annotations

import pytest

from dialogue.answer import Act, Band
from dialogue.emergency import Emergency
from dialogue.english import emergency_in_english, in_japanese
from dialogue.languages import is_foreign
from dialogue.wording import read_wording

from .conftest import Ask


@pytest.mark.parametrize(
    "text",
    "How do I register?|garbage|Xin chào|건강보험|我要搬家|垃圾什么时候扔|Tôi muốn đăng ký|Où est la mairie".split("|"),
)
def test_another_language_is_told_from_japanese(text: str) -> None:
    assert is_foreign(text)


@pytest.mark.parametrize(
    "text",
    "AED|DV|Wi-Fi|e-Tax|NHK|LINE|住民票|税務課|我が家のごみ|我孫子市 転入|什器備品|Tシャツの捨て方|119|？".split("|"),
)
def test_japanese_and_its_abbreviations_are_no_other_language(text: str) -> None:
    assert not is_foreign(text)


@pytest.mark.parametrize(
    "text",
    "Fire! Please help|fire|HELP|help me please|call an ambulance|My father collapsed|I want to die|I can’t breathe|I smell gas"
    "|my baby swallowed a battery|there is a fire|my house is on fire|I had a car accident|my son is missing"
    "|my husband hits me".split("|"),
)
def test_danger_in_english_is_told_whom_to_call_in_both_languages(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert answer.act is Act.EMERGENCY
    assert answer.english is not None
    assert "119" in answer.english
    assert "119" in answer.text


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind in Emergency for text in read_wording("english")[kind]["eg"]])
def test_each_danger_is_told_from_the_others(kind: Emergency, text: str) -> None:
    assert emergency_in_english(text) is kind


@pytest.mark.parametrize(
    "text",
    "fire department|gas bill|emergency contact|police station|help with my taxes|gas stove|fire insurance"
    "|Where can I leave my child while I work?|How do I throw away my baby bed?|I want to get rid of my child seat"
    "|I can't take care of my child because I work|I hit my son's car".split("|"),
)
def test_a_question_with_words_of_danger_is_none(text: str) -> None:
    assert emergency_in_english(text) is None


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("When is garbage collection day?", "末吉町のごみの収集日"),
        ("library opening hours", "末吉図書館の開館時間と休み"),
        ("How to throw away a refrigerator", "冷蔵庫の捨て方"),
        ("phone number of city hall", "総合案内の連絡先"),
        ("I want to get married", "結婚するときは、どのような届出が必要ですか。"),
        ("earthquake what should I do", "地震で強い揺れがあったとき"),
        ("bus timetable", "コミュニティバスや予約型の乗合タクシーは、どのように利用しますか。"),
    ],
)
def test_a_question_in_english_is_offered_its_answer_and_told_none(ask: Ask, text: str, choice: str) -> None:
    answer = ask(text)
    assert answer.band is Band.CLARIFY
    assert answer.suggestions[0].question.startswith(choice)
    assert answer.english is not None
    assert "If your question is below" in answer.english
    assert "0986-00-0100 (weekdays 08:30–17:15, in Japanese)" in answer.english


def test_what_no_city_hall_knows_is_offered_nothing(ask: Ask) -> None:
    answer = ask("who won the baseball game")
    assert (answer.band, answer.suggestions) == (Band.HANDOFF, ())
    assert answer.english is not None
    assert "below" not in answer.english


def test_who_asks_in_japanese_is_told_nothing_in_english(ask: Ask) -> None:
    assert [ask(text).english for text in ("住民票がほしい", "火星に行きたい", "AED", "gomi no hi")] == [None] * 4


@pytest.mark.parametrize(
    ("text", "japanese"),
    [
        ("How do I throw away two refrigerators?", "冷蔵庫の捨て方"),
        ("Where do I pay the water bill", "水道料金の場所"),
        ("my number card", "マイナンバーカード"),
        ("hello there", None),
    ],
)
def test_known_words_are_put_into_japanese(text: str, japanese: str | None) -> None:
    assert in_japanese(text) == japanese
