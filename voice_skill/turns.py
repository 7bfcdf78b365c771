"""What was heard in, and an answer where one is needed; what is said next out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from dialogue.answer import Act, Answer, Band
from voice_skill import phrases
from voice_skill.attributes import ID_LIMIT_CHARS, QUESTION_LIMIT_CHARS, WORDS_LIMIT_CHARS, Attributes, Offered, Told
from voice_skill.envelope import Card, Envelope, Intent, OutputSpeech, Reprompt, Response, ResponseBody
from voice_skill.spoken import MORE_ON_THE_CARD, MORE_ON_THE_SITE, Spoken, phone_twice, spoken
from voice_skill.ssml import ssml

MISSES_BEFORE_PHONE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """Whose skill it is."""

    name: str
    phone: str  #: the main number, said when there is no answer in time; may be empty
    readings: Mapping[str, str]


class Manner(Enum):
    """How a speaker takes part in a conversation."""

    OPEN = "open"  #: it goes on listening after an answer
    ONE_SHOT = "one shot"  #: asked in the same breath as the skill's name: the conversation ends with the answer
    CALLED = "called"  #: it listens only when it is called, goes on with the conversation then, and has no app that shows a card


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One request, as the conversation sees it."""

    intent: Intent
    before: Attributes  #: what the last turn left
    session_id: str | None
    manner: Manner
    wait_s: float  #: how long an answer may take
    first_heard: str | None = None  #: of what was said, before recognition was told what people ask; None where that isn't known


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What is said next, and whether the speaker then listens."""

    said: str
    listens: bool = True
    card: Card | None = None
    after: Attributes = field(default_factory=Attributes)
    reprompt: str = phrases.STILL_THERE
    slow: bool = False
    helped: bool = True  #: False where only somebody to call is named, or nothing was understood

    def response(self, city: City) -> Response:
        reprompt = Reprompt(output_speech=OutputSpeech(ssml=ssml(self.reprompt, city.readings))) if self.listens else None
        body = ResponseBody(
            output_speech=OutputSpeech(ssml=ssml(self.said, city.readings, slow=self.slow)),
            card=self.card,
            reprompt=reprompt,
            should_end_session=not self.listens,
        )
        return Response(session_attributes=self.after.model_dump(exclude_defaults=True), response=body)


def in_words(said: str, before: Attributes) -> Turn:
    """A turn in the skill's own words, which quote nothing and are said again as they are."""
    return Turn(said=said, after=before.model_copy(update={"words": said[:WORDS_LIMIT_CHARS]}))


def welcome(city: City) -> Turn:
    return in_words(phrases.welcome(city.name), Attributes())


def help_turn(heard: Heard, city: City) -> Turn:
    return in_words(phrases.help_text(city.name), heard.before)


def goodbye(heard: Heard, city: City) -> Turn:
    del heard, city
    return Turn(said=phrases.GOODBYE, listens=False)


def yes(heard: Heard, city: City) -> Turn:
    """To no question that a yes answers: which of several, or what else."""
    del city
    if heard.before.offered:
        return Turn(said=phrases.CHOOSE, after=heard.before, reprompt=phrases.CHOOSE)
    return Turn(said=phrases.ASK_AWAY, after=heard.before)


def no(heard: Heard, city: City) -> Turn:
    """None of the choices, or no further question."""
    return wrong(heard, city) if heard.before.offered else goodbye(heard, city)


def wrong(heard: Heard, city: City) -> Turn:
    """The answer, or what was offered, is about something else."""
    del city
    return in_words(phrases.OTHER_WORDS, heard.before.model_copy(update={"offered": []}))


def pause(heard: Heard, city: City) -> Turn:
    """Somebody is still thinking."""
    del city
    reprompt = phrases.CHOOSE if heard.before.offered else phrases.STILL_THERE
    return Turn(said=phrases.TAKE_YOUR_TIME, after=heard.before, reprompt=reprompt)


def not_understood(heard: Heard, city: City) -> Turn:
    """How to say it at first; from the second time on, the telephone."""
    misses = heard.before.misses + 1
    after = heard.before.model_copy(update={"misses": misses})
    how, reprompt = (phrases.CHOOSE,) * 2 if heard.before.offered else (phrases.EXAMPLES, phrases.STILL_THERE)
    if misses >= MISSES_BEFORE_PHONE:
        how = f"お電話でもご案内します。{_to_call(f'{city.name}の代表', city.phone)}" if city.phone else phrases.OTHER_WORDS
    return Turn(said=f"{phrases.NOT_UNDERSTOOD}{how}", after=after, reprompt=reprompt, helped=False)


def unavailable(city: City) -> Turn:
    """No answer in time: the telephone instead of silence."""
    said = phrases.UNAVAILABLE + _to_call(f"{city.name}の代表", city.phone)
    shown = f"{phrases.UNAVAILABLE}\n\n電話: {city.phone}" if city.phone else phrases.UNAVAILABLE
    card = Card(title=f"{city.name}のご案内", content=shown)
    return Turn(said=said, listens=False, card=card, helped=False)


# -- turns that tell an answer


