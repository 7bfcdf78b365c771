"""「じゃあ金曜は」「大隅は」「何時まで」: what is left out is what was spoken of before."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from enum import Enum
from types import MappingProxyType

from dialogue.answer import Answer
from dialogue.aspect import Aspect, asked, has_hours, is_answered, says_the_same, ways, without_opening, without_stray
from dialogue.city import City
from dialogue.day_forms import one_day
from dialogue.days import days_text, is_days, named_days
from dialogue.duty import is_field
from dialogue.facility import LIES_IN
from dialogue.topic import Subject, Topic
from retrieval.analysis import is_bare_name, normalise
from retrieval.city.calendar import WEEKDAYS
from retrieval.names import fold

_A_PART = re.compile(f"(?:{LIES_IN})(?!の)")
_ASKED_OF = re.compile("(?:は|って|も)?[?。]*$")
_BETWEEN = re.compile("の|、|,|は|って|も")
_LONGEST_TOWN = 6
_SUNDAY = 6  #: after which Monday may be that of either week; Saturday is the day before
_WEEKDAY = re.compile("[月火水木金土日]曜日?")
_LONGEST = 60  #: letters; who says more asks something


class _Part(Enum):
    """What may be changed of a topic, each once: of words that repeat themselves, every way to divide them would be tried."""

    DAY = "day"
    PLACE = "place"
    MATTER = "matter"
    NONE = "none"  #: 「収集」 says no more than that the same is spoken of


_PARTS = frozenset(_Part)


#: How the hour and the place for rubbish are asked for: those of the counter would be another answer.
_OF_RUBBISH: Mapping[Aspect, str] = MappingProxyType(
    {Aspect.HOURS: "ごみは朝何時までに出せばいいですか", Aspect.WHERE: "ごみはどこに出せばいいですか"}
)
_OF_COUNTERS = (Aspect.HOURS, Aspect.PHONE, Aspect.WHERE)
_RUBBISH = (Subject.SORTING, Subject.COLLECTION)
_FACILITY = (Subject.HOURS, Subject.PLACE)
_ON_DAYS = (Subject.COLLECTION, Subject.DUTY)


def _facility(city: City, text: str, before: str) -> str | None:
    """A facility's name, or a town that has one of the kind that was spoken of before."""
    if city.facilities.is_name(text):
        return text
    other = city.facilities.of_a_kind(before, text)
    return other.name if other else None


def _counter(city: City, text: str, before: str) -> str | None:
    """A counter's name, or a town that has one such as was spoken of before."""
    if city.directory.is_name(text):
        return text
    other = city.directory.of_a_kind(before, text)
    return other.name if other else None


#: What a text is as the place of a topic, None where it is none.
_PLACES: Mapping[Subject, Callable[[City, str, str], str | None]] = MappingProxyType(
    {
        **dict.fromkeys(_RUBBISH, lambda city, text, _: text if city.collection.is_area(text) else None),
        **dict.fromkeys(_FACILITY, _facility),
        Subject.COUNTER: _counter,
        Subject.DUTY: lambda city, text, _: city.duty.town_in(text) if len(text) <= _LONGEST_TOWN else None,
    }
)
#: What a text is as the matter of a topic, None where it is none.
_MATTERS: Mapping[Subject, Callable[[City, str], str | None]] = MappingProxyType(
    {
        Subject.COLLECTION: lambda city, text: (
            city.collection.kind_called(text) or (text if city.garbage.is_name(text) else None)
        ),
        Subject.DUTY: lambda _, text: text if is_field(text) else None,
    }
)


def followed_up(
    text: str, last: Answer, city: City, today: date, *, earlier: Topic | None = None, before: str = ""
) -> str | None:
    """The whole question that a few words stand for after the last answer, to the question `before`; None where they are one by
    themselves. Another day, place or matter may be that of an `earlier` topic, where the last answer has none."""
    whole = normalise(text)
    if len(whole) > _LONGEST:
        return None
    for way, said in ways(whole):
        if question := _meant(said, last, city, today, earlier=earlier, is_whole=said == way, before=before):
            return question
    topic = last.topic or earlier
    said = without_opening(whole)
    if topic and topic.subject in _FACILITY and topic.place and _A_PART.match(fold(said)):
        return f"{topic.place}の{said}" if city.facilities.called(topic.place) else None
    thing = f"{_ASKED_OF.sub('', said)}の捨て方"
    return thing if topic and topic.subject in _RUBBISH and is_bare_name(said) and city.garbage.look_up(thing) else None


def asks_for_what_is_said(text: str, told: str) -> bool:
    """Whether a few words ask for hours, a time limit, a price or an age that what was told has itself."""
    return any(is_answered(said, told) for _, said in ways(normalise(text)))


