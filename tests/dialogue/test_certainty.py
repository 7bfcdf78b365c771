"""Promises about what is told as the answer: an entry that only has the words of a question is offered, not told."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.audience import Audience
from core.settings import Settings
from dialogue.answer import Band
from dialogue.pipeline import Answerer
from dialogue.utterance import Utterance
from retrieval.knowledge import Knowledge

from .conftest import Ask


def _require_offered(ask: Ask, text: str, entry_id: str) -> None:
    answer = ask(text)
    assert answer.band is Band.CLARIFY
    assert entry_id in {s.entry_id for s in answer.suggestions}


@pytest.mark.parametrize(
    ("text", "entry_id"),
    [
        ("台風で屋根が飛んだ", "disaster-04"),
        ("軽自動車の廃車はどこでする", "tax-07"),
        ("払えない", "tax-11"),
        ("目が悪くて手紙が読めない", "disability-06"),
    ],
)
def test_an_entry_that_is_asked_in_more_of_the_words_is_offered_too(ask: Ask, text: str, entry_id: str) -> None:
    _require_offered(ask, text, entry_id)


@pytest.mark.parametrize(
    ("text", "entry_id"),
    [
        ("税金を払えない", "tax-11"),
        ("税金を払いたい", "tax-09"),
        ("介護保険を使いたい", "care-01"),
        ("死亡届はどこ", "registry-14"),
        ("免許を返したい", "life-23"),
        ("運転免許の返納", "life-23"),
        ("高齢の親に運転をやめさせたい", "care-16"),
        ("戸籍謄本ほしいんですけど、どこで取れますか", "registry-03"),
    ],
)
def test_what_one_entry_is_asked_in_the_same_words_is_told(ask: Ask, text: str, entry_id: str) -> None:
    assert [c.entry_id for c in ask(text).citations] == [entry_id]


@pytest.mark.parametrize("text", ["犬のブリーダーをしたい", "国民健康保健"])
def test_what_an_entry_has_only_a_word_of_is_offered(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.CLARIFY


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("18歳になったら選挙行ける？", "life-09"),
        ("ねんきんのおかねもらえますか", "care-04"),
        ("国際結婚した妻の在留資格を変えたい", "registry-20"),
    ],
)
def test_what_another_entry_has_more_words_of_is_offered_that(ask: Ask, text: str, offered: str) -> None:
    _require_offered(ask, text, offered)


def test_a_long_story_is_not_told_the_entry_that_it_only_sounds_like(ask: Ask) -> None:
    story = "昨年主人を亡くしまして、今は一人で暮らしております。足も悪く、買い物に行くのも大変で、バス停も遠くて困っています。"
    assert ask(f"{story}何か助けてもらえる制度はありませんでしょうか。").band is not Band.ANSWER


def test_what_is_done_has_to_be_said_and_a_day_alone_is_no_matter(ask: Ask) -> None:
    for text in (
        "コンビニで払える？",
        "コンビニではらえますか",
        "図書館でコピーできますか",
        "図書館で食べられる？",
        "図書館で勉強したい",
        "今日だろ",
    ):
        assert ask(text).band is not Band.ANSWER
    for text in ("住民票を取りたい", "税金が払えない", "街灯が切れた", "検診に行きたい", "図書館で借りられる？"):
        assert ask(text).band is Band.ANSWER, "it says of what, and the entry may say it in other words"


@pytest.mark.parametrize(
    "text",
    [
        "夏休みはいつから",
        "入学式はいつ",
        "通訳はいますか",
        "救急車の呼び方",
        "県立図書館は何時まで",
        "車検はどこで",
        "固定資産税の納期はいつ",
    ],
)
def test_what_an_entry_does_not_say_of_a_name_is_not_told_from_it(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.CLARIFY


@pytest.mark.parametrize("text", ["シロアリの駆除は市でしてもらえますか", "図書館でネット使える？"])
def test_what_a_short_question_is_about_has_to_be_said(ask: Ask, text: str) -> None:
    assert ask(text).band is not Band.ANSWER


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("通訳をお願いできますか", {"disability-13"}),
        ("障害者手帳をもらうには", {"disability-01", "disability-02", "disability-03"}),
    ],
)
def test_a_name_is_not_told_one_of_its_kinds(ask: Ask, text: str, offered: set[str]) -> None:
    answer = ask(text)
    assert answer.band is Band.CLARIFY
    assert offered <= {s.entry_id for s in answer.suggestions}


def test_a_price_is_not_told_from_what_says_nothing_of_money(ask: Ask) -> None:
    assert ask("印鑑証明いくら").band is Band.CLARIFY
    for text in ("児童手当はいくら", "児童扶養手当はいくら"):
        assert ask(text).band is Band.ANSWER, "it says at least what that depends on"


def test_who_lost_a_relative_is_not_asked_back_about_animals(ask: Ask) -> None:
    offered = [s.question for s in ask("妻が亡くなりました").suggestions]
    assert offered[0].startswith("家族が亡くなったとき")
    assert not any("動物" in question for question in offered)


@pytest.mark.parametrize(
    ("text", "offered"), [("息子が道でたぬきの死骸を見つけた", "garbage-11"), ("母が鳩のふんに困っています", "life-04")]
)
def test_a_relative_who_asks_about_animals_is_offered_what_there_is(ask: Ask, text: str, offered: str) -> None:
    assert offered in {s.entry_id for s in ask(text).suggestions}


def test_of_two_things_one_alone_is_not_told(ask: Ask) -> None:
    offered = {s.entry_id for s in ask("仕事辞めたので国保と年金お願いします").suggestions}
    assert {"insurance-01", "insurance-11"} <= offered
    assert ask("日本人と結婚します。何の紙がいりますか").band is Band.ANSWER, "that is no second thing"


@pytest.mark.parametrize("text", ["末吉です", "末吉のは何時から？"])
def test_a_place_alone_is_no_matter(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.HANDOFF


@pytest.mark.parametrize("text", ["夏季休暇は何日", "夏季休暇は何日までですか", "育児時間は何分"])
def test_how_many_days_is_not_told_of_a_name_that_stands_in_the_answer_alone(
    knowledge: Knowledge, sample_home: Path, text: str
) -> None:
    answerer = Answerer(knowledge, Settings(home=sample_home))
    answer = answerer.answer(Utterance(text=text, audience=Audience.STAFF, kb="soo"))
    assert (answer.band, answer.citations) == (Band.CLARIFY, ())


def test_how_many_is_told_where_that_is_what_an_entry_is_asked(knowledge: Knowledge, sample_home: Path) -> None:
    answerer = Answerer(knowledge, Settings(home=sample_home))
    for text, entry in (("時効は何年", "staff-32"), ("年休は何日", "staff-46"), ("市役所は何時まで", "life-20")):
        answer = answerer.answer(Utterance(text=text, audience=Audience.STAFF, kb="soo"))
        assert [c.entry_id for c in answer.citations] == [entry], text


@pytest.mark.parametrize("text", ["ふるさと納税の返礼品は何がありますか", "ふるさと納税の返礼品が届かない"])
def test_what_stands_half_in_one_paraphrase_and_half_in_another_is_not_told(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.CLARIFY


@pytest.mark.parametrize("text", ["おやっどんが死んだ", "ばあちゃんが亡くなったどん、何をすればよかですか"])
def test_who_lost_a_relative_is_offered_what_a_family_does_first(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert answer.band is Band.CLARIFY
    assert answer.suggestions[0].entry_id == "registry-14"


def test_a_story_that_is_like_an_entry_is_not_told_from_it(ask: Ask) -> None:
    answer = ask(
        "この前市役所に行ったら、窓口の人の態度がとても悪かった。名前を聞いても教えてくれなかった。どこに言えばいいのか。"
    )
    assert answer.band is Band.CLARIFY
    assert "life-19" in {s.entry_id for s in answer.suggestions}


@pytest.mark.parametrize("text", ["介護", "病院", "相談は？", "バス", "引っ越してきた", "ハンコをなくした"])
def test_a_name_that_many_entries_have_is_offered_some_of_them(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert answer.band is Band.CLARIFY
    assert not answer.suggestions[0].entry_id.startswith("garbage:")


@pytest.mark.parametrize("text", ["人口", "熊が出た", "保健所の電話番号"])
def test_what_no_question_has_is_handed_over(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.HANDOFF


@pytest.mark.parametrize(
    "text", ["蜂の巣がある", "野良犬がいる", "児童手当はいくら", "献血はいつありますか", "犬の注射", "夫に殴られる"]
)
def test_what_an_entry_is_about_is_told(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.ANSWER
