"""What a recording client tells of a call (RFC 7865), in the dialects of many makers: XML in, who takes part and who is on which
stream out. Names and elements are looked at without their namespaces, for hardly a maker's are the standard's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from lxml import etree

from telephony.sip.address import Uri, read_name, read_number
from telephony.sip.message import Unreadable as NoAddress

LONGEST_BYTES = 131_072
MOST_ELEMENTS = 2_000
DEEPEST = 16  #: elements within elements, each of which is looked through once for each that it is in
LONGEST_ID = 200
KINDS = frozenset({"application/rs-metadata", "application/rs-metadata+xml"})
_TIMES = ("associate-time", "disassociate-time")
_STAND_INS = frozenset({"asbce"})  #: Avaya's, until the real ones are told
_HOST = re.compile(r"[0-9]+\.[0-9.]+(:[0-9]+)?")  #: an address where no number is
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")


class Unreadable(ValueError):
    """What came is no such metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    number: str = ""
    name: str = ""
    calls: bool | None = None  #: a maker's word on who of them called


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Who takes part, by ids in the order in which they were first told of; who sends which stream, by labels."""

    partial: bool = False
    participants: dict[str, Participant] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)  #: label of a stream: its id
    senders: dict[str, frozenset[str]] = field(default_factory=dict)  #: id of a participant: the streams that it sends
    gone: frozenset[str] = frozenset()  #: participants that left
    latest_s: float | None = None  #: the last change that it tells of, by the client's clock

    def speakers(self, label: str) -> list[str]:
        """Who sends the stream of this label; nobody where the metadata doesn't say."""
        stream = self.labels.get(label)
        return [who for who, streams in self.senders.items() if stream in streams and who in self.participants]

    def with_news(self, news: Metadata) -> Metadata:
        """A whole snapshot replaces what was known, a part adds to it. Who is held sends nothing, but stays on its leg; who
        is told of again keeps the place in the order, which tells who called once both are known."""
        senders = self.senders | {who: streams or self.senders.get(who, streams) for who, streams in news.senders.items()}
        if not news.partial:
            both = self.participants if len(self.participants) > 1 else ()
            return replace(
                news,
                participants={who: news.participants[who] for who in both if who in news.participants} | news.participants,
                senders={who: streams for who, streams in senders.items() if who in news.participants},
            )
        participants = self.participants | {
            who: _known_better(self.participants.get(who), told) for who, told in news.participants.items()
        }
        gone = (self.gone - news.participants.keys()) | news.gone
        labels = self.labels | news.labels
        if len(participants) + len(gone) + len(labels) > MOST_ELEMENTS:
            return self  # no call has so many; what a client goes on telling costs nothing
        return Metadata(
            participants={who: told for who, told in participants.items() if who not in gone},
            labels=labels,
            senders={who: streams for who, streams in senders.items() if who not in gone},
            gone=gone,
        )


def _known_better(before: Participant | None, now: Participant) -> Participant:
    if before is None:
        return now
    calls = before.calls if now.calls is None else now.calls
    return replace(before, number=now.number or before.number, name=now.name or before.name, calls=calls)


def read_metadata(content: bytes) -> Metadata:
    """Raises Unreadable where it is no XML of a bearable size, or brings a document type of its own."""
    root = _parsed(content)
    elements = [e for e in root.iter() if isinstance(e.tag, str)]
    if len(elements) > MOST_ELEMENTS:
        raise Unreadable
    named: dict[str, list[etree._Element]] = {}
    for e in elements:
        named.setdefault(_local(e.tag), []).append(e)
    senders, gone = _associations(named)
    present = [(who, _participant(e)) for e in named.get("participant", ()) if (who := _id(e, "participant")) and who not in gone]
    participants = {who: told for who, told in present if told.number.lower() not in _STAND_INS}
    streams = [e for e in named.get("stream", ()) if _id(e, "stream")]
    named_by_call = _of_call_data(named)
    return Metadata(
        partial=any(
            (e.text or "").strip().lower() == "partial" for e in (*named.get("datamode", ()), *named.get("dataMode", ()))
        ),
        participants=named_by_call or participants,
        labels={label: _id(e, "stream") for e in streams if (label := _text(e, "label"))},
        senders={} if named_by_call else senders,
        gone=gone,
        latest_s=max((at_s for name in _TIMES for e in named.get(name, ()) if (at_s := _moment(e)) is not None), default=None),
    )


