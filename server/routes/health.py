"""/healthz: the process lives. /readyz: it can answer, and if not, why."""

from __future__ import annotations

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from core.audience import Audience
from core.errors import MadoguchiError
from core.settings import Zone
from models.manifest import manifest
from models.store import ModelStore, State
from server.service import Service, the_service

router = APIRouter(tags=["稼働"])

_NO_DATABASE = "データベースに接続できません。"


class PartBody(BaseModel):
    """One thing that the service needs."""

    ready: bool
    message: str | None = None


class ReadyBody(BaseModel):
    """Whether each needed part is ready."""

    ready: bool
    parts: dict[str, PartBody]


@router.get("/healthz", summary="動いているか")
def healthz() -> dict[str, str]:
    """動いているかどうか。"""
    return {"status": "ok"}


@router.get("/readyz", summary="答えられるか", responses={503: {"model": ReadyBody}})
def readyz(response: Response, service: Service = Depends(the_service)) -> ReadyBody:
    """モデル、データベース、索引がそろい、答えられるかどうか。"""
    parts = parts_of(service)
    ready = all(p.ready for p in parts.values())
    response.status_code = 200 if ready else 503
    return ReadyBody(ready=ready, parts=parts)


def parts_of(service: Service) -> dict[str, PartBody]:
    """What the service needs, and of what it lacks, why."""
    parts = {"models": _models(service), "database": _database(service), "index": _index(service)}
    if message := service.failures.get("satellites"):
        parts["satellites"] = PartBody(ready=False, message=message)
    return parts


def _models(service: Service) -> PartBody:
    store = ModelStore(service.settings.home / "models")
    missing = [n for n, spec in manifest().items() if spec.needed and store.state(n) is not State.READY]
    if missing:
        return PartBody(ready=False, message=f"使えないモデルがあります: {'、'.join(missing)}")
    if message := service.failures.get("whisper"):
        return PartBody(ready=False, message=message)
    return PartBody(ready=True)


def _database(service: Service) -> PartBody:
    try:
        with service.database.connect() as c:
            c.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        return PartBody(ready=False, message=_NO_DATABASE)
    return PartBody(ready=True)


def _index(service: Service) -> PartBody:
    audiences = [Audience.RESIDENT] if service.settings.zone is Zone.PUBLIC else list(Audience)
    try:
        for audience in audiences:
            service.knowledge.version(service.settings.kb, audience)
    except MadoguchiError as e:
        return PartBody(ready=False, message=e.message)
    except sa.exc.SQLAlchemyError:  # indexes may lie there too
        return PartBody(ready=False, message=_NO_DATABASE)
    return PartBody(ready=True)
