"""The model that a city loads into the Alexa console and the skill that answers it agree."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.settings import CHECKOUT
from voice_skill.envelope import Slot
from voice_skill.query import QUESTIONS, ordinal
from voice_skill.skill import TURNS

BUILT_IN = {f"AMAZON.{name}Intent" for name in ("Help", "Stop", "Cancel", "Fallback", "NavigateHome", "Repeat", "Yes", "No")}


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CHECKOUT / "samples" / "alexa" / "ja-JP.json").read_text(encoding="utf-8"))
    language: dict[str, Any] = found["interactionModel"]["languageModel"]
    return language


def test_every_intent_is_answered_and_every_answer_has_its_intent(model: dict[str, Any]) -> None:
    names = {intent["name"] for intent in model["intents"]}
    assert names == set(QUESTIONS) | set(TURNS) | {"ChoiceIntent", "AMAZON.YesIntent"}
    assert names >= BUILT_IN


def test_a_free_question_always_has_words_after_its_slot(model: dict[str, Any]) -> None:
    """AMAZON.SearchQuery needs a carrier phrase in every sample; in Japanese it follows."""
    for intent in model["intents"]:
        if any(slot["type"] == "AMAZON.SearchQuery" for slot in intent.get("slots", [])):
            assert intent["name"] in QUESTIONS
            for sample in intent["samples"]:
                before, after = sample.split("{query}")
                assert not before
                assert after.strip()


def test_no_sample_belongs_to_two_intents(model: dict[str, Any]) -> None:
    samples = [sample for intent in model["intents"] for sample in intent["samples"]]
    assert len(samples) == len(set(samples))


def test_polite_endings_are_among_the_samples(model: dict[str, Any]) -> None:
    ask = next(intent for intent in model["intents"] if intent["name"] == "AskIntent")
    assert {"{query} をお願いします", "{query} を教えてください", "{query} について知りたいんだけど"} <= set(ask["samples"])


def test_every_listed_choice_is_understood(model: dict[str, Any]) -> None:
    for value in model["types"][0]["values"]:
        place = int(value["id"]) - 1
        assert ordinal(Slot(value=value["name"]["value"]), 3) == place


def test_the_invocation_name_keeps_amazons_rules(model: dict[str, Any]) -> None:
    name = model["invocationName"]
    assert len(name) >= 2
    assert not any(word in name for word in ("アレクサ", "アマゾン", "エコー", "スキル", "アプリ", "開いて", "教えて"))
    assert not any(c.isdigit() or c.isupper() for c in name)