def answered(answer: Answer, question: str, heard: Heard, city: City) -> Turn:
    """An answer, said. The speaker listens on for a choice, and after an answer when a conversation was opened."""
    form = _form(answer, heard, city)
    said, card = form.text, Card(title=form.card_title, content=form.card_text)
    offered = [Offered(entry_id=s.entry_id, question=s.question) for s in form.offered if len(s.question) <= QUESTION_LIMIT_CHARS]
    after = Attributes(offered=offered, told=_told(answer, question))
    if form.offered:
        return Turn(said=said, card=card, after=after, reprompt=phrases.CHOOSE)
    if heard.manner is Manner.ONE_SHOT or answer.act in (Act.EMERGENCY, Act.THANKS):
        return Turn(said=said, listens=False, card=card)
    if answer.act is Act.GREETING:
        return replace(in_words(f"{said}\n{phrases.ASK_AWAY}", heard.before), card=card)
    offer = phrases.GO_ON if form.more and answer.band is Band.ANSWER else ""
    return Turn(said=_inviting(f"{said}\n{offer}", heard), card=card, after=after, helped=answer.band is not Band.HANDOFF)


def repeated(answer: Answer, told: Told, heard: Heard, city: City) -> Turn:
    """What was said of the answer last, as it stands now."""
    if told.seal != _seal(answer):
        return _told_anew(answer, told, heard, city)
    if told.phone:
        return phone(answer, told, heard, city)
    return _stretch(answer, told, heard, city) if told.part else answered(answer, told.question, heard, city)


def gone_on(answer: Answer, told: Told, heard: Heard, city: City) -> Turn:
    """The next stretch of an answer that was cut short. Halves of two versions would be neither."""
    if told.seal != _seal(answer):
        return _told_anew(answer, told, heard, city)
    return _stretch(answer, told.model_copy(update={"part": told.part + 1, "phone": False}), heard, city)


def phone(answer: Answer | None, told: Told | None, heard: Heard, city: City) -> Turn:
    """The number of the answer's counter, or the city's main one."""
    contact = answer.contact if answer else None
    name = contact.department if contact else f"{city.name}の代表"
    said = _to_call(name, contact.phone if contact else city.phone) or phrases.NO_NUMBER
    after = heard.before.model_copy(update={"told": told and told.model_copy(update={"phone": True}), "words": ""})
    return Turn(said=_inviting(f"{said}\n", heard), after=after)


def _told_anew(answer: Answer, told: Told, heard: Heard, city: City) -> Turn:
    turn = answered(answer, told.question, heard, city)
    return replace(turn, said=f"{phrases.CHANGED}{turn.said}") if answer.band is Band.ANSWER else turn


def _stretch(answer: Answer, told: Told, heard: Heard, city: City) -> Turn:
    """A further stretch of an answer, and that there is none after the last."""
    more = _form(answer, heard, city).more
    part = min(told.part, len(more) + 1)
    after = heard.before.model_copy(update={"told": told.model_copy(update={"part": part}), "words": ""})
    if part > len(more):
        return Turn(said=_inviting(phrases.NOTHING_MORE, heard), after=after)
    said = f"{more[part - 1]}\n"
    return Turn(said=f"{said}{phrases.GO_ON}" if part < len(more) else _inviting(said, heard), after=after)


def _form(answer: Answer, heard: Heard, city: City) -> Spoken:
    return spoken(answer, city.name, more=MORE_ON_THE_SITE if heard.manner is Manner.CALLED else MORE_ON_THE_CARD)


def _inviting(said: str, heard: Heard) -> str:
    """With the question whether there is another one, where the reply to it would be heard."""
    return said if heard.manner is Manner.CALLED else f"{said}{phrases.ANYTHING_ELSE}"


def _told(answer: Answer, question: str) -> Told:
    """How the answer is asked for again, whatever was said before: a table's by its whole topic, an entry by itself."""
    cited = answer.citations[0] if answer.citations and answer.topic is None and not answer.parts else None
    asked = (answer.topic.question if answer.topic else cited.question if cited else question)[:QUESTION_LIMIT_CHARS]
    return Told(question=asked or question, entry_id=_kept(cited.entry_id) if cited else "", seal=_seal(answer))


def _kept(entry_id: str) -> str:
    """An id where it fits; half of one would name another entry."""
    return entry_id if len(entry_id) <= ID_LIMIT_CHARS else ""


def _seal(answer: Answer) -> str:
    return hashlib.blake2s(f"{answer.text}\0{answer.speech or ''}".encode(errors="replace"), digest_size=8).hexdigest()


def heard_in(envelope: Envelope, intent: Intent, before: Attributes, wait_s: float) -> Heard:
    session = envelope.session
    return Heard(
        intent=intent,
        before=before,
        session_id=f"alexa {session.session_id}" if session and session.session_id else None,  # no name makes it a page's
        manner=Manner.OPEN if session and not session.new else Manner.ONE_SHOT,
        wait_s=wait_s,
    )


def _to_call(name: str, number: str) -> str:
    return f"{name}の{phone_twice(number)}" if number else ""
