"""Names of the city are read as its people read them, and only where they are those names."""

from __future__ import annotations

import pytest

from voice_skill.readings import pieces, readings_of

READINGS = {
    "曽於": "そお",
    "曽於市": "そおし",
    "曽於市役所": "そおしやくしょ",
    "末吉町": "すえよしちょう",
    "本町": "ほんまち",
    "ソーオ": "そお",
    "14日": "じゅうよっか",
}


def read(text: str) -> str:
    return "".join(f"<{p.reading}>" if p.reading else p.text for p in pieces(text, READINGS))


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("曽於市役所は曽於市の役所です", "<そおしやくしょ>は<そおし>の役所です"),
        ("鹿児島県曽於市末吉町本町", "鹿児島県<そおし><すえよしちょう><ほんまち>"),
        ("末吉町本町と日本町", "<すえよしちょう><ほんまち>と日本町"),
        ("旧曽於地域、東曽於駅", "旧<そお>地域、東曽於駅"),
        ("14日以内、114日", "<じゅうよっか>以内、114日"),
        ("ソーオのソーオン", "<そお>のソーオン"),
        ("", ""),
    ],
)
def test_the_longest_word_wins_and_only_where_it_can_begin(text: str, marked: str) -> None:
    assert read(text) == marked


def test_the_pieces_give_the_text_back() -> None:
    text = "曽於市末吉町本町の曽於市役所と、日本町"
    assert "".join(p.text for p in pieces(text, READINGS)) == text


def test_readings_that_are_not_kana_say_nothing() -> None:
    rows = [
        {"surface": "曽於市", "reading": "そおし"},
        {"surface": "財部町", "reading": "タカラベチョウ"},
        {"surface": "末吉町", "reading": "末吉"},
        {"surface": "", "reading": "そおし"},
    ]
    assert readings_of(rows) == {"曽於市": "そおし", "財部町": "タカラベチョウ"}
