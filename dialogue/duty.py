"""Which doctors are on duty on a holiday: the city's roster answers for the days it has, and for no other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dialogue.answer import Act, Answer
from dialogue.asked import NO_SUCH_DAY, Asked, not_in_table, told
from dialogue.day_forms import one_day
from dialogue.days import days_text, leaves_days_open, named_days, names_no_day, without_days
from dialogue.topic import Subject, Topic
from retrieval.analysis import is_hiragana, normalise
from retrieval.city.calendar import Span, day_name
from retrieval.city.duty import Duty

COUNTER = "保健課"

_ASKED = re.compile(
    "当番医|当番の(?:病院|医|お医者)|[一-鿿]科の?当番|(?:休日|日曜日?|祝日|土日|週末|正月|連休)の?当番(?:は|って|を|[?。]|$)|(?:休日|日曜|祝日|土日|週末|今日|明日|年末年始|正月|連休)[^。]{0,12}(?:やって|開い|あい|診て|みて|診療|受け付け)"
    "[^。]{0,8}(?:病院|医者|医院|歯医者|歯科|クリニック|小児科|内科)|(?:休日|日曜|祝日|土日|週末|年末年始|正月|連休)[^。]{0,10}(?:病院|医者|医院|歯医者|歯科|クリニック|診療)"
    "|(?:病院|医者|医院|歯医者|歯科|小児科|内科)[^。]{0,10}(?:休日|日曜|祝日|年末年始|正月|連休)(?:[^。]{0,8}(?:やって|開い|あい|診|みて)|[はに?。]*$)"
    "|休日(?:診療|医|在宅)|とうばんい"
)
#: What is left of a question that names a day on which somebody is on duty: 「元日の歯医者」「大晦日に開いてる病院は」
_OF_A_DAY = re.compile(
    "[、 ]*(?:の|に|は|も|で)?(?:(?:開い|あい|空い|やって|やっ|診て|みて|受け付けて)[^。]{0,6})?"
    "(?:(?:子ども|子供|こども|赤ちゃん)の)?(?:病院|お?医者(?:さん|様)?|医院|クリニック|歯医者(?:さん)?|[一-鿿々]{1,6}科)"
    "(?:は|って|を|が|も|どこ|どけ|に|です|か|ね|け|あり|ある|い|ます|る|教えて|開いて|あいて|やって|ください|[?？。 ])*"
)
_AT_NIGHT = re.compile("夜|[今毎]晩|晩[にのは]|早朝|未明")  #: the roster is of days
_OTHER = re.compile(
    "動物|獣医|ペット(?!に)|愛犬|愛猫|家畜|生まれ|出生|死亡|亡くな|届[^く]|届$|投票|選挙|健診|検診|予防接種|ワクチン|献血|面会|見舞|入院|証明"
)  #: what else a hospital is named for
#: As children and those who learn Japanese write what this table is asked for.
_IN_KANJI = {
    "びょういん": "病院", "はいしゃ": "歯医者", "おいしゃ": "お医者", "しょうにか": "小児科", "ないか": "内科",
    "にちようび": "日曜日", "どようび": "土曜日", "きゅうじつ": "休日", "きょう": "今日", "あした": "明日",
}  # fmt: skip
_KANA = re.compile("|".join(_IN_KANJI))
_FIELD = re.compile("[一-鿿々ァ-ヶー]+科(?![目学])")
_NO_FIELD = re.compile(
    "^.*(?:曜日?|[0-9今明本祝休平土]日|週末?|年始|正月|連休|当番医?|病院|医院|診療所|[市町])|^(?:診療|何|他|別|各|専門)科$"
)
_FIELDS = {"耳鼻科": "耳鼻咽喉科", "産科": "産婦人科", "婦人科": "産婦人科"}  #: what residents call them
_NOW = re.compile("(?:いま|今)(?:すぐ)?(?=(?:開い|空い|あい|やって|やっちょ|診て|みて))")
_END_OF_THE_YEAR = re.compile("年末(?!年始|調整)(?:(?:から|と|や)年始)?")
_STILL_THIS_YEAR = re.compile("年内の?")  #: of which the next days are told
_NEW_YEAR = re.compile("(?<!年末)年始")
_CHILD = re.compile("子ども|子供|こども|赤ちゃん|乳児|幼児|小児(?!科)")
_INJURED = re.compile("けが|ケガ|怪我|骨折|折[っれ]|切[っり]|ころ[んび]|転[んびげ]|打[っち]|ぶつけ|落ち|やけど|火傷|捻挫|ねんざ")
_FEW_DAYS = 2  #: so many days without duty are named one by one
_BEFORE_GOING = "受診の前に、必ず電話で確かめてください。急な重い症状のときは119番に電話してください。"


def about_duty(asked: Asked) -> Answer | None:
    """The reply of the roster; None when the question asks for something else or there is no roster."""
    asked = replace(asked, text=_with_days(asked, _in_kanji(asked.text)))
    folded = normalise(asked.text)
    roster = asked.city.duty
    contact, span = asked.counter(COUNTER), named_days(asked.text, asked.today)
    fields, town = _fields_in(folded) or _for_children(folded), roster.town_in(folded)
    if not roster or not _asks(asked, span):
        return None
    if names_no_day(asked.text, asked.today):
        return not_in_table(Act.TABLE, NO_SUCH_DAY, contact)
    if leaves_days_open(asked.text, asked.today):
        return None
    day = days_text(span, asked.today) if span else None
    topic = Topic(subject=Subject.DUTY, day=day, place=town, matter="・".join(fields) or None)
    if span and (unknown := _unknown(asked, span)):
        return not_in_table(Act.TABLE, unknown, contact, topic)
    span = Span(first=max(span.first, asked.today), last=span.last) if span else None
    found = roster.on(span) if span else roster.next_at(asked.at)
    if not found:
        return not_in_table(Act.TABLE, "これからの休日当番医は、当番医の表にありません。", contact, topic)
    told_of, missing = _of_fields(found, fields)
    when = span or day_name(found[0].day)
    note = f"{when}の{'・'.join(missing)}の当番は、当番医の表にありません。" if missing else ""
    if missing and span is None and (later := _next_of(asked, missing)):
        note += f"次にあるのは{later}です。"
    told_of = sorted(told_of, key=lambda d: (d.day, not d.is_in(town)))
    if town and not any(d.is_in(town) for d in told_of):
        note += f"{when}の{town}の当番は、当番医の表にありません。"
    citation = asked.citation(f"duty:{found[0].day.isoformat()}", "休日当番医", "休日当番医の表", COUNTER)
    text = f"{note}{_text(asked, told_of)}{_without_duty(asked, span, found)}"
    return told(Act.TABLE, f"{text}\n{_BEFORE_GOING}", citation, contact, topic)


def _in_kanji(text: str) -> str:
    """A text that is all in hiragana with the kanji of what the roster knows; as it is, where it has any."""
    return _KANA.sub(lambda m: _IN_KANJI[m[0]], normalise(text).replace(" ", "")) if is_hiragana(text) else text


def _with_days(asked: Asked, text: str) -> str:
    """A text with the days that 「年末」, 「年始」 and, while somebody on duty is open, 「今」 mean of this table."""
    text = _NEW_YEAR.sub("正月", _END_OF_THE_YEAR.sub("年末年始", _STILL_THIS_YEAR.sub("", text)))
    today = asked.city.duty.on(one_day(asked.today)) if asked.city.duty else ()
    return text if all(duty.is_over(asked.at) for duty in today) else _NOW.sub("今日", text)


def _for_children(folded: str) -> tuple[str, ...]:
    """The speciality of a child that is ill; one that is injured is a surgeon's as well."""
    return ("小児科",) if _CHILD.search(folded) and not _INJURED.search(folded) else ()


