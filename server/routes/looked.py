"""How much of a recording has been looked through, as it crosses HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field

from server.routes.parting import Correcting

MOST = 1_000  #: utterances that are noted at once


class LookedBody(BaseModel):
    """The numbers of the utterances that somebody heard to their end, or corrected."""

    model_config = ConfigDict(extra="forbid")

    segments: list[Annotated[int, Field(ge=0)]] = Field(max_length=MOST, description="発言の番号(number)")


class AllLookedBody(BaseModel):
    """The numbers of all of them."""

    segments: list[int]


def add_looked(router: APIRouter, on_it: Any) -> None:
    """`on_it` is the dependency that says which recording the person may correct."""

    @router.get("/looked", summary="確認した発言")
    def looked(on: Correcting = on_it) -> AllLookedBody:
        return AllLookedBody(segments=on.corrections.looked.of(on.recording_id))

    @router.post("/looked", status_code=status.HTTP_204_NO_CONTENT, summary="発言を確認したと書き留める")
    def look(body: LookedBody, on: Correcting = on_it) -> None:
        """最後まで聞いた発言と、直した発言です。だれが確認したかは残しません。"""
        known = {s.number for s in on.recordings.segments(on.recording_id) if s.number is not None}
        on.corrections.looked.add(on.recording_id, known & set(body.segments))
