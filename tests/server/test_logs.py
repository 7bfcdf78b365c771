"""Promise of the logs: what people ask, say, upload or are called never stands in them; that something happened does."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.conftest import LiveServer, serving

CANARY = "かなりあ鳥の秘密"
SPOKEN = "紫色の風船を三つください。"


@pytest.mark.process
def test_nothing_that_people_say_is_in_the_log(live_server: LiveServer, speech: Callable[..., Path]) -> None:
    audio = speech(SPOKEN).read_bytes()
    with httpx.Client(base_url=live_server.url, timeout=120, trust_env=False) as client:
        spoken = client.post("/api/ask/audio", files={"audio": (f"{CANARY}.wav", audio)}, data={"session": CANARY})
        transcript = spoken.json()["transcript"]
        client.post("/api/ask", json={"text": CANARY, "session": CANARY})
        client.post("/api/ask", json={"text": CANARY * 100})
        client.post("/api/ask", json={CANARY: CANARY})
        client.post("/api/ask", content=CANARY.encode(), headers={"Content-Type": "application/json"})
        client.post("/api/speak", json={"text": CANARY})
        client.post("/voice/alexa", json={"request": {"type": "IntentRequest", "intent": {"name": CANARY}}})
        client.get(
            f"/{CANARY}", params={"q": CANARY}, headers={"User-Agent": "canary-agent", "Referer": "http://canary.example/"}
        )
        client.post("/staff/login", data={"password": CANARY})
        client.post("/api/staff/ask", json={"text": CANARY})
        client.post("/staff/login", data={"password": live_server.password})
        client.post("/api/staff/ask", json={"text": CANARY, "session": CANARY})
        client.get(f"/staff/minutes/{CANARY}")
        form = {"title": CANARY, "held_on": "2026-11-20", "speakers": "off"}
        client.post("/api/staff/minutes", files={"audio": (f"{CANARY}.wav", io.BytesIO(b"no audio"))}, data=form)
        client.post("/api/staff/minutes", files={"audio": (f"{CANARY}.wav", b"x")}, data=form | {"held_on": CANARY})
        client.get(f"/api/staff/minutes/{CANARY}")

    assert len(transcript) >= 4
    log = live_server.log.read_text("utf-8")
    for secret in (CANARY, "かなりあ", "canary", transcript, "風船", live_server.password):
        assert secret not in log
        assert json.dumps(secret)[1:-1] not in log
    rows = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    requests = [r for r in rows if r["event"] == "request"]
    assert all("127.0.0.1" not in json.dumps(r) for r in requests), "who asked stands in the log"
    asked = [r for r in requests if r["route"] == "/api/ask"]
    assert {r["status"] for r in asked} >= {200, 422}
    assert all({"request_id", "method", "route", "status", "ms", "at"} <= set(r) for r in requests)
    assert any(r["event"] == "started" for r in rows)


@pytest.mark.process
def test_every_line_but_the_two_of_the_start_is_json(live_server: LiveServer) -> None:
    lines = live_server.log.read_text("utf-8").splitlines()
    odd = [line for line in lines if not line.startswith("{")]
    assert [line[:8] for line in odd] == ["起動しています…", "準備ができました"]
    assert any(json.loads(line)["event"].startswith("ALEXA") or "alexa" in line.lower() for line in lines if line.startswith("{"))


@pytest.mark.process
def test_what_can_not_be_made_ready_is_told_to_who_starts_it(home: Path) -> None:
    with serving(home, ready="/healthz", MADOGUCHI_KB="nowhere", MADOGUCHI_MINUTES_TEMPLATE="nowhere.docx") as server:
        told = [line for line in server.log.read_text("utf-8").splitlines() if line.startswith("使えないものがあります")]
    assert ["kb" in line for line in told] == [True, False]
    assert "minutes_template" in told[1]
