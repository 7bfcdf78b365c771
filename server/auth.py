"""Who is staff, and of which department: passwords from the settings, kept as a signed cookie. Accounts come later."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from fastapi import Depends, Request, Response
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from asr.keeping.log import Person
from core.errors import MadoguchiError, Refused, Unauthorised
from core.settings import Settings
from server.ended import Ended
from server.service import Service, the_service

COOKIE = "madoguchi_staff"
LIFETIME_S = 12 * 3600

DEVICE = "madoguchi_device"
_DEVICE_S = 400 * 24 * 3600  #: as long as browsers keep a cookie
_DEVICE_PATH = "/staff/login"

_SIGN_IN_LETTERS = 6  #: enough to tell sign-ins apart, and of no use to whoever wants to continue one

_CLAIMS = re.compile(r"([0-9]{1,12}):([0-9a-f]{32}):([0-9a-f]*)")

CLOSED = "職員用ページはまだ開けません。管理者は設定 MADOGUCHI_STAFF_PASSWORD にパスワードを決めてください。"


FOREIGN = "ほかのサイトからの操作は受け付けません。この画面を開き直して、もう一度お試しください。"
NO_KEY = "鍵が違います。設定 MADOGUCHI_API_KEY と同じ鍵を Authorization: Bearer で送ってください。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a cookie says of who is logged in."""

    expires_s: int  #: since 1970
    name: str  #: random, so that one can be ended without another that began in the same second
    department: str  #: in the letters of a cookie; empty for staff in general

    @property
    def claims(self) -> str:
        return f"{self.expires_s}:{self.name}:{self.department}"

    @classmethod
    def of(cls, claims: str) -> Session | None:
        found = _CLAIMS.fullmatch(claims)
        return cls(expires_s=int(found[1]), name=found[2], department=found[3]) if found else None


def require_staff(request: Request, service: Service = Depends(the_service)) -> None:
    """A dependency of every staff route.

    Raises:
        Refused: no password is set, so nobody may enter; or the request comes from another site's page.
        Unauthorised: not logged in.
    """
    settings = service.settings
    if request.method not in ("GET", "HEAD"):
        refuse_foreign_origin(request)
    if settings.dev_open_staff:
        return
    if not has_password(settings):
        raise Refused(CLOSED)
    if not is_logged_in(request, settings):
        raise Unauthorised


def require_key(request: Request, service: Service = Depends(the_service)) -> None:
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


def staff_refusal(connection: HTTPConnection, settings: Settings) -> MadoguchiError | None:
    """Why a WebSocket of staff or of a program is not let in."""
    return None if has_key(connection, settings) else clerk_refusal(connection, settings)


def clerk_refusal(connection: HTTPConnection, settings: Settings) -> MadoguchiError | None:
    """Why a WebSocket that is for staff alone is not let in."""
    if is_foreign(connection):
        return Refused(FOREIGN)
    if settings.dev_open_staff:
        return None
    if not has_password(settings):
        return Refused(CLOSED)
    return None if is_logged_in(connection, settings) else Unauthorised()


def has_password(settings: Settings) -> bool:
    return settings.staff_password is not None and bool(settings.staff_password.get_secret_value())


def log_in(password: str, response: Response, settings: Settings, *, secure: bool) -> None:
    """Set the cookie. Raises Unauthorised for a wrong password, Refused when none is set."""
    if not has_password(settings):
        raise Refused(CLOSED)
    department = _whose(password, settings)
    session = Session(expires_s=int(time.time()) + LIFETIME_S, name=secrets.token_hex(16), department=_written(department or ""))
    token = f"{session.claims}.{_signature(session, settings)}"
    response.set_cookie(COOKIE, token, max_age=LIFETIME_S, httponly=True, samesite="strict", secure=secure)


def log_out(request: HTTPConnection, response: Response, settings: Settings) -> None:
    """End the session for good: the cookie goes from this browser, and a copy of it opens nothing any more."""
    session = _session(request, settings) if has_password(settings) else None
    if session is not None:
        Ended(settings.home).add(session.name, expires_s=session.expires_s, now_s=time.time())
    response.delete_cookie(COOKIE)


def is_logged_in(request: HTTPConnection, settings: Settings) -> bool:
    return _session(request, settings) is not None


