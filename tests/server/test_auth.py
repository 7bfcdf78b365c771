"""Promises of the staff's door: shut by default on every route, opened by the password alone, and not for other sites."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from fastapi.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.settings import Zone
from server.attempts import STRANGER, Attempts, TooManyAttempts, attempts
from server.auth import DEVICE
from server.session import COOKIE, LIFETIME_S, secret
from tests.server.conftest import PASSWORD, Serve, api_routes

OPEN = {("GET", "/staff/login"), ("POST", "/staff/login"), ("POST", "/staff/logout")}


def routes(client: TestClient) -> list[tuple[str, str]]:
    """Every (method, path), parameters filled in."""
    return [
        (method, re.sub(r"\{form\}", "txt", re.sub(r"\{\w+_id\}", "0" * 32, route.path)))
        for route in api_routes(client)
        for method in sorted(route.methods)
    ]


def staff_routes(client: TestClient) -> list[tuple[str, str]]:
    found = [r for r in routes(client) if r[1].startswith(("/staff", "/api/staff")) and r not in OPEN]
    assert len(found) >= 15
    return found


@pytest.fixture(autouse=True)
def no_earlier_attempts() -> Iterator[None]:
    attempts._failures.clear()
    yield
    attempts._failures.clear()


def assert_shut(client: TestClient, method: str, path: str, status: int) -> None:
    reply = client.request(method, path, follow_redirects=False)
    if path.startswith("/api/"):
        assert reply.status_code == status, (method, path)
    else:
        assert (reply.status_code, reply.headers["location"]) == (303, "/staff/login"), (method, path)


def test_every_staff_route_refuses_who_is_not_logged_in(closed: TestClient) -> None:
    for method, path in staff_routes(closed):
        assert_shut(closed, method, path, 401)


@pytest.mark.parametrize("password", [None, ""])
def test_every_staff_route_refuses_everybody_while_no_password_is_set(serve: Serve, password: str | None) -> None:
    client = serve(staff_password=password)
    for method, path in staff_routes(client):
        assert_shut(client, method, path, 403)
    page = client.get("/staff/login")
    assert page.status_code == 403
    assert "MADOGUCHI_STAFF_PASSWORD" in page.text
    for given in ("", "None", "password"):
        assert client.post("/staff/login", data={"password": given}, follow_redirects=False).status_code == 403
    assert not client.cookies


def test_every_other_route_is_one_that_anybody_may_use(closed: TestClient) -> None:
    public = {path for _, path in routes(closed) if not path.startswith(("/staff", "/api/staff", "/v1/"))}
    assert public == {
        "/", "/index.html", "/favicon.ico", "/healthz", "/readyz", "/api/docs", "/api/ask", "/api/ask/audio", "/api/speak",
        "/api/categories", "/voice/alexa",
    }  # fmt: skip


def test_the_password_opens_every_page_and_leaving_shuts_them(staff: TestClient) -> None:
    for page in ("/staff", "/staff/minutes", "/staff/calls", "/staff/minutes/x", "/staff/calls/x"):
        assert staff.get(page, follow_redirects=False).status_code == 200
    assert set(staff.get("/api/staff/minutes").json()) == {"meetings"}
    assert staff.get("/staff/login", follow_redirects=False).headers["location"] == "/staff"
    assert staff.post("/staff/logout", follow_redirects=False).status_code == 303
    assert staff.get("/api/staff/minutes").status_code == 401


def test_a_cookie_copied_before_the_logout_opens_nothing_and_other_sessions_go_on(staff: TestClient, city_home: Path) -> None:
    copied = staff.cookies[COOKIE]
    staff.post("/staff/login", data={"password": PASSWORD})
    other = staff.cookies[COOKIE]
    assert copied != other, "two who log in within one second have a session each"
    ended = city_home / "ended"
    ended.mkdir(exist_ok=True)
    (ended / f"{int(time.time()) - 1}-{'0' * 32}").touch()
    staff.post("/staff/logout", headers={"Cookie": f"{COOKIE}={copied}"})
    staff.cookies.clear()
    for cookie, status in ((copied, 401), (other, 200)):
        assert staff.get("/api/staff/minutes", headers={"Cookie": f"{COOKIE}={cookie}"}).status_code == status
    assert all(int(path.name.partition("-")[0]) > time.time() for path in ended.iterdir()), "expired ones are forgotten"


@pytest.mark.parametrize("given", ["", "himitsu", PASSWORD + " ", PASSWORD.upper(), "ひみつ", "\x00", "a" * 100_000])
def test_a_wrong_password_is_refused_on_a_page_that_says_so(closed: TestClient, given: str) -> None:
    reply = closed.post("/staff/login", data={"password": given}, follow_redirects=False)
    assert reply.status_code == 401
    assert "パスワードが違います" in reply.text
    assert "set-cookie" not in reply.headers
    assert len(given) < 5 or given not in reply.text


def test_guessing_is_slowed_down_even_with_the_right_password_at_last(closed: TestClient) -> None:
    statuses = [closed.post("/staff/login", data={"password": str(n)}).status_code for n in range(Attempts.LIMIT + 2)]
    assert statuses == [401] * Attempts.LIMIT + [429] * 2
    right = closed.post("/staff/login", data={"password": PASSWORD}, follow_redirects=False)
    assert right.status_code == 429
    assert "1分ほど" in right.text


def test_after_a_minute_one_may_try_again() -> None:
    tried = Attempts()
    for _ in range(Attempts.LIMIT):
        tried.begin(100.0, "address:a")
    with pytest.raises(TooManyAttempts):
        tried.begin(100.0 + Attempts.WINDOW_S - 0.1, "address:a")
    tried.begin(100.0 + Attempts.WINDOW_S, "address:a")


def test_who_gets_it_right_is_not_counted_and_of_many_at_once_no_more_are_heard_out() -> None:
    tried = Attempts()
    for n in range(3 * Attempts.LIMIT):
        tried.begin(float(n), "address:a")
        tried.was_right(float(n), "address:a")
    for _ in range(Attempts.LIMIT):
        tried.begin(99.0, "address:a")  # none of them is decided yet
    with pytest.raises(TooManyAttempts):
        tried.begin(99.0, "address:a")


def log_in_from(client: TestClient, address: str, password: str, device: str = "") -> int:
    """The status of a login from an address, as a proxy on this machine tells it to a real server."""
    there = TestClient(ProxyHeadersMiddleware(client.app), client=("127.0.0.1", 50_000))  # type: ignore[arg-type]
    headers = {b"X-Forwarded-For": address.encode(), b"Cookie": f"{DEVICE}={device}".encode()}
    return there.post("/staff/login", data={"password": password}, headers=headers, follow_redirects=False).status_code


@pytest.mark.parametrize(("guesses", "other"), [("192.0.2.1", "192.0.2.2"), ("::ffff:192.0.2.1", "::ffff:192.0.2.2"), ("?", "!")])
def test_who_guesses_is_kept_waiting_and_nobody_at_another_address(closed: TestClient, guesses: str, other: str) -> None:
    assert [log_in_from(closed, guesses, "x") for _ in range(Attempts.LIMIT + 1)] == [401] * Attempts.LIMIT + [429]
    assert log_in_from(closed, guesses, PASSWORD) == 429
    assert log_in_from(closed, other, PASSWORD) == 303


def test_addresses_of_one_house_are_one_and_those_that_a_stranger_makes_up_are_none_of_his(closed: TestClient) -> None:
    for n in range(Attempts.LIMIT):
        log_in_from(closed, f"2001:db8::{n + 1:x}", "x")
    assert log_in_from(closed, "2001:db8::ffff", PASSWORD) == 429
    assert log_in_from(closed, "2001:db8:0:1::1", PASSWORD) == 303
    assert log_in_from(closed, "192.0.2.9, 2001:db8::1", PASSWORD) == 429, "only what the proxy itself saw is believed"


def test_a_browser_that_was_let_in_before_is_not_kept_waiting_for_others_behind_its_address(closed: TestClient) -> None:
    closed.post("/staff/login", data={"password": PASSWORD}, follow_redirects=False)
    device = closed.cookies.get(DEVICE, path="/staff/login")
    closed.cookies.clear()
    assert device
    for _ in range(Attempts.LIMIT):
        log_in_from(closed, "192.0.2.1", "x")
    assert log_in_from(closed, "192.0.2.1", PASSWORD) == 429
    assert log_in_from(closed, "192.0.2.1", PASSWORD, device) == 303
    for _ in range(Attempts.LIMIT):
        assert log_in_from(closed, "192.0.2.7", "x", device) == 401
    assert log_in_from(closed, "192.0.2.8", PASSWORD, device) == 429, "it waits by itself, from wherever it comes"
    assert log_in_from(closed, "192.0.2.8", PASSWORD) == 303


@pytest.mark.parametrize("forged", ["", ".", "a", "a.", "0" * 32 + "." + "0" * 64, "²." + "0" * 64])
def test_a_made_up_device_is_a_stranger(closed: TestClient, forged: str) -> None:
    for n in range(Attempts.LIMIT):
        log_in_from(closed, "192.0.2.1", "x", forged.replace("a", f"a{n}"))
    assert log_in_from(closed, "192.0.2.1", PASSWORD) == 429


def test_a_device_is_a_stranger_again_after_a_password_was_changed_and_opens_nothing(serve: Serve, closed: TestClient) -> None:
    closed.post("/staff/login", data={"password": PASSWORD}, follow_redirects=False)
    device = closed.cookies.get(DEVICE, path="/staff/login")
    closed.cookies.clear()
    assert closed.get("/api/staff/minutes", headers={"Cookie": f"{COOKIE}={device}; {DEVICE}={device}"}).status_code == 401
    other = serve(staff_password="another password")
    for _ in range(Attempts.LIMIT):
        log_in_from(other, "192.0.2.1", "x")
    assert log_in_from(other, "192.0.2.1", "another password", str(device)) == 429


def test_many_addresses_together_are_slowed_down_and_known_browsers_are_not() -> None:
    tried = Attempts()
    for n in range(Attempts.LIMIT_OF_STRANGERS):
        tried.begin(0.0, f"{STRANGER}{n}")
    with pytest.raises(TooManyAttempts):
        tried.begin(1.0, f"{STRANGER}of one more")
    tried.begin(1.0, "a browser")


def test_the_cookie_can_not_be_read_by_scripts_or_sent_from_other_sites(closed: TestClient) -> None:
    reply = closed.post("/staff/login", data={"password": PASSWORD}, follow_redirects=False)
    cookie = reply.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", f"Max-Age={LIFETIME_S}", "Path=/"} <= set(cookie.split("; "))
    assert PASSWORD not in cookie
    secure = closed.post("https://testserver/staff/login", data={"password": PASSWORD}, follow_redirects=False)
    assert "Secure" in secure.headers["set-cookie"].split("; ")


def test_a_forged_or_expired_or_foreign_cookie_opens_nothing(staff: TestClient, serve: Serve) -> None:
    token = staff.cookies[COOKIE]
    claims, _, signature = token.partition(".")
    expires, _, rest = claims.partition(":")
    assert int(expires) > time.time()
    past, later = int(time.time()) - 1, int(expires) + 1
    forged = [
        f"{later}:{rest}.{signature}",
        f"{past}:{rest}.{signature}",
        f"{expires}.{signature}",
        f"{claims}{'税務課'.encode().hex()}.{signature}",
        f"{claims}.{'0' * 64}",
        f"{claims}.",
        claims,
        "",
        ".",
        f"²{token}",
    ]
    for cookie in forged:
        reply = staff.get("/api/staff/minutes", headers={"Cookie": f"{COOKIE}={cookie}".encode()})
        assert reply.status_code == 401, cookie
    other = serve(staff_password="another password")
    assert other.get("/api/staff/minutes", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 401


def test_a_department_is_let_in_whatever_space_its_name_has(serve: Serve) -> None:
    client = serve(staff_password=PASSWORD, department_passwords={"本庁　税務課": "tax-office-2026"})
    client.post("/staff/login", data={"password": "tax-office-2026"})
    assert client.get("/api/staff/categories").status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "http://testserver.evil.example", "null", "http://testserver:8081"])
def test_what_another_sites_page_sends_is_refused(staff: TestClient, origin: str) -> None:
    for method, path in staff_routes(staff):
        if path.startswith("/api/") and method not in ("GET", "HEAD"):
            reply = staff.request(method, path, headers={"Origin": origin})
            assert (reply.status_code, reply.json()["error"]["code"]) == (403, "refused"), path


def test_what_our_own_page_sends_is_taken(staff: TestClient) -> None:
    reply = staff.post("/api/staff/ask", json={"text": "公印の押印"}, headers={"Origin": "http://testserver"})
    assert reply.status_code == 200


def test_the_development_flag_opens_the_door_and_still_not_to_other_sites(serve: Serve) -> None:
    client = serve(dev_open_staff=True)
    assert client.get("/staff", follow_redirects=False).status_code == 200
    assert client.post("/api/staff/ask", json={"text": "公印"}).status_code == 200
    foreign = client.post("/api/staff/ask", json={"text": "公印"}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403


def test_the_secret_is_the_owners_alone(staff: TestClient, city_home: Path) -> None:
    path = city_home / "secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes()) == 32


def test_servers_that_start_together_make_one_secret_and_nobody_sees_half_of_it(tmp_path: Path) -> None:
    home, together = tmp_path / "home", Barrier(16)

    def start(_: int) -> bytes:
        together.wait()
        return secret(home)

    with ThreadPoolExecutor(16) as servers:
        made = set(servers.map(start, range(16)))
    assert [len(one) for one in made] == [32]
    assert [p.name for p in home.iterdir()] == ["secret"]


def test_the_staff_zone_asks_for_the_password_too(serve: Serve) -> None:
    client = serve(zone=Zone.STAFF, staff_password=PASSWORD)
    for method, path in staff_routes(client):
        assert_shut(client, method, path, 401)


ENTRY = "/staff/knowledge/entries/"


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [("/staff/minutes", "/staff/minutes"), (f"{ENTRY}何番", f"{ENTRY}%E4%BD%95%E7%95%AA"), ("/staff", "/staff")],
)
def test_the_login_leads_on_to_the_page_that_was_asked_for_and_forgets_it(closed: TestClient, asked: str, led_to: str) -> None:
    closed.get(asked)
    for target in (led_to, "/staff"):
        reply = closed.post("/staff/login", data={"password": PASSWORD}, follow_redirects=False)
        assert reply.headers["location"] == target


@pytest.mark.parametrize("forged", ["//evil.example/", "https://evil.example/", "/", "javascript:alert(1)"])
def test_the_login_leads_to_no_other_site(closed: TestClient, forged: str) -> None:
    reply = closed.post(
        "/staff/login", data={"password": PASSWORD}, headers={"cookie": f"madoguchi_wanted={forged}"}, follow_redirects=False
    )
    assert reply.headers["location"] == "/staff"
