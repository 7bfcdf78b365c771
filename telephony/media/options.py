"""What an operator decides about the sound of calls."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import SettingsError
from telephony.networks import PRIVATE, Network


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaOptions:
    """Where sound is received, and how much of it."""

    host: str = "127.0.0.1"  #: the address of the ports
    first_port: int = 16_384  #: even; a leg takes it and the next, which is RTCP's
    last_port: int = 17_383
    rest_s: float = 10.0  #: a freed port is not given away for so long: late packets of one call never get into another
    longest_call_s: float = 4 * 3_600.0  #: nothing is kept of what comes later
    networks: tuple[Network, ...] = PRIVATE  #: from elsewhere only such senders are heard as the signalling names

    def __post_init__(self) -> None:
        if self.first_port % 2 or not 1_024 <= self.first_port < self.last_port <= 65_535:
            raise SettingsError("音声を受けるポートの範囲は、1024 以上の偶数から始め、65535 までにしてください。")
