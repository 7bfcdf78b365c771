"""Opus packets of a live stream in, samples at 16 kHz out: decoded by a sealed process that the stream has to itself."""

from __future__ import annotations

import os
import select
import struct
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import IO

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
_AT_ONCE = 16  #: packets whose PCM a pipe holds, 64 KiB, so that the process never waits for us to read
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
        with self._lock:
            return [pcm for at in range(0, len(packets), _AT_ONCE) for pcm in self._decoded(packets[at : at + _AT_ONCE])]

    def _decoded(self, packets: Sequence[bytes]) -> list[npt.NDArray[np.int16] | None]:
        until_s = time.monotonic() + _ANSWERS_WITHIN_S
        sent = [0 < len(data) <= LONGEST_PACKET_BYTES for data in packets]
        asked = b"".join(_PACKET_LENGTH.pack(len(data)) + data for data, is_sent in zip(packets, sent, strict=True) if is_sent)
        try:
            self._write(asked, until_s)
            return [self._answer(until_s) if is_sent else None for is_sent in sent]
        except (BrokenPipeError, EOFError):
            _log.warning("opus_decoder_ended")
            raise _not_opus() from None

    def _answer(self, until_s: float) -> npt.NDArray[np.int16] | None:
        (length,) = _PCM_LENGTH.unpack(self._read(_PCM_LENGTH.size, until_s))
        if length == _NOT_OPUS:
            return None
        if not 0 <= length <= _LONGEST_PCM_BYTES or length % SAMPLE_BYTES:
            raise EOFError  # nothing that it says can be believed any more
        return np.frombuffer(self._read(length, until_s), "<i2").astype(np.int16)

    def _write(self, data: bytes, until_s: float) -> None:
        while data:
            _wait(self._packets, select.POLLOUT, until_s)
            data = data[os.write(self._packets.fileno(), data) :]

    def _read(self, size: int, until_s: float) -> bytes:
        read = b""
        while len(read) < size:
            _wait(self._answers, select.POLLIN, until_s)
            part = os.read(self._answers.fileno(), size - len(read))
            if not part:
                raise EOFError
            read += part
        return read

    def _close(self) -> None:
        self._packets.close()
        self._answers.close()


def _wait(pipe: IO[bytes], event: int, until_s: float) -> None:
    waiting = select.poll()
    waiting.register(pipe, event)
    if not waiting.poll(max(0.0, until_s - time.monotonic()) * 1000):
        raise EOFError


def _not_opus() -> InvalidInput:
    return InvalidInput("Opus の音声として読めません。1通に Opus のパケットを1つずつ入れて、送ってください。")
