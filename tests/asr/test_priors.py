"""What a text is worth before it is heard: two that sound alike are told apart, and none gains by leaving words out."""

from __future__ import annotations

import math

import pytest

from asr.consensus import agreed
from asr.priors import log_priors
from core.settings import Settings
from models.engine import Decoded, Hypothesis
from models.language_model import LanguageModel, load_language_model
from models.whisper import Whisper


@pytest.fixture(scope="module")
def model(model_settings: Settings) -> LanguageModel:
    found = load_language_model(model_settings)
    assert found
    return found


def decoded(whisper: Whisper, *texts: tuple[str, float]) -> Decoded:
    """Texts with the probability of each, as they sound."""
    found = [(ids := whisper.tokens.encode(text), math.log(chance) / len(ids)) for text, chance in texts]
    first, *others = (Hypothesis(ids=ids, logprob=mean) for ids, mean in found)
    return Decoded(ids=first.ids, logprob=first.logprob, no_speech=0.1, others=tuple(others))


def said(whisper: Whisper, heard: Decoded, model: LanguageModel | None) -> str:
    return whisper.tokens.decode(agreed(heard, whisper.tokens, model).ids).strip()


def test_without_a_model_all_texts_are_worth_the_same() -> None:
    assert log_priors(["夜間", "やかん"], None) == [0.0, 0.0]


def test_a_text_alone_is_compared_with_nothing(model: LanguageModel) -> None:
    assert log_priors(["夜間に出せますか"], model) == [0.0]


def test_the_likelier_sentence_is_taken_where_both_sound_about_alike(whisper: Whisper, model: LanguageModel) -> None:
    heard = decoded(whisper, ("店入届を出したいのですが", 0.55), ("転入届を出したいのですが", 0.45))
    assert said(whisper, heard, None) == "店入届を出したいのですが"
    assert said(whisper, heard, model) == "転入届を出したいのですが"


def test_what_was_clearly_heard_stays_though_another_sentence_is_likelier(whisper: Whisper, model: LanguageModel) -> None:
    heard = decoded(whisper, ("店入届を出したいのですが", 0.99), ("転入届を出したいのですが", 0.0001))
    assert said(whisper, heard, model) == "店入届を出したいのですが"


@pytest.mark.parametrize("whole", ["粗大ごみの出し方と料金を教えてください", "はい、お願いします"])
def test_a_text_gains_nothing_by_leaving_out_half_of_what_was_said(model: LanguageModel, whole: str) -> None:
    half = whole[: len(whole) // 2]
    first, second = log_priors([whole, half], model)
    assert second - first < 4  # what the missing half takes of how it sounds is far more


def test_the_recogniser_has_the_model_of_the_settings(whisper: Whisper, model: LanguageModel) -> None:
    assert whisper.language_model is not None
    assert whisper.language_model.costs(["粗大ごみ"]) == model.costs(["粗大ごみ"])
