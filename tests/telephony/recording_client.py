"""A session border controller as far as a recorder sees it: SIPREC over TCP and the sound of both parties in real time."""

from __future__ import annotations

import re
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

import numpy as np

from telephony.media.g711 import MU_LAW
from telephony.ongoing import Samples

RATE_HZ = 8_000
FRAME = 160
_BOUNDARY = "unique-boundary-1"
_SORTED = np.argsort(MU_LAW, kind="stable")


def mu_law(samples: Samples) -> bytes:
    """The nearest code of each sample."""
    levels = MU_LAW[_SORTED].astype(np.int32)
    above = np.clip(np.searchsorted(levels, samples), 1, 255)
    nearer = np.where(samples - levels[above - 1] < levels[above] - samples, above - 1, above)
    return bytes(_SORTED[nearer].astype(np.uint8).tobytes())


@dataclass
class RecordingClient:
    """One session: `with` begins and ends it."""

    port: int  #: of the recorder
    caller: tuple[str, str] = ("0986001234", "鈴木花子")
    called: tuple[str, str] = ("0986768800", "")
    _control: socket.socket = field(init=False)
    _sound: socket.socket = field(init=False)
    _to: list[tuple[str, int]] = field(init=False)
    _tag: str = field(init=False)
    _is_over: bool = False
    _sent: list[int] = field(default_factory=lambda: [0, 0])

    def __enter__(self) -> RecordingClient:
        self.begin()
        return self

    def begin(self) -> None:
        self._control = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        self._sound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sound.bind(("127.0.0.1", 0))
        answer = self._ask("INVITE", 1, self._offer())
        assert answer.startswith("SIP/2.0 200"), answer
        self._tag = re.findall(r"(?im)^To:.*tag=([^;\s]+)", answer)[0]
        self._to = [("127.0.0.1", int(port)) for port in re.findall(r"m=audio (\d+)", answer)]
        self._say("ACK", 1)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None and not self._is_over:
            assert self._ask("BYE", 2).startswith("SIP/2.0 200")
        self.close()

    def close(self) -> None:
        """Without a word to the recorder."""
        self._control.close()
        self._sound.close()

    def speak(self, parties: tuple[Samples, Samples], while_speaking: Callable[[float], None] = lambda _: None) -> None:
        """Both at the same time, as fast as people do. `while_speaking` is told after each second how many have passed."""
        began, coded = time.monotonic(), [mu_law(samples) for samples in parties]
        for number in range(max(map(len, coded)) // FRAME):
            for leg, codes in enumerate(coded):
                self._send(leg, codes[number * FRAME : (number + 1) * FRAME])
            if number % 50 == 49:
                while_speaking((number + 1) / 50)
            time.sleep(max(0.0, began + (number + 1) * FRAME / RATE_HZ - time.monotonic()))

    def hung_up(self) -> bool:
        """Whether the recorder ends the call; it is answered."""
        received = self._control.recv(65_536).decode()
        own = re.findall(r"(?im)^(?:Via|From|To|Call-ID|CSeq):.*$", received)
        self._control.sendall(
            "\r\n".join(["SIP/2.0 200 OK", *(line.strip() for line in own), "Content-Length: 0"]).encode() + b"\r\n\r\n"
        )
        self._is_over = received.startswith("BYE ")
        return self._is_over

    def _send(self, leg: int, payload: bytes) -> None:
        if payload:
            n = self._sent[leg]
            header = struct.pack(">BBHII", 0x80, 0, n % 2**16, n * FRAME % 2**32, 100 + leg)
            self._sound.sendto(header + payload, self._to[leg])
            self._sent[leg] = n + 1

    def _ask(self, method: str, sequence: int, body: bytes = b"") -> str:
        self._say(method, sequence, body)
        answer = ""
        while not re.match(r"SIP/2\.0 [2-6]", answer):
            received = self._control.recv(65_536).decode()
            assert received, "the recorder closed the connection"
            answer = re.split(r"(?m)^(?=SIP/2\.0 )", answer + received)[-1]
        return answer

    def _say(self, method: str, sequence: int, body: bytes = b"") -> None:
        to_tag = f";tag={self._tag}" if hasattr(self, "_tag") else ""
        lines = [
            f"{method} sip:recorder@127.0.0.1:{self.port} SIP/2.0",
            f"Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK{method}{sequence}{id(self)}",
            "Max-Forwards: 70",
            f"From: <sip:sbc@127.0.0.1>;tag=src{id(self)}",
            f"To: <sip:recorder@127.0.0.1>{to_tag}",
            f"Call-ID: call-{id(self)}-{self._sound.getsockname()[1]}@sbc",
            f"CSeq: {sequence} {method}",
            "Contact: <sip:sbc@127.0.0.1;transport=tcp>;+sip.src",
            "Require: siprec",
            *([f"Content-Type: multipart/mixed;boundary={_BOUNDARY}"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._control.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def _offer(self) -> bytes:
        port = self._sound.getsockname()[1]
        media = "".join(f"m=audio {port} RTP/AVP 0\r\na=label:{label}\r\na=sendonly\r\n" for label in (1, 2))
        sdp = f"v=0\r\no=sbc 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n{media}"
        who = "".join(
            f'<participant participant_id="{key}"><nameID aor="sip:{number}@city"><name xml:lang="ja">{name}</name></nameID>'
            "</participant>"
            f'<stream stream_id="s{key}" session_id="x"><label>{key}</label></stream>'
            f'<participantstreamassoc participant_id="{key}"><send>s{key}</send></participantstreamassoc>'
            for key, (number, name) in (("1", self.caller), ("2", self.called))
        )
        metadata = f"<recording xmlns='urn:ietf:params:xml:ns:recording:1'><datamode>complete</datamode>{who}</recording>"
        return (
            f"--{_BOUNDARY}\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n"
            f"--{_BOUNDARY}\r\nContent-Type: application/rs-metadata+xml\r\nContent-Disposition: recording-session\r\n\r\n"
            f"{metadata}\r\n--{_BOUNDARY}--\r\n"
        ).encode()
