"""The topmost Via of a request: by which way its response goes back (RFC 3261 18.2.2, RFC 3581)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from telephony.sip.address import split_port
from telephony.sip.message import Unreadable
from telephony.sip.text import read_parameters, split_outside

COOKIE = "z9hG4bK"
_PORT = 5060
_PROTOCOL = re.compile(r"SIP\s*/\s*2\.0\s*/\s*(?P<transport>[A-Za-z0-9\-.!%*_+`'~]+)\s+(?P<place>\S.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Via:
    transport: str
    host: str
    port: int | None
    parameters: dict[str, str]
    written: str  #: as it came

    @classmethod
    def read(cls, text: str) -> Via:
        """The first of a list. Raises Unreadable."""
        written = split_outside(text, ",")[0]
        first, *parameters = split_outside(written, ";")
        read = _PROTOCOL.fullmatch(first)
        if read is None:
            raise Unreadable
        host, port = split_port("".join(read["place"].split()))
        return cls(read["transport"].upper(), host, port, read_parameters(parameters), written)

    @property
    def branch(self) -> str:
        """What names the transaction; nothing where a peer of before RFC 3261 sent none."""
        branch = self.parameters.get("branch", "")
        return branch if branch.startswith(COOKIE) and len(branch) > len(COOKIE) else ""

    def reply_port(self, source_port: int) -> int:
        """Where a datagram with the response goes, at the address that the request came from."""
        return source_port if "rport" in self.parameters else self.port or _PORT

    def seen_from(self, host: str, port: int) -> str:
        """As it stands in the response: as it came, but for the address that the request was seen to come from."""
        place, *parameters = split_outside(self.written, ";")
        seen = {"received": f"received={host}"} | ({"rport": f"rport={port}"} if "rport" in self.parameters else {})
        kept = [p for p in parameters if p.partition("=")[0].strip().lower() not in seen]
        return ";".join([place, *kept, *seen.values()])
