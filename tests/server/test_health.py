"""Promises of /healthz and /readyz: alive is alive, ready means it can answer, and what is missing is said."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from core.audience import Audience
from core.settings import Settings, Zone
from models.manifest import manifest
from server.app import create_app
from server.service import Service
from tests.conftest import MODELS, copy_knowledge

Probe = Callable[..., TestClient]


@pytest.fixture
def probe() -> Iterator[Probe]:
    clients = []

    def client(home: Path, **given: Any) -> TestClient:
        clients.append(TestClient(create_app(Settings(home=home, **given))))
        return clients[-1]

    yield client
    for c in clients:
        c.app.state.service.database.dispose()  # type: ignore[attr-defined]


@pytest.fixture
def no_models(sample_home: Path, tmp_path: Path) -> Path:
    """The sample city in a home without models."""
    home = tmp_path / "bare"
    home.mkdir()
    copy_knowledge(sample_home, home)
    return home


def test_a_city_with_models_and_index_is_ready(serve: Callable[..., TestClient]) -> None:
    reply = serve().get("/readyz")
    assert reply.status_code == 200
    assert reply.json() == {
        "ready": True,
        "parts": {n: {"ready": True, "message": None} for n in ("models", "database", "index")},
    }


def test_without_an_index_it_says_how_to_import(probe: Probe, home: Path) -> None:
    client = probe(home)
    reply = client.get("/readyz")
    assert (reply.status_code, reply.json()["ready"]) == (503, False)
    assert reply.json()["parts"]["index"]["ready"] is False
    assert "madoguchi kb import" in reply.json()["parts"]["index"]["message"]
    assert reply.json()["parts"]["models"]["ready"] is True
    asked = client.post("/api/ask", json={"text": "住民票"})
    assert (asked.status_code, asked.json()["error"]["code"]) == (503, "not_ready")
    assert client.get("/healthz").status_code == 200


def test_without_models_it_names_them(probe: Probe, no_models: Path) -> None:
    client = probe(no_models)
    reply = client.get("/readyz")
    assert reply.status_code == 503
    message = reply.json()["parts"]["models"]["message"]
    assert all(name in message for name, spec in manifest().items() if spec.needed)
    asked = client.post("/api/ask", json={"text": "住民票"})
    assert (asked.status_code, asked.json()["error"]["code"]) == (503, "model_missing")
    spoken = client.post("/api/speak", json={"text": "住民票"})
    assert (spoken.status_code, spoken.json()["error"]["code"]) == (503, "model_missing")


def test_a_damaged_model_is_not_ready(probe: Probe, no_models: Path) -> None:
    for name, spec in manifest().items():
        if spec.needed:
            target = no_models / "models" / spec.directory
            if name == "ge2e-speaker-encoder":
                shutil.copytree(MODELS / spec.directory, target)
            else:
                target.parent.mkdir(exist_ok=True)
                target.symlink_to(MODELS / spec.directory)
    client = probe(no_models)
    assert client.get("/readyz").status_code == 200
    weights = no_models / "models" / manifest()["ge2e-speaker-encoder"].directory / "pretrained.pt"
    weights.write_bytes(weights.read_bytes()[:-1])
    reply = client.get("/readyz")
    assert reply.status_code == 503
    assert "ge2e-speaker-encoder" in reply.json()["parts"]["models"]["message"]


def test_a_public_server_needs_the_residents_index_only(probe: Probe, sample_home: Path, home: Path) -> None:
    copy_knowledge(sample_home, home)
    shutil.rmtree(home / "indexes" / "soo" / "staff")
    assert probe(home, zone=Zone.PUBLIC).get("/readyz").status_code == 200
    assert probe(home, zone=Zone.ALL).get("/readyz").status_code == 503


def test_a_public_server_of_its_own_makes_the_index_that_it_lacks(sample_home: Path, home: Path) -> None:
    """As after an update that searches otherwise: there is no server of staff beside it that would."""
    copy_knowledge(sample_home, home)
    shutil.rmtree(home / "indexes" / "soo" / "resident")
    service = Service(Settings(home=home, zone=Zone.PUBLIC))
    try:
        service.start()
        service.publisher.stop(wait_s=120)
        assert service.knowledge.version("soo", Audience.RESIDENT)
    finally:
        service.stop()


def test_residents_are_not_told_what_the_administrator_has_to_do(probe: Probe, home: Path) -> None:
    """But to call, and who watches the service reads it in its log and at /readyz."""
    client = probe(home)
    reply = client.post("/api/ask", json={"text": "住民票がほしい"})
    assert reply.status_code == 503
    message = reply.json()["error"]["message"]
    assert "お電話ください" in message
    assert not re.search("管理者|madoguchi", message)


def test_a_database_that_can_not_be_read_is_not_ready(probe: Probe, sample_home: Path, home: Path) -> None:
    copy_knowledge(sample_home, home)
    client = probe(home)
    client.app.state.service.database.dispose()  # type: ignore[attr-defined]
    for path in home.glob("madoguchi.db*"):
        path.unlink()
    (home / "madoguchi.db").write_bytes(b"not a database" * 1000)
    reply = client.get("/readyz")
    assert reply.status_code == 503
    assert reply.json()["parts"]["database"]["message"] == "データベースに接続できません。"


def test_a_postgresql_that_is_gone_is_said_of_all_that_lies_there(probe: Probe, home: Path, postgres_url: str) -> None:
    client = probe(home, database_url=postgres_url, index_store="postgres")
    assert "madoguchi kb import" in client.get("/readyz").json()["parts"]["index"]["message"]
    url = sa.make_url(postgres_url)
    admin = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as c:
        c.exec_driver_sql(f"DROP DATABASE {url.database} WITH (FORCE)")
    admin.dispose()
    reply = client.get("/readyz")
    assert reply.status_code == 503
    assert {p["message"] for n, p in reply.json()["parts"].items() if n != "models"} == {"データベースに接続できません。"}
