"""Names of the city are read as its people read them, and only where they are those names."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UnreadableTable
from voice_skill.readings import load_readings, pieces

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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_tables_of_common_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "readings.csv"
    path.write_bytes("surface,reading\r\n曽於市,そおし\r\n\r\n財部町,タカラベチョウ\r\n".encode(encoding))
    assert load_readings(path) == {"曽於市": "そおし", "財部町": "タカラベチョウ"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("term,reading\n曽於市,そおし\n", "surface"),
        ("surface,reading\n曽於市,そおし\n財部町,財部\n", "3行目"),
        ("surface,reading\n,そおし\n", "2行目"),
        ("surface,reading\n曽於市\n", "2行目"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_its_place(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "readings.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableTable, match=sentence):
        load_readings(path)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTable, match=r"nowhere\.csv"):
        load_readings(tmp_path / "nowhere.csv")
