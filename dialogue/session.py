"""A short memory of one conversation: the last answer, so that 「二つ目」 and 「じゃあ金曜は」 mean something."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import Clock
from dialogue.answer import Act, Answer, Band, Suggestion
from dialogue.utterance import Before, Utterance
from retrieval.analysis import normalise

MOST_SESSIONS = 10_000

_ORDINALS = (
    re.compile(
        r"^(?:1|一|いち|ひと)(?:つ目|つめ|番|番目|番め|つ)?(?:の|です|が|を|で|お願いします)*$|^(?:最初|はじめ|上)(?:の|のやつ|です)*$"
    ),
    re.compile(r"^(?:2|二|に|ふた)(?:つ目|つめ|番|番目|番め|つ)?(?:の|です|が|を|で|お願いします)*$"),
    re.compile(r"^(?:3|三|さん|みっ)(?:つ目|つめ|番|番目|番め|つ)?(?:の|です|が|を|で|お願いします)*$"),
    re.compile(r"^(?:4|四|よん|よっ)(?:つ目|つめ|番|番目|番め|つ)?(?:の|です|が|を|で|お願いします)*$"),
)


def chosen(text: str, offered: tuple[Suggestion, ...]) -> Suggestion | None:
    """Which of the offered questions an answer such as 「2番」 or 「一つ目です」 picks, or one of them said again."""
    if said := next((s for s in offered if s.question == text), None):
        return said
    folded = normalise(text).rstrip("。.!")
    for pattern, suggestion in zip(_ORDINALS, offered, strict=False):
        if pattern.match(folded):
            return suggestion
    return None


@dataclass(frozen=True, slots=True)
class Turn:
    """The last answer, and the question that a few words may go on from."""

    at: datetime
    answer: Answer
    before: Before | None


class Sessions:
    """The last turn of each conversation, forgotten after `lifetime`. Kept in memory only: it is worth nothing later."""

    def __init__(self, lifetime: timedelta, clock: Clock) -> None:
        self._lifetime, self._clock = lifetime, clock
        self._turns: OrderedDict[str, Turn] = OrderedDict()
        self._lock = threading.Lock()

    def last(self, session: str | None) -> Turn | None:
        """The turn that the conversation goes on from."""
        with self._lock:
            turn = self._turns.get(session or "")
        return turn if turn and self._clock() - turn.at <= self._lifetime else None

    def remember(self, utterance: Utterance, answer: Answer) -> None:
        """Greetings and thanks are no answers: what was offered before them stands."""
        session = utterance.session
        if session is None or answer.act in (Act.GREETING, Act.THANKS):
            return
        with self._lock:
            self._turns.pop(session, None)
            self._turns[session] = Turn(self._clock(), answer, _before(utterance, answer))
            while len(self._turns) > MOST_SESSIONS:
                self._turns.popitem(last=False)


def _before(utterance: Utterance, answer: Answer) -> Before | None:
    """What may be gone on from: the same as before, until something is answered that says all itself. Nothing after what was no
    question to the city hall."""
    if utterance.before and answer.band is not Band.ANSWER:
        return utterance.before
    if answer.act in (Act.EMERGENCY, Act.CHATTER):
        return None
    entry_id = next((c.entry_id for c in answer.citations), None)
    return Before(question=utterance.text, entry_id=entry_id, department=answer.contact.department if answer.contact else None)
