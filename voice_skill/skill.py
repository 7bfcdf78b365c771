"""What was heard in, the next turn of the conversation with a smart speaker out. Remembers nothing between turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol, TypedDict

from core.audience import Audience
from core.faults import fault_of
from core.hurry import hurried
from core.logging import logger
from dialogue.answer import Answer
from dialogue.choice import place_in
from dialogue.cue import Cue, after_correction, cue_in
from dialogue.utterance import Utterance
from retrieval.analysis import has_words
from voice_skill import turns
from voice_skill.attributes import Offered, Told, read_attributes
from voice_skill.envelope import Envelope, Response, Slot
from voice_skill.query import QUESTIONS, bare_question, choice
from voice_skill.turns import City, Heard, Turn

__all__ = ["Answerer", "City", "Skill"]

ASK_INTENT, CHOICE_INTENT = "AskIntent", "ChoiceIntent"
QUERY_SLOT = "query"
CHOICE_SLOT = "choice"
SHORTEST_WAIT_S = 0.1
ANSWERS_AT_ONCE = 8

log = logger("speaker")


class _Asker(TypedDict):
    """Whose question it is: always a resident's."""

    audience: Audience
    kb: str
    session: str | None


class Answerer(Protocol):
    """What the skill needs of the dialogue."""

    def answer(self, utterance: Utterance) -> Answer: ...


#: what the intents about the conversation itself want of it; the same words may come as a question, too
CUES: Mapping[str, Cue] = MappingProxyType(
    {
        "AMAZON.StopIntent": Cue.STOP,
        "AMAZON.CancelIntent": Cue.STOP,
        "AMAZON.NavigateHomeIntent": Cue.STOP,
        "AMAZON.RepeatIntent": Cue.AGAIN,
        "AMAZON.YesIntent": Cue.YES,
        "AMAZON.NoIntent": Cue.NO,
        "DetailIntent": Cue.MORE,
        "SlowIntent": Cue.SLOWLY,
        "WrongIntent": Cue.WRONG,
    }
)
#: turns that need no answer
TURNS: Mapping[Cue, Callable[[Heard, City], Turn]] = MappingProxyType(
    {Cue.STOP: turns.goodbye, Cue.YES: turns.yes, Cue.NO: turns.no, Cue.WRONG: turns.wrong, Cue.PAUSE: turns.pause}
)


