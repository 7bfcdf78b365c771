"""What the tests of the server share: applications in this process, on the sample city's knowledge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from satellite_kit import free_port
from starlette.routing import BaseRoute

from asr.template import template
from core.settings import Settings, Zone
from server.app import create_app
from server.attempts import attempts
from server.service import Service
from tests.conftest import copy_knowledge, make_home

PASSWORD = "himitsu no kotoba"

Serve = Callable[..., TestClient]


def api_routes(client: TestClient) -> list[APIRoute]:
    """Every route that the application answers on, those of its routers among them."""

    def walk(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
        for route in routes:
            if isinstance(route, APIRoute):
                yield route
            elif router := getattr(route, "original_router", None):  # FastAPI includes routers without copying their routes
                yield from walk(router.routes)

    assert isinstance(client.app, FastAPI)
    found = list(walk(client.app.routes))
    assert len(found) >= 5
    return found


@pytest.fixture(scope="session")
def city_home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample city, in a home that applications of the tests may write to."""
    home = make_home(tmp_path_factory.mktemp("city") / "home")
    copy_knowledge(sample_home, home)
    return home


@pytest.fixture(scope="session")
def serve(city_home: Path) -> Iterator[Serve]:
    """serve(zone=..., staff_password=...) -> a client of an application with these settings, not started, parts on demand."""
    clients: dict[str, TestClient] = {}
    with ExitStack() as stack:

        def client(**given: Any) -> TestClient:
            key = repr(sorted(given.items()))
            if key not in clients:
                app = create_app(Settings(**{"home": city_home, "alexa_verify": False} | given))
                stack.callback(app.state.service.database.dispose)
                clients[key] = TestClient(app, raise_server_exceptions=False)
            clients[key].cookies.clear()
            return clients[key]

        yield client


@pytest.fixture
def public(serve: Serve) -> TestClient:
    return serve(zone=Zone.PUBLIC)


@pytest.fixture
def closed(serve: Serve) -> TestClient:
    """Everything, with a password that the client does not have."""
    return serve(staff_password=PASSWORD)


@pytest.fixture
def staff(serve: Serve) -> TestClient:
    """A client that is logged in."""
    client = serve(staff_password=PASSWORD)
    attempts._failures.clear()
    assert client.post("/staff/login", data={"password": PASSWORD}, follow_redirects=False).status_code == 303
    return client


@pytest.fixture(scope="module")
def service(city_home: Path) -> Iterator[Service]:
    """A service of the sample city, with a port for satellites."""
    service = Service(Settings(home=city_home, alexa_verify=False, alexa_timeout_s=60, wyoming_port=free_port()))
    template().get_ready()
    yield service
    service.satellite.close()
    service.database.dispose()
