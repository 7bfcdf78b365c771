"""The words that a satellite heard in, the sentence that it speaks out: the same conversation as Alexa's, without SSML and cards.

A satellite is an open smart speaker. It is called for every turn, so what the last turn was about is remembered here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from core.clock import Clock, now
from core.recent import Recent
from core.settings import Settings
from voice_skill.attributes import Attributes
from voice_skill.envelope import Intent, Slot
from voice_skill.skill import ASK_INTENT, QUERY_SLOT, Answerer, Skill
from voice_skill.ssml import for_tts
from voice_skill.turns import City, Heard, Manner

ANSWER_WITHIN_S = 10.0
MOST_CONVERSATIONS = 1_000
MOST_HEARD = 200
HEARD_FOR = timedelta(minutes=2)  #: its words come back at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a satellite says."""

    text: str  #: for the ear: one line, numbers and the city's names as they are read
    helped: bool  #: False where only somebody to call is named, or nothing was understood


class Satellite:
    """The conversations of all satellites. Always a resident's. Safe to call from several threads."""

    def __init__(self, skill: Skill, *, lifetime: timedelta, clock: Clock = now) -> None:
        self._skill = skill
        self._turns: Recent[Attributes] = Recent(most=MOST_CONVERSATIONS, lifetime=lifetime, clock=clock)
        self._first_heard: Recent[str] = Recent(most=MOST_HEARD, lifetime=HEARD_FOR, clock=clock)

    def heard(self, text: str, first_heard: str) -> None:
        """Remember what recognition first made of it: the words come back alone, maybe by way of another machine."""
        self._first_heard.keep(text, first_heard)

    def reply(self, text: str, conversation: str) -> Reply:
        """The next turn of a conversation."""
        heard = Heard(
            intent=Intent(name=ASK_INTENT, slots={QUERY_SLOT: Slot(value=text)}),
            before=self._turns.get(conversation) or Attributes(),
            session_id=f"satellite {conversation}",  # no name makes it a page's
            manner=Manner.CALLED,
            wait_s=ANSWER_WITHIN_S,
            first_heard=self._first_heard.get(text.strip()),
        )
        city = self._skill.city_now()
        turn = self._skill.turn(heard, city)
        self._turns.keep(conversation, turn.after)
        return Reply(text=for_tts(turn.said, city.readings), helped=turn.helped)

    def close(self) -> None:
        self._skill.close()


def open_satellite(settings: Settings, answerer: Answerer, city: Callable[[], City]) -> Satellite:
    """As the settings want it."""
    skill = Skill(answerer, city, kb=settings.kb, timeout_s=ANSWER_WITHIN_S, max_question_chars=settings.max_question_chars)
    return Satellite(skill, lifetime=timedelta(minutes=settings.session_minutes))
