"""Recordings in, sent to a server's live stream as fast as they were spoken; how late its texts are and what they cost out."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from websockets.asyncio.client import ClientConnection, connect

from core.errors import InvalidInput, MadoguchiError
from eval.cer import errors
from eval.cpu import cpu_s
from eval.recordings import RATE_HZ, Recording

_MESSAGE_S = 0.1
_PAUSE_S = 1.2  #: between two recordings
_READY_WITHIN_S = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What one speaker says: 16-bit samples at `RATE_HZ`."""

    samples: npt.NDArray[np.int16]
    reference: str

    @property
    def duration_s(self) -> float:
        return len(self.samples) / RATE_HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFigures:
    """What a measurement of so many speakers at a time gives."""

    speakers: int
    audio_s: float
    finals: int
    final_after_s: tuple[float, float]  #: p50 and p95 from the end of an utterance in the sound to its text at the client
    partial_every_s: tuple[float, float]  #: p50 and p95 from text to text while somebody speaks
    cpu_s: float  #: of the server, for each second of a speaker's sound
    cer: float | None


@dataclass(slots=True, kw_only=True)
class _Heard:
    """What one client got. Times are since its first sample."""

    finals: list[tuple[float, float, str]] = field(default_factory=list)  #: arrived, end of the utterance, text
    partials_s: list[float] = field(default_factory=list)  #: from text to text


def tracks(recordings: Sequence[Recording], speakers: int, longest_s: float) -> list[Track]:
    """The recordings dealt out to the speakers, with pauses between; each has at most `longest_s` to say. Where there are too
    few, several say the same."""
    if not recordings:
        raise InvalidInput("話す声の録音がありません。--manifest の中身と --set の名前を確認してください。")
    dealt = [recordings[n::speakers] or [recordings[n % len(recordings)]] for n in range(speakers)]
    return [_track(own, longest_s) for own in dealt]


def _track(recordings: Sequence[Recording], longest_s: float) -> Track:
    pause = np.zeros(round(_PAUSE_S * RATE_HZ), np.int16)
    parts, said, length = [pause], "", 0
    for recording in recordings:
        samples, rate_hz = soundfile.read(recording.path, dtype="int16", always_2d=True)
        if rate_hz != RATE_HZ:
            raise InvalidInput(f"{recording.path.name} は {RATE_HZ} Hz ではありません。16 kHz の録音を使ってください。")
        if length and length + len(samples) > longest_s * RATE_HZ:
            break
        parts += [samples[:, 0], pause]
        said += recording.references[0]
        length += len(samples)
    return Track(samples=np.concatenate(parts), reference=said)


@contextmanager
def server_for(home: Path) -> Iterator[tuple[str, dict[str, str], int]]:
    """A server of its own, until the block ends: the address of its stream, the headers to send, its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    key = secrets.token_urlsafe()
    env = os.environ | {"MADOGUCHI_HOME": str(home), "MADOGUCHI_API_KEY": key, "MADOGUCHI_ZONE": "staff"}
    command = [str(Path(sys.executable).with_name("madoguchi")), "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        url, headers = f"ws://127.0.0.1:{port}/api/asr/stream", {"Authorization": f"Bearer {key}"}
        asyncio.run(_wait_until_ready(url, headers, process))
        yield url, headers, process.pid
    finally:
        process.terminate()
        process.wait()


async def _wait_until_ready(url: str, headers: dict[str, str], process: subprocess.Popen[bytes]) -> None:
    """Until a stream was opened and closed, so that the model is loaded."""
    end_s = time.monotonic() + _READY_WITHIN_S
    while process.poll() is None and time.monotonic() < end_s:
        try:
            async with connect(url, additional_headers=headers) as stream:
                await _start(stream)
                await stream.send('{"type":"stop"}')
                async for message in stream:
                    if json.loads(message)["type"] == "closed":
                        return
        except OSError:
            await asyncio.sleep(0.2)
    raise MadoguchiError("サーバーを起動できません。madoguchi serve を直接実行して、表示を確認してください。")


def measure_live(url: str, headers: dict[str, str], pid: int, spoken: Sequence[Track]) -> LiveFigures:
    """Send each track over a stream of its own, all at the same time."""
    before_s = cpu_s(pid)
    heard = asyncio.run(_all(url, headers, spoken))
    taken_s = cpu_s(pid) - before_s
    audio_s = sum(t.duration_s for t in spoken)
    late = [arrived_s - end_s for h in heard for arrived_s, end_s, _ in h.finals]
    counts = [errors(t.reference, "".join(f[2] for f in h.finals)) for t, h in zip(spoken, heard, strict=True)]
    characters = sum(n for _, n in counts)
    return LiveFigures(
        speakers=len(spoken),
        audio_s=audio_s,
        finals=len(late),
        final_after_s=_quantiles(late),
        partial_every_s=_quantiles([gap for h in heard for gap in h.partials_s]),
        cpu_s=taken_s / audio_s,
        cer=sum(wrong for wrong, _ in counts) / characters if characters else None,
    )


async def _all(url: str, headers: dict[str, str], spoken: Sequence[Track]) -> list[_Heard]:
    return await asyncio.gather(*(_one(url, headers, track) for track in spoken))


async def _one(url: str, headers: dict[str, str], track: Track) -> _Heard:
    async with connect(url, additional_headers=headers, max_size=None) as stream:
        await _start(stream)
        began_s = time.monotonic()
        sending = asyncio.create_task(_send(stream, track, began_s))
        heard = await _listen(stream, began_s)
        await sending
        return heard


async def _start(stream: ClientConnection) -> None:
    await stream.send(json.dumps({"type": "start", "format": "pcm16", "rate": RATE_HZ}))


async def _send(stream: ClientConnection, track: Track, began_s: float) -> None:
    """Each message when its last sample has been said."""
    size = round(_MESSAGE_S * RATE_HZ)
    for at in range(0, len(track.samples), size):
        await asyncio.sleep(began_s + (at + size) / RATE_HZ - time.monotonic())
        await stream.send(track.samples[at : at + size].astype("<i2").tobytes())
    await stream.send('{"type":"stop"}')


async def _listen(stream: ClientConnection, began_s: float) -> _Heard:
    heard = _Heard()
    last_s: float | None = None
    async for message in stream:
        at_s, said = time.monotonic() - began_s, json.loads(message)
        match said["type"]:
            case "partial":
                heard.partials_s.append(at_s - (said["start"] if last_s is None else last_s))
                last_s = at_s
            case "final":
                heard.finals.append((at_s, said["end"], said["text"]))
                last_s = None
            case "error":
                raise MadoguchiError(said["message"])
    return heard


def _quantiles(seconds: Sequence[float]) -> tuple[float, float]:
    if not seconds:
        return 0.0, 0.0
    half, most = np.quantile(seconds, [0.5, 0.95])
    return float(half), float(most)
