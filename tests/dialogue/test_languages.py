"""Promises to who does not speak Japanese: how to ask here is said in easy Japanese and in their language, with whom to call."""

from __future__ import annotations

import pytest

from dialogue.answer import Act, Band
from dialogue.languages import language_of, languages_asked_for

from .conftest import Ask

ALL = ["zh-Hans", "vi", "fil", "ne", "id"]


@pytest.mark.parametrize(
    ("text", "langs"),
    [
        *((text, ALL) for text in ("にほんごわかりません", "日本語が話せません。", "外国語でお願いします", "やさしい日本語で")),
        *((text, []) for text in ("I don't speak Japanese", "I can’t understand Japanese.", "English please", "no japanese")),
        *((text, []) for text in ("Sorry, I am not good at Japanese", "I speak no Japanese", "not much Japanese")),
        *((text, []) for text in ("Do you speak English?", "英語でお願いします")),
        *((text, ["zh-Hans"]) for text in ("中文", "中文可以吗？", "我不会说日语", "中国語できますか")),
        *((text, ["vi"]) for text in ("Tôi không nói được tiếng Nhật", "Tiếng Việt", "toi khong biet tieng nhat")),
        *((text, ["fil"]) for text in ("Hindi ako marunong mag-Japanese", "Tagalog po")),
        *((text, ["ne"]) for text in ("म जापानी बोल्दिनँ", "मलाई जापानी आउँदैन", "नेपाली")),
        *((text, ["id"]) for text in ("Saya tidak bisa bahasa Jepang", "Bahasa Indonesia")),
    ],
)
def test_who_speaks_no_japanese_is_told_from_all_others(text: str, langs: list[str]) -> None:
    meant = languages_asked_for(text)
    assert meant is not None
    assert [language.lang for language in meant] == langs


@pytest.mark.parametrize(
    "text",
    "日本語教室はありますか|日本語が分からない妻の手続き|英語|英語の先生|I don't speak Japanese, where do I pay the water bill?"
    "|住民票がほしい|説明の日本語が難しいです|Japanese class|Where can I learn Japanese"
    "|My wife is not Japanese|I have no Japanese friends|Filipino passport|I am Filipino".split("|"),
)
def test_who_asks_something_is_answered_that(text: str) -> None:
    assert languages_asked_for(text) is None


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Rác này vứt ở đâu?", "vi"),
        ("垃圾什么时候扔", "zh-Hans"),
        ("Saan po ang city hall?", "fil"),
        ("यो फोहोर कहाँ फाल्ने", "ne"),
        ("Di mana saya membayar pajak?", "id"),
        ("How do I register?", None),
        ("Is there a PO box", None),
        ("건강보험", None),
    ],
)
def test_a_question_is_told_in_its_own_language_where_to_turn(ask: Ask, text: str, lang: str | None) -> None:
    language, answer = language_of(text), ask(text)
    assert (language.lang if language else None) == lang
    assert [foreign.lang for foreign in answer.foreign] == ([lang] if lang else [])
    assert answer.english


def test_how_to_ask_is_said_in_easy_japanese_with_whom_to_call(ask: Ask) -> None:
    answer = ask("Tôi không nói được tiếng Nhật")
    assert (answer.band, answer.act, answer.suggestions) == (Band.ANSWER, Act.GREETING, ())
    assert answer.contact
    assert answer.contact.department == "総合案内"
    (vietnamese,) = answer.foreign
    assert answer.english
    assert "8時30分から 17時15分まで" in answer.text
    for said in (answer.english, vietnamese.text):
        assert "08:30–17:15" in said
    assert all("0986-00-0100" in said for said in (answer.text, answer.english, vietnamese.text))


def test_a_greeting_may_stand_before_it(ask: Ask) -> None:
    for text in ("こんにちは 日本語わかりません", "すみません、にほんごがわかりません"):
        assert len(ask(text).foreign) == len(ALL)


def test_danger_comes_before_the_language(ask: Ask) -> None:
    assert ask("my house is on fire, I don't speak Japanese").act is Act.EMERGENCY
