"""Promises of the product on PostgreSQL: the same commands and pages, and no index on the machine that serves."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from tests.conftest import SAMPLES, make_home, run_madoguchi, serving

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


class Line:
    """A network between us and a database, in which everything can get lost without a word."""

    def __init__(self, postgres_url: str) -> None:
        self._there = sa.make_url(postgres_url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._is_up = threading.Event()
        self._is_up.set()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        port = self._listener.getsockname()[1]
        return self._there.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)

    @contextmanager
    def down(self) -> Iterator[None]:
        self._is_up.clear()
        try:
            yield
        finally:
            self._is_up.set()

    def close(self) -> None:
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):  # closed
            while True:
                threading.Thread(target=self._join, args=(self._listener.accept()[0],), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self._is_up.wait()
        with near, socket.socket(socket.AF_UNIX) as far:
            far.connect(f"{self._there.query['host']}/.s.PGSQL.5432")
            there = threading.Thread(target=self._carry, args=(near, far), daemon=True)
            there.start()
            self._carry(far, near)
            there.join()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                self._is_up.wait()
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.mark.process
@pytest.mark.timed
def test_a_database_that_vanishes_keeps_nobody_waiting_and_is_back_with_the_network(tmp_path: Path, postgres_url: str) -> None:
    def ask() -> tuple[float, httpx.Response]:
        began = time.monotonic()
        reply = httpx.post(f"{server.url}/api/ask", json={"text": "図書館の時間"}, timeout=60)
        return time.monotonic() - began, reply

    (tmp_path / "faq.csv").write_text(FAQ, "utf-8")
    given = {"MADOGUCHI_INDEX_STORE": "postgres", "MADOGUCHI_KB": "kb"}
    home = make_home(tmp_path / "home")
    files = (str(tmp_path / "faq.csv"), str(SAMPLES / "departments.csv"))
    run_madoguchi("kb", "import", *files, "--kb", "kb", home=home, MADOGUCHI_DATABASE_URL=postgres_url, **given)
    with closing(Line(postgres_url)) as line, serving(home, MADOGUCHI_DATABASE_URL=line.url, **given) as server:
        assert ask()[1].json()["answer"] == "図書館は9時に開きます。"
        with line.down():
            took_s, reply = ask()
            assert took_s < 6 and reply.status_code == 503
            assert "市役所（0986-00-0100）へお電話ください" in reply.json()["error"]["message"]
            again = sorted(ask()[0] for _ in range(10))
            assert again[8] < 0.5 and again[9] < 3, again
        back = time.monotonic()
        while ask()[1].status_code != 200:
            assert time.monotonic() - back < 3
        assert ask()[1].json()["answer"] == "図書館は9時に開きます。"
