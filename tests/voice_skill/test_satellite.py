"""Promises to satellites beyond those to Alexa: no card, no invitation that nobody would hear, and a memory that is short."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from alexa_kit import HANDED_OVER, MOVED_IN, NOW, UNSURE, Scripted

from core.audience import Audience
from core.errors import DatabaseError, NotReady
from core.recent import Recent
from dialogue.answer import Answer
from voice_skill.satellite import HEARD_FOR, Satellite
from voice_skill.skill import Skill
from voice_skill.turns import City

LIFETIME = timedelta(minutes=30)


class Hour:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hour() -> Hour:
    return Hour()


Open = Callable[..., tuple[Satellite, Scripted]]


@pytest.fixture
def open_(soo: City, hour: Hour) -> Iterator[Open]:
    """open_({question: answer}) -> a satellite, and what it asks."""
    opened: list[Satellite] = []

    def make(answers: dict[str, Answer | Exception]) -> tuple[Satellite, Scripted]:
        asked = Scripted(dict(answers))
        skill = Skill(asked, lambda: soo, kb="soo", timeout_s=5)
        opened.append(Satellite(skill, lifetime=LIFETIME, clock=hour))
        return opened[-1], asked

    yield make
    for satellite in opened:
        satellite.close()


def test_an_answer_ends_without_a_card_and_without_a_question_that_nobody_would_hear(open_: Open) -> None:
    satellite, asked = open_({"*": MOVED_IN})
    reply = satellite.reply("転入届", "a")
    assert reply.helped
    assert reply.text.endswith("市のホームページをご覧ください。続きは、くわしく、とお話しください。")
    for wish in ("くわしく", "くわしく", "もう一度"):
        assert "ほかに" not in satellite.reply(wish, "a").text
    assert {u.audience for u in asked.asked} == {Audience.RESIDENT}


def test_a_choice_is_taken_and_a_place_that_was_not_offered_is_not(open_: Open) -> None:
    satellite, asked = open_({"*": UNSURE, UNSURE.suggestions[1].question: MOVED_IN})
    satellite.reply("転入", "a")
    assert not satellite.reply("九番", "a").helped
    assert satellite.reply("2番", "a").helped
    assert (asked.asked[-1].text, asked.asked[-1].entry_id) == (UNSURE.suggestions[1].question, "b")


def test_only_somebody_to_call_is_no_help(open_: Open) -> None:
    satellite, _ = open_({"*": HANDED_OVER})
    assert not satellite.reply("宇宙人", "a").helped


def test_an_answer_that_fails_is_the_telephone(open_: Open) -> None:
    satellite, _ = open_({"*": NotReady()})
    reply = satellite.reply("転入届", "a")
    assert not reply.helped
    assert "ただいまお答えできません。" in reply.text
    assert "ゼロ キュウ ハチ ロク" in reply.text


def test_the_citys_names_are_said_as_they_are_read(open_: Open) -> None:
    satellite, _ = open_({"*": replace(MOVED_IN, text="曽於市の末吉町です。\n電話は0986-76-1111です。")})
    assert (
        satellite.reply("どこ", "a").text
        == "ソオシのスエヨシチョウです。電話はゼロ キュウ ハチ ロク、ナナ ロク、イチ イチ イチ イチです。"
    )


def test_words_that_come_back_are_checked_against_what_was_heard_first(open_: Open, hour: Hour) -> None:
    satellite, asked = open_({"*": MOVED_IN})
    satellite.heard("転入届を出したい。", "天皇届を出したい。")
    satellite.reply("転入届を出したい。", "a")
    satellite.reply("転出届を出したい。", "a")
    hour.now += HEARD_FOR + timedelta(seconds=1)
    satellite.reply("転入届を出したい。", "a")
    assert [u.first_heard for u in asked.asked] == ["天皇届を出したい。", None, None]


def test_what_was_heard_first_may_be_no_question(open_: Open) -> None:
    satellite, asked = open_({"*": MOVED_IN})
    told = satellite.reply("転入届", "a")
    satellite.heard("もう一度申請したい。", "もう一度。")
    assert satellite.reply("もう一度申請したい。", "a") == told
    assert asked.asked[-1].again


def test_a_conversation_is_forgotten_in_time(open_: Open, hour: Hour) -> None:
    satellite, _ = open_({"*": MOVED_IN})
    told = satellite.reply("転入届", "a")
    assert satellite.reply("もう一度", "a") == told
    hour.now += LIFETIME + timedelta(seconds=1)
    assert satellite.reply("もう一度", "a") != told


def test_while_the_database_is_gone_the_telephone_that_was_known_is_told(soo: City, hour: Hour) -> None:
    gone = DatabaseError()
    cities = iter([soo])

    def city() -> City:
        if found := next(cities, None):
            return found
        raise gone

    satellite = Satellite(Skill(Scripted({"*": gone}), city, kb="soo", timeout_s=5), lifetime=LIFETIME, clock=hour)
    first, later = satellite.reply("転入届", "a"), satellite.reply("転入届", "a")
    assert first == later and not later.helped
    assert "お電話でお問い合わせください" in later.text
    satellite.close()


def test_a_memory_keeps_nothing_over_its_time(hour: Hour) -> None:
    memory: Recent[Hour] = Recent(most=9, lifetime=LIFETIME, clock=hour)
    kept = Hour()
    gone = weakref.ref(kept)
    memory.keep("a", kept)
    del kept
    assert gone() is not None
    hour.now += LIFETIME + timedelta(seconds=1)
    memory.keep("b", hour)
    gc.collect()
    assert gone() is None


def test_a_memory_has_room_for_so_many(hour: Hour) -> None:
    memory: Recent[int] = Recent(most=3, lifetime=LIFETIME, clock=hour)
    for n in (0, 1, 2, 0, 3):
        memory.keep(str(n), n)
    assert [memory.get(str(n)) for n in range(4)] == [0, None, 2, 3]
