"""A call that goes on, as far as its folder was read: what is known of it, what was said in it, and who listens to it here."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from telephony.chronicle import Chronicle
from telephony.ear import Ear
from telephony.lines import Lines
from telephony.ongoing import LEGS, Ended, Event, LiveCall, OngoingCall, events_of
from telephony.said import LiveText, Said
from telephony.tail import Tail

_REST_S = 10.0  #: after a failure, in which another process may hear the call


class Hearing(StrEnum):
    """Whether a call becomes text."""

    HEARD = "heard"  #: here or by another process
    WAITING = "waiting"  #: others came before it
    OFF = "off"  #: none does, by the settings
    OVER = "over"  #: it ended, and all of it that will be text is


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What somebody is saying; it may still change."""

    leg: int
    text: str
    start_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a call stands now."""

    call: LiveCall
    hearing: Hearing
    is_held: bool
    ended_at: datetime | None
    behind_s: float
    wrong: str | None  #: a sentence, while nothing can be recognised here and nobody else does
    saying: tuple[Saying, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a folder says that it didn't say before."""

    told: LiveCall
    events: list[Event]
    said: list[Said]
    ended: Ended | None


class Followed:
    """One such call. Its folder is read by one thread; what it holds is shared, so whoever changes it holds the lock of all."""

    def __init__(self, ongoing: OngoingCall, lines: Lines) -> None:
        """Raises FileNotFoundError where the call was taken away."""
        self.ongoing = ongoing
        self.call = ongoing.call
        self._told: LiveCall | None = None  # by the exchange, which need not know what the city calls its lines
        self._lines = lines
        self.ended_at: datetime | None = None
        self.chronicle = Chronicle()
        self.text = LiveText(ongoing.folder)
        self.ears: dict[int, Ear] = {}
        self.hearing = Hearing.WAITING
        self.wrong: str | None = None  #: a sentence, while nothing can be recognised here
        self.rests_until_s = 0.0  #: of a clock that never goes back
        self._events = Tail(ongoing.folder / "events.jsonl")
        self._untaken: list[Event] = []  # that were read
        self._heard_s = dict.fromkeys(LEGS, 0.0)

    def look(self) -> News:
        """Read what is new but the sound, and but the text where it is written here. Raises OSError, and then it is all new the
        next time still; FileNotFoundError where the call was taken away."""
        told, ended = self.ongoing.call, self.ongoing.ended
        self._untaken += events_of(self._events.lines())
        said = [] if self.ears else self.text.read()
        events, self._untaken = self._untaken, []
        return News(told=told, events=events, said=said, ended=ended)

    def take(self, news: News) -> None:
        if news.told != self._told:
            self._told = news.told
            self.call = self._lines.applied(news.told)
        self.keep(news.said)
        for event in news.events:
            self.chronicle.happen(event)
        if news.ended is not None:
            self.ended_at = news.ended.at

    def keep(self, said: Iterable[Said]) -> None:
        for one in said:
            self._heard_s[one.leg] = max(self._heard_s[one.leg], one.end_s)
            self.chronicle.say(one)

    def heard_s(self, leg: int) -> float:
        """Up to where a leg has its final texts."""
        return self._heard_s[leg]

    def leave(self) -> None:
        """Listen no more: another process may."""
        for ear in self.ears.values():
            ear.leave()
        self.ears = {}
        self.text.leave()

    def fail(self, message: str, now_s: float) -> None:
        """Nothing can be recognised here: leave it to who can, and be ready to begin again after a while, behind the last final
        text."""
        self.leave()
        self.wrong = message
        self.rests_until_s = now_s + _REST_S

    @property
    def may_begin(self) -> bool:
        """Whether it makes sense to listen now."""
        return self.ended_at is None and time.monotonic() >= self.rests_until_s

    @property
    def standing(self) -> Standing:
        partials = [(leg, ear.partial) for leg, ear in self.ears.items() if ear.partial is not None]
        return Standing(
            call=self.call,
            hearing=self.hearing,
            is_held=self.chronicle.is_held,
            ended_at=self.ended_at,
            behind_s=max((ear.behind_s for ear in self.ears.values()), default=0.0),
            wrong=self.wrong,
            saying=tuple(Saying(leg=leg, text=p.text, start_s=p.start_s) for leg, p in partials),
        )
