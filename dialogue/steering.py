"""What is replied to a few words about the conversation itself."""

from __future__ import annotations

import re

from core.audience import Audience
from dialogue.answer import Act, Answer, Band, Contact
from dialogue.choice import place_in
from dialogue.counter import closed_note, sent_to_counter
from dialogue.cue import Cue, cue_in
from dialogue.smalltalk import THANKS
from retrieval.analysis import has_words, normalise

BY_NUMBER = "どれをお知りになりたいですか。「1番」のように、番号でお答えください。"
_LISTENING = "はい。知りたいことを、言葉でお聞かせください。"
_NOTHING_OFFERED = "番号で選べるご案内が、今はありません。知りたいことを、言葉でお聞かせください。"
_NO_PERSON = "ここでは、職員におつなぎできません。"
_NUMBER = re.compile("[0-9]{1,2}")
_OTHER_WORDS = "失礼しました。知りたいことを、別の言い方でお聞かせください。"


def ended() -> Answer:
    return _said(Act.THANKS, THANKS)


def waiting() -> Answer:
    """For the number of a choice."""
    return _said(Act.GREETING, BY_NUMBER)


def listening() -> Answer:
    return _said(Act.GREETING, _LISTENING)


def other_words(contact: Contact | None) -> Answer:
    """Asks for them, and names the counter of what was not meant."""
    by_phone = f"{contact.department}（電話{contact.phone}）でもご案内します。" if contact else ""
    return _said(Act.GREETING, _OTHER_WORDS + by_phone, contact)


def before_any_answer(text: str, contact: Contact | None, audience: Audience) -> Answer | None:
    """The reply to words about a conversation, a number of a choice, or a mark or a picture alone, where there was no choice: the
    conversation is over, or has not begun."""
    cue = cue_in(text)
    if cue is Cue.PERSON:
        return by_telephone(contact, audience)
    if cue:
        return ended() if cue is Cue.STOP else listening()
    if not has_words(text):
        return listening()
    is_number = _NUMBER.fullmatch(normalise(text)) or (re.search("[番目]", text) and place_in(text, 0) is not None)
    return _said(Act.GREETING, _NOTHING_OFFERED) if is_number else None


def by_telephone(contact: Contact | None, audience: Audience) -> Answer:
    """For who wants to speak with somebody."""
    return sent_to_counter(_NO_PERSON, contact, audience, 1.0)


def told_all(last: Answer, contact: Contact | None) -> Answer:
    """Nothing more is written than what was told; its counter knows more."""
    counter = f"{contact.department}（電話{contact.phone}）" if contact else "市役所"
    return Answer(
        band=Band.HANDOFF,
        act=last.act,
        text=f"ご案内できるのは、先ほどの内容までです。くわしくは{counter}にお尋ねください。" + closed_note(contact),
        confidence=last.confidence,
        citations=last.citations,
        contact=contact,
        topic=last.topic,
    )


def _said(act: Act, text: str, contact: Contact | None = None) -> Answer:
    return Answer(band=Band.ANSWER, act=act, text=text, confidence=1.0, contact=contact)
