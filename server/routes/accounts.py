"""/staff/accounts: the accounts of staff, for who manages them; /staff/account: one's own, with its password."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from core.errors import InvalidInput, MadoguchiError, NotFound, Refused, Superseded
from server.accounts.account import Account, Right, plain_id
from server.attempts import TooManyAttempts, attempts, own_attempts
from server.auth import refuse_foreign_origin, stay_logged_in
from server.clerk import counters
from server.entry_form import moment
from server.identity import Identity, identity_of
from server.routes.pages import OWN_ACCOUNT, may_enter, page_for, staff_page, to_login
from server.service import Service, the_service

router = APIRouter(include_in_schema=False)

_ALL = "/staff/accounts"
_DIFFERENT = "新しいパスワードの2つが違います。同じものを2回入力してください。"
_ONE_S_OWN = "自分のアカウントは、ここでは変えられません。ほかの管理者に頼んでください。"
_STEPS = ("password", "stop", "resume")

TheService = Annotated[Service, Depends(the_service)]
Written = Annotated[str, Form(max_length=500)]


@dataclass(frozen=True, slots=True)
class Done:
    """What a page tells of what was done."""

    words: str
    form: str = ""  #: the page of the form that was kept: the tab may forget its draft


@router.get(OWN_ACCOUNT)
def own(request: Request, service: TheService) -> Response:
    staff = identity_of(request, service)
    return _own_page(request, service, staff) if staff is not None and staff.account else to_login(request)


@router.post(OWN_ACCOUNT, dependencies=[Depends(refuse_foreign_origin)])
def choose_password(
    request: Request, service: TheService, current: Written = "", chosen: Written = "", again: Written = ""
) -> Response:
    """Also for who still has a first password, and may do nothing else."""
    staff = identity_of(request, service)
    if staff is None or staff.account is None:
        return to_login(request, OWN_ACCOUNT)
    who, at_s = own_attempts(staff.account.id), time.monotonic()
    try:
        attempts.begin(at_s, who)
        if chosen != again:
            raise InvalidInput(_DIFFERENT)
        account = service.accounts.choose_password(staff.account.id, current, chosen)
    except (InvalidInput, TooManyAttempts) as e:
        return _own_page(request, service, staff, error=e)
    attempts.was_right(at_s, who)
    response = RedirectResponse(f"{OWN_ACCOUNT}?saved=1", status_code=303)
    stay_logged_in(account, response, service, secure=request.url.scheme == "https")
    return response


@router.get(_ALL)
def every(request: Request, service: TheService, q: str = "") -> Response:
    return _list_page(request, service, q=q.strip())


@router.post(_ALL, dependencies=[Depends(refuse_foreign_origin)])
def add(
    request: Request,
    service: TheService,
    id: Written = "",  # noqa: A002 - as the form has it
    name: Written = "",
    department: Written = "",
    rights: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """The first password is on the page that comes back, and nowhere else."""
    staff = may_enter(request, service, Right.ACCOUNTS)
    if staff is None:
        return to_login(request, _ALL, unsaved=True)
    written = Account(id=id, name=name, department=department, rights=_rights(rights))
    try:
        password = service.accounts.add(written, by=staff.signature)
    except InvalidInput as e:
        return _list_page(request, service, written=written, error=e.message)
    account = service.accounts.get(plain_id(id))
    return _one_page(request, service, account, password=password, done=Done("アカウントを作りました。", _ALL))


@router.get(_ALL + "/{account_id}")
def one(request: Request, account_id: str, service: TheService) -> Response:
    if may_enter(request, service, Right.ACCOUNTS) is None:
        return to_login(request)
    done = Done("保存しました。", _address(account_id)) if "saved" in request.query_params else None
    return _one_page(request, service, service.accounts.get(account_id), done=done)


@router.post(_ALL + "/{account_id}", dependencies=[Depends(refuse_foreign_origin)])
def change(
    request: Request,
    account_id: str,
    service: TheService,
    name: Written = "",
    department: Written = "",
    rights: Annotated[list[str] | None, Form()] = None,
    seen: Annotated[str, Form()] = "",
) -> Response:
    """`seen` is the seal of what the page showed: what another has changed since is written over only once it was shown."""
    staff = may_enter(request, service, Right.ACCOUNTS)
    if staff is None:
        return to_login(request, _address(account_id), unsaved=True)
    account = service.accounts.get(account_id)
    written = replace(account, name=name, department=department, rights=_rights(rights))
    try:
        _refuse_one_s_own(staff, account_id)
        service.accounts.change(written, by=staff.signature, seen=seen)
    except Superseded as e:
        return _one_page(request, service, service.accounts.get(account_id), written=written, error=e)
    except (InvalidInput, Refused) as e:
        return _one_page(request, service, account, written=written, seen=seen, error=e)
    return RedirectResponse(f"{_address(account_id)}?saved=1", status_code=303)


@router.post(_ALL + "/{account_id}/{step}", dependencies=[Depends(refuse_foreign_origin)])
def move(request: Request, account_id: str, step: str, service: TheService) -> Response:
    """A first password again, stopped, or let in again."""
    staff = may_enter(request, service, Right.ACCOUNTS)
    if staff is None:
        return to_login(request, _address(account_id))
    if step not in _STEPS:
        raise NotFound
    accounts, password = service.accounts, ""
    try:
        _refuse_one_s_own(staff, account_id)
        if step == "password":
            password = accounts.give_password(account_id, by=staff.signature)
        else:
            (accounts.stop if step == "stop" else accounts.resume)(account_id, by=staff.signature)
    except Refused as e:
        return _one_page(request, service, accounts.get(account_id), error=e)
    if password:
        return _one_page(
            request, service, accounts.get(account_id), password=password, done=Done("仮のパスワードを発行しました。")
        )
    return RedirectResponse(f"{_address(account_id)}?saved=1", status_code=303)


def _refuse_one_s_own(staff: Identity, account_id: str) -> None:
    """Nobody gives themselves rights. Raises Refused."""
    if staff.account is not None and staff.account.id == account_id:
        raise Refused(_ONE_S_OWN)


def _own_page(request: Request, service: Service, staff: Identity, error: MadoguchiError | None = None) -> Response:
    told, saved = error.message if error else "", "saved" in request.query_params
    response = page_for(staff, request, service, "account.html", error=told, saved=saved, rights=list(Right))
    response.status_code = error.status if error else 200
    return response


def _list_page(request: Request, service: Service, *, q: str = "", written: Account | None = None, error: str = "") -> Response:
    accounts = service.accounts.all()
    wanted = [plain_id(word) for word in q.split()]
    response = staff_page(
        request,
        service,
        "accounts.html",
        Right.ACCOUNTS,
        accounts=[a for a in accounts if all(word in plain_id(f"{a.id} {a.title}") for word in wanted)],
        q=q,
        departments=_departments(service, accounts),
        written=written,
        rights=list(Right),
        error=error,
    )
    response.status_code = InvalidInput.status if error and response.status_code == 200 else response.status_code
    return response


def _one_page(
    request: Request,
    service: Service,
    account: Account,
    *,
    written: Account | None = None,
    seen: str = "",
    password: str = "",
    done: Done | None = None,
    error: MadoguchiError | None = None,
) -> Response:
    """The page of an account as it is kept. `written` is what could not be kept, `seen` the seal of what that was made from where
    it isn't this."""
    response = staff_page(
        request,
        service,
        "accounts_one.html",
        Right.ACCOUNTS,
        account=account,
        written=written,
        address=_address(account.id),
        seen=seen or account.seal,
        is_superseded=isinstance(error, Superseded),
        departments=_departments(service, service.accounts.all()),
        rights=list(Right),
        changes=[(moment(change.at), change.by, change.what) for change in service.accounts.changes(account.id)],
        password=password,
        done=done,
        error=error.message if error else "",
    )
    response.status_code = error.status if error and response.status_code == 200 else response.status_code
    return response


def _departments(service: Service, accounts: list[Account]) -> list[str]:
    """Those that are known, to choose from."""
    of_accounts = {a.department for a in accounts if a.department}
    return sorted(of_accounts.union(counters(service.repository, service.settings.kb), service.settings.department_passwords))


def _rights(written: list[str] | None) -> frozenset[Right]:
    return frozenset(right for right in Right if right in (written or []))


def _address(account_id: str) -> str:
    return f"{_ALL}/{quote(account_id, safe='')}"
