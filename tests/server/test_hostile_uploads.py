"""Whatever is uploaded, the service says what became of it and goes on serving."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile

from core.errors import MadoguchiError
from tests.asr import hostile
from tests.conftest import LiveServer

MINUTES = "/api/staff/minutes"
FORM = {"title": "定例会議", "held_on": "2026-11-20", "speakers": "off"}


def uploads(folder: Path) -> Iterator[hostile.Named]:
    yield "hls.wav", b"#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    yield from hostile.bombs()
    yield "channels.wav", hostile.wav(channels=65_535)
    yield "nested.mp4", dict(hostile.lying_films())["nested.mp4"]
    soundfile.write(folder / "day.flac", np.zeros(14 * 3600 * 2_000, np.int16), 2_000)
    yield "day.flac", (folder / "day.flac").read_bytes()[:-20]
    yield "noise.mp3", random.Random(1).randbytes(50_000)


@pytest.fixture
def staff(live_server: LiveServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_server.url, timeout=30, trust_env=False) as client:
        client.post("/staff/login", data={"password": live_server.password})
        yield client


@pytest.mark.process
def test_hostile_uploads_end_in_a_sentence_and_the_service_goes_on(
    staff: httpx.Client, live_server: LiveServer, tmp_path: Path
) -> None:
    accepted = {}
    for name, content in uploads(tmp_path):
        reply = staff.post(MINUTES, files={"audio": (name, content)}, data=FORM)
        assert reply.status_code == 202, name
        accepted[name] = f"{MINUTES}/{reply.json()['id']}"
    deadline = time.monotonic() + 120
    for name, url in accepted.items():
        while (meeting := staff.get(url).json())["state"] in ("queued", "working"):
            assert time.monotonic() < deadline, name
            assert staff.get("/healthz").status_code == 200
            time.sleep(0.2)
        assert meeting["state"] == "failed", name
        assert meeting["message"].endswith("。")
        assert meeting["message"] != MadoguchiError.default, name
        assert staff.delete(url).status_code == 204
    assert staff.get("/healthz").status_code == 200
    assert live_server.process.poll() is None
    assert list((live_server.home / "work").iterdir()) == []


@pytest.mark.process
def test_a_hostile_spoken_question_gets_a_sentence(live_server: LiveServer) -> None:
    with httpx.Client(base_url=live_server.url, timeout=60, trust_env=False) as client:
        for name, content in hostile.playlists("127.0.0.1:9"):
            reply = client.post("/api/ask/audio", files={"audio": (name, content)})
            assert (reply.status_code, reply.json()["error"]["code"]) == (422, "unreadable_media")
            break
        silence = hostile.wav(form=7, rate_hz=8_000, align=1, bits=8, data_bytes=9_000_000)[:44] + b"\xff" * 9_000_000
        reply = client.post("/api/ask/audio", files={"audio": ("long.wav", silence)})
        assert reply.status_code == 422
        assert "長すぎます" in reply.json()["error"]["message"]
