"""What tests of satellites share: a listener on a real socket, and the protocol's own client to talk to it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import soundfile
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.event import Event, Eventable
from wyoming.handle import Handled, NotHandled

from server.satellites.listener import Listener
from server.service import Service

CHUNK_SAMPLES = 1_024  # as wyoming-satellite sends it


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@asynccontextmanager
async def listening(service: Service) -> AsyncIterator[Listener]:
    """The satellites of a service are served until the block ends."""
    listener = Listener(service)
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop()


@asynccontextmanager
async def connected(service: Service) -> AsyncIterator[AsyncTcpClient]:
    async with connected_to(service.settings.wyoming_port) as client:
        yield client


def connected_to(port: int) -> AsyncTcpClient:
    return AsyncTcpClient("127.0.0.1", port, connect_timeout=5, read_timeout=120)


async def exchange(client: AsyncTcpClient, *sent: Eventable) -> Event:
    """The event that comes back."""
    for event in sent:
        await client.write_event(event.event())
    back = await client.read_event()
    assert back is not None, "the connection was closed"
    return back


async def transcribed(service: Service, events: Sequence[Eventable]) -> Event:
    """What comes back for events on a connection of their own."""
    async with listening(service), connected(service) as client:
        return await exchange(client, *events)


async def said(client: AsyncTcpClient, text: str, conversation: str | None = None) -> Handled | NotHandled:
    context = {"conversation_id": conversation} if conversation else None
    back = await exchange(client, Transcript(text=text, context=context, language="ja"))
    assert back.type in ("handled", "not-handled"), back
    return Handled.from_event(back) if back.type == "handled" else NotHandled.from_event(back)


def question(sound: Path) -> list[Eventable]:
    """The events in which Home Assistant sends a spoken question."""
    samples, rate = soundfile.read(sound, dtype="int16")
    return recorded(samples.tobytes(), rate=rate)


def recorded(pcm: bytes, *, rate: int, width: int = 2, channels: int = 1) -> list[Eventable]:
    format_ = {"rate": rate, "width": width, "channels": channels}
    size = CHUNK_SAMPLES * width * channels
    chunks = [AudioChunk(**format_, audio=pcm[at : at + size]) for at in range(0, len(pcm), size)]
    return [Transcribe(language="ja"), AudioStart(**format_), *chunks, AudioStop()]


def told_to_a_satellite(service: Service, questions: Sequence[str]) -> list[str]:
    """What a satellite says to each question, in one conversation; sent and received over its socket."""

    async def ask_all() -> list[str]:
        async with listening(service):
            return await all_told(service.settings.wyoming_port, questions)

    return asyncio.run(ask_all())


def told_at_port(port: int, questions: Sequence[str]) -> list[str]:
    """The same of a server that runs already."""
    return asyncio.run(all_told(port, questions))


async def all_told(port: int, questions: Sequence[str]) -> list[str]:
    async with connected_to(port) as client:
        return [(await said(client, text)).text or "" for text in questions]
