"""Promises of what goes on from the question before: a verb without a subject is asked of what was told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.audience import Audience
from core.settings import Settings
from dialogue.answer import Answer, Band
from dialogue.ellipsis import goes_on, lone_verb, says_how_many
from dialogue.pipeline import Answerer
from dialogue.utterance import Utterance
from retrieval.knowledge import Knowledge

LEAVE, KEEPING = "staff-46", "staff-04"
Say = Callable[[str], Answer]


@pytest.fixture
def say(knowledge: Knowledge, sample_home: Path) -> Say:
    """Staff, in one conversation."""
    answerer = Answerer(knowledge, Settings(home=sample_home))
    return lambda text: answerer.answer(Utterance(text=text, audience=Audience.STAFF, kb="soo", session="s"))


def test_how_many_and_what_can_not_be_done_go_on() -> None:
    assert all(map(goes_on, ("証人は何人", "写真は何枚いりますか", "払えない", "間に合いません")))
    assert not any(map(goes_on, ("水が出ない", "税金が払えない", "何人で暮らせば安くなりますか")))


def test_how_many_is_said_where_there_is_a_number_of_them() -> None:
    assert says_how_many("18歳以上の証人2人の署名", "証人は何人")
    assert says_how_many("写真 1枚", "写真は何枚いりますか")
    assert not says_how_many("子ども連れの方も", "子どもは何人まで")
    assert says_how_many("写真", "写真は？")


def test_what_is_asked_of_something_that_is_not_named_goes_on() -> None:
    assert all(map(goes_on, ("申し込みはどこで", "締め切りはいつまで", "料金はいくらかかりますか")))
    assert not any(map(goes_on, ("転入届の申し込みはどこで", "時間外の窓口を教えて")))


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("翌年度に繰り越せる？", "繰り越す"),
        ("いつから数えるの", "数える"),
        ("半日でも取れますか", "取れる"),
        ("会計年度任用職員でも取れますか", "取れる"),
        ("2回に分けて取れる？", "取れる"),
        ("いつまでに請求すればいい？", "請求"),
        ("引っ越したらどうすればいいですか", None),  # says what has happened
        ("補助金は翌年度に繰り越せる？", None),
        ("年休を繰り越せる？", None),
        ("上司が断れる？", None),
        ("何年保存する？", None),
        ("結婚しました", None),
        ("市役所に行きたい", None),
        ("そのとき、前の課の上司から、または新しい課の上司から取れますか", None),
    ],
)
def test_a_verb_alone_is_told_from_a_question_of_its_own(text: str, verb: str | None) -> None:
    assert lone_verb(text) == verb
    assert not verb or goes_on(text)


@pytest.mark.parametrize("text", ["勤務時間は何時から何時", "ひまわり作戦とは"])
def test_what_names_its_subject_does_not_go_on(text: str) -> None:
    assert not goes_on(text)


def test_a_question_without_a_subject_keeps_the_one_before(say: Say) -> None:
    for first, then, entry in (
        ("年次有給休暇は何日もらえますか", ("翌年度に繰り越せる？", "翌年に繰り越せますか"), LEAVE),
        ("文書の保存期間はどう決める", ("いつから数えるの", "勝手に捨てられる？"), KEEPING),
    ):
        for text in (first, *then):
            answer = say(text)
            assert (answer.band, [c.entry_id for c in answer.citations]) == (Band.ANSWER, [entry]), text


def test_what_else_its_words_ask_for_is_offered_besides_and_a_subject_changes_it(say: Say) -> None:
    say("年次有給休暇は何日もらえますか")
    assert "staff-21" in [s.entry_id for s in say("翌年度に繰り越せる？").suggestions]
    assert [c.entry_id for c in say("終わらない事業は翌年度に繰り越せる？").citations] == ["staff-21"]


def test_what_a_few_words_name_is_read_again_where_the_last_answer_says_it(say: Say) -> None:
    """Of staff: one answer has the rule for each of many."""
    say("年次有給休暇は何日もらえますか")
    for text in ("急病のときは？", "休暇簿は要る？"):
        assert [c.entry_id for c in say(text).citations] == [LEAVE], text
    assert LEAVE not in [c.entry_id for c in say("天気は？").citations]


def test_what_the_last_answer_does_not_say_is_not_told_of_it(say: Say) -> None:
    say("公印を押すときの手続きを教えてください")
    assert "staff-03" not in [c.entry_id for c in say("翌年度に繰り越せる？").citations]
