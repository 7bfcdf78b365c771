"""Promises of the speller: hiragana becomes what the knowledge base writes, and what it does not know stays."""

from __future__ import annotations

import pytest

from core.audience import Audience
from retrieval.knowledge import Knowledge
from retrieval.spelling import Speller

WORDS = {
    ("住民", "じゅうみん"): 5,
    ("票", "ひょう"): 4,
    ("表", "ひょう"): 9,
    ("を", "を"): 50,
    ("取る", "とる"): 3,
    ("撮る", "とる"): 3,
}
PAIRS = {("住民", "票"): 4, ("を", "取る"): 3}


def test_words_are_told_from_homophones_by_the_word_before() -> None:
    assert Speller(WORDS, PAIRS).spell("じゅうみんひょうをとる") == "住民票を取る"


def test_what_is_not_known_stays_as_it_is() -> None:
    assert Speller(WORDS, PAIRS).spell("ぬをとる") == "ぬを取る"
    assert Speller({}, {}).spell("なにもない") == "なにもない"
    assert Speller(WORDS, PAIRS).spell("") == ""


@pytest.mark.parametrize(
    ("kana", "entry"),
    [
        ("じゅうみんひょうがほしい", "registry-01"),
        ("こくみんけんこうほけんにはいりたい", "insurance-01"),
        ("そだいごみのだしかた", "garbage-02"),
        ("いんかんとうろくをしたい", "registry-09"),
        ("じどうてあてはいくらもらえますか", "childcare-01"),
    ],
)
def test_a_question_in_hiragana_finds_its_entry(knowledge: Knowledge, kana: str, entry: str) -> None:
    hits = knowledge.search(kana, "soo", audience=Audience.RESIDENT, top=3).hits
    assert entry in [h.entry.id for h in hits]


def test_residents_questions_are_spelled_with_residents_words_only(knowledge: Knowledge) -> None:
    """The words of staff's entries must not show, not even as the spelling of a question."""
    resident = knowledge.version("soo", Audience.RESIDENT).index.terms
    staff = knowledge.version("soo", Audience.STAFF).index.terms
    assert set(resident.words.totals()) < set(staff.words.totals())
