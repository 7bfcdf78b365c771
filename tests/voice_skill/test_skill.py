"""The conversation: what is said next, what is remembered, when the speaker goes on listening."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from alexa_kit import CONTACT, HANDED_OVER, MOVED_IN, UNSURE, MakeRequest, Scripted, encode
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.audience import Audience
from core.errors import NotReady
from dialogue.answer import Act, Answer, Band, Suggestion
from voice_skill.attributes import read_attributes
from voice_skill.envelope import RESPONSE_LIMIT_BYTES, Response, read_envelope
from voice_skill.skill import Skill
from voice_skill.turns import City

MAIN_PHONE = "ゼロ キュウ ハチ ロク、ゼロ ゼロ、ゼロ イチ ゼロ ゼロ"


@dataclass
class Talk:
    """One conversation: attributes travel from turn to turn as Alexa carries them."""

    skill: Skill
    make: MakeRequest
    script: Scripted
    attributes: dict[str, Any]

    def say(self, intent: str | None = None, **slots: Any) -> Response:
        request = self.make(intent, attributes=self.attributes, **slots)
        response = self.skill.respond(read_envelope(encode(request)))
        self.attributes = response.session_attributes or {}
        return response


@pytest.fixture
def talk(alexa_request: MakeRequest, soo: City) -> Iterator[Callable[..., Talk]]:
    """talk({question: answer}, timeout_s=5) -> a conversation with a scripted answerer."""
    skills: list[Skill] = []

    def start(answers: dict[str, Any], timeout_s: float = 5.0) -> Talk:
        script = Scripted(answers)
        skills.append(Skill(script, lambda: soo, kb="soo", timeout_s=timeout_s))
        return Talk(skill=skills[-1], make=alexa_request, script=script, attributes={})

    yield start
    for skill in skills:
        skill.close()


def heard(response: Response) -> str:
    """What the resident hears, names as they are written."""
    assert response.response.output_speech
    return "".join(ElementTree.fromstring(response.response.output_speech.ssml).itertext())


def listens(response: Response) -> bool:
    assert (response.response.reprompt is not None) == (response.response.should_end_session is False)
    return response.response.should_end_session is False


def test_opening_the_skill_welcomes_and_listens(talk: Callable[..., Talk]) -> None:
    response = talk({}).say()
    assert heard(response).startswith("曽於市のご案内です。")
    assert listens(response)


def test_a_question_is_answered_with_speech_and_card(talk: Callable[..., Talk]) -> None:
    conversation = talk({"転入届": MOVED_IN})
    response = conversation.say("AskIntent", query="転入届をお願いします")
    assert "14日以内" in heard(response)
    assert response.response.card and "転入届のご案内" in response.response.card.content
    assert listens(response)
    assert heard(response).endswith("ほかにお知りになりたいことはありますか。")


def test_a_question_in_one_breath_is_answered_and_the_speaker_closes(talk: Callable[..., Talk]) -> None:
    response = talk({"転入届": MOVED_IN}).say("AskIntent", query="転入届", new=True)
    assert not listens(response)
    assert "ほかに" not in heard(response)


def test_every_question_is_a_residents(talk: Callable[..., Talk]) -> None:
    conversation = talk({"*": MOVED_IN})
    conversation.say("AskIntent", query="職員として聞きます 予算の流用")
    conversation.say("DisposalIntent", query="布団")
    assert {u.audience for u in conversation.script.asked} == {Audience.RESIDENT}
    assert {(u.kb, u.session) for u in conversation.script.asked} == {("soo", "alexa amzn1.echo-api.session.1")}


@pytest.mark.parametrize(
    ("intent", "query", "question"),
    [
        ("DisposalIntent", "布団", "布団の捨て方"),
        ("WhereIntent", "市民課", "市民課の場所はどこですか"),
        ("LostIntent", "マイナンバーカード", "マイナンバーカードをなくした"),
        ("WantIntent", "引っ越し", "引っ越ししたい"),
    ],
)
def test_the_words_around_the_slot_are_part_of_the_question(
    talk: Callable[..., Talk], intent: str, query: str, question: str
) -> None:
    conversation = talk({"*": MOVED_IN})
    conversation.say(intent, query=query)
    assert conversation.script.asked[0].text == question


# -- choices


@pytest.mark.parametrize(
    ("intent", "slots", "chosen"),
    [
        ("ChoiceIntent", {"choice": "一つ目"}, 0),
        ("ChoiceIntent", {"choice": "上のやつ"}, 0),
        ("ChoiceIntent", {"choice": "転居届のほう"}, 2),
        ("AskIntent", {"query": "最後の"}, 3),
        ("ChoiceIntent", {"choice": "四つ目"}, 3),
        ("ChoiceIntent", {"choice": "二番目"}, 1),
        ("AskIntent", {"query": "三つ目をお願いします"}, 2),
    ],
)
def test_a_choice_asks_its_question(talk: Callable[..., Talk], intent: str, slots: dict[str, str], chosen: int) -> None:
    conversation = talk({"届け": UNSURE, UNSURE.suggestions[chosen].question: MOVED_IN})
    asked = conversation.say("AskIntent", query="届け", new=True)
    assert listens(asked)
    assert "一つ目は、転入届" in heard(asked)
    answer = conversation.say(intent, **slots)
    assert conversation.script.asked[-1].text == UNSURE.suggestions[chosen].question
    assert "14日以内" in heard(answer)


def test_none_of_the_choices_asks_for_other_words(talk: Callable[..., Talk]) -> None:
    conversation = talk({"届け": UNSURE, "住所変更": MOVED_IN})
    conversation.say("AskIntent", query="届け")
    refused = conversation.say("AMAZON.NoIntent")
    assert "別の言い方" in heard(refused)
    assert listens(refused)
    assert "14日以内" in heard(conversation.say("AskIntent", query="住所変更"))


def test_a_place_that_was_not_offered_is_asked_again_and_the_choices_stay(talk: Callable[..., Talk]) -> None:
    conversation = talk({"届け": UNSURE, UNSURE.suggestions[1].question: MOVED_IN})
    conversation.say("AskIntent", query="届け")
    assert "番号でお答えください" in heard(conversation.say("ChoiceIntent", choice="九番"))
    assert "14日以内" in heard(conversation.say("ChoiceIntent", choice="二つ目"))


def test_a_choice_without_choices_is_not_understood(talk: Callable[..., Talk]) -> None:
    assert "聞き取れませんでした" in heard(talk({}).say("ChoiceIntent", choice="一つ目"))


# -- the other intents


def test_help_gives_examples_and_keeps_the_choices(talk: Callable[..., Talk]) -> None:
    conversation = talk({"届け": UNSURE, UNSURE.suggestions[0].question: MOVED_IN})
    conversation.say("AskIntent", query="届け")
    response = conversation.say("AMAZON.HelpIntent")
    assert "たとえば" in heard(response)
    assert listens(response)
    assert "14日以内" in heard(conversation.say("ChoiceIntent", choice="一つ目"))


@pytest.mark.parametrize("intent", ["AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent", "AMAZON.NoIntent"])
def test_the_skill_can_be_left(talk: Callable[..., Talk], intent: str) -> None:
    response = talk({}).say(intent)
    assert not listens(response)
    assert heard(response) == "ご利用ありがとうございました。"


def test_what_was_said_is_repeated_word_for_word_as_often_as_asked(talk: Callable[..., Talk]) -> None:
    conversation = talk({"犬": HANDED_OVER})
    first = conversation.say("AskIntent", query="犬")
    for _ in range(2):
        assert heard(conversation.say("AMAZON.RepeatIntent")) == heard(first)
    assert [(u.text, u.again) for u in conversation.script.asked] == [("犬", False), ("犬", True), ("犬", True)]


def test_with_nothing_said_yet_repeat_welcomes(talk: Callable[..., Talk]) -> None:
    assert heard(talk({}).say("AMAZON.RepeatIntent")).startswith("曽於市のご案内です。")


def test_the_rest_is_told_on_request_until_there_is_none(talk: Callable[..., Talk]) -> None:
    conversation = talk({"転入届": MOVED_IN})
    conversation.say("AskIntent", query="転入届")
    assert "受付は8時30分から17時15分まで" in heard(conversation.say("DetailIntent"))
    assert "ご案内は以上です" in heard(conversation.say("DetailIntent"))


def test_the_counters_number_is_told_on_request_else_the_citys(talk: Callable[..., Talk]) -> None:
    conversation = talk({"転入届": MOVED_IN})
    assert heard(conversation.say("PhoneIntent")).count(MAIN_PHONE) == 2
    conversation.say("AskIntent", query="転入届")
    response = heard(conversation.say("PhoneIntent"))
    assert response.startswith("市民課の電話番号は")
    assert response.count("ゼロ キュウ ハチ ロク、ゼロ ゼロ、ゼロ イチ ゼロ イチ") == 2


def test_an_answer_that_changed_meanwhile_is_told_anew_from_its_beginning(talk: Callable[..., Talk]) -> None:
    now = [MOVED_IN]
    conversation = talk({"転入届": lambda: now[0]})
    conversation.say("AskIntent", query="転入届")
    now[0] = replace(MOVED_IN, text="7日以内に、届け出てください。くわしい案内です。", speech="7日以内に、届け出てください。")
    assert heard(conversation.say("DetailIntent")).startswith("ご案内の内容が変わりました。7日以内に")
    assert heard(conversation.say("DetailIntent")).startswith("7日以内に、届け出てください。くわしい案内です。")


def test_yes_takes_an_only_choice_and_never_one_of_several(talk: Callable[..., Talk]) -> None:
    only = replace(UNSURE, suggestions=UNSURE.suggestions[:1])
    conversation = talk({"届け": UNSURE, "転入": only, only.suggestions[0].question: MOVED_IN})
    conversation.say("AskIntent", query="届け")
    assert "番号でお答えください" in heard(conversation.say("AMAZON.YesIntent"))
    assert "一つ目は、" in heard(conversation.say("AMAZON.RepeatIntent"))
    conversation.say("AskIntent", query="転入")
    assert "14日以内" in heard(conversation.say("AskIntent", query="はい"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("もう一度", "14日以内"),
        ("くわしく", "受付は8時30分から"),
        ("違う", "別の言い方"),
        ("えーと", "ごゆっくり"),
        ("もういい", "ありがとう"),
    ],
)
def test_words_about_the_conversation_that_come_as_a_question_are_none(
    talk: Callable[..., Talk], query: str, expected: str
) -> None:
    conversation = talk({"転入届": MOVED_IN})
    conversation.say("AskIntent", query="転入届")
    assert expected in heard(conversation.say("AskIntent", query=query))


def test_marks_alone_are_not_searched_for(talk: Callable[..., Talk]) -> None:
    conversation = talk({})
    assert "聞き取れませんでした" in heard(conversation.say("AskIntent", query="？"))
    assert not conversation.script.asked


def test_a_long_choice_is_not_cut_within_a_number(talk: Callable[..., Talk]) -> None:
    long = Suggestion(entry_id="a", question="一定の条件を満たす方が、" * 6 + "費用のうち上限123456円までの補助を受けるとき")
    said = heard(talk({"届け": replace(UNSURE, suggestions=(long, *UNSURE.suggestions))}).say("AskIntent", query="届け"))
    assert "123" not in said or "123456" in said


def test_after_a_hesitation_the_answer_is_what_is_repeated(talk: Callable[..., Talk]) -> None:
    conversation = talk({"転入届": MOVED_IN})
    first = conversation.say("AskIntent", query="転入届")
    conversation.say("AskIntent", query="ええと")
    assert heard(conversation.say("AMAZON.RepeatIntent")) == heard(first)


def test_slowly_says_the_same_in_slower_speech(talk: Callable[..., Talk]) -> None:
    conversation = talk({"転入届": MOVED_IN})
    first = conversation.say("AskIntent", query="転入届")
    slow = conversation.say("SlowIntent")
    assert heard(slow) == heard(first)
    assert slow.response.output_speech and '<prosody rate="slow">' in slow.response.output_speech.ssml


def test_the_telephone_is_the_one_of_now(alexa_request: MakeRequest, soo: City) -> None:
    numbers = ["0986-00-0100", "0986-99-9999"]
    skill = Skill(Scripted({}), lambda: replace(soo, phone=numbers.pop(0)), kb="soo", timeout_s=5)
    first, second = (skill.respond(read_envelope(encode(alexa_request("PhoneIntent")))) for _ in range(2))
    assert MAIN_PHONE in heard(first)
    assert MAIN_PHONE not in heard(second)
    skill.close()


def test_a_database_that_is_gone_for_a_while_gets_the_telephone_that_was_known(alexa_request: MakeRequest, soo: City) -> None:
    gone = sa.exc.OperationalError("SELECT", {}, Exception("server closed the connection"))
    cities: list[City | Exception] = [soo, gone]

    def city() -> City:
        found = cities.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    skill = Skill(Scripted({"*": gone}), city, kb="soo", timeout_s=5)
    for _ in range(2):
        reply = skill.respond(read_envelope(encode(alexa_request("AskIntent", query="転入届"))))
        assert "ただいまお答えできません" in heard(reply) and MAIN_PHONE in heard(reply)
    skill.close()


@pytest.mark.parametrize("intent", ["AMAZON.FallbackIntent", "AskIntent", "UnknownIntent"])
def test_what_is_not_understood_gets_examples_then_the_telephone(talk: Callable[..., Talk], intent: str) -> None:
    conversation = talk({})
    assert "たとえば" in heard(conversation.say(intent))
    assert heard(conversation.say(intent)).count(MAIN_PHONE) == 2


def test_who_can_t_choose_by_number_is_told_the_telephone_too_and_may_still_choose(talk: Callable[..., Talk]) -> None:
    conversation = talk({"届": UNSURE, "*": MOVED_IN})
    conversation.say("AskIntent", query="届")
    assert "番号で" in heard(conversation.say("AMAZON.FallbackIntent"))
    assert heard(conversation.say("AMAZON.FallbackIntent")).count(MAIN_PHONE) == 2
    assert "転入届" in heard(conversation.say("ChoiceIntent", choice="一つ目"))


@pytest.mark.parametrize("kind", ["SessionEndedRequest", "System.ExceptionEncountered", "AlexaSkillEvent.SkillDisabled"])
def test_events_are_answered_without_a_word(talk: Callable[..., Talk], kind: str) -> None:
    assert talk({}).say(kind=kind).to_json() == b'{"version":"1.0","response":{}}'


def test_an_emergency_names_the_number_at_once_and_closes(talk: Callable[..., Talk]) -> None:
    emergency = Answer(
        band=Band.ANSWER, act=Act.EMERGENCY, text="火事や急病は119番、事件は110番に電話してください。", confidence=1.0
    )
    response = talk({"火事です": emergency}).say("AskIntent", query="火事です")
    assert heard(response).startswith("火事や急病はいちいちきゅうばん")
    assert not listens(response)


def test_thanks_close_the_conversation(talk: Callable[..., Talk]) -> None:
    thanks = Answer(band=Band.ANSWER, act=Act.THANKS, text="ご利用ありがとうございました。", confidence=1.0)
    assert not listens(talk({"ありがとう": thanks}).say("AskIntent", query="ありがとう"))


# -- time and failure


@pytest.mark.timed
def test_a_slow_answer_becomes_the_telephone_in_time(talk: Callable[..., Talk]) -> None:
    released = threading.Event()

    def slow() -> Answer:
        released.wait(10)
        return MOVED_IN

    conversation = talk({"転入届": slow}, timeout_s=0.3)
    started_s = time.monotonic()
    response = conversation.say("AskIntent", query="転入届")
    assert time.monotonic() - started_s < 1.5
    released.set()
    assert "ただいまお答えできません" in heard(response)
    assert heard(response).count(MAIN_PHONE) == 2
    assert response.response.card and "0986-00-0100" in response.response.card.content
    assert not listens(response)


@pytest.mark.timed
def test_time_spent_on_the_way_is_taken_off(alexa_request: MakeRequest, soo: City) -> None:
    released = threading.Event()

    def slow() -> Answer:
        released.wait(10)
        return MOVED_IN

    skill = Skill(Scripted({"*": slow}), lambda: soo, kb="soo", timeout_s=6.0)
    started_s = time.monotonic()
    skill.respond(read_envelope(encode(alexa_request("AskIntent", query="転入届"))), spent_s=5.8)
    assert time.monotonic() - started_s < 2
    released.set()
    skill.close()


def test_a_service_that_is_not_ready_says_so_politely(talk: Callable[..., Talk]) -> None:
    assert "ただいまお答えできません" in heard(talk({"転入届": NotReady()}).say("AskIntent", query="転入届"))


@pytest.mark.parametrize(
    "attributes",
    [{"offered": "x"}, {"words": "あ" * 9000}, {"misses": -1}, {"unknown": 1}, {"offered": [""]}, {"told": {"part": -1}}],
)
def test_attributes_of_another_version_are_forgotten(attributes: dict[str, Any]) -> None:
    assert read_attributes(attributes) == read_attributes(None)


# -- limits

TEXT = st.text(alphabet='曽於市あ、。&<>"()・\n0123456789-〜', max_size=60).map(lambda t: (t + "。") * 60)


@given(text=TEXT, band=st.sampled_from(Band), act=st.sampled_from(Act))
@hypothesis_settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_answer_fits_into_alexas_24_kilobytes(alexa_request: MakeRequest, soo: City, text: str, band: Band, act: Act) -> None:
    answer = Answer(
        band=band,
        act=act,
        text=text,
        speech=text if act is Act.QUESTION else None,
        confidence=0.5,
        citations=MOVED_IN.citations * 9,
        suggestions=tuple(Suggestion(entry_id=str(n), question=text) for n in range(4)),
        contact=replace(CONTACT, department=text, phone=text),
    )
    skill = Skill(Scripted({"*": answer}), lambda: soo, kb="soo", timeout_s=5)
    response = skill.respond(read_envelope(encode(alexa_request("AskIntent", query="転入届"))))
    skill.close()
    assert len(response.to_json()) <= RESPONSE_LIMIT_BYTES
    assert response.response.output_speech and len(response.response.output_speech.ssml) <= 8_000
    read_again = read_attributes(response.session_attributes)
    assert read_again.told or read_again.words or response.response.should_end_session


def test_a_city_without_a_number_promises_none(alexa_request: MakeRequest) -> None:
    city = City(name="曽於市", phone="", readings={})
    skill = Skill(Scripted({"*": NotReady()}), lambda: city, kb="soo", timeout_s=5)
    for intent, query in (("AskIntent", "転入届"), ("PhoneIntent", None), ("AMAZON.FallbackIntent", None)):
        request = alexa_request(intent, query=query, attributes={"misses": 1})
        assert "電話番号は、" not in heard(skill.respond(read_envelope(encode(request))))
    skill.close()
