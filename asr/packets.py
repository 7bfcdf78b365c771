"""Opus packets over a pipe in, the PCM of each over another one out: the process that decodes a live stream, limited and sealed.

Run in a process of its own by `forking.py`.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Sequence
from typing import Any

import av
from av.error import FFmpegError

from asr import seal
from asr.errand import Errand
from asr.resampling import pulled, resampling

PACKET_LENGTH = struct.Struct("<H")  #: before each packet
PCM_LENGTH = struct.Struct("<i")  #: before the PCM that it gave; negative where it is no Opus


def work(errand: Errand, files: Sequence[int]) -> None:
    """Answer each packet, and end this process with the stream.

    Args:
        files: descriptors of the pipe of packets and of that of PCM.
    """
    seal.limit(memory_bytes=errand.memory_bytes, file_bytes=0, cpu_s=errand.cpu_s)
    packets, answers = io.FileIO(files[0], "rb", closefd=False), io.FileIO(files[1], "wb", closefd=False)
    codec: Any = av.CodecContext.create("libopus", "r")
    codec.thread_count = 1
    seal.seal()
    graph: Any = None
    with io.BufferedReader(packets) as source:
        while head := source.read(PACKET_LENGTH.size):
            try:
                frames = codec.decode(av.Packet(source.read(*PACKET_LENGTH.unpack(head))))
            except FFmpegError:
                answers.write(PCM_LENGTH.pack(-1))
                continue
            made = b""
            for frame in frames:
                graph = graph or resampling(frame, "mono")
                frame.pts = None
                graph.push(frame)
                made += b"".join(bytes(part.planes[0])[: part.samples * 2] for part in pulled(graph))
            answers.write(PCM_LENGTH.pack(len(made)) + made)
    os._exit(0)