def _moment(e: etree._Element) -> float | None:
    """In seconds since any time; a client that names no zone never names one. None for what is no time."""
    try:
        told = datetime.fromisoformat((e.text or "").strip())
    except ValueError:
        return None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()


def _parsed(content: bytes) -> etree._Element:
    if len(content) > LONGEST_BYTES:
        raise Unreadable
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(content.strip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unreadable from None
    if root.getroottree().docinfo.doctype or any(sum(1 for _ in e.iterancestors()) > DEEPEST for e in root.iter()):
        raise Unreadable
    return root


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attribute(e: etree._Element, *names: str) -> str:
    """The first of these names that it has."""
    own = {_local(name): value for name, value in e.attrib.items()}
    return next((own[n].strip()[:LONGEST_ID] for n in names if own.get(n)), "")


def _id(e: etree._Element, kind: str) -> str:
    return _attribute(e, f"{kind}_id", "id")


def _within(e: etree._Element, *names: str) -> Iterator[etree._Element]:
    return (child for child in e.iter() if isinstance(child.tag, str) and _local(child.tag) in names)


def _text(e: etree._Element, *names: str) -> str:
    return next((text for child in _within(e, *names) if (text := (child.text or "").strip()[:LONGEST_ID])), "")


def _participant(e: etree._Element) -> Participant:
    aor = next((a for child in _within(e, "nameID", "nameId") if (a := _attribute(child, "aor"))), "") or _text(e, "aor")
    hint = _text(e, "callingParty").lower()
    calls = True if hint in _TRUE else False if hint in _FALSE else None
    return Participant(number=_number(aor), name=read_name(_text(e, "name")), calls=calls)


def _number(aor: str) -> str:
    """Of an address, which some makers write without its scheme, or as the number alone."""
    schemed = aor.partition(":")[0].lower() in ("sip", "sips", "tel")
    if not schemed and "@" not in aor:
        return "" if _HOST.fullmatch(aor) else read_number(aor)
    try:
        return Uri.read(aor if schemed else f"sip:{aor}").number
    except NoAddress:
        return ""


def _associations(named: dict[str, list[etree._Element]]) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Who sends what, and who is not there any more. Older drafts have `send` within the participant."""
    sends: dict[str, frozenset[str]] = {}
    gone = {_id(e, "participant") for e in named.get("participantsessionassoc", ()) if _left(e)}
    for e in (*named.get("participant", ()), *named.get("participantstreamassoc", ())):
        who, streams = _id(e, "participant"), frozenset(s for c in _within(e, "send") if (s := (c.text or "").strip()))
        if who and (streams or _local(e.tag) == "participantstreamassoc") and not _left(e):
            sends[who] = sends.get(who, frozenset()) | streams
    return sends, frozenset(gone - {""})


def _left(e: etree._Element) -> bool:
    return bool(_text(e, "disassociate-time") or _attribute(e, "disassociate-time"))


def _of_call_data(named: dict[str, list[etree._Element]]) -> dict[str, Participant]:
    """Ribbon's own words on the call, the only ones of its that name the right party: its streams have the senders crossed."""
    found: dict[str, Participant] = {}
    for e in named.get("callData", ()):
        for calls, names in ((True, ("fromhdr", "from", "From")), (False, ("tohdr", "to", "To"))):
            if told := _text(e, *names):
                found.setdefault(names[0], Participant(number=_number(_bare(told)), calls=calls))
    return found if len(found) == 2 else {}


def _bare(header: str) -> str:
    """The URI of a From or To as it stood on the wire."""
    return header.partition("<")[2].partition(">")[0] or header.partition(";")[0]
