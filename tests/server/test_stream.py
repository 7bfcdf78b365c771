"""Promises of /api/asr/stream: who may enter, texts in order, and every abuse ends in a sentence and a close code."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

import server.routes.stream as route
from core.settings import Zone
from models.whisper import Whisper
from server.session import COOKIE
from tests.asr.test_opus import packets
from tests.asr.test_sandbox import decoders
from tests.conftest import API_KEY, LiveServer
from tests.server.conftest import PASSWORD, Serve

SAID = "ただいまから、定例会議を始めます。"
START = '{"type":"start","format":"pcm16","rate":16000,"language":"ja"}'
OPUS = '{"type":"start","format":"opus"}'
STOP = '{"type":"stop"}'
PATH = "/api/asr/stream"

pytestmark = pytest.mark.process

Opens = Callable[..., ClientConnection]


@pytest.fixture
def open_stream(live_server: LiveServer) -> Iterator[Opens]:
    """open_stream(headers) -> a connection with the key, or with other headers."""
    url = live_server.url.replace("http", "ws") + PATH
    with ExitStack() as stack:

        def open_one(headers: dict[str, str] | None = None) -> ClientConnection:
            given = {"Authorization": f"Bearer {API_KEY}"} if headers is None else headers
            return stack.enter_context(connect(url, additional_headers=given, max_size=None, open_timeout=30))

        yield open_one


@pytest.fixture
def spoken(speech: Callable[..., Path]) -> np.ndarray:
    """Two utterances of 16-bit samples at 16 kHz."""
    voice = soundfile.read(speech(SAID), dtype="int16")[0]
    pause = np.zeros(16_000, np.int16)
    return np.concatenate([pause, voice, pause, voice, pause])


def everything(connection: ClientConnection) -> tuple[list[dict[str, Any]], int]:
    """All messages, and the code that the server closes with."""
    found = []
    try:
        while True:
            found.append(json.loads(connection.recv(timeout=60)))
    except ConnectionClosed as closed:
        assert closed.rcvd is not None
        return found, closed.rcvd.code


def send(connection: ClientConnection, samples: np.ndarray) -> None:
    raw = samples.astype("<i2").tobytes()
    for at in range(0, len(raw), 3201):  # cut inside samples
        connection.send(raw[at : at + 3201])


@pytest.mark.parametrize("rate", [16_000, 8_000])
def test_two_utterances_become_two_final_texts_and_then_it_closes(open_stream: Opens, spoken: np.ndarray, rate: int) -> None:
    with closing(open_stream()) as stream:
        stream.send(json.dumps({"type": "start", "format": "pcm16", "rate": rate}))
        send(stream, spoken if rate == 16_000 else (spoken[::2] / 2 + spoken[1::2] / 2))
        stream.send(STOP)
        messages, code = everything(stream)
    assert code == 1000
    assert messages[-1] == {"type": "closed"}
    finals = [m for m in messages if m["type"] == "final"]
    assert [m["segment"] for m in finals] == [0, 1]
    assert all("会議を始めます" in m["text"] for m in finals)
    assert all(set(m) == {"type", "text", "start", "end", "segment"} for m in finals)
    assert finals[0]["start"] == pytest.approx(1.0, abs=0.4)
    assert finals[0]["end"] < finals[1]["start"] < finals[1]["end"] <= len(spoken) / 16_000
    assert all(set(m) == {"type", "text", "start", "end"} for m in messages if m["type"] == "partial")


def test_opus_is_heard_as_pcm_is(open_stream: Opens, spoken: np.ndarray) -> None:
    with closing(open_stream()) as stream:
        stream.send(OPUS)
        for packet in packets(spoken / 32768, rate_hz=16_000):
            stream.send(packet)
        stream.send(STOP)
        messages, code = everything(stream)
    assert code == 1000
    finals = [m for m in messages if m["type"] == "final"]
    assert all("会議を始めます" in m["text"] for m in finals)
    assert [m["start"] for m in finals] == [pytest.approx(1.0, abs=0.4), pytest.approx(2.0 + len(spoken) / 32_000, abs=2.0)]


def test_silence_gives_nothing(open_stream: Opens) -> None:
    with closing(open_stream()) as stream:
        stream.send(START)
        send(stream, np.random.default_rng(1).normal(0, 60, 80_000).astype(np.int16))
        stream.send(STOP)
        assert everything(stream) == ([{"type": "closed"}], 1000)


@pytest.mark.parametrize(
    "messages",
    [
        ["not json"],
        [b"\x00\x00"],
        ["[]"],
        ['{"type":"start","format":"pcm16","rate":44100}'],
        ['{"type":"start","format":"ogg"}'],
        [OPUS, b"\xff" * 100],
        [OPUS, bytes(70_000)],
        ['{"type":"start","format":"pcm16","language":"en"}'],
        [START, "{}"],
        [START, START],
        [START, "[" * 5000],
    ],
)
def test_what_is_not_of_the_protocol_is_told_and_closes(open_stream: Opens, messages: list[str | bytes]) -> None:
    with closing(open_stream()) as stream:
        for message in messages:
            stream.send(message)
        found, code = everything(stream)
    assert code == 1008
    assert [(m["type"], m["code"]) for m in found] == [("error", "invalid_input")]
    assert found[0]["message"].endswith("。")


def test_a_message_that_is_too_large_closes(open_stream: Opens) -> None:
    with closing(open_stream()) as stream:
        stream.send(START)
        stream.send(bytes(1_100_000))
        assert everything(stream)[1] == 1009


def test_one_stream_too_many_is_refused_and_a_place_is_free_once_somebody_leaves(open_stream: Opens) -> None:
    others = [open_stream() for _ in range(4)]
    for stream in others:
        stream.send(START)
        send(stream, np.zeros(1600, np.int16))
        stream.send(b"")
    late: tuple[list[dict[str, Any]], int] = ([], 1000)
    end = time.monotonic() + 30
    while late[1] == 1000 and time.monotonic() < end:  # the four may not have been taken in yet
        with closing(open_stream()) as fifth:
            fifth.send(START)
            fifth.send(STOP)
            late = everything(fifth)
    assert late[1] == 1013
    assert [m["code"] for m in late[0]] == ["busy"]
    for stream in others:
        stream.close()
    for _ in range(50):
        with closing(open_stream()) as next_one:
            next_one.send(START)
            next_one.send(STOP)
            messages, code = everything(next_one)
        if code == 1000:
            break
    assert (messages, code) == ([{"type": "closed"}], 1000)


def test_strangers_are_refused_before_the_upgrade(open_stream: Opens, live_server: LiveServer) -> None:
    cookies = httpx.post(f"{live_server.url}/staff/login", data={"password": live_server.password}).cookies
    own = {"Cookie": f"{COOKIE}={cookies[COOKIE]}"}
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Basic {API_KEY}"}, 401),
        ({"Cookie": "madoguchi_staff=9999999999.0"}, 401),
        (own | {"Origin": "https://evil.example"}, 403),
    ):
        with pytest.raises(InvalidStatus) as refused:
            open_stream(headers)
        assert refused.value.response.status_code == status, headers
        assert json.loads(refused.value.response.body)["error"]["message"].endswith("。")
    with closing(open_stream(own | {"Origin": live_server.url})) as stream:
        stream.send(START)
        stream.send(STOP)
        assert everything(stream) == ([{"type": "closed"}], 1000)


def test_a_stream_ends_with_the_login_and_what_was_said_until_then_is_told(
    serve: Serve, spoken: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "_ASK_EVERY_S", 0.2)
    client = serve(zone=Zone.STAFF, staff_password=PASSWORD)
    client.post("/staff/login", data={"password": PASSWORD}, follow_redirects=False)
    with client.websocket_connect(PATH) as stream:
        stream.send_text(START)
        stream.send_bytes(spoken.astype("<i2").tobytes())
        while stream.receive_json()["type"] != "final":
            pass
        assert client.post("/staff/logout", follow_redirects=False).status_code == 303
        messages = []
        while (message := stream.receive_json())["type"] != "error":
            messages.append(message)
        with pytest.raises(WebSocketDisconnect) as ended:
            stream.receive_json()
    assert [m["type"] for m in messages][-1:] == ["final"], "the second utterance, which nobody had heard then"
    assert (message["code"], ended.value.code) == ("unauthorised", 1008)
    client.app.state.service.live.stop()  # type: ignore[attr-defined]
    del client.app.state.service.live  # type: ignore[attr-defined]


def test_the_public_zone_has_no_stream(serve: Serve) -> None:
    client = serve(zone=Zone.PUBLIC, staff_password=PASSWORD, dev_open_staff=True)
    assert client.get(PATH).status_code == 404
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(PATH) as opened:
        opened.send_text(START)


@pytest.fixture
def quick(serve: Serve) -> Iterator[TestClient]:
    """An application whose limits a test can change."""
    client = serve(zone=Zone.STAFF, dev_open_staff=True)
    yield client
    client.app.state.service.live.stop()  # type: ignore[attr-defined]
    del client.app.state.service.live  # type: ignore[attr-defined]  # the next test has another


def test_too_fast_and_silent_clients_are_told_so(quick: TestClient, spoken: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "MOST_BEHIND_S", 1.0)
    monkeypatch.setattr(route, "PATIENCE_S", 0.0)
    with quick.websocket_connect(PATH) as stream:
        stream.send_text(START)
        for _ in range(4):
            stream.send_bytes(spoken.astype("<i2").tobytes())
        while (message := stream.receive_json())["type"] != "error":
            assert message["type"] in ("partial", "final")
        assert message["code"] == "busy"
    with quick.websocket_connect(PATH) as stream:
        stream.send_text(OPUS)
        for packet in packets(np.tile(spoken, 4) / 32768, rate_hz=16_000):
            stream.send_bytes(packet)
        while (message := stream.receive_json())["type"] != "error":
            assert message["type"] in ("partial", "final")
        assert message["code"] == "busy"
    assert decoders(os.getpid()) == []
    monkeypatch.setattr(route, "MOST_BEHIND_S", 30.0)
    monkeypatch.setattr(route, "IDLE_S", 0.2)
    with quick.websocket_connect(PATH) as stream:
        stream.send_text(START)
        assert stream.receive_json()["code"] == "invalid_input"


def test_after_the_end_the_last_texts_come_however_long_they_take(
    quick: TestClient, spoken: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Whisper.encode

    def slow(*given: Any, **named: Any) -> Any:
        time.sleep(0.5)
        return real(*given, **named)

    monkeypatch.setattr(Whisper, "encode", slow)
    monkeypatch.setattr(route, "IDLE_S", 0.2)
    with quick.websocket_connect(PATH) as stream:
        stream.send_text(START)
        stream.send_bytes(spoken.astype("<i2").tobytes())
        stream.send_text(STOP)
        messages = []
        while (message := stream.receive_json())["type"] != "closed":
            messages.append(message)
    assert len([m for m in messages if m["type"] == "final"]) == 2


def test_a_client_that_does_not_read_is_let_go(quick: TestClient, spoken: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.websockets.SENT_WITHIN_S", 0.05)

    async def stuck(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(route.WebSocket, "send_text", stuck)
    with quick.websocket_connect(PATH) as stream:
        stream.send_text(START)
        stream.send_bytes(spoken.astype("<i2").tobytes())
        assert stream.receive()["code"] == 1008