class Skill:
    """The conversation. Always a resident's: what staff may read is never asked for. Safe to call from several threads."""

    def __init__(
        self, answerer: Answerer, city: Callable[[], City], *, kb: str, timeout_s: float, max_question_chars: int = 500
    ) -> None:
        """`city` is asked at every turn: its number and its readings may change while this runs."""
        self._kb = kb
        self._answerer = answerer
        self._city = city
        self._known: City | None = None  #: as it was last
        self._timeout_s = timeout_s
        self._max_question_chars = max_question_chars
        self._pool = ThreadPoolExecutor(max_workers=ANSWERS_AT_ONCE, thread_name_prefix="speaker")

    def respond(self, envelope: Envelope, *, spent_s: float = 0.0) -> Response:
        """The response to one request. `spent_s` of the time that Alexa waits has already gone."""
        request = envelope.request
        city = self.city_now()
        if request.type == "LaunchRequest":
            return turns.welcome(city).response(city)
        if request.type != "IntentRequest" or request.intent is None:  # SessionEndedRequest and events allow no speech
            return Response()
        before = read_attributes(envelope.session.attributes if envelope.session else None)
        wait_s = max(SHORTEST_WAIT_S, self._timeout_s - spent_s)
        return self.turn(turns.heard_in(envelope, request.intent, before, wait_s), city).response(city)

    def close(self) -> None:
        """Answers that nobody waits for any more are dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def turn(self, heard: Heard, city: City) -> Turn:
        """What is said next."""
        match heard.intent.name:
            case name if name in QUESTIONS:
                return self._ask(heard, city)
            case name if name == CHOICE_INTENT:
                return self._choose(heard, city)
            case "PhoneIntent":
                return self._phone(heard, city)
            case "AMAZON.HelpIntent":
                return turns.help_turn(heard, city)
            case name if name in CUES:
                return self._steer(CUES[name], heard, city)
            case _:  # AMAZON.FallbackIntent, too
                return turns.not_understood(heard, city)

    def _ask(self, heard: Heard, city: City) -> Turn:
        said = (heard.intent.slot(QUERY_SLOT).value or "")[: self._max_question_chars]
        if steered := self._steered(heard.intent.slot(QUERY_SLOT), heard, city):
            return steered
        matter = bare_question(after_correction(said))
        if not has_words(matter):
            return turns.not_understood(heard, city)
        question = QUESTIONS[heard.intent.name].format(matter)[: self._max_question_chars]
        first = heard.first_heard and bare_question(after_correction(heard.first_heard))
        return self._answer(Utterance(text=question, spoken=True, first_heard=first, **self._of(heard)), heard, city)

    def _choose(self, heard: Heard, city: City) -> Turn:
        return self._steered(heard.intent.slot(CHOICE_SLOT), heard, city) or turns.not_understood(heard, city)

    def _steered(self, slot: Slot, heard: Heard, city: City) -> Turn | None:
        """The turn of a slot that holds no question: 「一つ目」 and 「もう一度」 may well come as one.

        What is heard with the knowledge base in mind sounds like one of its questions, so what was heard first comes first.
        """
        slots = (Slot(value=heard.first_heard), slot) if heard.first_heard else (slot,)
        return next(filter(None, (self._steered_by(each, heard, city) for each in slots)), None)

    def _steered_by(self, slot: Slot, heard: Heard, city: City) -> Turn | None:
        whole = heard.intent.name in (ASK_INTENT, CHOICE_INTENT)  # 「終わりはいつ」 ends nothing
        if whole and (cue := cue_in((slot.value or "")[: self._max_question_chars])):
            return self._steer(cue, heard, city)
        offered = heard.before.offered
        place = choice(slot, [o.question for o in offered])
        if place is not None:
            return self._take(offered[place], heard, city)
        beyond = offered and place_in(slot.value or "", len(offered)) is not None
        return turns.not_understood(heard, city) if beyond else None

    def _steer(self, cue: Cue, heard: Heard, city: City) -> Turn:
        match cue:
            case Cue.AGAIN:
                return self._repeat(heard, city)
            case Cue.SLOWLY:
                return replace(self._repeat(heard, city), slow=True)
            case Cue.MORE:
                return self._tell_again(heard, city, turns.gone_on)
            case Cue.PERSON:
                return self._phone(heard, city)
            case Cue.YES if len(heard.before.offered) == 1:
                return self._take(heard.before.offered[0], heard, city)
            case _:
                return TURNS[cue](heard, city)

    def _take(self, offered: Offered, heard: Heard, city: City) -> Turn:
        utterance = Utterance(text=offered.question, entry_id=offered.entry_id or None, **self._of(heard))
        return self._answer(utterance, heard, city)

    def _repeat(self, heard: Heard, city: City) -> Turn:
        words = heard.before.words
        return turns.in_words(words, heard.before) if words else self._tell_again(heard, city, turns.repeated)

    def _phone(self, heard: Heard, city: City) -> Turn:
        if heard.before.told is None:
            return turns.phone(None, None, heard, city)
        return self._tell_again(heard, city, turns.phone)

    def _tell_again(self, heard: Heard, city: City, tell: Callable[[Answer, Told, Heard, City], Turn]) -> Turn:
        """The last answer in another turn, found anew: it may be withdrawn by now, and what comes back may be made up."""
        told = heard.before.told
        if told is None:
            return turns.welcome(city)
        utterance = Utterance(text=told.question, entry_id=told.entry_id or None, again=True, **self._of(heard))
        return self._told(utterance, lambda answer: tell(answer, told, heard, city), heard, city)

    def _answer(self, utterance: Utterance, heard: Heard, city: City) -> Turn:
        return self._told(utterance, lambda answer: turns.answered(answer, utterance.text, heard, city), heard, city)

    def _told(self, utterance: Utterance, tell: Callable[[Answer], Turn], heard: Heard, city: City) -> Turn:
        """The answer, or a polite sentence with the telephone when it doesn't come in time or at all."""
        future = self._pool.submit(self._answerer.answer, utterance)
        try:
            return tell(future.result(timeout=heard.wait_s))
        except TimeoutError:
            future.cancel()
            log.warning("no answer in time", extra={"waited_s": heard.wait_s})
        except Exception as e:
            if (fault := fault_of(e)) is None:
                raise  # a fault of the program's own is not passed over
            log.warning("no answer", extra={"code": fault.code})
        return turns.unavailable(city)

    @hurried()
    def city_now(self) -> City:
        """As it is now; as it was, where the database can't be asked."""
        try:
            self._known = self._city()
        except Exception as e:
            if self._known is None or fault_of(e) is None:
                raise
        return self._known

    def _of(self, heard: Heard) -> _Asker:
        return {"audience": Audience.RESIDENT, "kb": self._kb, "session": heard.session_id}
