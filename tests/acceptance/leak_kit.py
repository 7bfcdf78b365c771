"""What tests of leaks share: entries with words of their own, planted in the sample city, and looked for in whatever is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alexa_kit import REQUEST
from fastapi import FastAPI
from fastapi.testclient import TestClient
from kb_kit import COLUMNS
from satellite_kit import told_to_a_satellite

FULL = (*COLUMNS, "source_title", "source_url", "answer_easy", "speech")

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """The sample city with planted entries."""

    home: Path
    app: TestClient  #: an application on it

    @property
    def stranger(self) -> TestClient:
        """A client that nobody has logged in with."""
        self.app.cookies.clear()
        return self.app


Plant = Callable[..., Planted]
"""plant(rows, staff_password=...) -> the city with these rows, served with these settings."""


def leaked(text: str, secrets: Sequence[str]) -> list[str]:
    """The secrets in a reply, also when it is JSON that writes them as \\u escapes."""
    escaped = {s: json.dumps(s)[1:-1] for s in secrets}
    return [s for s, e in escaped.items() if s in text or e in text]


def asked_aloud(text: str) -> dict[str, Any]:
    """A request of the smart speaker."""
    slots = {"query": {"name": "query", "value": text}}
    request = REQUEST["request"] | {
        "type": "IntentRequest",
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "intent": {"name": "AskIntent", "confirmationStatus": "NONE", "slots": slots},
    }
    return dict(REQUEST | {"request": request})


def replied_by_satellite(client: TestClient, questions: Sequence[str]) -> dict[str, str]:
    """What an open smart speaker gets for each question, within one conversation."""
    assert isinstance(client.app, FastAPI)
    return dict(zip(questions, told_to_a_satellite(client.app.state.service, questions), strict=True))


def replied_aloud(client: TestClient, text: str) -> str:
    """All that the smart speaker gets for a question, but that question itself: its session keeps that, to ask it again."""
    reply = client.post("/voice/alexa", json=asked_aloud(text))
    assert reply.status_code == 200, reply.text
    body = reply.json()
    told = (body.get("sessionAttributes") or {}).get("told") or {}
    if told.get("question", "") in text:
        told.pop("question", None)
    return json.dumps(body, ensure_ascii=False)
