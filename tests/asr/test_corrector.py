"""Which places of a text are proposed for which word, before the recogniser is asked."""

from __future__ import annotations

import csv

from asr.corrector import LEXICON, Corrector, corrector_of
from asr.vocabulary import Term, Vocabulary
from core.sounds.lattice import lattice
from core.sounds.matching import TermIndex
from core.sounds.phonemes import phonemes

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
    return [(text[p.start : p.end], p.term.term) for layer in Corrector(OWN).propose(text) for p in layer]


def swallowed(term: str, reading: str, text: str) -> bool:
    return Corrector([Term(term=term, reading=reading, kind="")]).propose(text)[0] == []


def test_the_words_that_were_heard_in_other_characters_are_proposed() -> None:
    assert proposed("会後保健の申請は、保健家へ。") == [("会後保健", "介護保険"), ("保健家", "保険課")]


def test_what_is_written_right_is_left_alone() -> None:
    assert proposed("介護保険の申請は、保険課へ。") == []


def test_particles_are_not_swallowed() -> None:
    assert proposed("末吉町の介護保険を") == []


def test_what_holds_a_sentence_together_is_not_taken_for_a_word_that_resembles_it() -> None:
    corrector = Corrector([Term(term="次第", reading="しだい", kind=""), Term(term="三枡", reading="みます", kind="")])
    assert corrector.propose("相談したいと思います。") == [[], []]
    (proposal,) = corrector.propose("会議の死大を配ります。")[0]
    assert proposal.term.term == "次第"


def test_ordinary_words_do_not_become_an_ordinary_word_in_kana() -> None:
    corrector = Corrector([Term(term="カレー", reading="かれー", kind=""), Term(term="タイル", reading="たいる", kind="")])
    assert corrector.propose("彼は業務に耐える。") == [[], []]
    registered = Corrector([Term(term="ソオナビ", reading="そおなび", kind="")])
    assert [p.term.term for p in registered.propose("僧ナビで調べる。")[0]] == ["ソオナビ"]
    misheard = Corrector([Term(term="セミナー", reading="せみなー", kind="")])
    assert [p.term.term for p in misheard.propose("子育てセイミナーのお知らせ")[0]] == ["セミナー"]


def test_a_word_is_written_in_the_width_in_which_it_is_registered() -> None:
    text = "IP電話の導入"
    assert Corrector(OWN).respelled(text) == [(0, 4, "ＩＰ電話")]
    assert Corrector(OWN).respelled("ＩＰ電話の導入") == []


def test_a_word_in_kana_that_no_dictionary_has_is_read_with_its_small_kana() -> None:
    vocabulary = Corrector([Term(term="納付書", reading="のうふしょ", kind="")])
    assert [p.term.term for p in vocabulary.propose("ノーフショーを使う")[0]] == ["納付書"]
    [proposal] = vocabulary.propose("ノーフショーを使う")[0]
    assert "ノーフショ" in "ノーフショーを使う"[proposal.start : proposal.end]


def test_a_city_s_own_words_come_before_the_common_ones() -> None:
    corrector = corrector_of(Vocabulary(terms=(Term(term="一般会計", reading="いっぱんかいけい", kind=""),)))
    own, common = corrector.propose("一般解決の補正予算")
    assert [(p.term.term, p.common) for p in own] == [("一般会計", False)]
    assert "可決" in [p.term.term for p in common], "told apart by the sound, not by the list"


def test_however_many_words_a_city_registers_the_common_ones_are_found() -> None:
    """Two hundred that share more of what was heard than the word that was said."""
    crowd = tuple(Term(term=f"出届{n}", reading="しゅつとどけ", kind="") for n in range(200))
    _, common = corrector_of(Vocabulary(terms=crowd)).propose("郵送で電術届けを出す")
    assert ("電術届け", "転出届") in [("郵送で電術届けを出す"[p.start : p.end], p.term.term) for p in common]


def test_a_city_s_word_does_not_swallow_the_particle_behind_another_unless_it_sounds_like_it() -> None:
    assert swallowed("電話等", "でんわとう", "窓口は電話と郵便")
    assert not swallowed("市民課", "しみんか", "窓口は市民かです")
    assert not swallowed("市民課", "しみんか", "窓口は市民がです")
    assert swallowed("市民税課", "しみんぜいか", "市民ぜはいくらですか")
    both = Corrector([Term(term="市民税課", reading="しみんぜいか", kind=""), Term(term="市民税", reading="しみんぜい", kind="")])
    assert [p.term.term for p in both.propose("市民ぜはいくらですか")[0]] == ["市民税"], "what fits less well has its chance"


def test_the_common_words_have_readings_that_their_characters_have() -> None:
    with LEXICON.open(encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    assert len(rows) == len({row["term"] for row in rows}) > 400
    odd = []
    for row in rows:
        sounds = phonemes(row["reading"])
        reachable = TermIndex([row["reading"]]).find(lattice(row["term"]), len(row["term"]))
        if not sounds or min((m.cost / m.length for m in reachable), default=1.0) > 0.3:
            odd.append(row["term"])
    assert odd == []