def _asks(asked: Asked, span: Span | None) -> bool:
    """Whether a doctor on duty by day is asked for, be it that only a day is named that has one."""
    folded = normalise(asked.text)
    if _AT_NIGHT.search(folded) or _OTHER.search(folded):
        return False
    of_a_day = span and asked.city.duty.on(span) and _OF_A_DAY.fullmatch(without_days(folded, asked.today))
    return bool(_ASKED.search(folded) or of_a_day)


def is_field(text: str) -> bool:
    """Whether a text is nothing but a speciality: 「小児科」「歯医者」."""
    return bool(_fields_in(normalise(text))) and _FIELD.fullmatch(_spelt(normalise(text))) is not None


def _unknown(asked: Asked, span: Span) -> str | None:
    """Why the roster says nothing of these days."""
    roster = asked.city.duty
    if span.last < asked.today:
        return "過ぎた日の休日当番医は、ご案内していません。"
    if roster.on(Span(first=max(span.first, asked.today), last=span.last)):
        return None
    if roster.covers(span):
        return f"{span}は、当番医の表に当番がありません。"
    last = _reach(asked) if span.last > roster.last_day else ""
    return f"{days_text(span, asked.today)}の休日当番医は、当番医の表にありません。{last}"


def _reach(asked: Asked) -> str:
    last = asked.city.duty.last_day
    return f"表にあるのは{days_text(Span(first=last, last=last), asked.today)}までです。"


