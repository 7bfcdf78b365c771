"""A short memory of one conversation: which choices were offered and what was left open, so that 「二つ目」 means something."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import Clock
from dialogue.answer import Suggestion
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
    """Which of the offered questions an answer such as 「2番」 or 「一つ目です」 picks."""
    folded = normalise(text).rstrip("。.!")
    for pattern, suggestion in zip(_ORDINALS, offered, strict=False):
        if pattern.match(folded):
            return suggestion
    return None


@dataclass(frozen=True, slots=True)
class _Turn:
    at: datetime
    offered: tuple[Suggestion, ...]
    unfinished: str | None


class Sessions:
    """The last offer of each conversation, forgotten after `lifetime`. Kept in memory only: it is worth nothing later."""

    def __init__(self, lifetime: timedelta, clock: Clock) -> None:
        self._lifetime, self._clock = lifetime, clock
        self._turns: OrderedDict[str, _Turn] = OrderedDict()
        self._lock = threading.Lock()

    def offered(self, session: str | None) -> tuple[Suggestion, ...]:
        turn = self._last(session)
        return turn.offered if turn else ()

    def unfinished(self, session: str | None) -> str | None:
        """The question that the last turn left open, `{}` in place of the word that it lacks."""
        turn = self._last(session)
        return turn.unfinished if turn else None

    def remember(self, session: str | None, offer: tuple[Suggestion, ...], unfinished: str | None = None) -> None:
        if session is None:
            return
        with self._lock:
            self._turns.pop(session, None)
            if offer:
                self._turns[session] = _Turn(self._clock(), offer, unfinished)
            while len(self._turns) > MOST_SESSIONS:
                self._turns.popitem(last=False)

    def _last(self, session: str | None) -> _Turn | None:
        with self._lock:
            turn = self._turns.get(session or "")
        return turn if turn and self._clock() - turn.at <= self._lifetime else None
