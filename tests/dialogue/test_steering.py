"""A conversation is steered in a few words, and never brings back what was withdrawn or changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import pytest

from core.audience import Audience
from core.clock import JST
from core.database import open_database
from core.settings import Settings
from dialogue.answer import Act, Answer, Band
from dialogue.pipeline import Answerer
from dialogue.utterance import Utterance
from models.embedder import load_embedder
from retrieval.entry import Entry
from retrieval.knowledge import Knowledge
from retrieval.revisions import Revisions
from tests.conftest import copy_knowledge, make_home

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=JST)


class Talk:
    """A conversation with a sample city of its own, whose clerks go on working and whose clock a test moves."""

    def __init__(self, home: Path) -> None:
        settings = Settings(home=home)
        self.now = NOON
        self.engine = open_database(settings)
        self.knowledge = Knowledge(self.engine, home / "indexes", load_embedder(settings), clock=lambda: self.now)
        self.answerer = Answerer(self.knowledge, settings, clock=lambda: self.now)
        self.session = 0

    def begin(self) -> None:
        self.session += 1

    def say(self, text: str, first_heard: str | None = None) -> Answer:
        asked = Utterance(text=text, audience=Audience.RESIDENT, kb="soo", session=f"s{self.session}", first_heard=first_heard)
        return self.answerer.answer(asked)

    def entry(self, entry_id: str) -> Entry:
        found = self.knowledge.find(entry_id, "soo", audience=Audience.RESIDENT)
        assert found
        return found[0]

    def retire(self, entry_id: str) -> None:
        Revisions(self.engine).retire("soo", entry_id, by="田中", at=NOON)

    def publish(self, entry: Entry) -> None:
        revisions = Revisions(self.engine)
        revisions.draft("soo", entry, by="田中", at=NOON)
        revisions.submit("soo", entry.id, by="田中", at=NOON)
        revisions.approve("soo", entry.id, by="佐藤", at=NOON)


@pytest.fixture(scope="module")
def city(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    home = make_home(tmp_path_factory.mktemp("steering") / "home")
    copy_knowledge(sample_home, home)
    city = Talk(home)
    yield city
    city.engine.dispose()


@pytest.fixture
def talk(city: Talk) -> Talk:
    city.now = NOON
    city.begin()
    return city


@pytest.mark.parametrize("again", ["もう一度", "すみません、もう一度お願いします", "ゆっくり", "聞こえませんでした"])
def test_an_answer_and_choices_are_told_again(talk: Talk, again: str) -> None:
    for question in ("印鑑登録", "住民票"):
        first = talk.say(question)
        assert talk.say(again) == talk.say(again) == first


def test_an_answer_that_was_repeated_is_gone_on_from(talk: Talk) -> None:
    talk.say("印鑑登録")
    talk.say("もう一度")
    assert talk.say("電話番号は").text.startswith("市民課は")


def test_who_wants_more_than_was_told_is_sent_to_the_counter_of_that_answer(talk: Talk) -> None:
    told = talk.say("印鑑登録")
    more = talk.say("くわしく教えて")
    assert (more.band, more.contact and more.contact.department) == (Band.HANDOFF, "市民課")
    assert talk.say("もう一度").text == told.text


def test_what_is_none_of_the_choices_asks_for_other_words_and_the_choices_stand(talk: Talk) -> None:
    offered = talk.say("住民票").suggestions
    for refused in ("どれでもない", "いいえ", "違います", "そうじゃなくて"):
        assert "別の言い方" in talk.say(refused).text
    assert talk.say("2番").citations[0].entry_id == offered[1].entry_id


def test_yes_takes_the_only_choice_and_never_one_of_several(talk: Talk) -> None:
    several = talk.say("住民票")
    asked_back = talk.say("はい")
    assert asked_back.suggestions == several.suggestions
    assert "番号" in asked_back.text
    for matter in ("印鑑登録", "転入届", "児童手当", "住民票の写しはどこで取れますか"):
        talk.begin()
        talk.say(matter)
        one = talk.say("それはいくら")
        if len(one.suggestions) == 1:
            break
    assert len(one.suggestions) == 1
    assert talk.say("はい、お願いします").citations[0].entry_id == one.suggestions[0].entry_id


def test_a_number_beyond_the_choices_asks_again(talk: Talk) -> None:
    offered = talk.say("住民票").suggestions
    assert talk.say("5番").suggestions == offered
    assert talk.say("最後の").citations[0].entry_id == offered[-1].entry_id


@pytest.mark.parametrize(("text", "act"), [("えーと", Act.GREETING), ("ちょっと待って", Act.GREETING), ("もういい", Act.THANKS)])
def test_hesitation_and_an_end_are_no_questions(talk: Talk, text: str, act: Act) -> None:
    offered = talk.say("住民票").suggestions
    assert talk.say(text).act is act
    assert talk.say("1番").citations[0].entry_id == offered[0].entry_id


def test_a_call_for_attention_is_no_question(talk: Talk) -> None:
    """住みません is what search would make of it."""
    assert talk.say("すみません").act is Act.GREETING


def test_an_area_and_a_kind_of_rubbish_ask_for_its_days(talk: Talk) -> None:
    for text in ("末吉町本町の可燃ごみ", "末吉町本町の燃えるごみは？"):
        assert "木曜日" in talk.say(text).text


def test_the_first_hearing_tells_that_it_was_no_question(talk: Talk) -> None:
    """Recognition that knows what people ask hears one of the questions in everything."""
    first = talk.say("印鑑登録")
    assert talk.say("耳の聞こえない人の支援はありますか。", first_heard="聞こえない") == first


def test_words_that_either_hearing_has_steer(talk: Talk) -> None:
    talk.say("印鑑登録")
    assert talk.say("もういいです", first_heard="もういです").act is Act.THANKS


def test_a_table_is_asked_on_about_after_words_that_were_not_understood(talk: Talk) -> None:
    """Recognition makes anything of 「じゃあ金曜は」; said again, it goes on from the answer before."""
    talk.say("末吉町本町の燃えるごみの日")
    assert talk.say("量子力学の単位").band is Band.HANDOFF
    assert "11月27日" in talk.say("じゃあ金曜は").text
    assert "大隅町岩川" in talk.say("お大隅町岩川").text
    talk.say("住民票")
    assert talk.say("電話番号は").text.startswith("市民課は")


def test_a_correction_with_a_new_question_is_that_question(talk: Talk) -> None:
    talk.say("印鑑登録")
    assert "粗大ごみ" in str(talk.say("違う、粗大ごみの出し方"))


def test_an_entry_withdrawn_meanwhile_is_neither_repeated_nor_offered_nor_given(talk: Talk) -> None:
    told = talk.say("認定農業者になるには、どのような手続きが必要ですか。")
    talk.retire(told.citations[0].entry_id)
    again = talk.say("もう一度")
    assert again.band is Band.HANDOFF
    assert told.text not in again.text
    talk.begin()
    offered = talk.say("住民票").suggestions
    talk.retire(offered[1].entry_id)
    assert offered[1] not in talk.say("もう一度").suggestions
    talk.begin()
    left = talk.say("住民票").suggestions
    talk.retire(left[0].entry_id)
    assert talk.say("1番").band is Band.HANDOFF


def test_an_entry_whose_time_ran_out_is_not_repeated(talk: Talk) -> None:
    entry = talk.entry("water-02")
    talk.publish(replace(entry, valid_until=date(2026, 11, 24), until_time=time(12, 10)))
    told = talk.say(entry.question)
    assert told.band is Band.ANSWER
    talk.now = NOON.replace(minute=11)
    again = talk.say("もう一度")
    assert again.band is Band.HANDOFF
    assert told.text not in again.text


def test_an_entry_that_was_edited_is_repeated_as_it_is_now(talk: Talk) -> None:
    entry = talk.entry("school-02")
    assert talk.say(entry.question).text == entry.answer
    talk.publish(replace(entry, answer="手続きは変わりました。"))
    talk.knowledge.build("soo", lambda *_: None)
    assert talk.say("もう一度").text == "手続きは変わりました。"


def test_of_several_answers_none_that_was_withdrawn_is_repeated_with_its_choices(talk: Talk) -> None:
    told = talk.say("印鑑登録の方法を教えてください。それと、介護のことを知りたい")
    entry_id = told.citations[0].entry_id
    withdrawn = talk.entry(entry_id).answer
    assert (bool(told.parts), bool(told.suggestions), withdrawn in told.text) == (True, True, True)
    assert talk.say("もう一度") == told
    talk.retire(entry_id)
    again = talk.say("もう一度")
    assert withdrawn not in str(again)
    assert entry_id not in str(again)


@pytest.mark.parametrize("text", ["。", "?!", "😀", "2", "12"])
def test_a_mark_a_picture_or_a_lone_number_is_asked_for_words(talk: Talk, text: str) -> None:
    answer = talk.say(text)
    assert (answer.act, answer.suggestions) == (Act.GREETING, ())
    assert "知りたいことを、言葉で" in answer.text


def test_what_something_costs_is_not_answered_with_what_anything_costs(talk: Talk) -> None:
    talk.say("粗大ごみの出し方")
    price = talk.say("それはいくらかかりますか")
    assert (price.suggestions, price.contact and price.contact.department) == ((), "環境課")
    assert talk.say("どこに電話すればいい？").text.startswith("環境課は")
