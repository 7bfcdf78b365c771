"""「じゃあ金曜は」「大隅は」「何時まで」: what is left out is what was spoken of before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from enum import Enum
from types import MappingProxyType

from dialogue.answer import Answer
from dialogue.city import City
from dialogue.cue import HESITATION
from dialogue.days import is_days
from dialogue.dialect import in_standard
from dialogue.duty import is_field
from dialogue.facility import LIES_IN
from dialogue.topic import Subject, Topic
from retrieval.analysis import normalise
from retrieval.garbage import fold

_OPENING = re.compile(
    r"^(?:(?:じゃあ?|でしたら|では|それ(?:じゃ|では|でしたら|なら)あ?|んじゃ|なら|あと|ちなみに)[、,\s]*)?(?:(?:それ|そこ)(?:は|って|の)?)?"
)
_SIDE = r"(?:の?(?:場合|とき|時|ほう|方))?"
_TAIL = (
    r"だ?(?:のは|は|と|だと|だったら|なら|って|も)?(?:(?:一緒|いっしょ|同じ)(?:で(?:いい|よい))?)?(?:どう)?"
    r"(?:を?(?:教えて|おしえて)(?:ください|下さい|もらえます|くれ)?|を?教えろ)?"
    r"(?:です|でしょう|なります|なの|だっけ|でしたっけ|に住んでいます|でお願いします)?(?:か|の|ね|よ)?[?。!.…\s]*$"
)
#: What is left out at the end, with 「…の方」 and without: a place may be called 諏訪方.
_ENDINGS = tuple(re.compile(ending) for ending in (_SIDE + _TAIL, _TAIL))
_STRAY = re.compile(rf"^(?:{HESITATION}|[おあえん][ーっ]?)[、,\s]*")  #: before what was said, or misheard there
_A_PART = re.compile(f"(?:{LIES_IN})(?!の)")
_BETWEEN = re.compile("の|、|,|は|って|も")
_LONGEST = 60  #: letters; who says more asks something


class _Part(Enum):
    """What may be changed of a topic, each once: of words that repeat themselves, every way to divide them would be tried."""

    DAY = "day"
    PLACE = "place"
    MATTER = "matter"
    NONE = "none"  #: 「収集」 says no more than that the same is spoken of


_PARTS = frozenset(_Part)


class Aspect(Enum):
    """What else can be asked of the same, in a word or two."""

    WHEN = re.compile(
        "(?:次は?)?(?:いつ|何曜日?|なんようび|何日|収集日|回収日)(?:(?:に|が|は)?(?:出せ|出し|出す|来|あり|ある).*)?"
    )
    HOURS = re.compile(
        "(?:何時|なんじ|から|まで|に|[開空あ]いて|開き|開く|やって|い?ます|い?る|お?休み(?:(?:は|って|が)?(?:いつ|何曜日?|何日))?|休館日?|閉まって|閉まる|閉まり|営業|開館|受付|利用|時間"
        "|して|出せば?|出す|いい)+|(?:いつ|何曜日?|何日)が?お?休み"
    )
    USED = re.compile("(?:何時|なんじ|いつ)?(?:から|まで|に)*使え(?:る|ます)")
    PHONE = re.compile(
        "お?(?:電話|電話番号|番号|連絡先|問い?合わせ先)(?:番号)?"
        "|お?(?:電話|連絡|問い?合わせ)はどこ[にへ]?(?:(?:し(?:たら|たい)|すれば|かけ(?:たら|れば|たい))(?:いい|よい)?)?"
        "|どこ[にへ]お?(?:電話|連絡|問い?合わせ)(?:を?(?:し(?:たら|たい)|すれば|かけ(?:たら|れば|たい)))?(?:いい|よい)?"
    )
    WHETHER = re.compile("(?:(?:収集|回収|取り?に)(?:は|が|に)?)?(?:あり|ある|来|出せ|出して|出す|取り?に|やって).*")
    WHERE = re.compile("(?:場所|住所|どこ|行き方)(?:に?(?:あり|ある|行け|出せ|出し|出す).*)?")


#: How the hour and the place for rubbish are asked for: those of the counter would be another answer.
_OF_RUBBISH: Mapping[Aspect, str] = MappingProxyType(
    {Aspect.HOURS: "ごみは朝何時までに出せばいいですか", Aspect.WHERE: "ごみはどこに出せばいいですか"}
)
_OF_COUNTERS = (Aspect.HOURS, Aspect.PHONE, Aspect.WHERE)
_RUBBISH = (Subject.SORTING, Subject.COLLECTION)
_FACILITY = (Subject.HOURS, Subject.PLACE)
_ON_DAYS = (Subject.COLLECTION, Subject.DUTY)
#: How an entry speaks of its own hours, or of who knows them.
_ITS_HOURS = re.compile(r"(?:利用|受付|開館|開所|診療|開庁|営業|できる|の)時間|\d時(?!間)|\d:\d\d|、時間|時間(?:は|、)")
#: What else may be asked of an entry in a word or two, and how the answer to it looks there.
_SAID = (
    (Aspect.HOURS.value, _ITS_HOURS),
    (
        re.compile("いつまで(?:に)?(?:(?:出|届け|申請)[^、。]{0,4})?(?:いい|よい)?|(?:期限|締め?切り)(?:はいつ(?:まで)?)?"),
        re.compile(r"\d(?:日|週間|か月|年)以内|\d日まで"),
    ),
    (
        re.compile(
            "お?いくら(?:かか(?:る|ります))?|(?:料金|値段|費用|お?金|手数料)(?:(?:は|って|が)?(?:いくら|かか(?:る|ります)))?"
        ),
        re.compile(r"[\d万千百]円|(?<!「)無料"),  # others are warned of who come and say 「無料で回収します」
    ),
    (re.compile("何歳(?:から|まで|以上|以下)?"), re.compile(r"\d歳")),
)
#: What says no more than that the same is spoken of: 「年末の収集は」.
_THE_SAME: Mapping[Subject, re.Pattern[str]] = MappingProxyType(
    {
        Subject.COLLECTION: re.compile("(?:(?:ごみ|ゴミ)の?)?(?:収集|回収)日?|(?:ごみ|ゴミ)(?:出し|の日)?"),
        Subject.DUTY: re.compile("(?:休日)?当番医?|お?医者(?:さん)?|病院"),
    }
)


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
    for way, said in _ways(whole):
        if question := _meant(said, last, city, today, earlier=earlier, is_whole=said == way, before=before):
            return question
    topic = last.topic or earlier
    said = _OPENING.sub("", whole, count=1)
    if topic and topic.subject in _FACILITY and topic.place and _A_PART.match(fold(said)):
        return f"{topic.place}の{said}" if city.facilities.called(topic.place) else None
    return None


def asks_for_what_is_said(text: str, told: str) -> bool:
    """Whether a few words ask for hours, a time limit, a price or an age that what was told has itself."""
    said = [said for _, said in _ways(normalise(text))]
    return any(has.search(told) and any(map(asked.fullmatch, said)) for asked, has in _SAID)


def _ways(whole: str) -> Iterator[tuple[str, str]]:
    """A text as it stands and in standard Japanese, each without what opens it and may end it."""
    for way in dict.fromkeys((whole, in_standard(whole))):
        for ending in _ENDINGS:
            yield way, ending.sub("", _OPENING.sub("", way, count=1), count=1)


def _meant(said: str, last: Answer, city: City, today: date, *, earlier: Topic | None, is_whole: bool, before: str) -> str | None:
    """The whole question that words stand for, without what opened and ended them."""
    for aspect in Aspect:
        found = re.fullmatch(rf"(?:(?P<parts>.+?)(?:のは|は|の|って|も|、)?)??(?:{aspect.value.pattern})", said)
        if found is None:
            continue
        topic = last.topic
        if found["parts"]:
            topic = _changed(found["parts"], topic or _facilities_told_of(last, city, before), city, today)
        if topic and (question := _of_the_topic(aspect, topic, is_same=not found["parts"])):
            return question
        if not found["parts"] and aspect in _OF_COUNTERS and (question := _of_what_was_told(aspect, last, city, before)):
            return question
    if is_whole and last.topic and last.topic.subject is Subject.COUNTER:
        return None  # the bare name of a counter may ask for what it does
    topic = last.topic or earlier
    changed = _changed(said, topic, city, today) or _changed(_STRAY.sub("", said, count=1), topic, city, today)
    return changed.question if changed else None


def _of_what_was_told(aspect: Aspect, last: Answer, city: City, before: str) -> str | None:
    """The same of the facilities that an entry was about, else of its counter, unless the entry speaks of hours of its own."""
    if topic := _facilities_told_of(last, city, before):
        return replace(topic, subject=Subject.HOURS if aspect is Aspect.HOURS else Subject.PLACE).question
    if aspect is Aspect.HOURS and last.topic is None and last.citations and _ITS_HOURS.search(last.text):
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


def _with_part(text: str, topic: Topic, city: City, today: date, left: frozenset[_Part]) -> tuple[Topic, _Part] | None:
    """The topic with a day, a place or a matter in the place of its own, and which it was. A thing's day and place are those of
    its collection."""
    subject = Subject.COLLECTION if topic.subject is Subject.SORTING else topic.subject
    if _Part.DAY in left and is_days(text, today):
        return replace(topic, day=text, subject=Subject.HOURS if subject is Subject.PLACE else subject), _Part.DAY
    if _Part.PLACE in left and subject in _PLACES and (place := _PLACES[subject](city, text, topic.place or "")):
        return replace(topic, place=place, subject=subject), _Part.PLACE
    if _Part.NONE in left and subject in _THE_SAME and _THE_SAME[subject].fullmatch(text):
        return replace(topic, subject=subject), _Part.NONE
    if _Part.MATTER in left and topic.subject in _MATTERS and (matter := _MATTERS[topic.subject](city, text)):
        return replace(topic, matter=matter), _Part.MATTER
    return None
