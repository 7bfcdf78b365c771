"""POST /voice/alexa over HTTP: what is signed is answered, what is not is refused in the product's one error shape."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alexa_kit import MOVED_IN, NOW, SKILL_ID, Amazon, MakeRequest, Scripted, encode
from fastapi.testclient import TestClient

from core.settings import Settings
from server.app import create_app
from voice_skill.clauses import Clause
from voice_skill.endpoint import Endpoint, open_endpoint
from voice_skill.envelope import REQUEST_LIMIT_BYTES
from voice_skill.skill import Skill
from voice_skill.turns import City
from voice_skill.verify import Gate, OpenGate, Verifier


@pytest.fixture
def client(settings: Settings, soo: City) -> Iterator[Callable[[Gate], TestClient]]:
    """client(gate) -> the product's application, whose skill stands behind `gate` and answers from a script."""
    endpoints: list[Endpoint] = []

    def start(gate: Gate) -> TestClient:
        endpoints.append(Endpoint(Skill(Scripted({"*": MOVED_IN}), lambda: soo, kb="soo", timeout_s=5), gate))
        app = create_app(settings)
        app.state.service.alexa = endpoints[-1]
        return TestClient(app)

    yield start
    for endpoint in endpoints:
        endpoint.close()


@pytest.fixture
def verifier(amazon: Amazon) -> Verifier:
    return Verifier(skill_id=SKILL_ID, fetch=lambda _: amazon.chain(), roots=[amazon.root], clock=lambda: NOW)


def test_a_signed_question_is_answered(
    client: Callable[[Gate], TestClient], verifier: Verifier, amazon: Amazon, alexa_request: MakeRequest
) -> None:
    body = encode(alexa_request("AskIntent", query="転入届について教えて"))
    reply = client(verifier).post("/voice/alexa", content=body, headers=amazon.headers(body))
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/json;charset=UTF-8"
    said: dict[str, Any] = reply.json()
    assert said["version"] == "1.0"
    assert '<sub alias="そおし">曽於市</sub>' in said["response"]["outputSpeech"]["ssml"]
    assert said["response"]["shouldEndSession"] is False
    assert said["response"]["card"]["type"] == "Simple"


def test_an_unsigned_request_is_refused_in_the_one_error_shape(
    client: Callable[[Gate], TestClient], verifier: Verifier, alexa_request: MakeRequest
) -> None:
    reply = client(verifier).post("/voice/alexa", content=encode(alexa_request()))
    assert reply.status_code == 400
    assert reply.json() == {"error": {"code": "alexa_unverified", "message": Clause.HEADERS}}


def test_a_tampered_request_is_refused(
    client: Callable[[Gate], TestClient], verifier: Verifier, amazon: Amazon, alexa_request: MakeRequest
) -> None:
    body = encode(alexa_request("AskIntent", query="転入届"))
    reply = client(verifier).post("/voice/alexa", content=body.replace(b"ja-JP", b"en-US"), headers=amazon.headers(body))
    assert reply.status_code == 400
    assert reply.json()["error"]["message"] == Clause.SIGNATURE


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"not json",
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"version":"1.0","request":{"type":"LaunchRequest","timestamp":"yesterday"}}',
        b'{"version":"1.0","request":{"type":"LaunchRequest","timestamp":"2026-11-22T07:00:00"}}',
        b'{"version":"1.0","request":{"type":"IntentRequest","timestamp":"2026-11-22T07:00:00Z","intent":{"slots":7}}}',
    ],
    ids=["empty", "list", "object", "text", "bytes", "deep", "no-time", "no-zone", "slots"],
)
def test_what_is_no_request_of_alexas_is_refused_even_when_signed(
    client: Callable[[Gate], TestClient], verifier: Verifier, amazon: Amazon, body: bytes
) -> None:
    reply = client(verifier).post("/voice/alexa", content=body, headers=amazon.headers(body))
    assert reply.status_code == 422
    assert reply.json()["error"]["code"] == "invalid_input"


def test_a_body_over_the_limit_is_refused_before_it_is_read(client: Callable[[Gate], TestClient], verifier: Verifier) -> None:
    reply = client(verifier).post("/voice/alexa", content=b" " * (REQUEST_LIMIT_BYTES + 1))
    assert reply.status_code == 413


def test_a_developers_machine_answers_unsigned_requests(client: Callable[[Gate], TestClient], alexa_request: MakeRequest) -> None:
    assert client(OpenGate()).post("/voice/alexa", content=encode(alexa_request())).status_code == 200


def test_requests_are_verified_unless_the_setting_says_otherwise(
    soo: City, tmp_path: Path, alexa_request: MakeRequest, caplog: pytest.LogCaptureFixture
) -> None:
    body = encode(alexa_request())
    closed = open_endpoint(Settings(home=tmp_path), Scripted(), lambda: soo)
    with pytest.raises(Exception, match=Clause.HEADERS):
        closed.handle({}, body)
    with caplog.at_level(logging.WARNING, "madoguchi.alexa"):
        opened = open_endpoint(Settings(home=tmp_path, alexa_verify=False), Scripted(), lambda: soo)
        assert "NOT VERIFIED" in caplog.text
    assert b"outputSpeech" in opened.handle({}, body)
    closed.close()
    opened.close()


def test_no_log_line_has_what_was_asked(
    client: Callable[[Gate], TestClient], alexa_request: MakeRequest, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client(OpenGate()).post("/voice/alexa", content=encode(alexa_request("AskIntent", query="ひみつの質問")))
    assert "ひみつ" not in caplog.text
