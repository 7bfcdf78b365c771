"""Promises of the zones: the public server has no staff route, the staff server no resident route, and both have health."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from core.settings import Zone
from tests.server.conftest import PASSWORD, Serve, api_routes

COMMON = {"/healthz", "/readyz", "/api/docs", "/api/speak", "/favicon.ico", "/index.html"}
RESIDENT = {"/", "/api/ask", "/api/ask/audio", "/api/categories", "/voice/alexa"}


def paths(client: TestClient) -> set[str]:
    return {r.path for r in api_routes(client)}


def test_the_public_zone_has_no_staff_route_even_for_staff(serve: Serve) -> None:
    client = serve(zone=Zone.PUBLIC, staff_password=PASSWORD, dev_open_staff=True)
    assert paths(client) == COMMON | RESIDENT
    everything = paths(serve(zone=Zone.ALL))
    for path in everything - paths(client):
        assert path.startswith(("/staff", "/api/staff", "/v1/"))
        for method in ("GET", "POST"):
            assert client.request(method, path.replace("{", "").replace("}", "")).status_code == 404
    assert "/staff" not in client.get("/openapi.json").text
    assert "/staff" not in client.get("/").text


def test_the_staff_zone_has_no_resident_route(serve: Serve) -> None:
    client = serve(zone=Zone.STAFF, staff_password=PASSWORD)
    assert not RESIDENT & paths(client)
    assert paths(client) >= COMMON
    for path in RESIDENT:
        for method in ("GET", "POST"):
            assert client.request(method, path).status_code == 404
    assert client.get("/index.html", follow_redirects=False).headers["location"] == "/staff"


def test_both_zones_together_are_all_there_is(serve: Serve) -> None:
    assert paths(serve(zone=Zone.ALL)) == paths(serve(zone=Zone.PUBLIC)) | paths(serve(zone=Zone.STAFF))


@pytest.mark.parametrize(("zone", "path", "home"), [
    (Zone.ALL, "/nothing", "/"), (Zone.ALL, "/staff/nothing", "/staff"), (Zone.PUBLIC, "/staff/nothing", "/"),
    (Zone.STAFF, "/nothing", "/staff"), (Zone.STAFF, "/", "/staff"),
])  # fmt: skip
def test_an_error_page_leads_on_to_a_page_that_this_server_has(serve: Serve, zone: Zone, path: str, home: str) -> None:
    client = serve(zone=zone, staff_password=PASSWORD, dev_open_staff=True)
    page = client.get(path, headers={"Accept": "text/html"}).text
    assert set(re.findall('<a [^>]*href="(/[^"]*)"', page)) == {home}
    assert client.get(home).status_code == 200


def test_the_staff_zone_s_login_leads_to_no_page_of_residents(serve: Serve) -> None:
    assert 'href="/"' not in serve(zone=Zone.STAFF, staff_password=PASSWORD).get("/staff/login").text


@pytest.mark.parametrize("zone", list(Zone))
def test_every_zone_tells_its_health(serve: Serve, zone: Zone) -> None:
    client = serve(zone=zone)
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
