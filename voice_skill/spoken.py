"""Answer in, what a speaker says and its app shows out: short, to be heard once, numbers ready for the ear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dialogue.answer import CHOICES, Act, Answer, Band, Contact, Suggestion
from voice_skill.wording import clean, phone, read_out, sentences

SHORT_CHARS = 120  # about twenty seconds
LONG_CHARS = 400
CARD_LIMIT_BYTES = 5_000
CHOICE_CHARS = 80
NAME_CHARS = 40
MORE_ON_THE_CARD = "詳しくは、市のホームページか、アレクサアプリのカードをご覧ください。"
MORE_ON_THE_SITE = "詳しくは、市のホームページをご覧ください。"
NOT_FOUND = "申し訳ありません。ご質問に合うご案内が見つかりませんでした。"
CALL_FOR_HELP = "火事や急病は119番、事件や事故は110番に、すぐに電話してください。"

_EXCEPTION = re.compile("ただし|ただ、|なお、|もっとも|例外")  #: belongs to what it is an exception of
_EAR_ORDINALS = ("一つ目", "二つ目", "三つ目", "四つ目")
_FOR_THE_EYE = re.compile(
    "選んでください|ありますか|でしょうか|ですか。|入力|次の"
)  #: how a screen asks; the ear is asked in another way


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One answer for the ear. `text` is ready to be said; a line break in it is a pause."""

    text: str
    more: tuple[str, ...] = ()  #: what 「くわしく」 goes on with, stretch by stretch
    offered: tuple[Suggestion, ...] = ()  #: the choices read out, in order
    card_title: str
    card_text: str


def spoken(answer: Answer, city: str, *, more: str = MORE_ON_THE_CARD) -> Spoken:
    """The form of `answer` for a smart speaker. `more` says where an answer that was cut short can be read."""
    return Spoken(
        text=_said(answer, more),
        more=_more(answer),
        offered=answer.suggestions[:CHOICES] if answer.band is Band.CLARIFY or answer.parts else (),
        card_title=_within_bytes(answer.citations[0].question if answer.citations else f"{city}のご案内", 300),
        card_text=_card(answer),
    )


def shorten(text: str, limit_chars: int = SHORT_CHARS) -> tuple[str, str]:
    """Cleaned `text` as its first sentences, at least one, up to `limit_chars`; and the rest."""
    found = sentences(clean(text))
    head = ""
    while found and (not head or len(head) + len(found[0]) <= (LONG_CHARS if _EXCEPTION.match(found[0]) else limit_chars)):
        head += found.pop(0)
    if len(head) > LONG_CHARS:
        cut = head.rfind("、", 0, LONG_CHARS) + 1 or LONG_CHARS
        head, found = head[:cut].rstrip("、") + "。", [head[cut:], *found]
    return head, "".join(found)


def phone_twice(contact_phone: str) -> str:
    """A number that can be written down while it is said."""
    said = phone(contact_phone[:NAME_CHARS])
    return f"電話番号は、{said}。\nもう一度申し上げます。{said}。"


def _said(answer: Answer, more: str) -> str:
    if answer.act is Act.EMERGENCY:
        return _emergency(answer)
    if answer.parts:
        return _in_parts(answer, more)
    if answer.band is Band.CLARIFY and answer.suggestions:
        return _before_choices(answer.text) + _choices(answer.suggestions)
    if answer.band is Band.HANDOFF and answer.contact and answer.act is Act.QUESTION:
        return _why(answer.text, answer.contact) + _counter(answer.contact)
    head, rest = _shortened(answer)
    return read_out(head) + (more if rest else "")


def _shortened(answer: Answer) -> tuple[str, str]:
    """What is said of an answer at first, and the rest. Nobody would know of a table's row that was left out."""
    if answer.speech:
        return shorten(answer.speech, LONG_CHARS)
    return shorten(answer.text, LONG_CHARS if answer.act in (Act.TABLE, Act.GARBAGE) else SHORT_CHARS)


