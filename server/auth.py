"""The staff's door: who comes in by which password, and which routes are for whom."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from asr.keeping.log import Person
from core.errors import MadoguchiError, Refused, Unauthorised
from core.settings import Settings
from server.accounts.account import Account, Right
from server.ended import Ended
from server.identity import Identity, has_password, identity_of, is_open, key_of, session_of
from server.service import Service, the_service
from server.session import COOKIE, LIFETIME_S, Session, is_signed, secret, signed

DEVICE = "madoguchi_device"
_DEVICE_S = 400 * 24 * 3600  #: as long as browsers keep a cookie
_DEVICE_PATH = "/staff/login"

CLOSED = (
    "職員用ページはまだ開けません。管理者は設定 MADOGUCHI_STAFF_PASSWORD にパスワードを決めるか、"
    "職員のアカウントを作ってください。"
)
FOREIGN = "ほかのサイトからの操作は受け付けません。この画面を開き直して、もう一度お試しください。"
NO_KEY = "鍵が違います。設定 MADOGUCHI_API_KEY と同じ鍵を Authorization: Bearer で送ってください。"
OWN_FIRST = "はじめに、職員用ページで自分のパスワードを決めてください。"
_WRONG = "パスワードが違います。もう一度入力してください。"


def _logged_in(request: Request, service: Annotated[Service, Depends(the_service)]) -> Identity:
    """Who asks. Raises as `require` does."""
    if request.method not in ("GET", "HEAD"):
        refuse_foreign_origin(request)
    return admitted(request, service)


Staff = Annotated[Identity, Depends(_logged_in)]  #: anybody who is logged in


def require(right: Right) -> Callable[..., Identity]:
    """A dependency of a route of staff, for who has a right. It gives who asks.

    Raises:
        Refused: nobody can log in yet; who is logged in may not; or the request comes from another site's page.
        Unauthorised: not logged in.
    """

    def required(staff: Staff) -> Identity:
        return _with(right, staff)

    return required


def admitted(connection: HTTPConnection, service: Service, right: Right | None = None) -> Identity:
    """Who is logged in and may do it. Raises as `require` does."""
    identity = identity_of(connection, service)
    if identity is None:
        raise Unauthorised if is_open(service) else Refused(CLOSED)
    if not identity.is_ready:
        raise Refused(OWN_FIRST)
    return _with(right, identity)


def _with(right: Right | None, identity: Identity) -> Identity:
    if not identity.may(right):
        raise Refused(without(right))
    return identity


def without(right: Right | None) -> str:
    """What somebody is told who lacks a right."""
    label = right.label if right else ""
    return f"この操作には「{label}」の権限が必要です。必要なときは、アカウントの管理者にご連絡ください。"


def _person(staff: Staff) -> Person:
    return staff.person


SignedIn = Annotated[Person, Depends(_person)]  #: the same, as records keep them


def require_key(request: Request, service: Annotated[Service, Depends(the_service)]) -> None:
    """A dependency of the routes for programs.

    Raises:
        Unauthorised: no key is set, or another one came.
    """
    if not has_key(request, service.settings):
        raise Unauthorised(NO_KEY)


def has_key(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether a request or a WebSocket carries the key of the settings (RFC 6750)."""
    expected = settings.api_key.get_secret_value() if settings.api_key else ""
    scheme, _, given = connection.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(given.strip().encode(), expected.encode())
    return bool(expected) and scheme.lower() == "bearer" and right


def program_or_clerk_refusal(connection: HTTPConnection, service: Service) -> MadoguchiError | None:
    """Why a WebSocket of staff or of a program is not let in."""
    if has_key(connection, service.settings):
        return None
    try:
        clerk(connection, service)
    except MadoguchiError as refused:
        return refused
    return None


def clerk(connection: HTTPConnection, service: Service, right: Right | None = None) -> Identity:
    """Who opens a WebSocket that is for staff with a right. Raises as `require` does."""
    if is_foreign(connection):
        raise Refused(FOREIGN)
    return admitted(connection, service, right)


