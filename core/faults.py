"""What the disk and the database raise in, an error that says what to do out."""

from __future__ import annotations

import errno

import sqlalchemy as sa

from core.errors import Busy, DatabaseDamaged, DatabaseError, DiskFull, MadoguchiError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FULL_POSTGRES = "53100"  # https://www.postgresql.org/docs/current/errcodes-appendix.html
_FORBIDDEN_POSTGRES = "42501"
_NO_RIGHT = (
    "PostgreSQL の利用者に、表を作ったり読み書きしたりする権限がありません。"
    "データベースの管理者に、この利用者をデータベースの所有者にするよう頼んでください。"
)
_SQLITE: dict[str, type[MadoguchiError]] = {
    "SQLITE_FULL": DiskFull,
    "SQLITE_CORRUPT": DatabaseDamaged,
    "SQLITE_NOTADB": DatabaseDamaged,
    "SQLITE_BUSY": Busy,
}  # https://sqlite.org/rescode.html
_OUTAGES = (Busy, DatabaseError, DiskFull)
_OUT_OF_REACH = ("SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_READONLY")


def fault_of(error: BaseException) -> MadoguchiError | None:
    """The error of ours that it is, or that says what happened around us; None where the fault is the program's own."""
    if isinstance(error, MadoguchiError):
        return error
    if isinstance(error, OSError) and error.errno in _FULL:
        return DiskFull()
    if isinstance(error, sa.exc.TimeoutError):  # all connections are in use, or wait for a database that does not answer
        return Busy()
    if name := getattr(getattr(error, "orig", error), "sqlite_errorname", None):
        return _sqlite(str(name))
    return _postgres(error) if isinstance(error, sa.exc.DBAPIError) else None


def outage_of(error: BaseException) -> MadoguchiError | None:
    """The same where it may be over by and by: what was to be done is to be tried again, not given up."""
    fault = fault_of(error)
    return fault if isinstance(fault, _OUTAGES) else None


def _sqlite(name: str) -> MadoguchiError | None:
    found = next((kind for begin, kind in _SQLITE.items() if name.startswith(begin)), None)
    return found() if found else DatabaseError() if name.startswith(_OUT_OF_REACH) else None


def _postgres(error: sa.exc.DBAPIError) -> MadoguchiError | None:
    state = getattr(error.orig, "sqlstate", None)
    if state == _FULL_POSTGRES:
        return DiskFull()
    if state == _FORBIDDEN_POSTGRES:
        return DatabaseError(_NO_RIGHT)
    return DatabaseError() if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError) else None
