"""Promises of the OpenAI-compatible route, kept towards the official client: five formats, and errors as its own exceptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from fastapi.testclient import TestClient

from asr.pipeline import transcribe
from asr.transcript import Transcript
from core.jobs import JobState
from tests.conftest import API_KEY, LiveServer
from tests.server.conftest import Serve

SAID = "ただいまから、定例会議を始めます。"
ROUTE = "/v1/audio/transcriptions"

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def client(live_server: LiveServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key=API_KEY, base_url=f"{live_server.url}/v1", max_retries=0) as client:
        yield client


@pytest.fixture
def meeting(speech: Callable[..., Path]) -> Path:
    return speech(SAID)


def test_the_official_client_gets_all_five_formats(client: openai.OpenAI, meeting: Path) -> None:
    create = client.audio.transcriptions.create
    plain = create(model="whisper-1", file=meeting, language="ja", prompt="定例会議", temperature=0)
    assert "会議" in plain.text
    verbose = create(model="any", file=meeting, response_format="verbose_json", timestamp_granularities=["word", "segment"])
    assert (verbose.language, verbose.text) == ("japanese", plain.text)
    assert verbose.segments and verbose.words
    assert "".join(s.text for s in verbose.segments) == "".join(w.word for w in verbose.words) == plain.text
    assert 0 <= verbose.words[0].start < verbose.words[-1].end <= verbose.duration + 0.01
    assert create(model="any", file=meeting, response_format="text") == plain.text + "\n"
    srt = create(model="any", file=meeting, response_format="srt")
    assert srt.startswith("1\n00:00:0") and " --> " in srt and verbose.segments[0].text in srt
    vtt = create(model="any", file=meeting, response_format="vtt")
    assert vtt.startswith("WEBVTT\n") and verbose.segments[0].text in vtt


def test_segments_alone_come_without_words(client: openai.OpenAI, meeting: Path) -> None:
    verbose = client.audio.transcriptions.create(model="any", file=meeting, response_format="verbose_json")
    assert verbose.segments and verbose.words is None


def test_what_can_not_be_transcribed_is_the_client_s_bad_request(client: openai.OpenAI, meeting: Path) -> None:
    create = client.audio.transcriptions.create
    with pytest.raises(openai.BadRequestError) as bad:
        create(model="any", file=("meeting.wav", b"not audio" * 1000))
    assert bad.value.code == "unreadable_media"
    assert "録音" in bad.value.body["message"]  # type: ignore[index]
    for wrong in ({"language": "en"}, {"response_format": "diarized_json"}, {"stream": True}):
        with pytest.raises(openai.BadRequestError) as refused:
            create(model="any", file=meeting, **wrong)  # type: ignore[call-overload]
        assert refused.value.code == "invalid_input"
        assert next(iter(wrong)) in str(refused.value)


def test_a_wrong_key_is_refused(live_server: LiveServer, meeting: Path) -> None:
    for key in ("wrong", API_KEY + "x", API_KEY.upper()):
        with (
            openai.OpenAI(api_key=key, base_url=f"{live_server.url}/v1", max_retries=0) as stranger,
            pytest.raises(openai.AuthenticationError) as refused,
        ):
            stranger.audio.transcriptions.create(model="any", file=meeting)
        assert refused.value.code == "invalid_api_key"


def test_without_a_key_in_the_settings_nobody_is_let_in(serve: Serve) -> None:
    for given in ("Bearer ", "Bearer None", "Bearer", "Basic x", "", "Bearer 鍵".encode()):
        client: TestClient = serve(staff_password="himitsu")
        reply = client.post(ROUTE, files={"file": ("a.wav", b"x")}, headers={"Authorization": given})
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_api_key")
        assert set(reply.json()["error"]) == {"message", "type", "param", "code"}


def test_a_recording_that_takes_long_is_not_cleared_away_while_it_is_heard(
    serve: Serve, meeting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What durable work left over is looked for every few seconds; that must not take this recording for it."""
    client = serve(api_key=API_KEY)
    recorded = client.app.state.service.recorded  # type: ignore[attr-defined]

    def transcribe_slowly(*arguments: Any, **options: Any) -> Transcript:
        recorded.minutes.transcription.sweep()
        return transcribe(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr("server.routes.transcriptions.transcribe", transcribe_slowly)
        patched.setattr(recorded.jobs, "state", lambda _: JobState.OPEN)  # the queue is not started here
        reply = client.post(
            ROUTE, files={"file": ("meeting.wav", meeting.read_bytes())}, headers={"Authorization": f"Bearer {API_KEY}"}
        )
    assert reply.status_code == 200, reply.text
    assert "会議" in reply.json()["text"]
    assert list((client.app.state.service.settings.home / "passing").iterdir()) == []  # type: ignore[attr-defined]
