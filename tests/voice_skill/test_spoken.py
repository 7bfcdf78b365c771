"""An answer is said so that it can be understood at one hearing; what is left out is on the card."""

from __future__ import annotations

from dataclasses import replace

import pytest
from alexa_kit import CONTACT, HANDED_OVER, MOVED_IN, UNSURE

from dialogue.answer import Act, Answer, AnsweredPart, Band
from voice_skill.spoken import CARD_LIMIT_BYTES, LONG_CHARS, MORE_ON_THE_CARD, SHORT_CHARS, shorten, spoken

CITY = "曽於市"
PHONE = "ゼロ キュウ ハチ ロク、ゼロ ゼロ、ゼロ イチ ゼロ イチ"


def test_the_approved_short_form_is_said_as_it_is() -> None:
    form = spoken(replace(MOVED_IN, speech="14日以内に、市民課へ転入届を出してください。"), CITY)
    assert form.text == "14日以内に、市民課へ転入届を出してください。"
    assert form.more[0].startswith("曽於市に引っ越してきた日から14日以内に")


def test_without_one_the_first_sentences_are_said_and_the_rest_is_kept() -> None:
    form = spoken(MOVED_IN, CITY)
    assert form.text.startswith("曽於市に引っ越してきた日から14日以内に、市民課、本庁1階か各支所へ転入届を出してください。")
    assert form.text.endswith(MORE_ON_THE_CARD)
    assert len(form.text) <= SHORT_CHARS + len(MORE_ON_THE_CARD) + 10
    assert "受付は8時30分から" in form.more[0]
    assert "https" not in form.text + "".join(form.more)


def test_a_short_answer_needs_no_reference() -> None:
    assert spoken(replace(MOVED_IN, text="はい、できます。"), CITY).text == "はい、できます。"


def test_shortening_loses_no_sentence() -> None:
    head, rest = shorten(MOVED_IN.text)
    whole = shorten(MOVED_IN.text, 10_000)[0]
    assert head + rest == whole


def test_one_endless_sentence_is_cut_where_the_voice_may_rest() -> None:
    head, rest = shorten("引っ越した方は、" * 200)
    assert len(head) <= LONG_CHARS + 1
    assert head.endswith("は。")
    assert rest


def test_every_choice_that_a_page_shows_is_said_with_its_number() -> None:
    form = spoken(UNSURE, CITY)
    assert [form.text.count(place) for place in ("一つ目は、", "二つ目は、", "三つ目は、", "四つ目は、")] == [1, 1, 1, 1]
    assert form.offered == UNSURE.suggestions
    assert "世帯主" in form.card_text


def test_why_there_are_choices_is_said_before_them_and_how_a_screen_asks_is_not() -> None:
    text = "収集日は地区ごとに違います。お住まいの地区を選んでください。ここにないときは、町名を入力してください。"
    said = spoken(replace(UNSURE, text=text), CITY).text
    assert said.startswith("収集日は地区ごとに違います。お知りになりたいのは、どれでしょうか。")
    assert "選んで" not in said


def test_several_answers_are_said_one_after_the_other_in_a_sentence_or_two_each() -> None:
    parts = (AnsweredPart(asked="転入届の期限", answer=MOVED_IN), AnsweredPart(asked="住民票の手続き", answer=UNSURE))
    both = replace(MOVED_IN, text="【転入届の期限】…", parts=parts, suggestions=UNSURE.suggestions)
    form = spoken(both, CITY)
    assert form.text.startswith("転入届の期限、について。曽於市に引っ越してきた日から14日以内に")
    assert form.text.index("住民票の手続き、について。") < form.text.index("一つ目は、")
    assert form.offered == UNSURE.suggestions
    assert len(form.text) < 3 * SHORT_CHARS + 300


def test_a_single_choice_is_asked_for() -> None:
    form = spoken(replace(UNSURE, suggestions=UNSURE.suggestions[:1]), CITY)
    assert form.text.endswith("転入届はいつまでに出せばよいですか、のことでしょうか。")


def test_a_hand_over_names_the_counter_its_phone_twice_and_its_next_opening() -> None:
    text = spoken(HANDED_OVER, CITY).text
    assert "市民課にお問い合わせください。" in text
    assert text.count(PHONE) == 2
    assert text.endswith("次に開くのは、11月24日火曜日8時30分です。")


def test_an_open_counter_is_said_to_be_open() -> None:
    contact = replace(CONTACT, open_now=True, next_open=None, next_open_text=None)
    assert spoken(replace(HANDED_OVER, contact=contact), CITY).text.endswith("ただいま受け付けています。")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("火事のときは119番、事件は110番に電話してください。", "火事のときはいちいちきゅうばん"),
        ("落ち着いてください。", "火事や急病はいちいちきゅうばん、事件や事故はひゃくとおばんに、すぐに電話してください。"),
    ],
)
def test_an_emergency_is_never_said_without_the_number_to_call(text: str, first: str) -> None:
    answer = Answer(band=Band.ANSWER, act=Act.EMERGENCY, text=text, confidence=1.0)
    assert spoken(answer, CITY).text.startswith(first)


def test_chatter_is_answered_in_the_dialogues_own_words() -> None:
    answer = replace(HANDED_OVER, act=Act.CHATTER, text="その内容にはお答えできません。")
    assert spoken(answer, CITY).text == "その内容にはお答えできません。"


def test_the_card_has_the_whole_answer_the_phone_and_the_source() -> None:
    card = spoken(MOVED_IN, CITY).card_text
    for part in (
        MOVED_IN.text,
        "0986-00-0101",
        "本庁1階 1番窓口",
        "転入届のご案内",
        "https://www.city.soo.example/tennyu?a=1&b=2",
    ):
        assert part in card
    assert spoken(MOVED_IN, CITY).card_title == "転入届はいつまでに出せばよいですか。"


def test_a_long_card_is_cut_within_its_bytes() -> None:
    card = spoken(replace(MOVED_IN, text="あ" * 50_000), CITY).card_text
    assert len(card.encode()) <= CARD_LIMIT_BYTES
    assert card.endswith("…")
