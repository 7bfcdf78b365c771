"""Promises to those whose words were written in other characters: they are asked back, and who is clear is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier

import pytest

import dialogue.alike
from core.audience import Audience
from core.clock import JST
from core.settings import Settings
from dialogue.alike import Sounds
from dialogue.answer import Answer, Band
from dialogue.pipeline import Answerer
from dialogue.utterance import Utterance
from retrieval.entry import Entry
from retrieval.index import Index
from retrieval.knowledge import Knowledge

TUESDAY = datetime(2026, 11, 24, 12, 0, tzinfo=JST)


@pytest.fixture(scope="module")
def index(knowledge: Knowledge) -> Index:
    return knowledge.version("soo", Audience.RESIDENT).index


def asked(text: str, knowledge: Knowledge, home: Path) -> Answer:
    answerer = Answerer(knowledge, Settings(home=home), clock=lambda: TUESDAY)
    return answerer.answer(Utterance(text=text, audience=Audience.RESIDENT, kb="soo"))


@pytest.mark.parametrize(
    ("written", "word", "entry"),
    [("しかく確認書ってなんですか", "資格", "資格確認書"), ("がくどうの申し込みをしたいです", "学童", "児童クラブ")],
)
def test_who_writes_a_word_by_its_sound_is_asked_back(
    knowledge: Knowledge, sample_home: Path, written: str, word: str, entry: str
) -> None:
    answer = asked(written, knowledge, sample_home)
    assert answer.band is Band.CLARIFY
    assert word in answer.text
    assert any(entry in s.question for s in answer.suggestions), [s.question for s in answer.suggestions]


def test_an_entry_says_what_stands_in_its_questions_or_its_answer() -> None:
    entry = Entry(id="a", question="街路樹の剪定を頼めますか。", answer="ＤＸ推進室へ。", paraphrases=("木を切って",))
    assert all(entry.says(word) for word in ("街路樹", "木を切", "dx推進"))
    assert not entry.says("樹木")


def test_the_whole_question_is_put_right(index: Index) -> None:
    meant = Sounds().meant("かいごにんていの申し込みはどこでしょうか", index)
    assert meant is not None
    assert meant.text == "介護認定の申し込みはどこでしょうか"


@pytest.mark.parametrize(
    "text",
    [
        "印鑑登録をしたい",
        "障がいがあっても働きたい",
        "今日の天気は",
        "住民票の写しはどこで取れますか",
        "ありがとう",
        "介護保険" * 30,
        "?",
        "12",
    ],
)
def test_what_is_clear_or_means_something_else_is_left_alone(index: Index, text: str) -> None:
    assert Sounds().meant(text, index) is None


def test_a_noun_in_hiragana_is_no_word_that_is_certainly_meant(index: Index) -> None:
    meant = Sounds().meant("まいな免許所は市役所で作れるんですか", index)
    assert meant is not None
    assert meant.word == "マイナ"


@pytest.mark.parametrize("text", ["固定資産税の納期", "認知届", "市の花", "双子が生まれる", "キャンプしたい"])
def test_who_types_a_word_that_there_is_is_not_asked_back_for_another(index: Index, text: str) -> None:
    assert Sounds().meant(text, index) is None
    assert any(Sounds().meant(t, index, spoken=True) for t in ("認知届", "固定資産税の納期")), "a recogniser may have misheard it"


def test_no_word_is_offered_that_only_others_may_read(knowledge: Knowledge) -> None:
    """A word of staff's entries is known to the sounds of staff's index alone."""
    resident, staff = (knowledge.version("soo", a).index for a in (Audience.RESIDENT, Audience.STAFF))
    of_residents, of_staff = ({w.split("\t")[0] for w in i.terms.words.lexicon.terms} for i in (resident, staff))
    assert "決裁" in of_staff - of_residents
    written = "けっさいの方法は"
    assert (meant := Sounds().meant(written, staff)) is not None
    assert meant.word == "決裁"
    assert (other := Sounds().meant(written, resident)) is None or other.word != "決裁"


def test_the_words_of_a_new_index_are_made_once_however_many_ask_of_it_at_the_same_time(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each making them for itself, a few kept all others waiting for seconds."""
    made: list[int] = []
    of = dialogue.alike._Names.of

    def noting(names: Sequence[tuple[str, str]]) -> dialogue.alike._Names:
        made.append(len(names))
        return of(names)

    monkeypatch.setattr(dialogue.alike._Names, "of", noting)
    sounds, together = Sounds(), Barrier(8)

    def ask() -> str | None:
        together.wait()
        meant = sounds.meant("かいごにんていの申し込みはどこでしょうか", index)
        return meant and meant.word

    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(ask) for _ in range(8)]
    assert {each.result() for each in found} == {"認定"}
    assert len(made) == 1
