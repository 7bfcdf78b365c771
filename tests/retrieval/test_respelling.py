"""Promises of respelling: what was misheard is found in the knowledge base's words, and a guess never passes for the question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from core.audience import Audience
from core.database import open_database
from core.settings import Settings
from models.embedder import load_embedder
from models.language_model import LanguageModel
from retrieval.entry import Entry
from retrieval.hit import Evidence, Hit, fused
from retrieval.index import Index
from retrieval.judges import Judges
from retrieval.knowledge import Knowledge


@pytest.fixture(scope="module")
def index(knowledge: Knowledge) -> Index:
    return knowledge.version("soo", Audience.RESIDENT).index


@pytest.fixture(scope="module")
def judged(sample_home: Path, language_model: LanguageModel) -> Iterator[Knowledge]:
    """The same knowledge base, with a language model."""
    settings = Settings(home=sample_home)
    engine = open_database(settings)
    judges = Judges(language_model=language_model)
    yield Knowledge(engine, sample_home / "indexes", load_embedder(settings), judges=judges)
    engine.dispose()


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("3輪を装足した時の届けでについて", "山林"),
        ("引かべい証明書が欲しいんですけど", "非課税証明書"),
        ("戸籍等本は間ごが代わりに取れるものでしょうか", "戸籍謄本"),
        ("特用に入れたいが何年も待つのかね", "特養"),
        ("先月病院大がすごく高かった", "病院代"),
    ],
)
def test_a_misheard_word_becomes_the_knowledge_base_s_own(heard: str, meant: str, index: Index) -> None:
    likeliest, *_ = index.respelled(heard, spoken=True)
    assert meant in likeliest.text and likeliest.likelier


@pytest.mark.parametrize("typed", ["印鑑登録をしたい", "粗大ごみの出し方を知りたい", "転入届に必要なもの"])
def test_what_is_written_right_stays(typed: str, index: Index) -> None:
    assert index.respelled(typed, spoken=False) == ()
    assert not any(other.likelier for other in index.respelled(typed, spoken=True))


@pytest.mark.parametrize("typed", ["隣人の犬がうるさい", "毛布の洗濯", "友人の結婚祝い", "楽団の演奏会に出たい"])
def test_a_typed_word_that_there_is_does_not_become_one_that_only_resembles_it(typed: str, index: Index) -> None:
    assert index.respelled(typed, spoken=False) == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("国民年近の免除", "国民年金"), ("予防接収の予約", "予防接種"), ("戸籍当本がほしい", "戸籍謄本"), ("印監登録", "印鑑登録")],
)
def test_a_slip_of_the_keys_becomes_the_word_that_was_meant(typed: str, meant: str, index: Index) -> None:
    [other] = index.respelled(typed, spoken=False)
    assert meant in other.text


def test_of_several_words_that_sound_alike_each_counts_as_it_is_likely(index: Index) -> None:
    found = index.respelled("バブコメってどうやって出すの", spoken=True)
    assert any("パブリックコメント" in other.text for other in found[1:]), found
    assert len({other.text for other in found}) == len(found) > 1
    assert [other.share for other in found] == sorted((other.share for other in found), reverse=True)
    assert sum(other.share for other in found) < 0.5, "what was heard keeps the greater share"


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("バブコメってどうやって出すの", "パブリックコメント"),
        ("夕外、朝中の北角", "有害鳥獣の捕獲"),
        ("次回の房庁", "議会の傍聴"),
        ("水道の検証表", "水道の検査表"),
    ],
)
def test_a_language_model_knows_which_of_the_words_that_sound_alike_belong_together(
    heard: str, meant: str, index: Index, language_model: LanguageModel
) -> None:
    without, likeliest = (index.respelled(heard, spoken=True, model=model)[0] for model in (None, language_model))
    assert meant not in without.text
    assert meant in likeliest.text


@pytest.mark.parametrize("heard", ["親が認知症かもしれない", "国民年金の加入", "警戒レベルの意味", "期日前投票はどこでできる"])
def test_a_language_model_leaves_alone_what_was_heard_right(heard: str, index: Index, language_model: LanguageModel) -> None:
    assert index.respelled(heard, spoken=True)
    assert index.respelled(heard, spoken=True, model=language_model) == ()


def test_only_what_was_spoken_takes_the_time_of_a_language_model(
    knowledge: Knowledge, judged: Knowledge, language_model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, asked = "引かべい証明書が欲しいんですけど", list[str]()
    costs = language_model.costs

    def counted(texts: Sequence[str], behind: str = "") -> list[float]:
        asked.extend(texts)
        return costs(texts, behind)

    monkeypatch.setattr(language_model, "costs", counted)
    judged.search(heard, "soo", audience=Audience.RESIDENT)
    assert not asked
    spoken = judged.search(heard, "soo", audience=Audience.RESIDENT, spoken=True)
    assert heard in asked
    assert spoken.confidence == knowledge.search(heard, "soo", audience=Audience.RESIDENT, spoken=True).confidence


def test_known_words_are_doubted_only_where_they_were_spoken(index: Index) -> None:
    known = [word for word, _ in (term.split("\t") for term in index.terms.words.lexicon.terms)]
    assert "市長" in known or "申請" in known
    assert index.respelled("申請の方法", spoken=False) == ()


@pytest.mark.parametrize("text", ["", "。", "あ" * 81, "🙂🙂🙂", "SELECT * FROM entries"])
def test_odd_text_is_no_trouble(text: str, index: Index) -> None:
    assert_other(text, index)


@examples(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from("かがはぱ゙゚、。 　ー㍿①転入届をー🙂é¨ｶﾞABＡ12"), max_size=30))
def test_no_text_is_too_odd(text: str, index: Index) -> None:
    assert_other(text, index)


def assert_other(text: str, index: Index) -> None:
    for other in index.respelled(text, spoken=True):
        assert other.text not in ("", text)
        assert 0 < other.share < 0.5


def test_a_misheard_question_finds_its_entry_and_is_no_surer_for_it(knowledge: Knowledge) -> None:
    heard = "引かべい証明書が欲しいんですけど"
    found = knowledge.search(heard, "soo", audience=Audience.RESIDENT, spoken=True, top=3)
    assert any(h.entry.says("非課税証明書") for h in found.hits), [h.entry.question for h in found.hits]
    assert found.confidence < found.answer_from
    assert not any(h.evidence.exact for h in found.hits)


def test_what_sounds_like_a_question_is_not_that_question() -> None:
    asked, guessed = (hit("a", 3.0), hit("b", 1.0)), (hit("c", 4.0, exact=True), hit("a", 3.0))
    found = fused(asked, [(guessed, 0.5)], 4)
    assert [(h.entry.id, h.score) for h in found] == [("a", 3.0), ("c", 2.5), ("b", 2.0)]
    assert not any(h.evidence.exact for h in found)


def test_a_guess_counts_by_its_share() -> None:
    asked, likely, unlikely = ((hit(name, 4.0), hit("z", 0.0)) for name in "abc")
    found = fused(asked, [(likely, 0.25), (unlikely, 0.125)], 4)
    assert [(h.entry.id, h.score) for h in found] == [("a", 2.5), ("b", 1.0), ("c", 0.5), ("z", 0.0)]


def test_likelihoods_fall_with_the_rank_and_can_be_compared_over_questions(knowledge: Knowledge) -> None:
    known, strange = (
        knowledge.search(text, "soo", audience=Audience.RESIDENT) for text in ("住民票の写しがほしい", "冥王星までの距離")
    )
    for found in (known, strange):
        likely = [found.likelihood(hit) for hit in found.hits]
        assert likely[0] == found.confidence
        assert likely == sorted(likely, reverse=True)
        assert all(0 < each <= 1 for each in likely)
    assert known.likelihood(known.hits[-1]) < known.likelihood(known.hits[0])
    assert strange.likelihood(strange.hits[0]) < known.likelihood(known.hits[0])


def hit(entry_id: str, score: float, *, exact: bool = False) -> Hit:
    evidence = Evidence(
        exact=exact, question_cosine=0.5, answer_cosine=0.5, question_z=1.0, answer_z=1.0, lexical_z=1.0, coverage=0.5,
        question_coverage=0.5, covered_by=0.5, together=0.5,
    )  # fmt: skip
    return Hit(entry=Entry(id=entry_id, question="問", answer="答"), score=score, evidence=evidence, updated_on=date(2026, 1, 1))
