"""A choice is understood in the ways people make it: by its place, from either end, or by words that it alone has."""

from __future__ import annotations

import pytest

from dialogue.choice import chosen_among, place_in

QUESTIONS = ("住民票の写しは、どこで取れますか。", "代理人でもよいですか。", "郵送で請求できますか。")


@pytest.mark.parametrize(
    ("place", "texts"),
    [
        (0, "一つ目|1番|最初の|上のやつ|一番上|いちばんでお願いします|えーと、一番|住民票のほう"),
        (0, QUESTIONS[0]),
        (2, "みっつ目|三つめ|さんばん"),
        (1, "二番|２番目|二番目のやつでお願いします|2番がいいです。|真ん中|下から二番目|上から2番目"),
        (1, "代理人のほうを教えて|じゃあ2番"),
        (2, "三つ目|3|最後|下のやつ|一番下です|最後のを教えてください|最後のおお願いします。|郵送の件"),
        (None, "両方|二階の窓口|2番窓口はどこですか|一番安いのは|一人暮らし|12|0|4番|請求|代理人|すか のほう|"),
    ],
)  # fmt: skip
def test_what_picks_a_choice(place: int | None, texts: str) -> None:
    assert {text: chosen_among(text, QUESTIONS) for text in texts.split("|")} == dict.fromkeys(texts.split("|"), place)


def test_a_place_beyond_the_choices_is_a_place_and_none_of_them() -> None:
    assert place_in("5番", 3) == 4
    assert chosen_among("5番", QUESTIONS) is None
    assert chosen_among("最後", ()) is chosen_among("1番", ()) is None


@pytest.mark.parametrize("text", ["いつ", "いつ？", "いつですか", "ここの"])
def test_a_word_that_only_begins_like_a_number_names_no_place(text: str) -> None:
    assert place_in(text, 4) is None
    assert place_in("いつつ目", 4) == 4


def test_words_that_two_choices_have_pick_neither() -> None:
    assert chosen_among("ますかのほう", QUESTIONS) is None
