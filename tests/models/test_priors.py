"""What a text is worth before it is heard: two that sound alike are told apart, and none gains by leaving words out."""

from __future__ import annotations

import pytest

from models.language_model import LanguageModel
from models.priors import QUESTION, log_priors
from models.whisper import Whisper


def test_without_a_model_all_texts_are_worth_the_same() -> None:
    assert log_priors(["夜間", "やかん"], None) == [0.0, 0.0]


def test_a_text_alone_is_compared_with_nothing(language_model: LanguageModel) -> None:
    assert log_priors(["夜間に出せますか"], language_model) == [0.0]


def test_a_question_to_a_city_hall_is_likelier_behind_one_than_alone(language_model: LanguageModel) -> None:
    texts = ["市長の給料はいくらですか", "主張の給料はいくらですか"]
    alone, behind = (log_priors(texts, language_model, context) for context in ("", QUESTION))
    assert behind[0] > alone[0]
    assert behind[0] > behind[1]


@pytest.mark.parametrize("whole", ["粗大ごみの出し方と料金を教えてください", "はい、お願いします"])
def test_a_text_gains_nothing_by_leaving_out_half_of_what_was_said(language_model: LanguageModel, whole: str) -> None:
    half = whole[: len(whole) // 2]
    first, second = log_priors([whole, half], language_model)
    assert second - first < 4  # what the missing half takes of how it sounds is far more


def test_the_recogniser_has_the_model_of_the_settings(whisper: Whisper, language_model: LanguageModel) -> None:
    assert whisper.language_model is language_model, "one for all in a process"