def log_in(account_id: str, password: str, response: Response, service: Service, *, secure: bool) -> None:
    """Set the cookie; without an id the password is a shared one. Raises Unauthorised for a wrong password, Refused where there
    is none."""
    if not is_open(service):
        raise Refused(CLOSED)
    if account_id:
        stay_logged_in(service.accounts.enter(account_id, password), response, service, secure=secure)
    else:
        session = Session.begin(department=_whose(password, service.settings) or "")
        _hand_over(session, None, response, service, secure=secure)


def stay_logged_in(account: Account, response: Response, service: Service, *, secure: bool) -> None:
    """A cookie for who has given their password, or changed it, which ends every other login of theirs. It is signed with that
    very password, so that it is worth nothing if another one came meanwhile."""
    _hand_over(Session.begin(account=account.id), account, response, service, secure=secure)


def log_out(request: HTTPConnection, response: Response, service: Service) -> None:
    """End the session for good: the cookie goes from this browser, and a copy of it opens nothing any more."""
    session = session_of(request, service)
    if session is not None:
        Ended(service.settings.home).add(session.name, expires_s=session.expires_s, now_s=time.time())
    response.delete_cookie(COOKIE)


def known_device(request: HTTPConnection, settings: Settings, account_id: str) -> str | None:
    """The name of a browser that was let in before by that account (empty: by a shared password), since the shared passwords are
    what they are; None for others."""
    name, _, signature = request.cookies.get(DEVICE, "").partition(".")
    return name if is_signed(_device(name, account_id), signature, _key_of_devices(settings)) else None


def remember_device(request: HTTPConnection, response: Response, settings: Settings, account_id: str, *, secure: bool) -> None:
    """Have a browser that was let in known by a cookie. It opens nothing: it tells its wrong passwords from those of others."""
    name = known_device(request, settings, account_id) or secrets.token_hex(16)
    token = f"{name}.{signed(_device(name, account_id), _key_of_devices(settings))}"
    response.set_cookie(DEVICE, token, _DEVICE_S, path=_DEVICE_PATH, httponly=True, samesite="strict", secure=secure)


def is_foreign(connection: HTTPConnection) -> bool:
    """Whether another site's page sent it."""
    origin = connection.headers.get("origin", "")
    return bool(origin) and origin.partition("://")[2] != connection.headers.get("host")


def refuse_foreign_origin(request: Request) -> None:
    if is_foreign(request):
        raise Refused(FOREIGN)


def _hand_over(session: Session, account: Account | None, response: Response, service: Service, *, secure: bool) -> None:
    key = key_of(session, account, service.settings)
    if key is None:  # the account was stopped this very moment
        raise Unauthorised(_WRONG)
    response.set_cookie(COOKIE, session.token(key), max_age=LIFETIME_S, httponly=True, samesite="strict", secure=secure)


def _whose(password: str, settings: Settings) -> str | None:
    """The department that a shared password belongs to, None for that of all staff. Raises Unauthorised for a wrong one."""
    passwords: list[tuple[str | None, SecretStr | None]] = [
        (None, settings.staff_password),
        *settings.department_passwords.items(),
    ]
    known = [(d, secret) for d, p in passwords if p is not None and (secret := p.get_secret_value())]
    right = [d for d, secret in known if hmac.compare_digest(password.encode("utf-8", "replace"), secret.encode())]
    if not right or not has_password(settings):
        raise Unauthorised(_WRONG)
    return right[0]


def _device(name: str, account_id: str) -> str:
    return f"device:{name}:{account_id}"


def _key_of_devices(settings: Settings) -> bytes:
    """Bound to every shared password, so that changing one makes all browsers strangers."""
    passwords = [settings.staff_password, *settings.department_passwords.values()]
    return secret(settings.home) + "\n".join(p.get_secret_value() if p else "" for p in passwords).encode()