def department_of(request: HTTPConnection, settings: Settings) -> str | None:
    """The department whose password was used to log in; None for staff in general."""
    session = _session(request, settings) if has_password(settings) else None
    written = session.department if session else ""
    return next((d for d in settings.department_passwords if written and written == _written(d)), None)


def signed_in(request: HTTPConnection, settings: Settings) -> Person:
    """Who a person is, as far as the password tells: someone of a department, or of staff in general."""
    session = _session(request, settings) if has_password(settings) else None
    digest = hashlib.sha256(session.name.encode()).hexdigest()[:_SIGN_IN_LETTERS] if session else ""
    sign_in = f"s{digest}" if digest else ""  # a spreadsheet would take 012345 or 12e345 for a number
    return Person(name=department_of(request, settings) or "職員", sign_in=sign_in)


def known_device(request: HTTPConnection, settings: Settings) -> str | None:
    """The name of a browser that was let in before, since the passwords are what they are; None for others."""
    name, _, signature = request.cookies.get(DEVICE, "").partition(".")
    right = _signature_of_device(name, settings) if has_password(settings) else ""
    return name if right and hmac.compare_digest(signature.encode(), right.encode()) else None


def remember_device(request: HTTPConnection, response: Response, settings: Settings, *, secure: bool) -> None:
    """Have a browser that was let in known by a cookie. It opens nothing: it tells its wrong passwords from those of others."""
    name = known_device(request, settings) or secrets.token_hex(16)
    token = f"{name}.{_signature_of_device(name, settings)}"
    response.set_cookie(DEVICE, token, _DEVICE_S, path=_DEVICE_PATH, httponly=True, samesite="strict", secure=secure)


def _signature_of_device(name: str, settings: Settings) -> str:
    """Bound to every password, so that changing one makes all browsers strangers."""
    assert settings.staff_password is not None
    passwords = [settings.staff_password, *settings.department_passwords.values()]
    key = _secret(settings.home) + "\n".join(p.get_secret_value() for p in passwords).encode()
    return hmac.new(key, f"device:{name}".encode(), hashlib.sha256).hexdigest()


def _session(request: HTTPConnection, settings: Settings) -> Session | None:
    """The session of a cookie that we signed, that has not expired and that nobody ended."""
    claims, _, signature = request.cookies.get(COOKIE, "").partition(".")
    session = Session.of(claims)
    if session is None or session.expires_s < time.time():
        return None
    if not hmac.compare_digest(signature.encode(), _signature(session, settings).encode()):
        return None
    return None if Ended(settings.home).has(session.name, expires_s=session.expires_s) else session


def _whose(password: str, settings: Settings) -> str | None:
    """The department that a password belongs to, None for that of all staff. Raises Unauthorised for a wrong one."""
    assert settings.staff_password is not None
    passwords: list[tuple[str | None, SecretStr]] = [(None, settings.staff_password), *settings.department_passwords.items()]
    known = [(d, secret) for d, p in passwords if (secret := p.get_secret_value())]
    right = [d for d, secret in known if hmac.compare_digest(password.encode(), secret.encode())]
    if not right:
        raise Unauthorised("パスワードが違います。もう一度入力してください。")
    return right[0]


def _written(department: str) -> str:
    """A department's name in letters that a cookie may have."""
    return department.encode().hex()


def _signature(session: Session, settings: Settings) -> str:
    """Bound to the passwords too, so that changing one logs out whom it lets in."""
    assert settings.staff_password is not None
    own = [p.get_secret_value() for d, p in settings.department_passwords.items() if session.department == _written(d)]
    key = _secret(settings.home) + "\n".join([settings.staff_password.get_secret_value(), *own]).encode()
    return hmac.new(key, session.claims.encode(), hashlib.sha256).hexdigest()


def _secret(home: Path) -> bytes:
    """A random key of this installation, made once, readable by its owner only."""
    path = home / "secret"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        home.mkdir(parents=True, exist_ok=True)
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_bytes()
        with os.fdopen(fd, "wb") as f:
            f.write(secrets.token_bytes(32))
        return path.read_bytes()


def is_foreign(connection: HTTPConnection) -> bool:
    """Whether another site's page sent it."""
    origin = connection.headers.get("origin", "")
    return bool(origin) and origin.partition("://")[2] != connection.headers.get("host")


def refuse_foreign_origin(request: Request) -> None:
    if is_foreign(request):
        raise Refused(FOREIGN)
