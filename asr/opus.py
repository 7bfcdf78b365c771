"""Opus packets of a live stream in, samples at 16 kHz out: decoded by a sealed process that the stream has to itself."""

from __future__ import annotations

import os
import select
import struct
import threading
from collections.abc import Iterator, Sequence
from types import TracebackType

import numpy as np
import numpy.typing as npt

from asr.errand import SAMPLE_BYTES, SAMPLE_RATE_HZ, Errand, Work
from asr.template import Template, template
from core.errors import InvalidInput
from core.logging import logger

LONGEST_PACKET_BYTES = 48 * 1275  #: RFC 6716, 3.2.5: a packet has at most 48 frames of at most 1275 bytes

_PACKET_LENGTH, _PCM_LENGTH = struct.Struct("<H"), struct.Struct("<i")  # as asr.packets has them
_NOT_OPUS = -1
_LONGEST_PCM_BYTES = SAMPLE_RATE_HZ * SAMPLE_BYTES  # a packet holds at most 120 ms
_PIPE_BYTES = 1 << 16
_ANSWERS_WITHIN_S = 10.0
_MEMORY_BYTES = 1 << 29
_CPU_S, _CPU_SHARE = 10.0, 0.05  # to begin with, and of the stream's longest length: several times what it takes
_log = logger("asr.opus")


class Opus:
    """One stream's packets (RFC 6716), mono or stereo, each as it came from an encoder.

    Raises:
        MadoguchiError: no process can be started here.
    """

    def __init__(self, longest_s: float, used: Template | None = None) -> None:
        cpu_s = round(_CPU_S + _CPU_SHARE * longest_s)
        errand = Errand(work=Work.PACKETS, longest_s=longest_s, memory_bytes=_MEMORY_BYTES, cpu_s=cpu_s)
        self._lock = threading.Lock()
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        os.set_blocking(ours_out, False)
        self._packets, self._answers = os.fdopen(ours_out, "wb", 0), os.fdopen(ours_in, "rb", 0)
        try:
            with os.fdopen(theirs_in, "rb") as source, os.fdopen(theirs_out, "wb") as sink:
                self._child = (used or template()).begin(errand, [source, sink])
        except Exception:
            self._close()
            raise

    def __enter__(self) -> Opus:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process, and what waits for it."""
        self._child.end()
        with self._lock:
            self._close()

    def samples(self, data: bytes) -> npt.NDArray[np.float32]:
        """What a packet holds, in [-1, 1].

        Raises:
            InvalidInput: it is not a packet of Opus, or one that the decoder did not survive.
        """
        if not data:
            return np.zeros(0, np.float32)
        (pcm,) = self.decode([data])
        if pcm is None:
            raise _not_opus()
        return pcm.astype(np.float32) / np.float32(32768)

    def decode(self, packets: Sequence[bytes]) -> list[npt.NDArray[np.int16] | None]:
        """What each of some packets holds; None for what is not a packet of Opus.

        Raises:
            InvalidInput: the decoder did not survive one of them, and decodes no more.
        """
        sent = [0 < len(data) <= LONGEST_PACKET_BYTES for data in packets]
        asked = b"".join(_PACKET_LENGTH.pack(len(data)) + data for data, is_sent in zip(packets, sent, strict=True) if is_sent)
        try:
            with self._lock:
                answers = iter(self._ask(asked, sum(sent)))
        except (BrokenPipeError, EOFError):
            _log.warning("opus_decoder_ended")
            raise _not_opus() from None
        return [next(answers) if is_sent else None for is_sent in sent]

    def _ask(self, asked: bytes, count: int) -> list[npt.NDArray[np.int16] | None]:
        """Write and read at once, as the pipes need not hold all of it. Raises BrokenPipeError and EOFError."""
        left, heard, found = memoryview(asked), bytearray(), list[npt.NDArray[np.int16] | None]()
        packets, answers = self._packets.fileno(), self._answers.fileno()
        pipes = select.poll()
        pipes.register(answers, select.POLLIN)
        pipes.register(packets, select.POLLOUT)
        while len(found) < count:
            ready = dict(pipes.poll(_ANSWERS_WITHIN_S * 1000))
            if not ready:
                raise EOFError
            if packets in ready:
                left = left[os.write(packets, left) :]
                if not left:
                    pipes.unregister(packets)
            if answers in ready:
                part = os.read(answers, _PIPE_BYTES)
                if not part:
                    raise EOFError
                heard += part
                found += _cut(heard)
        return found

    def _close(self) -> None:
        self._packets.close()
        self._answers.close()


def _cut(heard: bytearray) -> Iterator[npt.NDArray[np.int16] | None]:
    """Take the answers that are whole. Raises EOFError where nothing that is said can be believed any more."""
    at = 0
    while len(heard) - at >= _PCM_LENGTH.size:
        (length,) = _PCM_LENGTH.unpack_from(heard, at)
        if length != _NOT_OPUS and (not 0 <= length <= _LONGEST_PCM_BYTES or length % SAMPLE_BYTES):
            raise EOFError
        begin = at + _PCM_LENGTH.size
        end = begin + max(0, length)
        if len(heard) < end:
            break
        yield None if length == _NOT_OPUS else np.frombuffer(bytes(heard[begin:end]), "<i2").astype(np.int16)
        at = end
    del heard[:at]


def _not_opus() -> InvalidInput:
    return InvalidInput("Opus の音声として読めません。1通に Opus のパケットを1つずつ入れて、送ってください。")
