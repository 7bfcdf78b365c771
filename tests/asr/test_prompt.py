"""The recogniser is shown a few words of the city, and text that only says them back is noticed."""

from __future__ import annotations

import pytest

from asr.prompt import MOST_TOKENS, echoes, prompt_of
from asr.vocabulary import Term, Vocabulary


def vocabulary(*pairs: tuple[str, str]) -> Vocabulary:
    return Vocabulary(terms=tuple(Term(term=term, reading="よみ", kind=kind) for term, kind in pairs))


def test_the_city_comes_first_then_offices_then_places() -> None:
    words = vocabulary(("転入届", "届出"), ("末吉町", "地名"), ("市民課", "組織"), ("曽於市", "市"))
    assert prompt_of(words, len) == "曽於市、市民課、末吉町。"


def test_a_long_list_is_cut_to_what_fits() -> None:
    prompt = prompt_of(vocabulary(*((f"第{i}課", "組織") for i in range(500))), len)
    assert prompt is not None
    assert MOST_TOKENS - 6 < len(prompt) <= MOST_TOKENS
    assert prompt.endswith("課。")


@pytest.mark.parametrize("words", [None, Vocabulary(terms=()), vocabulary(("転入届", "届出"))])
def test_without_such_words_there_is_no_prompt(words: Vocabulary | None) -> None:
    assert prompt_of(words, len) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("曽於市役所、企画政策課、総務課、市民課。", True),
        ("えー、企画政策課、総務課、市民課です。", True),
        ("企画政策課から説明をお願いします。", False),
        ("曽於市役所、企画政策課の担当です。", False),
        ("", False),
    ],
)
def test_an_echo_is_an_enumeration_of_the_prompt(text: str, expected: bool) -> None:
    assert echoes(text, "曽於市、曽於市役所、企画政策課、総務課、市民課。") is expected
