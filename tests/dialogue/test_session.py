"""Promises of a conversation's memory: 「二つ目」 is the second of what was offered, to whom it was offered, for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

import dialogue.session
from core.clock import JST
from dialogue.answer import Suggestion
from dialogue.session import Sessions, chosen

OFFER = tuple(Suggestion(entry_id=f"e{i}", question=f"問い{i}") for i in range(1, 5))


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 12, 0, tzinfo=JST)

    def __call__(self) -> datetime:
        return self.at


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
        ("2", 2), ("二つ目", 2), ("２番目の", 2), ("ふたつ", 2), ("2番がいいです。", None), ("二つ目です。", 2),
        ("3番目です", 3), ("三つ目", 3), ("みっつめ", 3), ("4", 4), ("四番", 4), ("よっつ", 4),
        ("5番", None), ("0", None), ("12", None), ("2番窓口はどこですか", None), ("一番安いのは", None), ("", None), ("二", 2),
    ],
)  # fmt: skip
def test_what_picks_a_choice(text: str, number: int | None) -> None:
    assert chosen(text, OFFER) == (OFFER[number - 1] if number else None)


def test_what_was_not_offered_can_not_be_picked() -> None:
    assert chosen("3番", OFFER[:2]) is None
    assert chosen("1番", ()) is None


def test_an_offer_is_remembered_for_its_conversation_alone(sessions: Sessions) -> None:
    sessions.remember("a", OFFER)
    assert sessions.offered("a") == OFFER
    assert sessions.offered("b") == sessions.offered(None) == ()


def test_an_offer_is_forgotten_after_its_time(sessions: Sessions, watch: Watch) -> None:
    sessions.remember("a", OFFER)
    watch.at += timedelta(minutes=30)
    assert sessions.offered("a") == OFFER
    watch.at += timedelta(seconds=1)
    assert sessions.offered("a") == ()


def test_the_next_answer_replaces_the_offer(sessions: Sessions) -> None:
    sessions.remember("a", OFFER)
    sessions.remember("a", OFFER[:2])
    assert sessions.offered("a") == OFFER[:2]
    sessions.remember("a", ())
    assert sessions.offered("a") == ()


def test_strangers_can_not_fill_the_memory(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue.session, "MOST_SESSIONS", 3)
    for name in "abcde":
        sessions.remember(name, OFFER)
    sessions.remember(None, OFFER)
    assert [name for name in "abcde" if sessions.offered(name)] == ["c", "d", "e"]
