"""Envelope in, response out: one turn of the conversation with a smart speaker. Remembers nothing between turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Protocol

from core.audience import Audience
from core.errors import MadoguchiError
from core.logging import logger
from dialogue.answer import Answer
from dialogue.utterance import Utterance
from voice_skill import phrases, turns
from voice_skill.attributes import read_attributes
from voice_skill.envelope import Envelope, Response
from voice_skill.query import QUESTIONS, bare_question, ordinal
from voice_skill.turns import City, Heard, Turn

__all__ = ["Answerer", "City", "Skill"]

QUERY_SLOT = "query"
CHOICE_SLOT = "choice"
SHORTEST_WAIT_S = 0.1
ANSWERS_AT_ONCE = 8

log = logger("alexa")


class Answerer(Protocol):
    """What the skill needs of the dialogue."""

    def answer(self, utterance: Utterance) -> Answer: ...


#: the intents that the knowledge base has no part in
TURNS: Mapping[str, Callable[[Heard, City], Turn]] = MappingProxyType(
    {
        "AMAZON.HelpIntent": turns.help_turn,
        "AMAZON.StopIntent": turns.goodbye,
        "AMAZON.CancelIntent": turns.goodbye,
        "AMAZON.NavigateHomeIntent": turns.goodbye,
        "AMAZON.FallbackIntent": turns.not_understood,
        "AMAZON.RepeatIntent": turns.repeat,
        "AMAZON.NoIntent": turns.no,
        "DetailIntent": turns.go_on,
        "PhoneIntent": turns.phone,
    }
)


class Skill:
    """The conversation. Always a resident's: what staff may read is never asked for. Safe to call from several threads."""

    def __init__(self, answerer: Answerer, city: City, *, kb: str, timeout_s: float, max_question_chars: int = 500) -> None:
        self._kb = kb
        self._answerer = answerer
        self._city = city
        self._timeout_s = timeout_s
        self._max_question_chars = max_question_chars
        self._pool = ThreadPoolExecutor(max_workers=ANSWERS_AT_ONCE, thread_name_prefix="alexa")

    def respond(self, envelope: Envelope, *, spent_s: float = 0.0) -> Response:
        """The response to one request. `spent_s` of the time that Alexa waits has already gone."""
        request = envelope.request
        if request.type == "LaunchRequest":
            return turns.welcome(self._city).response(self._city)
        if request.type != "IntentRequest" or request.intent is None:  # SessionEndedRequest and events allow no speech
            return Response()
        before = read_attributes(envelope.session.attributes if envelope.session else None)
        wait_s = max(SHORTEST_WAIT_S, self._timeout_s - spent_s)
        return self._turn(turns.heard_in(envelope, request.intent, before, wait_s)).response(self._city)

    def close(self) -> None:
        """Answers that nobody waits for any more are dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _turn(self, heard: Heard) -> Turn:
        match heard.intent.name:
            case name if name in QUESTIONS:
                return self._ask(heard)
            case "ChoiceIntent":
                return self._choose(heard, ordinal(heard.intent.slot(CHOICE_SLOT), len(heard.before.offered)))
            case "AMAZON.YesIntent":
                return self._choose(heard, 0) if heard.before.offered else Turn(said=phrases.ASK_AWAY, after=heard.before)
            case name:
                return TURNS.get(name, turns.not_understood)(heard, self._city)

    def _ask(self, heard: Heard) -> Turn:
        slot = heard.intent.slot(QUERY_SLOT)
        place = ordinal(slot, len(heard.before.offered))
        if place is not None:  # 「一つ目」 may well come as a question
            return self._choose(heard, place)
        matter = bare_question((slot.value or "")[: self._max_question_chars])
        if not matter:
            return turns.not_understood(heard, self._city)
        return self._answer(QUESTIONS[heard.intent.name].format(matter)[: self._max_question_chars], heard)

    def _choose(self, heard: Heard, place: int | None) -> Turn:
        if place is None or place >= len(heard.before.offered):
            return turns.not_understood(heard, self._city)
        return self._answer(heard.before.offered[place], heard)

    def _answer(self, question: str, heard: Heard) -> Turn:
        """The answer, or a polite sentence with the telephone when it doesn't come in time or at all."""
        utterance = Utterance(text=question, audience=Audience.RESIDENT, kb=self._kb, session=heard.session_id, spoken=True)
        future = self._pool.submit(self._answerer.answer, utterance)
        try:
            return turns.answered(future.result(timeout=heard.wait_s), heard, self._city)
        except TimeoutError:
            future.cancel()
            log.warning("no answer in time", extra={"waited_s": heard.wait_s})
        except MadoguchiError as e:
            log.warning("no answer", extra={"code": e.code})
        return turns.unavailable(self._city)
