"""Promises about Japanese in Latin letters: it is read as it sounds, answered as Japanese, and English is not taken for it."""

from __future__ import annotations

import pytest

from dialogue.answer import Act
from dialogue.romaji import in_hiragana

from .conftest import Ask


@pytest.mark.parametrize(
    ("text", "kana"),
    [
        ("gomi no hi", "ごみのひ"),
        ("toshokan wa nanji made desu ka?", "としょかんはなんじまでですか"),
        ("hikkoshi shimashita", "ひっこししました"),
        ("zasshi wo kattara", "ざっしをかったら"),
        ("kon'ya no tōban-i", "こんやのとうばんい"),
        ("jūminhyō ga hoshii", "じゅうみんひょうがほしい"),
        ("matcha", "まっちゃ"),
    ],
)
def test_latin_letters_are_read_as_they_sound(text: str, kana: str) -> None:
    assert in_hiragana(text) == kana


@pytest.mark.parametrize("text", ["where is it", "I want to die", "garbage day", "job", "", "gomi 123", "ごみ no hi"])
def test_what_is_no_japanese_is_left(text: str) -> None:
    assert in_hiragana(text) is None


def test_it_is_answered_as_the_same_in_kana(ask: Ask) -> None:
    assert ask("gomi wa itsu desu ka").text == ask("ごみはいつですか").text
    assert ask("toshokan wa nanji made desu ka").suggestions == ask("としょかんはなんじまでですか").suggestions
    assert ask("juminhyo ga hoshii").suggestions[0].entry_id == "registry-01"


@pytest.mark.parametrize("text", ["tasukete", "kaji desu", "shinitai"])
def test_danger_is_understood(ask: Ask, text: str) -> None:
    assert ask(text).act is Act.EMERGENCY
