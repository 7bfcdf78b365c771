"""A word is found by its sound wherever it was written in other characters, however many words there are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.sounds.lattice import Edge, lattice
from core.sounds.matching import Breadth, Match, TermIndex
from core.sounds.phonemes import SYMBOLS, insertion_costs, phonemes, substitution_costs

READINGS = {
    "転入届": "てんにゅうとどけ",
    "市民課": "しみんか",
    "有害ごみ": "ゆうがいごみ",
    "進捗状況": "しんちょくじょうきょう",
    "令和": "れいわ",
    "ＤＸ推進会議": "でぃーえっくすすいしんかいぎ",
}


def best(text: str, readings: dict[str, str] = READINGS) -> dict[str, Match]:
    """The nearest match of each term."""
    found: dict[str, Match] = {}
    for match in TermIndex(list(readings.values())).find(lattice(text), len(text)):
        term = list(readings)[match.term]
        if term not in found or match.cost < found[term].cost:
            found[term] = match
    return found


@pytest.mark.parametrize(
    ("text", "term", "heard"),
    [
        ("窓口では、店入届けについて", "転入届", "店入届け"),
        ("市民家です。", "市民課", "市民家"),
        ("夕外ゴミの日に", "有害ごみ", "夕外ゴミ"),
        ("フランシンチョク状況、", "進捗状況", "シンチョク状況"),
        ("0は8年度", "令和", "0は"),
        ("DX水深会議を開会します", "ＤＸ推進会議", "DX水深会議"),
    ],
)
def test_a_word_in_other_characters_is_found_where_it_stands(text: str, term: str, heard: str) -> None:
    match = best(text)[term]
    assert text[match.start : match.end] == heard
    assert match.cost / match.length < 0.12


def test_what_sounds_different_is_far_or_not_found() -> None:
    found = best("本日は、天気がよいので、散歩に行きます。")
    assert all(match.cost / match.length > 0.12 for match in found.values())


def test_a_word_is_found_among_five_thousand() -> None:
    kana = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわん"
    many = {f"語{n}": "".join(kana[(n * 7 + i * i * 13 + n // 45 * i) % len(kana)] for i in range(6)) for n in range(5000)}
    match = best("窓口では、店入届けについて", many | READINGS)["転入届"]
    assert match.cost / match.length < 0.12


def test_a_match_costs_what_the_cheapest_reading_of_its_place_does() -> None:
    text, readings = "市民家の窓口で、店入届けを3枚", list(READINGS.values())
    edges = lattice(text)
    found = {(m.end, m.term): (round(m.cost * 1000), m.start) for m in TermIndex(readings).find(edges, len(text))}
    expected = {}
    for term, reading in enumerate(readings):
        sounds = phonemes(reading)
        for end, (cost, start) in enumerate(_costs(edges, len(text), sounds)):
            if cost <= 0.3 * len(sounds) * 1000 and start < end:
                expected[end, term] = (cost, start)
    assert found == expected
    assert found


def _costs(edges: Sequence[Edge], length: int, term: Sequence[int]) -> list[tuple[int, int]]:
    """For each place what a term costs that ends there, and where it starts: Sellers' recurrence, one reading after the other."""
    put_in, instead = insertion_costs(), substitution_costs()
    nodes = [[(sum(int(put_in[s]) for s in term[:m]), at) for m in range(len(term) + 1)] for at in range(length + 1)]
    for e in edges:
        row = [(cost + e.cost, at) for cost, at in nodes[e.start]]
        for heard in e.sounds:
            further = [(row[0][0] + int(put_in[heard]), row[0][1])]
            for m, sound in enumerate(term, 1):
                ways = ((row[m], put_in[heard]), (row[m - 1], instead[heard, sound]), (further[m - 1], put_in[sound]))
                further.append(min((cost + int(more), at) for (cost, at), more in ways))
            row = further
        nodes[e.end] = [min(ways) for ways in zip(nodes[e.end], row, strict=True)]
    return [node[-1] for node in nodes]


def test_hearing_one_sound_for_another_costs_the_same_either_way() -> None:
    costs = substitution_costs()
    assert (costs == costs.T).all()
    assert not costs.diagonal().any()


@pytest.mark.parametrize(
    ("kana", "sounds"),
    [
        ("てんにゅうとどけ", "t e N ny u : t o d o k e"),
        ("シッピツ", "sh i Q p i ts u"),
        ("ケーキ", "k e : k i"),
        ("けいかく", "k e : k a k u"),
        ("ぢゃ", "j a"),
        ("ファイル、", "f a i r u"),
    ],
)
def test_kana_are_their_phonemes(kana: str, sounds: str) -> None:
    assert [SYMBOLS[s] for s in phonemes(kana)] == sounds.split()


def test_a_word_is_found_behind_sounds_that_differ_in_their_voicing_only() -> None:
    edges = lattice("ベッドを買い始めた")
    wide, usual = (TermIndex(["ぺっと"], breadth) for breadth in (Breadth(any_voice=True), Breadth()))
    assert any((m.start, m.end) == (0, 3) for m in wide.find(edges, 9))
    assert usual.find(edges, 9) == []
