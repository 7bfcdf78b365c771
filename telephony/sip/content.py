"""What a request brings: the description of a session, and what is told of who takes part in it."""

from __future__ import annotations

from dataclasses import dataclass

from telephony.sip import recording_metadata, sdp
from telephony.sip.message import Request, Unreadable
from telephony.sip.multipart import Part, read_parts
from telephony.sip.recording_metadata import Metadata, read_metadata
from telephony.sip.refusal import Refusal
from telephony.sip.sdp import Section, read_sections

_SDP = "application/sdp"
ACCEPTED = ("accept", f"{_SDP}, {', '.join(sorted(recording_metadata.KINDS))}, multipart/mixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    sections: tuple[Section, ...] = ()  #: none: there is no offer
    metadata: Metadata | None = None
    tells: bool = False  #: whether there was metadata, and be it unreadable

    @classmethod
    def read(cls, request: Request) -> Content:
        """Metadata that can't be read costs nobody the recording. Raises Refusal where the rest can't."""
        headers = request.headers
        if headers["content-encoding"].strip().lower() not in ("", "identity"):
            raise Refusal(415, ("accept-encoding", "identity"))
        try:
            parts = read_parts(headers, request.body)
            described = next((p for p in parts if p.kind == _SDP or (not p.kind and p.content.lstrip().startswith(b"v="))), None)
            sections = read_sections(described.content) if described else ()
        except (Unreadable, sdp.Unreadable):
            raise Refusal(400) from None
        told = [p for p in parts if p.kind in recording_metadata.KINDS]
        if parts and not described and not told and len(parts) == 1:
            raise Refusal(415, ACCEPTED)
        return cls(sections=sections, metadata=_first_readable(told), tells=bool(told))


def _first_readable(parts: list[Part]) -> Metadata | None:
    for part in parts:
        try:
            return read_metadata(part.content)
        except recording_metadata.Unreadable:
            continue
    return None
