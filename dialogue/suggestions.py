"""Entries to choose from in, their questions out, so that versions of a document and parts of an article do not read alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from core.audience import Audience
from dialogue.answer import Act, Answer, Band, Contact, Suggestion
from retrieval.entry import DOCUMENT_PREFIX, Entry
from retrieval.hit import Found

OFFER_WITHIN = 1.5  #: a choice must score at most so far below the first, else it is no real alternative
NEAR_SHARE = 0.6  #: of the first one's score, that a passage must reach to be named besides
WHICH = "次の中に、お知りになりたいことはありますか。近いものを選んでください。"
WHETHER = "お知りになりたいのは、次のことでしょうか。"  #: where one choice is all there is
WHICH_IS_RIGHT = "同じことを尋ねる項目に、食い違う回答があります。どちらが正しいか、担当課に確かめてください。"
WHICH_BELOW = "はっきりお答えできません。このあとの質問に、お知りになりたいことがあれば選んでください。"  #: of a part of several


def choices_of(entries: Sequence[Entry]) -> tuple[Suggestion, ...]:
    """The questions; those that are the same say their document, and those of one document that they go on."""
    times = Counter(e.question for e in entries)
    documents: dict[str, list[str]] = {}
    offered = []
    for entry in entries:
        document, _, _ = entry.id.rpartition(":")
        before = documents.setdefault(entry.question, [])
        label = entry.question
        if times[label] > 1 and document.startswith(DOCUMENT_PREFIX):
            part = "の続き" * before.count(document)
            label += f"（{document.removeprefix(DOCUMENT_PREFIX).replace('／', '/')}{part}）"
        before.append(document)
        offered.append(Suggestion(entry_id=entry.id, question=label))
    return tuple(offered)


def offered(entries: Sequence[Entry], text: str, confidence: float, contact: Contact | None) -> Answer:
    """The choice between them."""
    choices = choices_of(entries)
    return Answer(band=Band.CLARIFY, act=Act.QUESTION, text=text, confidence=confidence, suggestions=choices, contact=contact)


def passages_of(found: Found, audience: Audience, *, without: Collection[str] = ()) -> tuple[Suggestion, ...]:
    """What of documents staff may look into besides: who knows the rule sees by its heading whether it is the one. An approved
    answer says what the law is, and the city's own rule may say more."""
    if audience is not Audience.STAFF or not found.hits:
        return ()
    least = NEAR_SHARE * found.hits[0].score
    near = [h.entry for h in found.hits if h.score >= least and h.entry.id not in without and h.entry.is_passage]
    return choices_of(near)
