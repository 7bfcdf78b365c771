"""A short memory of one conversation: the last answer, so that 「二つ目」 and 「じゃあ金曜は」 mean something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.clock import Clock
from core.recent import Recent
from dialogue.answer import Act, Answer, Band, Suggestion
from dialogue.choice import chosen_among
from dialogue.cue import Cue, cue_in
from dialogue.topic import Topic
from dialogue.utterance import Before, Utterance

MOST_SESSIONS = 10_000


def chosen(text: str, offered: tuple[Suggestion, ...]) -> Suggestion | None:
    """Which of the offered questions an answer such as 「2番」 or 「上のやつ」 picks, or one of them said again.

    A yes takes the one that was offered alone, never one of several.
    """
    if len(offered) == 1 and cue_in(text) is Cue.YES:
        return offered[0]
    place = chosen_among(text, [s.question for s in offered])
    return None if place is None else offered[place]


@dataclass(frozen=True, slots=True)
class Turn:
    """The last answer, and the question that a few words may go on from."""

    utterance: Utterance  #: as it was understood
    answer: Answer
    before: Before | None
    topic: Topic | None  #: of the answer, or of one before it while nothing was answered since


class Sessions:
    """The last turn of each conversation, for `lifetime`: it is worth nothing later."""

    def __init__(self, lifetime: timedelta, clock: Clock) -> None:
        self._turns: Recent[Turn] = Recent(most=MOST_SESSIONS, lifetime=lifetime, clock=clock)

    def last(self, session: str | None) -> Turn | None:
        """The turn that the conversation goes on from."""
        return self._turns.get(session or "")

    def remember(self, utterance: Utterance, answer: Answer) -> None:
        """Greetings and thanks are no answers: what was offered before them stands."""
        session = utterance.session
        if session is None or answer.act in (Act.GREETING, Act.THANKS):
            return
        last = self.last(session)
        earlier = last.topic if last and answer.band is not Band.ANSWER else None
        self._turns.keep(session, Turn(utterance, answer, _before(utterance, answer), answer.topic or earlier))


def _before(utterance: Utterance, answer: Answer) -> Before | None:
    """What may be gone on from: the same as before, until something is answered that says all itself. Nothing after what was no
    question to the city hall."""
    if utterance.before and answer.band is not Band.ANSWER:
        return utterance.before
    if answer.act in (Act.EMERGENCY, Act.CHATTER):
        return None
    entry_id = next((c.entry_id for c in answer.citations), None)
    if utterance.before and entry_id == utterance.before.entry_id:
        return utterance.before  # the same was told again of a part of it
    return Before(question=utterance.text, entry_id=entry_id, department=answer.contact.department if answer.contact else None)
