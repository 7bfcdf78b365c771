"""The satellites' port: what is wrong ends its own connection, nobody holds others up, it is open only where it should be."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import Response
from satellite_kit import connected, exchange, free_port, listening, question, said, transcribed
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event, async_read_event
from wyoming.info import Describe
from wyoming.tts import Synthesize

from core.audience import Audience
from core.errors import Busy, MadoguchiError
from core.logging import JsonFormatter
from core.settings import Settings, Zone
from server.routes.health import readyz
from server.satellites import connection, frames, listener, services
from server.satellites.listener import satellites
from server.service import Service
from tests.conftest import Speech

ASKED = "印鑑登録をしたい"


async def sent_raw(service: Service, raw: bytes) -> Event | None:
    """The event that comes back for bytes; None where the connection is closed without one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service.settings.wyoming_port)
    try:
        writer.write(raw)
        await writer.drain()
        back = await asyncio.wait_for(async_read_event(reader), 30)
        if back is not None and back.type == "error":
            assert await asyncio.wait_for(reader.read(), 30) == b"", "the connection stays open"
    except ConnectionError:
        return None
    else:
        return back
    finally:
        writer.close()


async def served(service: Service) -> None:
    async with connected(service) as client:
        assert (await exchange(client, Describe())).type == "info"


def refused(back: Event | None) -> Error:
    assert back is not None
    assert back.type == "error", back
    error = Error.from_event(back)
    assert re.search("[ぁ-ん].*。$", error.text)
    return error


# -- what is refused


@pytest.mark.parametrize(
    "raw",
    [
        b"hello\n",
        b"[]\n",
        b"{}\n",
        b'{"type": 7}\n',
        b'{"type": "transcript", "data": []}\n',
        b'{"type": "transcript", "data": {"text": 7}}\n',
        b'{"type": "transcript", "data": {"text": "\\ud800"}}\n',
        b'{"type": "transcript", "data_length": -1}\n',
        b'{"type": "transcript", "data_length": "x"}\n',
        b'{"type": "transcript", "data_length": 2}\n[]',
        b'{"type": "transcript", "data_length": 50000}\n' + b"[" * 50_000,
        b'{"type": "transcript", "data": {"text": "a", "context": {"conversation_id": "' + b"x" * 300 + b'"}}}\n',
        b'{"type": "audio-start", "data": {"rate": "fast"}}\n',
        b'{"type": "audio-start", "data": {"rate": NaN, "width": 2, "channels": 1}}\n',
        b'{"type": "synthesize", "data": {"text": ""}}\n',
        b"\xff\xfe\n",
        b"GET / HTTP/1.1\r\n\r\n"[:16],
    ],
)
def test_what_is_no_event_ends_its_connection_only(service: Service, raw: bytes) -> None:
    async def send() -> Event | None:
        async with listening(service), connected(service) as other:
            back = await sent_raw(service, raw)
            assert (await exchange(other, Describe())).type == "info"
            return back

    assert refused(asyncio.run(send())).code == "invalid_input"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"type": "describe", "data": {"x": "' + b"a" * 4 * frames.LINE_LIMIT_BYTES,
        b'{"type": "transcript", "data_length": 1000000000000}\n',
        b'{"type": "audio-chunk", "payload_length": 1000001}\n',
        json.dumps({"type": "synthesize", "data": {"text": "あ" * 1201}}).encode() + b"\n",
    ],
    ids=["line", "data", "payload", "text"],
)
def test_what_is_too_long_is_not_read(service: Service, raw: bytes) -> None:
    async def send() -> Event | None:
        async with listening(service):
            back = await sent_raw(service, raw)
            await served(service)
            return back

    back = asyncio.run(send())
    assert back is None or refused(back).code == "too_large"  # None: the rest of the line was on its way, and is reset


@pytest.mark.parametrize(("rate", "width", "channels"), [(0, 2, 1), (16_000, 5, 1), (16_000, 2, 9), (10**9, 2, 1)], ids=str)
def test_a_format_that_no_microphone_has_is_refused(service: Service, rate: int, width: int, channels: int) -> None:
    back = asyncio.run(transcribed(service, [AudioStart(rate=rate, width=width, channels=channels)]))
    assert refused(back).code == "invalid_input"


