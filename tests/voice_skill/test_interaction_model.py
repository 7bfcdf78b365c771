"""The model that a city loads into the Alexa console and the skill that answers it agree."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.settings import CHECKOUT
from dialogue.choice import place_in
from dialogue.cue import cue_in
from voice_skill.envelope import Slot
from voice_skill.query import QUESTIONS, choice
from voice_skill.skill import CUES

BUILT_IN = {f"AMAZON.{name}Intent" for name in ("Help", "Stop", "Cancel", "Fallback", "NavigateHome", "Repeat", "Yes", "No")}

OTHERS = {"ChoiceIntent", "PhoneIntent", "AMAZON.HelpIntent", "AMAZON.FallbackIntent"}


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CHECKOUT / "samples" / "alexa" / "ja-JP.json").read_text(encoding="utf-8"))
    language: dict[str, Any] = found["interactionModel"]["languageModel"]
    return language


def test_every_intent_is_answered_and_every_answer_has_its_intent(model: dict[str, Any]) -> None:
    names = {intent["name"] for intent in model["intents"]}
    assert names == set(QUESTIONS) | set(CUES) | OTHERS
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


def test_every_listed_choice_is_understood_by_its_id_and_by_its_words(model: dict[str, Any]) -> None:
    for value in model["types"][0]["values"]:
        offered = ["a", "b", "c", "d"] if value["id"] == "4" else ["a", "b", "c"]
        place = {"last": 2, "middle": 1}.get(value["id"]) or int(value["id"]) - 1
        words = [value["name"]["value"], *value["name"]["synonyms"]]
        resolved = {"resolutionsPerAuthority": [{"values": [{"value": {"name": words[0], "id": value["id"]}}]}]}
        assert {word: place_in(word, len(offered)) for word in words} == dict.fromkeys(words, place)
        for word in words:
            assert choice(Slot.model_validate({"value": word, "resolutions": resolved}), offered) == place


def test_words_about_the_conversation_mean_the_same_as_a_question_and_as_an_intent(model: dict[str, Any]) -> None:
    """Alexa takes many of them for a question."""
    for intent in model["intents"]:
        if intent["name"] in CUES:
            assert {text: cue_in(text) for text in intent["samples"]} == dict.fromkeys(intent["samples"], CUES[intent["name"]])


def test_the_invocation_name_keeps_amazons_rules(model: dict[str, Any]) -> None:
    name = model["invocationName"]
    assert len(name) >= 2
    assert not any(word in name for word in ("アレクサ", "アマゾン", "エコー", "スキル", "アプリ", "開いて", "教えて"))
    assert not any(c.isdigit() or c.isupper() for c in name)
