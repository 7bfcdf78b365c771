"""What the acceptance tests share: the sample city with entries planted in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from kb_kit import write_csv
from satellite_kit import free_port

from core.settings import Settings
from server.app import create_app
from tests.acceptance.leak_kit import FULL, Plant, Planted, Row
from tests.conftest import copy_knowledge, make_home, run_madoguchi


@pytest.fixture(scope="module")
def plant(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with ExitStack() as stack:

        def planted(rows: list[Row], **given: Any) -> Planted:
            home = make_home(tmp_path_factory.mktemp("planted") / "home")
            copy_knowledge(sample_home, home)
            path = write_csv(home / "planted.csv", rows, columns=FULL)
            done = run_madoguchi("kb", "import", str(path), "--kb", "soo", home=home)
            assert f"追加 {len(rows)}" in done.stdout
            said = done.stdout + done.stderr
            assert not [row for row in rows if row[0] in said or row[2] in said]
            app = create_app(Settings(home=home, alexa_verify=False, wyoming_port=free_port(), **given))
            stack.callback(app.state.service.database.dispose)
            return Planted(home=home, app=TestClient(app))

        yield planted