def test_another_language_than_japanese_is_refused(service: Service) -> None:
    assert refused(asyncio.run(transcribed(service, [Transcribe(language="en")]))).code == "invalid_input"


def test_a_question_that_never_ends_is_refused(service: Service) -> None:
    start = AudioStart(rate=16_000, width=2, channels=1)
    second = AudioChunk(rate=16_000, width=2, channels=1, audio=b"\0" * 32_000)
    back = asyncio.run(transcribed(service, [start, *[second] * 61]))
    assert "長すぎます" in refused(back).text


def test_all_that_is_being_recorded_has_a_limit_too(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "MOST_HELD_BYTES", 50_000)
    recording = [AudioStart(rate=16_000, width=2, channels=1), AudioChunk(rate=16_000, width=2, channels=1, audio=b"\0" * 32_000)]

    async def record() -> Event:
        async with listening(service), connected(service) as first, connected(service) as second:
            for event in recording:
                await first.write_event(event.event())
            await exchange(first, Describe())
            back = await exchange(second, *recording)
            assert (await exchange(first, AudioStop())).type == "transcript"
            return back

    assert refused(asyncio.run(record())).code == "busy"


def test_no_log_line_has_what_was_said_or_who_said_it(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    secret = "かなりあ鳥の秘密"

    async def talk() -> None:
        async with listening(service):
            async with connected(service) as client:
                await said(client, secret, secret)
            await sent_raw(service, json.dumps({"type": secret, "data": secret}).encode() + b"\n")
            await sent_raw(service, json.dumps({"type": "transcript", "data": {"text": [secret]}}).encode() + b"\n")

    with caplog.at_level(logging.DEBUG):
        asyncio.run(talk())
    lines = [JsonFormatter().format(record) for record in caplog.records if record.name.startswith("madoguchi")]
    assert {json.loads(line)["event"] for line in lines} >= {"satellite served", "satellite refused"}
    assert not [line for line in lines if "かなりあ" in line or "127.0.0.1" in line]


# -- many, slow and gone


def test_who_stops_in_the_middle_of_an_event_is_let_go_and_holds_nobody_up(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "IDLE_S", 0.3)

    async def stall(raw: bytes) -> Event | None:
        async with listening(service):
            stalled = asyncio.create_task(sent_raw(service, raw))
            await served(service)
            return await stalled

    for raw in (b"", b'{"type": "desc', b'{"type": "audio-chunk", "payload_length": 100}\nabc'):
        assert asyncio.run(stall(raw)) is None


def test_twenty_at_once_get_their_own_answers(service: Service) -> None:
    questions = [e.question for e in service.knowledge.shown("soo", Audience.RESIDENT)[:20]]
    expected = [answered(service, text) for text in questions]

    async def talk(text: str) -> tuple[str, str]:
        async with connected(service) as client:
            return (await said(client, text)).text or "", (await said(client, "もう一度")).text or ""

    async def all_talk() -> list[tuple[str, str]]:
        async with listening(service):
            return await asyncio.gather(*(talk(text) for text in questions))

    told = asyncio.run(all_talk())
    assert len(set(expected)) > 15
    assert [first for first, _ in told] == expected
    assert [again for _, again in told] == expected


def answered(service: Service, text: str) -> str:
    return service.satellite.reply(text, f"alone {text}").text


@pytest.mark.timed
def test_several_who_speak_at_once_are_all_heard(service: Service, speech: Speech) -> None:
    sound = speech("住民票の写しを取りたいのですが。")

    async def ask() -> str:
        async with connected(service) as client:
            return Transcript.from_event(await exchange(client, *question(sound))).text

    async def all_ask() -> list[str]:
        async with listening(service):
            return await asyncio.gather(*(ask() for _ in range(4)))

    texts = asyncio.run(all_ask())
    assert "住民票" in texts[0]
    assert len(set(texts)) == 1


@pytest.mark.parametrize(("patience_s", "comes"), [(30.0, "audio-start"), (0.0, "error")], ids=["soon", "too-late"])
def test_a_reply_that_waits_for_the_readers_of_the_pages_is_spoken(
    service: Service, monkeypatch: pytest.MonkeyPatch, patience_s: float, comes: str
) -> None:
    monkeypatch.setattr(services, "PATIENCE_S", patience_s)
    monkeypatch.setattr(services, "RETRY_S", 0.01)
    left, read = [Busy(), Busy()], service.reader.read

    def read_when_free(text: str) -> bytes:
        if left:
            raise left.pop()
        return read(text)

    monkeypatch.setattr(service.reader, "read", read_when_free)

    async def speak() -> Event:
        async with listening(service), connected(service) as client:
            return await exchange(client, Synthesize(text="はい。"))

    assert asyncio.run(speak()).type == comes


@pytest.mark.parametrize("limit", ["MOST_CONNECTIONS", "MOST_FROM_ONE_ADDRESS"])
def test_one_too_many_is_told_so_and_served_when_another_has_left(
    service: Service, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(listener, limit, 2)

    async def crowd() -> Event | None:
        async with listening(service):
            async with connected(service) as first, connected(service) as second:
                for client in (first, second):
                    await exchange(client, Describe())
                back = await sent_raw(service, b"")
            await asyncio.sleep(0.2)
            await served(service)
            return back

    assert refused(asyncio.run(crowd())).code == "busy"


@pytest.mark.parametrize("grace_s", [60.0, 0.01], ids=["soon", "too-late"])
def test_stopping_serves_what_is_being_served_if_that_is_soon_and_waits_for_nobody_else(
    service: Service, speech: Speech, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, grace_s: float
) -> None:
    monkeypatch.setattr(listener, "GRACE_S", grace_s)

    async def stop() -> Event | None:
        stopping = listener.Listener(service)
        await stopping.start()
        async with connected(service) as client, connected(service) as idle:
            await exchange(idle, Describe())
            for event in question(speech("住民票の写しを取りたいのですが。")):
                await client.write_event(event.event())
            while not service.recognising._turn.locked():  # noqa: ASYNC110  # it is a lock of threads
                await asyncio.sleep(0.01)
            await asyncio.wait_for(stopping.stop(), 60)
            back = await client.read_event()
            assert back is None or await client.read_event() is None
            assert await idle.read_event() is None
            with pytest.raises(ConnectionRefusedError):
                await served(service)
            return back

    back = asyncio.run(stop())
    assert (back is not None) is (grace_s > 1)
    assert back is None or "住民票" in Transcript.from_event(back).text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


# -- where they are served


@pytest.mark.parametrize(
    ("given", "open_"),
    [({"zone": Zone.PUBLIC}, True), ({"zone": Zone.ALL}, True), ({"zone": Zone.STAFF}, False), ({"wyoming_port": 0}, False)],
    ids=str,
)
def test_only_a_server_for_residents_that_was_told_a_port_listens(city_home: Path, given: dict[str, Any], open_: bool) -> None:
    port = free_port()
    service = Service(Settings(**{"home": city_home, "wyoming_port": port} | given))

    async def look() -> bool:
        async with satellites(service):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                return False
            writer.close()
            return True

    try:
        assert asyncio.run(look()) is open_
    finally:
        service.database.dispose()


def test_a_port_that_is_taken_is_told_and_the_rest_is_served(city_home: Path, service: Service) -> None:
    second = Service(Settings(home=city_home, wyoming_port=service.settings.wyoming_port))

    async def collide() -> None:
        async with listening(service), satellites(second):
            await served(service)

    try:
        asyncio.run(collide())
        told = readyz(Response(), second)
    finally:
        second.database.dispose()
    assert not told.ready
    assert f"ポート {service.settings.wyoming_port} で待ち受けられません。" in (told.parts["satellites"].message or "")


def test_an_error_of_the_service_is_said_and_nothing_more(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("ひみつ")

    monkeypatch.setattr(service.satellite, "reply", fail)

    async def ask() -> Event:
        async with listening(service), connected(service) as client:
            return await exchange(client, Transcript(text=ASKED))

    assert refused(asyncio.run(ask())).text == MadoguchiError.default
