"""The telephone numbers of the city hall and what each is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from telephony.call import OUR_NAME
from telephony.ongoing import Before, LiveCall
from telephony.sip.numbers import Numbers


@dataclass(frozen=True, slots=True)
class Lines:
    """Names by numbers, or by how numbers begin: 0986761111, 09867688*."""

    named: Mapping[str, str]

    def name(self, number: str, told: str = "") -> str:
        """Of the city hall's side of a call, where the longest of the beginnings says more than a shorter one; what the exchange
        told where the city named none."""
        for written in sorted(self.named, key=len, reverse=True):
            if number in Numbers.read((written,)):
                return f"{OUR_NAME}（{self.named[written]}）"
        return told or OUR_NAME

    def applied(self, call: LiveCall) -> LiveCall:
        """A call, of which the city hall's side is called as the city calls it."""

        def known(earlier: Before) -> Before:
            is_ours = earlier.leg == call.our_leg
            return replace(earlier, name=self.name(earlier.number, earlier.name)) if is_ours else earlier

        our_name = self.name(call.our_number, call.our_name)
        return replace(call, our_name=our_name, before=tuple(known(earlier) for earlier in call.before))