def _without_duty(asked: Asked, span: Span | None, found: Sequence[Duty]) -> str:
    """Of several days those that nobody is on duty on, and those that the roster doesn't reach."""
    if span is None:
        return ""
    if span.last > asked.city.duty.last_day:
        return f"\n{_reach(asked)}"
    free = [day_name(day) for day in span if day not in {d.day for d in found}]
    return f"\n{'と'.join(free)}は、当番医の表に当番がありません。" if 0 < len(free) <= _FEW_DAYS else ""


def _fields_in(folded: str) -> tuple[str, ...]:
    """The specialities that are asked for, by their whole names: 脳外科 is not 外科."""
    words = (re.sub(_NO_FIELD, "", word) for word in _FIELD.findall(_spelt(folded)))
    return tuple(dict.fromkeys(_FIELDS.get(word, word) for word in words if word))


def _spelt(folded: str) -> str:
    return re.sub("いんこう", "咽喉", folded).replace("歯医者", "歯科").replace("目医者", "眼科").replace("眼医者", "眼科")


def _of_fields(found: Sequence[Duty], fields: Sequence[str]) -> tuple[Sequence[Duty], tuple[str, ...]]:
    """The duties of these specialities, all when none of them has one; and the specialities that none has."""
    missing = tuple(f for f in fields if not any(f in _has(d) for d in found))
    wanted = tuple(d for d in found if _has(d) & set(fields))
    return wanted or tuple(found), missing


def _has(duty: Duty) -> set[str]:
    """Its specialities."""
    return {_FIELDS.get(field, field) for field in re.split(r"[・、,/\s]+", duty.field)}


def _next_of(asked: Asked, fields: Sequence[str]) -> str:
    """The next day on which somebody of these specialities is on duty, in words; empty where the table has none."""
    days = (d.day for d in asked.city.duty.from_day(asked.today) if _has(d) & set(fields) and not d.is_over(asked.at))
    day = next(days, None)
    return day_name(day) if day else ""


def _text(asked: Asked, found: Sequence[Duty]) -> str:
    parts = []
    for day in dict.fromkeys(d.day for d in found):
        parts.append(f"{day_name(day)}の休日当番医は、次のとおりです。")
        parts += [
            f"・{_line(duty)}{'（今日の診療時間は終わりました）' if duty.is_over(asked.at) else ''}"
            for duty in found
            if duty.day == day
        ]
    return "\n".join(parts)


def _line(duty: Duty) -> str:
    field = f"（{duty.field}）" if duty.field else ""
    rest = "、".join(p for p in (f"電話{duty.phone}" if duty.phone else "", duty.hours, duty.address, duty.notice) if p)
    return f"{duty.name}{field} {rest}"
