"""Promises of a conversation's memory: 「二つ目」 is the second of what was offered, to whom it was offered, for a while."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

import dialogue.session
from core.audience import Audience
from core.clock import JST
from dialogue.answer import Act, Answer, Band, Suggestion
from dialogue.session import Sessions, chosen
from dialogue.utterance import Utterance

OFFER = tuple(Suggestion(entry_id=f"e{i}", question=f"問い{i}") for i in range(1, 5))


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 12, 0, tzinfo=JST)

    def __call__(self) -> datetime:
        return self.at


class Words(str):
    """Words of which can be told that nobody keeps them any more."""


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def sessions(watch: Watch) -> Sessions:
    return Sessions(timedelta(minutes=30), watch)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1), ("１番", 1), ("一番", 1), ("1つ目", 1), ("一つ目です", 1), ("ひとつめ", 1), ("最初の", 1),
        ("1番でお願いします", 1),
        ("2", 2), ("二つ目", 2), ("２番目の", 2), ("ふたつ", 2), ("2番がいいです。", 2), ("二つ目です。", 2),
        ("3番目です", 3), ("三つ目", 3), ("みっつめ", 3), ("4", 4), ("四番", 4), ("よっつ", 4),
        ("5番", None), ("0", None), ("12", None), ("2番窓口はどこですか", None), ("一番安いのは", None), ("", None), ("二", 2),
    ],
)  # fmt: skip
def test_what_picks_a_choice(text: str, number: int | None) -> None:
    assert chosen(text, OFFER) == (OFFER[number - 1] if number else None)


def test_what_was_not_offered_can_not_be_picked() -> None:
    assert chosen("3番", OFFER[:2]) is None
    assert chosen("1番", ()) is None


def said(session: str | None, text: str = "問い") -> Utterance:
    return Utterance(text=text, audience=Audience.RESIDENT, kb="soo", session=session)


def answered(act: Act = Act.QUESTION, text: str = "答え") -> Answer:
    return Answer(band=Band.ANSWER, act=act, text=text, confidence=1.0)


def test_an_answer_is_remembered_for_its_conversation_alone(sessions: Sessions) -> None:
    sessions.remember(said("a"), answered())
    turn = sessions.last("a")
    assert turn is not None
    assert turn.answer == answered()
    assert sessions.last("b") is sessions.last(None) is None


def test_an_answer_is_forgotten_after_its_time(sessions: Sessions, watch: Watch) -> None:
    sessions.remember(said("a"), answered())
    watch.at += timedelta(minutes=30)
    assert sessions.last("a") is not None
    watch.at += timedelta(seconds=1)
    assert sessions.last("a") is None


def test_the_next_answer_takes_the_place_of_the_last_and_a_greeting_does_not(sessions: Sessions) -> None:
    for answer, remains in ((answered(), "答え"), (answered(text="次"), "次"), (answered(Act.THANKS, "どうも"), "次")):
        sessions.remember(said("a"), answer)
        turn = sessions.last("a")
        assert turn is not None
        assert turn.answer.text == remains


def test_few_words_go_on_from_the_last_question_that_said_all_itself(sessions: Sessions) -> None:
    sessions.remember(said("a", "住民票の写し"), answered())
    first = sessions.last("a")
    assert first is not None
    assert first.before is not None
    assert first.before.question == "住民票の写し"
    offered = replace(answered(), band=Band.CLARIFY)
    sessions.remember(replace(said("a", "いくら"), before=first.before), offered)
    second = sessions.last("a")
    assert second is not None
    assert second.before == first.before
    sessions.remember(said("a", "宝くじ"), answered(Act.CHATTER))
    third = sessions.last("a")
    assert third is not None
    assert third.before is None


def test_what_is_over_its_time_is_kept_no_longer(sessions: Sessions, watch: Watch) -> None:
    words = Words("私の名前は山田で")
    gone = weakref.ref(words)
    sessions.remember(said("a", words), answered())
    watch.at += timedelta(minutes=20)
    sessions.remember(said("b"), answered())
    del words
    assert gone() is not None
    watch.at += timedelta(minutes=11)
    sessions.remember(said("c"), answered())
    gc.collect()
    assert gone() is None
    assert sessions.last("b") is not None


def test_strangers_can_not_fill_the_memory(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue.session, "MOST_SESSIONS", 3)
    sessions = Sessions(timedelta(minutes=30), watch)
    for name in "abcde":
        sessions.remember(said(name), answered())
    sessions.remember(said(None), answered())
    assert [name for name in "abcde" if sessions.last(name)] == ["c", "d", "e"]
