"""Recordings that people deleted as they cross HTTP: listed, brought back, gone for good."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import APIRouter, Depends, status
from pydantic import BaseModel

from asr.keeping.keeping import Keeping
from server.accounts.account import Right
from server.auth import SignedIn, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """What was deleted of one kind."""

    keeping: Keeping
    titles: Callable[[Iterable[str]], dict[str, str]]  #: what recordings are called, by id


class DeletedBody(BaseModel):
    """A recording that can be brought back, to the end of the day `until`."""

    id: str
    title: str
    deleted_at: datetime
    deleted_by: str
    until: date
    size_bytes: int


class AllDeletedBody(BaseModel):
    """The last deleted first."""

    deleted: list[DeletedBody]


def deleted(prefix: str, tag: str, right: Right, the_bin: Callable[..., Bin]) -> APIRouter:
    """The routes under `prefix/deleted`, before any that takes `deleted` for an id; `right` is that to its kind."""
    router = APIRouter(prefix=prefix + "/deleted", tags=[tag], dependencies=[Depends(require(right))])
    of_kind = Depends(the_bin)

    @router.get("", summary="削除した録音の一覧")
    def all_deleted(of: Bin = of_kind) -> AllDeletedBody:
        """元に戻せるものだけを、あとに削除したものから返します。"""
        found = of.keeping.deleted()
        titles = of.titles(d.recording.id for d in found)
        return AllDeletedBody(
            deleted=[
                DeletedBody(
                    id=d.recording.id,
                    title=titles.get(d.recording.id, d.recording.file_name),
                    deleted_at=d.at,
                    deleted_by=d.by,
                    until=d.until,
                    size_bytes=d.recording.size_bytes,
                )
                for d in found
            ]
        )

    @router.post("/{recording_id}/restore", status_code=status.HTTP_204_NO_CONTENT, summary="削除した録音を元に戻す")
    def restore(recording_id: str, by: SignedIn, of: Bin = of_kind) -> None:
        """文字起こしが終わっていなかったものは、順番を待って続けます。"""
        of.keeping.restore(recording_id, by)

    @router.delete("/{recording_id}", status_code=status.HTTP_204_NO_CONTENT, summary="削除した録音を完全に消す")
    def erase(recording_id: str, by: SignedIn, of: Bin = of_kind) -> None:
        """すぐに消え、元には戻せません。"""
        of.keeping.erase(recording_id, by)

    return router
