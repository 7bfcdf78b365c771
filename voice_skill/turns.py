"""What was heard in, what is said next out: the turns that need no answer from the knowledge base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialogue.answer import Act, Answer, Band
from voice_skill import phrases
from voice_skill.attributes import SAID_LIMIT_CHARS, Attributes
from voice_skill.envelope import Card, Envelope, Intent, OutputSpeech, Reprompt, Response, ResponseBody
from voice_skill.spoken import LONG_CHARS, phone_twice, shorten, spoken
from voice_skill.ssml import ssml
from voice_skill.wording import read_out

MISSES_BEFORE_PHONE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """Whose skill it is."""

    name: str
    phone: str  #: the main number, said when there is no answer in time; may be empty
    readings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One request, as the conversation sees it."""

    intent: Intent
    before: Attributes  #: what the last turn left
    session_id: str | None
    one_shot: bool  #: asked in the same breath as the skill's name: the speaker doesn't go on listening
    wait_s: float  #: how long an answer may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What is said next, and whether the speaker then listens."""

    said: str
    listens: bool = True
    card: Card | None = None
    after: Attributes = field(default_factory=Attributes)
    reprompt: str = phrases.STILL_THERE

    def response(self, city: City) -> Response:
        after = self.after.model_copy(update={"said": self.said[:SAID_LIMIT_CHARS]})
        reprompt = Reprompt(output_speech=OutputSpeech(ssml=ssml(self.reprompt, city.readings))) if self.listens else None
        body = ResponseBody(
            output_speech=OutputSpeech(ssml=ssml(self.said, city.readings)),
            card=self.card,
            reprompt=reprompt,
            should_end_session=not self.listens,
        )
        return Response(session_attributes=after.model_dump(exclude_defaults=True), response=body)


def welcome(city: City) -> Turn:
    return Turn(said=phrases.welcome(city.name))


def help_turn(heard: Heard, city: City) -> Turn:
    return Turn(said=phrases.help_text(city.name), after=heard.before)


def goodbye(heard: Heard, city: City) -> Turn:
    del heard, city
    return Turn(said=phrases.GOODBYE, listens=False)


def repeat(heard: Heard, city: City) -> Turn:
    return Turn(said=heard.before.said, after=heard.before) if heard.before.said else welcome(city)


def no(heard: Heard, city: City) -> Turn:
    """None of the choices, or no further question."""
    return Turn(said=phrases.OTHER_WORDS) if heard.before.offered else goodbye(heard, city)


def go_on(heard: Heard, city: City) -> Turn:
    """The next stretch of an answer that was cut short."""
    del city
    head, rest = shorten(heard.before.detail, LONG_CHARS)
    if not head:
        return Turn(said=f"{phrases.NOTHING_MORE}{phrases.ANYTHING_ELSE}", after=heard.before)
    after = heard.before.model_copy(update={"detail": rest})
    return Turn(said=f"{read_out(head)}\n{phrases.GO_ON if rest else phrases.ANYTHING_ELSE}", after=after)


def phone(heard: Heard, city: City) -> Turn:
    """The counter's number, or the city's main one."""
    name, number = heard.before.department or f"{city.name}の代表", heard.before.phone or city.phone
    told = _to_call(name, number) or phrases.NO_NUMBER
    return Turn(said=f"{told}\n{phrases.ANYTHING_ELSE}", after=heard.before)


def not_understood(heard: Heard, city: City) -> Turn:
    """Examples at first; from the second time on, the telephone."""
    misses = heard.before.misses + 1
    after = heard.before.model_copy(update={"misses": misses})
    if heard.before.offered:
        return Turn(said=f"{phrases.NOT_UNDERSTOOD}{phrases.CHOOSE}", after=after, reprompt=phrases.CHOOSE)
    if misses < MISSES_BEFORE_PHONE:
        return Turn(said=f"{phrases.NOT_UNDERSTOOD}{phrases.EXAMPLES}", after=after)
    by_phone = f"お電話でもご案内します。{_to_call(f'{city.name}の代表', city.phone)}" if city.phone else phrases.OTHER_WORDS
    return Turn(said=f"{phrases.NOT_UNDERSTOOD}{by_phone}", after=after)


def unavailable(city: City) -> Turn:
    """No answer in time: the telephone instead of silence."""
    said = phrases.UNAVAILABLE + _to_call(f"{city.name}の代表", city.phone)
    shown = f"{phrases.UNAVAILABLE}\n\n電話: {city.phone}" if city.phone else phrases.UNAVAILABLE
    card = Card(title=f"{city.name}のご案内", content=shown)
    return Turn(said=said, listens=False, card=card)


def answered(answer: Answer, heard: Heard, city: City) -> Turn:
    """An answer, said. The speaker listens on for a choice, and after an answer when a conversation was opened."""
    form = spoken(answer, city.name)
    said, card = form.text, Card(title=form.card_title, content=form.card_text)
    contact = answer.contact
    after = Attributes(
        offered=[question[:200] for question in form.offered],
        detail=form.detail,
        department=contact.department[:100] if contact else "",
        phone=contact.phone[:40] if contact else "",
    )
    if form.offered:
        return Turn(said=said, card=card, after=after, reprompt=phrases.CHOOSE)
    if heard.one_shot or answer.act in (Act.EMERGENCY, Act.THANKS):
        return Turn(said=said, listens=False, card=card)
    if answer.act is Act.GREETING:
        return Turn(said=f"{said}\n{phrases.ASK_AWAY}", card=card, after=after)
    offer = phrases.GO_ON if form.detail and answer.band is Band.ANSWER else ""
    return Turn(said=f"{said}\n{offer}{phrases.ANYTHING_ELSE}", card=card, after=after)


def heard_in(envelope: Envelope, intent: Intent, before: Attributes, wait_s: float) -> Heard:
    session = envelope.session
    return Heard(
        intent=intent,
        before=before,
        session_id=(session.session_id or None) if session else None,
        one_shot=session.new if session else True,
        wait_s=wait_s,
    )


def _to_call(name: str, number: str) -> str:
    return f"{name}の{phone_twice(number)}" if number else ""
