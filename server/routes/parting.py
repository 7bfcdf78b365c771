"""An utterance made two, or two made one, as they cross HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field

from asr.correction import plain
from asr.corrections import Corrections, Join, Split
from asr.recordings import Recordings
from core.clock import Clock
from server.routes.writing import InStyle

SegmentNumber = Annotated[int, Path(ge=0, description="発言の番号(number)")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correcting:
    """A recording that the person may correct."""

    recordings: Recordings
    corrections: Corrections
    recording_id: str
    clock: Clock
    beside: Callable[[str], str] = lambda _: ""  #: a version of what else people write of it, by its id


class SplitBody(BaseModel):
    """The two utterances that a person makes of one."""

    model_config = ConfigDict(extra="forbid")

    was: str = Field(description="画面で見た文。ほかの人が先に直していたら、分けません")
    first: str = Field(description="前の発言の文")
    second: str = Field(description="後の発言の文")
    speaker: str | None = Field(None, description="後の発言をした人が違うときの名前")


class HalfBody(BaseModel):
    """The number of the second utterance."""

    number: int


class JoinBody(BaseModel):
    """An utterance that is made one with the next."""

    model_config = ConfigDict(extra="forbid")

    was: str = Field(description="画面で見た文")
    text: str = Field(description="前の発言の文")
    next_was: str = Field(description="画面で見た、次の発言の文。どちらかをほかの人が先に直していたら、つなぎません")


def add_parting(router: APIRouter, on_it: Any) -> None:
    """`on_it` is the dependency that says which recording the person may correct."""

    @router.post("/segments/{segment}/split", status_code=status.HTTP_201_CREATED, summary="発言を二つに分ける")
    def split(segment: SegmentNumber, body: SplitBody, style: InStyle, on: Correcting = on_it) -> HalfBody:
        """時刻は、分けたところの語の時刻です。句点は、書き方に従って補います。"""
        speaker = plain(body.speaker, longest=60) if body.speaker else None
        wanted = Split(segment=segment, was=body.was, first=body.first, second=body.second, speaker=speaker)
        return HalfBody(number=on.corrections.split(on.recording_id, wanted, style, on.clock()))

    @router.post("/segments/{segment}/join", status_code=status.HTTP_204_NO_CONTENT, summary="次の発言とつなぐ")
    def join(segment: SegmentNumber, body: JoinBody, style: InStyle, on: Correcting = on_it) -> None:
        """つないだ発言は、前の発言をした人のものになります。通話では、同じ側の次の発言とつなぎます。"""
        wanted = Join(segment=segment, was=body.was, text=body.text, next_was=body.next_was)
        on.corrections.join(on.recording_id, wanted, style, on.clock())
