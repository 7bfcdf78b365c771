"""Opus packets over a pipe in, the PCM of each over another one out: the process that decodes a live stream, limited and sealed.

Run in a process of its own by `forking.py`.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import av
from av.error import FFmpegError

from asr import seal
from asr.errand import Errand
from asr.media import pulled, resampling

PACKET_LENGTH = struct.Struct("<H")  #: before each packet
PCM_LENGTH = struct.Struct("<i")  #: before the PCM that it gave; negative where it is no Opus
_PIPE_BYTES = 1 << 16


def work(errand: Errand, files: Sequence[int]) -> None:
    """Answer each packet, and end this process with the stream.

    Args:
        files: descriptors of the pipe of packets and of that of PCM.
    """
    seal.limit(memory_bytes=errand.memory_bytes, file_bytes=0, cpu_s=errand.cpu_s)
    packets, answers = io.FileIO(files[0], "rb", closefd=False), io.FileIO(files[1], "wb", closefd=False)
    decoder = _Decoder()
    seal.seal()
    heard = bytearray()
    while part := packets.read(_PIPE_BYTES):
        heard += part
        answers.write(b"".join(map(decoder.answer, _cut(heard))))  # at once: who asked is woken once for all of them
    os._exit(0)


def _cut(heard: bytearray) -> Iterator[bytes]:
    """Take the packets that are whole."""
    at = 0
    while len(heard) - at >= PACKET_LENGTH.size:
        (length,) = PACKET_LENGTH.unpack_from(heard, at)
        end = at + PACKET_LENGTH.size + length
        if len(heard) < end:
            break
        yield bytes(heard[at + PACKET_LENGTH.size : end])
        at = end
    del heard[:at]


class _Decoder:
    """Of one stream."""

    def __init__(self) -> None:
        self._codec: Any = av.CodecContext.create("libopus", "r")
        self._codec.thread_count = 1
        self._graph: Any = None

    def answer(self, packet: bytes) -> bytes:
        """Its PCM, with its length before it."""
        try:
            frames = self._codec.decode(av.Packet(packet))
        except FFmpegError:
            return PCM_LENGTH.pack(-1)
        made = b""
        for frame in frames:
            self._graph = self._graph or resampling(frame, "mono")
            frame.pts = None
            self._graph.push(frame)
            made += b"".join(bytes(part.planes[0])[: part.samples * 2] for part in pulled(self._graph))
        return PCM_LENGTH.pack(len(made)) + made
