"""A short memory of one conversation: which choices were offered, so that 「二つ目」 means something."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
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


class Sessions:
    """The last offer of each conversation, forgotten after `lifetime`. Kept in memory only: it is worth nothing later."""

    def __init__(self, lifetime: timedelta, clock: Clock) -> None:
        self._lifetime, self._clock = lifetime, clock
        self._offers: OrderedDict[str, tuple[datetime, tuple[Suggestion, ...]]] = OrderedDict()
        self._turn = threading.Lock()

    def offered(self, session: str | None) -> tuple[Suggestion, ...]:
        with self._turn:
            at, offer = self._offers.get(session or "", (self._clock(), ()))
        return offer if self._clock() - at <= self._lifetime else ()

    def remember(self, session: str | None, offer: tuple[Suggestion, ...]) -> None:
        if session is None:
            return
        with self._turn:
            self._offers.pop(session, None)
            if offer:
                self._offers[session] = (self._clock(), offer)
            while len(self._offers) > MOST_SESSIONS:
                self._offers.popitem(last=False)
