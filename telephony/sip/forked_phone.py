"""A phone of Cisco's that sends both sides of its call apart, each in a call of its own that names the other's."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from telephony.sip.address import Address, read_number
from telephony.sip.message import Request, Unreadable
from telephony.sip.parties import Parties, Party


@dataclass(frozen=True, slots=True)
class ForkedPhone:
    """What the From of such a call tells (Cisco Unified CM, built-in bridge)."""

    name: str  #: of the call that is recorded, the same in both
    near: bool  #: whether it is the phone's own side
    near_number: str
    far_number: str

    @classmethod
    def read(cls, request: Request) -> ForkedPhone | None:
        """None for every other call."""
        try:
            address = Address.read(request.headers["from"])
        except Unreadable:
            return None
        told = address.uri.parameters | address.parameters
        if "x-refci" not in told or not {"x-nearend", "x-farend"} & told.keys():
            return None
        near_number, far_number = (read_number(unquote(told.get(name, ""))) for name in ("x-nearendaddr", "x-farendaddr"))
        return cls(told["x-refci"], "x-nearend" in told, near_number, far_number)

    def parties(self, leg: int) -> Parties:
        """The phone is the city hall's, or it could not be made to do this. `leg` is where this side is heard."""
        ours, other = Party.told(self.near_number, ""), Party.told(self.far_number, "")
        return Parties(ours=ours, other=other, our_leg=leg if self.near else 1 - leg)
