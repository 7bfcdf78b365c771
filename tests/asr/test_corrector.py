"""Which places of a text are proposed for which word, before the recogniser is asked."""

from __future__ import annotations

import csv

from asr.corrector import LEXICON, Corrector, corrector_of
from asr.lattice import lattice
from asr.phonemes import phonemes
from asr.vocabulary import Term, Vocabulary

OWN = tuple(
    Term(term=term, reading=reading, kind="")
    for term, reading in (
        ("介護保険", "かいごほけん"),
        ("保険課", "ほけんか"),
        ("末吉町", "すえよしちょう"),
        ("ＩＰ電話", "あいぴーでんわ"),
    )
)


def proposed(text: str) -> list[tuple[str, str]]:
    return [(text[p.start : p.end], p.term.term) for p in Corrector(OWN).propose(text)]


def test_the_words_that_were_heard_in_other_characters_are_proposed() -> None:
    assert proposed("会後保健の申請は、保健家へ。") == [("会後保健", "介護保険"), ("保健家", "保険課")]


def test_what_is_written_right_is_left_alone() -> None:
    assert proposed("介護保険の申請は、保険課へ。") == []


def test_particles_are_not_swallowed() -> None:
    assert proposed("末吉町の介護保険を") == []


def test_a_word_is_written_in_the_width_in_which_it_is_registered() -> None:
    text = "IP電話の導入"
    assert Corrector(OWN).respelled(text) == [(0, 4, "ＩＰ電話")]
    assert Corrector(OWN).respelled("ＩＰ電話の導入") == []


def test_a_city_s_own_words_come_before_the_common_ones() -> None:
    corrector = corrector_of(Vocabulary(terms=(Term(term="届出書", reading="とどけでしょ", kind=""),)))
    own, common = corrector.propose("とどけで書です"), corrector.propose("真正書を出す")
    assert [(p.term.term, p.common) for p in own] == [("届出書", False)]
    assert [(p.term.term, p.common) for p in common] == [("申請書", True)]


def test_the_common_words_have_readings_that_their_characters_have() -> None:
    with LEXICON.open(encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    assert len(rows) == len({row["term"] for row in rows}) > 400
    odd = []
    for row in rows:
        sounds = phonemes(row["reading"])
        reachable = Corrector([Term(term=row["term"], reading=row["reading"], kind="")])._index.find(
            lattice(row["term"]), len(row["term"])
        )
        if not sounds or min((m.cost / m.length for m in reachable), default=1.0) > 0.3:
            odd.append(row["term"])
    assert odd == []
