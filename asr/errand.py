"""What is asked of the decoding process, and the faults that it can come back with: light, as both sides import it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

SAMPLE_RATE_HZ = 16_000
SAMPLE_BYTES = 2


class Fault(StrEnum):
    """Why there is no PCM. `sandbox.py` has the sentence for each."""

    UNREADABLE = "unreadable"  #: not a container that is known
    UNOPENED = "unopened"  #: starts like one, and can't be opened
    NO_AUDIO = "no_audio"
    STRANGE = "strange"  #: an unknown codec, or a sample rate or a number of channels that no recorder has
    CHANNELS = "channels"  #: more of them than there are sinks, where each was to have its own
    CUT = "cut"  #: shorter than it says; at_s of whole_s
    STOPS = "stops"  #: ends inside its last unit; at_s
    DAMAGED = "damaged"  #: a part could not be decoded
    NO_LENGTH = "no_length"
    TOO_LONG = "too_long"
    EXHAUSTED = "exhausted"  #: more memory, time or disk than a recording needs
    FAILED = "failed"  #: the decoder itself; kind
    DISK = "disk"  #: the sink could not be written, which is not the file's fault; errno


class Work(StrEnum):
    """What a process is asked to decode."""

    FILE = "file"  #: into sinks
    PACKETS = "packets"  #: of Opus, one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What to decode. The process gets it and where to write as descriptors that are open already: it can open none."""

    work: Work = Work.FILE
    suffix: str = ""  #: of the file's name: a hint at its form
    longest_s: float
    memory_bytes: int
    cpu_s: int

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Errand:
        return cls(**json.loads(text))