def _meant(said: str, last: Answer, city: City, today: date, *, earlier: Topic | None, is_whole: bool, before: str) -> str | None:
    """The whole question that words stand for, without what opened and ended them."""
    for aspect, parts in asked(said):
        topic = last.topic
        if parts:
            topic = _changed(parts, topic or _facilities_told_of(last, city, before), city, today)
        if topic and (question := _of_the_topic(aspect, topic, is_same=not parts)):
            return question
        if not parts and aspect in _OF_COUNTERS and (question := _of_what_was_told(aspect, last, city, before)):
            return question
    if is_whole and last.topic and last.topic.subject is Subject.COUNTER and last.topic.place:
        return None  # the bare name of a counter may ask for what it does
    topic = last.topic or earlier
    changed = _changed(said, topic, city, today) or _changed(without_stray(said), topic, city, today)
    return changed.question if changed else None


def _of_what_was_told(aspect: Aspect, last: Answer, city: City, before: str) -> str | None:
    """The same of the facilities that an entry was about, else of its counter, unless the entry speaks of hours of its own."""
    if topic := _facilities_told_of(last, city, before):
        return replace(topic, subject=Subject.HOURS if aspect is Aspect.HOURS else Subject.PLACE).question
    if aspect is Aspect.HOURS and last.topic is None and last.citations and has_hours(last.text):
        return None
    return Topic(subject=Subject.COUNTER, place=last.contact.department).question if last.contact else None


def _facilities_told_of(last: Answer, city: City, before: str) -> Topic | None:
    """The facility, or the kind, that the question before named, or that of the entry which answered it. Where entries were only
    offered, one that the first of them is about as well: of a dog that lies near a library, none is."""
    if last.topic:
        return None
    facilities = city.facilities
    names: tuple[str, ...] = ()
    if last.citations:
        names = (before, last.citations[0].question)
    elif last.suggestions and set(facilities.named_in(before)) & set(facilities.named_in(last.suggestions[0].question)):
        names = (before,)
    place = next(filter(None, map(facilities.one_name_of, names)), None)
    return Topic(subject=Subject.HOURS, place=place) if place else None


def _of_the_topic(aspect: Aspect, topic: Topic, *, is_same: bool) -> str | None:
    """How an aspect of a topic is asked for; None where only the counter has it, or it is not known yet of which place."""
    if aspect is Aspect.WHETHER:
        return None if is_same or topic.subject not in _ON_DAYS else topic.question
    if topic.subject in _RUBBISH:
        when = replace(topic, subject=Subject.COLLECTION).question if aspect is Aspect.WHEN else None
        return when or (_OF_RUBBISH.get(aspect) if is_same else None)  # 「店のごみはどこに」 is a question of its own
    if topic.subject in _FACILITY:
        hours = aspect in (Aspect.HOURS, Aspect.WHEN, Aspect.USED)
        return topic.place and replace(topic, subject=Subject.HOURS if hours else Subject.PLACE).question
    return None if aspect is Aspect.USED else topic.question


def _changed(text: str, topic: Topic | None, city: City, today: date, *, left: frozenset[_Part] = _PARTS) -> Topic | None:
    """The topic with the parts that a text is made of, each of them one that is `left`; None where it has anything else."""
    if topic is None:
        return None
    if whole := _with_part(text, topic, city, today, left):
        return whole[0]
    for between in _BETWEEN.finditer(text):
        if first := _with_part(text[: between.start()], topic, city, today, left):
            changed, part = first
            if both := _changed(text[between.end() :], changed, city, today, left=left - {part}):
                return both
    return None


def _day_after(text: str, topic: Topic, today: date) -> str:
    """A day in words; a weekday after a day of a later week is one of that week: 「じゃあ木曜は」 after 「来週の火曜」."""
    before = named_days(topic.day, today) if topic.day else None
    if not _WEEKDAY.fullmatch(text) or before is None or not before.is_one_day:
        return text
    monday = before.first - timedelta(days=before.first.weekday())
    day = monday + timedelta(days=WEEKDAYS.index(text[0]))
    is_plain = before.first.weekday() != _SUNDAY or day.weekday() == _SUNDAY - 1
    return days_text(one_day(day), today) if monday > today and is_plain else text


def _with_part(text: str, topic: Topic, city: City, today: date, left: frozenset[_Part]) -> tuple[Topic, _Part] | None:
    """The topic with a day, a place or a matter in the place of its own, and which it was. A thing's day and place are those of
    its collection."""
    subject = Subject.COLLECTION if topic.subject is Subject.SORTING else topic.subject
    if _Part.DAY in left and is_days(text, today):
        return replace(
            topic, day=_day_after(text, topic, today), subject=Subject.HOURS if subject is Subject.PLACE else subject
        ), _Part.DAY
    if _Part.PLACE in left and subject in _PLACES and (place := _PLACES[subject](city, text, topic.place or "")):
        return replace(topic, place=place, subject=subject), _Part.PLACE
    if _Part.NONE in left and says_the_same(text, subject):
        return replace(topic, subject=subject), _Part.NONE
    if _Part.MATTER in left and topic.subject in _MATTERS and (matter := _MATTERS[topic.subject](city, text)):
        return replace(topic, matter=matter), _Part.MATTER
    return None
