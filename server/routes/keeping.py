"""How long a recording is kept as it crosses HTTP: its last day, and the hold on it that is set and lifted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, status
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from asr.keeping.hold import LONGEST_REASON, Hold
from asr.keeping.keeping import Keeping, Kept
from server.accounts.account import Right
from server.auth import SignedIn, require


class HoldBody(BaseModel):
    """A hold that lasts."""

    model_config = ConfigDict(from_attributes=True)

    reason: str
    until: date | None
    by: str
    at: datetime


class KeptBody(BaseModel):
    """How long a record is kept."""

    kept_until: date | None  #: the last day; on the next it is deleted by itself. None: it is not
    hold: HoldBody | None

    @classmethod
    def of_kept(cls, kept: Kept) -> KeptBody:
        return KeptBody(kept_until=kept.until, hold=HoldBody.model_validate(kept.hold) if kept.hold else None)


class WantedHoldBody(BaseModel):
    """Why a record is to be kept, and until when."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(max_length=LONGEST_REASON, description="保全する理由")
    until: date | None = Field(None, description="保全の最後の日。指定しなければ、解除するまで保全します")
    seen: AwareDatetime | None = Field(None, description="これに替える、今の保全の日時(at)。保全中でなければ書きません")


Seen = Annotated[AwareDatetime, Query(description="解除する保全の日時(at)")]


def keeping(prefix: str, tag: str, right: Right, allowed: Callable[..., Keeping]) -> APIRouter:
    """The routes under `prefix/{recording_id}`; `right` is that to its kind, `allowed` says what keeps it. Raises NotFound for
    any other."""
    router = APIRouter(prefix=prefix + "/{recording_id}/hold", tags=[tag], dependencies=[Depends(require(right))])
    keeper = Depends(allowed)

    @router.put("", status_code=status.HTTP_204_NO_CONTENT, summary="保全する")
    def hold(recording_id: str, body: WantedHoldBody, by: SignedIn, keeping: Keeping = keeper) -> None:
        """保存の期間が過ぎても消えず、手でも消せなくなります。保全中なら、seen がその保全のときだけ、新しくします。"""
        wanted = Hold(reason=body.reason, until=body.until, by=by.name, at=keeping.clock())
        keeping.hold(recording_id, wanted, by, seen=body.seen)

    @router.delete("", status_code=status.HTTP_204_NO_CONTENT, summary="保全を解除する")
    def lift(recording_id: str, seen: Seen, by: SignedIn, keeping: Keeping = keeper) -> None:
        """保存の期間を過ぎていれば、解除するとすぐに消えます。"""
        keeping.lift(recording_id, by, seen=seen)

    return router
