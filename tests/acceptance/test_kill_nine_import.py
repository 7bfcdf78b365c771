"""All or nothing: an import that is killed in the middle leaves nothing of its file, and the next one takes the whole of it."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from core.database import open_database
from core.settings import Settings
from retrieval.repository import Repository
from tests.conftest import MADOGUCHI, run_madoguchi

pytestmark = pytest.mark.process

ROWS = 1_500
WRITTEN_BYTES = 1_000_000  #: of a transaction that is not at its end


def test_an_import_that_is_killed_leaves_nothing_and_can_be_repeated(home: Path, tmp_path: Path) -> None:
    rows = (f"q{i},手続き{i}番はどの窓口ですか,{'窓口です。' * 100}" for i in range(ROWS))
    (tmp_path / "faq.csv").write_text("\n".join(["id,question,answer", *rows]) + "\n", "utf-8")
    log = home / "madoguchi.db-wal"
    command = [MADOGUCHI, "kb", "import", str(tmp_path / "faq.csv"), "--kb", "kb", "--state", "draft"]
    importing = subprocess.Popen(command, env=os.environ | {"MADOGUCHI_HOME": str(home)}, stdout=subprocess.DEVNULL)
    while not log.exists() or log.stat().st_size < WRITTEN_BYTES:
        assert importing.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    importing.kill()
    importing.wait()
    engine = open_database(Settings(home=home))
    try:
        assert Repository(engine).load_originals("kb") == []
        assert "追加 1500、変更 0、変更なし 0" in run_madoguchi(*command[1:], home=home).stdout
        assert "追加 0、変更 0、変更なし 1500" in run_madoguchi(*command[1:], home=home).stdout
    finally:
        engine.dispose()
