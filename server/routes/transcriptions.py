"""/v1/audio/transcriptions: a recording in, its text out, in the manner of OpenAI's API, so that its clients work unchanged."""

from __future__ import annotations

import math
from enum import StrEnum
from functools import partial
from pathlib import PurePath
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel

from asr.export import MEDIA_TYPES, Format, render
from asr.pieces import pieces
from asr.pipeline import Options, transcribe
from asr.transcript import Segment, Transcript
from asr.writing import FOR_CLERKS
from core.errors import Busy, InvalidInput, Unauthorised
from server.auth import require_key
from server.routes.uploads import Upload, form_schema, receive
from server.service import Service, the_service

router = APIRouter(tags=["プログラム向け"], dependencies=[Depends(require_key)])

MOST_WAITING = 8
_JAPANESE = ("", "ja", "jpn", "japanese", "日本語")
_FORM = form_schema(
    "file",
    {
        "model": {"type": "string", "description": "何でもかまいません。設定されたモデルが使われます"},
        "language": {"type": "string", "description": "ja だけです", "default": "ja"},
        "response_format": {"type": "string", "enum": ["json", "verbose_json", "text", "srt", "vtt"], "default": "json"},
        "timestamp_granularities[]": {"type": "array", "items": {"type": "string", "enum": ["segment", "word"]}},
        "prompt": {"type": "string", "description": "使いません。市の語彙は登録されたものが使われます"},
        "temperature": {"type": "number", "description": "使いません"},
    },
    ["model"],
)


class ResponseFormat(StrEnum):
    """How the text comes back."""

    JSON = "json"
    VERBOSE_JSON = "verbose_json"
    TEXT = "text"
    SRT = "srt"
    VTT = "vtt"


class Granularity(StrEnum):
    """What has times in `verbose_json`."""

    SEGMENT = "segment"
    WORD = "word"


class TextBody(BaseModel):
    """The whole text."""

    text: str


@router.post("/v1/audio/transcriptions", summary="録音を文字にする(OpenAI互換)", response_model=TextBody, openapi_extra=_FORM)
async def transcriptions(request: Request, service: Annotated[Service, Depends(the_service)]) -> Response:
    """OpenAI の音声認識と同じ形で使えます。返事は response_format の形です。"""
    if service.transcribing.statistics().tasks_waiting >= MOST_WAITING:
        raise Busy
    async with receive(request, name="file", limit_bytes=service.settings.max_upload_bytes) as upload:
        form, wanted = _response_format(upload), _granularities(upload)
        _require_understood(upload)
        transcript = await to_thread.run_sync(partial(_transcribe, service, upload), limiter=service.transcribing)
    return _response(transcript, form, wanted)


def error_response(status: int, code: str, message: str) -> JSONResponse:
    """An error as OpenAI's clients know it: they tell 400 and 401 apart by class."""
    status = 400 if status == InvalidInput.status else status
    code = "invalid_api_key" if code == Unauthorised.code else code
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return JSONResponse({"error": {"message": message, "type": kind, "param": None, "code": code}}, status_code=status)


def _response_format(upload: Upload) -> ResponseFormat:
    try:
        return ResponseFormat(upload.fields.get("response_format") or ResponseFormat.JSON)
    except ValueError:
        raise InvalidInput("response_format は json、verbose_json、text、srt、vtt のどれかを指定してください。") from None


def _granularities(upload: Upload) -> set[Granularity]:
    try:
        given = {Granularity(g) for g in upload.every("timestamp_granularities[]")}
    except ValueError:
        raise InvalidInput("timestamp_granularities[] は segment か word を指定してください。") from None
    return given or {Granularity.SEGMENT}


def _require_understood(upload: Upload) -> None:
    if upload.fields.get("language", "").strip().lower() not in _JAPANESE:
        raise InvalidInput("language は ja だけを指定できます。日本語の音声を文字にします。")
    if upload.fields.get("stream", "false").lower() not in ("", "false", "0"):
        raise InvalidInput("stream は使えません。少しずつ受け取るときは /api/asr/stream を使ってください。")


def _transcribe(service: Service, upload: Upload) -> Transcript:
    suffix = PurePath(upload.file_name).suffix
    with service.passing.folder() as folder:
        path = folder / f"recording{suffix if suffix.isascii() else ''}"
        with path.open("wb") as file:
            file.writelines(upload.blocks())
        options = Options(
            vocabulary=service.recogniser.vocabulary(), style=FOR_CLERKS, longest_s=service.settings.max_recording_s
        )
        return transcribe(path, whisper=service.whisper, options=options, work=folder)


def _response(transcript: Transcript, form: ResponseFormat, wanted: set[Granularity]) -> Response:
    match form:
        case ResponseFormat.JSON:
            return JSONResponse({"text": transcript.text})
        case ResponseFormat.VERBOSE_JSON:
            return JSONResponse(_verbose(transcript, wanted))
        case ResponseFormat.TEXT:
            return PlainTextResponse(transcript.text + "\n")
        case ResponseFormat.SRT | ResponseFormat.VTT:
            subtitles = Format(form.value)
            return Response(render(transcript, subtitles, title=""), media_type=MEDIA_TYPES[subtitles])


def _verbose(transcript: Transcript, wanted: set[Granularity]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "task": "transcribe",
        "language": "japanese",
        "duration": round(transcript.duration_s, 3),
        "text": transcript.text,
    }
    if Granularity.SEGMENT in wanted:
        body["segments"] = [_segment(n, s) for n, s in enumerate(transcript.segments)]
    if Granularity.WORD in wanted:
        body["words"] = [
            {"word": p.text, "start": p.start_s, "end": p.end_s} for s in transcript.segments for p in pieces(s) if p.text
        ]
    return body


def _segment(number: int, segment: Segment) -> dict[str, Any]:
    """All fields that OpenAI's clients require; what this recogniser has no figure for is the neutral value."""
    return {
        "id": number,
        "seek": 0,
        "start": segment.start_s,
        "end": segment.end_s,
        "text": segment.text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": _log_probability(segment.confidence),
        "compression_ratio": 1.0,
        "no_speech_prob": 0.0,
    }


def _log_probability(confidence: float | None) -> float:
    return round(math.log(max(confidence, 1e-4)), 4) if confidence is not None else 0.0
