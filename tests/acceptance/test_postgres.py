"""Promises of the product on PostgreSQL: the same commands and pages, and no index on the machine that serves."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.conftest import make_home, run_madoguchi, serving

FAQ = """id,question,answer,paraphrases,audience
a-1,図書館は何時に開きますか。,図書館は9時に開きます。,図書館の時間,
a-2,犬の登録はどうしますか。,環境課で登録してください。,犬を飼い始めた,
a-3,公印の押印はどうしますか。,文書主任に決裁文書を示してください。,ハンコを押したい,staff
"""


@pytest.mark.process
def test_another_machine_answers_from_what_one_machine_imported(tmp_path: Path, postgres_url: str) -> None:
    database = {"MADOGUCHI_DATABASE_URL": postgres_url, "MADOGUCHI_INDEX_STORE": "postgres", "MADOGUCHI_KB": "kb"}
    importing, serves = make_home(tmp_path / "importing"), make_home(tmp_path / "serving")
    (tmp_path / "faq.csv").write_text(FAQ, "utf-8")
    done = run_madoguchi("kb", "import", str(tmp_path / "faq.csv"), "--kb", "kb", home=importing, **database)
    assert "追加 3" in done.stdout
    with serving(serves, **database) as server:
        answer = httpx.post(f"{server.url}/api/ask", json={"text": "図書館の時間"}, timeout=30).json()
        assert answer["answer"] == "図書館は9時に開きます。"
        secret = httpx.post(f"{server.url}/api/ask", json={"text": "公印の押印はどうしますか。"}, timeout=30).text
        assert "文書主任" not in secret
    assert list(tmp_path.rglob("rows.npz")) == []
    assert not (serves / "madoguchi.db").exists()
