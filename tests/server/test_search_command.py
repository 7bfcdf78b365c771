"""Promises of `madoguchi kb search`: every line is read as it was written, or named; what can't be written is said first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.errors import InvalidInput
from server.commands.app import app_of
from tests.conftest import copy_knowledge, make_home


@pytest.fixture
def city(sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to write to, where commands find the sample city."""
    home = make_home(tmp_path / "home")
    copy_knowledge(sample_home, home)
    monkeypatch.setenv("MADOGUCHI_HOME", str(home))
    return tmp_path


def search(folder: Path, lines: Sequence[str], run: Path, *, mark: str = "") -> list[list[str]]:
    """The rows of the result."""
    (folder / "q.jsonl").write_text(mark + "\n".join(lines), "utf-8")
    given = ["kb", "search", "--kb", "soo", "--queries", str(folder / "q.jsonl"), "--run", str(run)]
    done = CliRunner().invoke(app_of(["kb"]), given)
    if done.exception is not None:
        raise done.exception
    return [line.split("\t") for line in run.read_text("utf-8").splitlines()]


def test_every_question_is_read_as_it_was_written(city: Path) -> None:
    lines = ['{"id": 1, "text": "印鑑登録の\u2028方法\x85は"}\r', "", '{"id": "\\ud83d", "text": "\\ud83d 住民票の写し"}']
    rows = search(city, lines, city / "new" / "folder" / "run.tsv", mark="\ufeff")
    assert list(dict.fromkeys(row[0] for row in rows)) == ["1", "\\ud83d"]
    assert {len(row) for row in rows} == {4}


@pytest.mark.parametrize(
    "line",
    [
        json.dumps({"id": "x", "text": 5}),
        json.dumps({"id": "x", "text": None}),
        json.dumps({"id": "a\tb", "text": "印鑑"}),
        json.dumps({"text": "印鑑"}),
        "[" * 100_000,
        "[1, 2]",
        "{bad",
    ],
)
def test_a_line_that_is_no_question_is_named_as_an_editor_counts_it(tmp_path: Path, line: str) -> None:
    with pytest.raises(InvalidInput, match=r"q\.jsonl の 3行目"):
        search(tmp_path, ['{"id": "1", "text": "印鑑"}', "", line], tmp_path / "run.tsv")


def test_a_place_that_can_t_be_written_to_is_said_before_the_search(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="に書けません"):
        search(tmp_path, ['{"id": "1", "text": "印鑑"}'], tmp_path / "file" / "run.tsv")