def _in_parts(answer: Answer, more: str) -> str:
    """Each part under its name, in a sentence or two; what is left to choose from comes last, where it is remembered."""
    told, has_more = [], False
    for part in answer.parts:
        if part.answer.band is Band.CLARIFY:
            said = _before_choices(part.answer.text)
        elif part.answer.band is Band.HANDOFF:
            said = _said(part.answer, more)
        else:
            head, rest = shorten(part.answer.speech or part.answer.text)
            said, has_more = read_out(head), has_more or bool(rest)
        told.append(f"{read_out(part.asked).rstrip('。')}、について。{said}")
    if answer.suggestions:
        return "\n".join([*told, _choices(answer.suggestions)])
    return "\n".join(told) + (more if has_more else "")


def _before_choices(text: str) -> str:
    """Why there are choices: 「収集日は地区ごとに違います。」"""
    return read_out("".join(s for s in sentences(clean(text)) if not _FOR_THE_EYE.search(s)))


def _emergency(answer: Answer) -> str:
    """All of it, and nothing without the number to call."""
    said = shorten(answer.speech or answer.text, LONG_CHARS)[0]
    return read_out(said if "119" in said or "110" in said else CALL_FOR_HELP + said)


def _choices(offered: Sequence[Suggestion]) -> str:
    named = [_named(choice.question) for choice in offered[:CHOICES]]
    if len(named) == 1:
        return f"お知りになりたいのは、{named[0]}、のことでしょうか。"
    listed = "\n".join(f"{place}は、{name}。" for place, name in zip(_EAR_ORDINALS, named, strict=False))
    return f"お知りになりたいのは、どれでしょうか。\n{listed}\n何番目か、お答えください。"


def _named(question: str) -> str:
    """A question as it is read out among others, a long one up to where it rests: half a number would be another."""
    said = read_out(question).rstrip("。？！?")
    if len(said) <= CHOICE_CHARS:
        return said
    rests = [at for rest in "、。" if (at := said.rfind(rest, 0, CHOICE_CHARS)) > 0]
    return said[: max(rests, default=CHOICE_CHARS)]


def _why(text: str, contact: Contact) -> str:
    """Why there is no answer: what stands before the counter, which is said in its own way."""
    said = ""
    for sentence in sentences(clean(text)):
        if contact.department in sentence or (contact.phone and contact.phone in sentence):
            break
        said += sentence
    return read_out(said[:LONG_CHARS]) or NOT_FOUND


def _counter(contact: Contact) -> str:
    hours = "ただいま受け付けています。" if contact.open_now else ""
    if not contact.open_now and contact.next_open_text:
        hours = f"次に開くのは、{read_out(contact.next_open_text).rstrip('。')}です。"
    name = read_out(contact.department)[:NAME_CHARS].rstrip("。")
    told = (f"{name}にお問い合わせください。", phone_twice(contact.phone) if contact.phone else "", hours)
    return "\n".join(part for part in told if part)


def _more(answer: Answer) -> tuple[str, ...]:
    """The rest of the text, or all of it when an approved short form was said in its place."""
    if answer.act is Act.EMERGENCY or answer.band is not Band.ANSWER:
        return ()
    if answer.parts:
        return _stretches(clean(answer.text))
    told = answer.speech if answer.speech and clean(answer.speech) != clean(answer.text) else None
    return _stretches(clean(answer.text) if told else _shortened(answer)[1])


def _stretches(left: str) -> tuple[str, ...]:
    stretches = []
    while left:
        head, left = shorten(left, LONG_CHARS)
        stretches.append(read_out(head))
    return tuple(stretches)


def _card(answer: Answer) -> str:
    """The whole answer, to be read later: text, choices, counter and sources."""
    parts = [answer.text]
    if answer.suggestions:
        parts.append("\n".join(f"・{s.question}" for s in answer.suggestions))
    if answer.contact:
        c = answer.contact
        parts.append(
            "\n".join(line for line in (f"お問い合わせ: {c.department}", f"電話: {c.phone}", c.location, c.hours) if line)
        )
    for citation in answer.citations:
        source = " ".join(part for part in (citation.source_title, citation.source_url) if part)
        parts.append(f"出典: {source}" if source else "")
    return _within_bytes("\n\n".join(part for part in parts if part), CARD_LIMIT_BYTES)


def _within_bytes(text: str, limit_bytes: int) -> str:
    raw = text.encode()
    return text if len(raw) <= limit_bytes else raw[: limit_bytes - 3].decode(errors="ignore") + "…"
