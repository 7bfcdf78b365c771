"""Promises of commands: what isn't there is said in a sentence and makes nothing, and a killed one leaves no sound behind."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import pytest
from typer.testing import CliRunner

from core.errors import DiskFull, MadoguchiError, ModelMissing, NotFound
from retrieval.knowledge import Knowledge
from server.commands.app import app_of
from tests.conftest import MADOGUCHI, make_home, run_madoguchi


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, where commands find the models alone."""
    made = make_home(tmp_path / "home")
    monkeypatch.setenv("MADOGUCHI_HOME", str(made))
    return made


def refusal(arguments: Sequence[str]) -> MadoguchiError:
    """Why a command could not be done."""
    done = CliRunner().invoke(app_of(arguments[:1]), arguments)
    assert isinstance(done.exception, MadoguchiError), done.output
    return done.exception


@pytest.mark.parametrize(
    "arguments",
    [
        ["kb", "build", "--kb", "nosuch"],
        ["kb", "list", "--kb", "nosuch"],
        ["ask", "住民票の写しがほしい", "--kb", "nosuch"],
        ["bench", "retrieval", "--kb", "nosuch"],
        ["bench", "answers", "--kb", "nosuch"],
        ["transcribe", "a.wav", "--kb", "nosuch"],
    ],
)
def test_a_knowledge_base_that_is_not_there_is_said_and_none_is_made(home: Path, arguments: list[str]) -> None:
    refused = refusal(arguments)
    assert isinstance(refused, NotFound)
    assert refused.message == "知識ベース「nosuch」には何も登録されていません。"
    assert not (home / "indexes").exists()


def test_search_in_a_knowledge_base_that_is_not_there_is_said(home: Path) -> None:
    (home / "q.jsonl").write_text('{"id": "1", "text": "印鑑"}\n', "utf-8")
    search = ["kb", "search", "--kb", "nosuch", "--queries", str(home / "q.jsonl"), "--run", str(home / "run.tsv")]
    assert isinstance(refusal(search), NotFound)


def test_what_is_to_be_imported_and_is_not_there_is_said_and_nothing_is_made(home: Path) -> None:
    (home / "empty.csv").touch()
    refused = refusal(["kb", "import", str(home / "empty.csv"), str(home / "nosuch"), "--kb", "soo"])
    assert isinstance(refused, NotFound)
    assert refused.message.startswith(f"{home / 'nosuch'} が見つかりません")
    assert CliRunner().invoke(app_of(["kb"]), ["kb", "import", str(home / "empty.csv"), "--kb", "soo"]).exit_code == 1
    assert not (home / "indexes" / "soo" / "resident").exists()


def test_a_server_builds_nothing_while_a_command_takes_files_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def looked(self: Knowledge, *_: object, **__: object) -> NoReturn:
        seen.append(self.is_being_built("soo"))
        raise DiskFull

    monkeypatch.setattr(Knowledge, "import_file", looked)
    for name in ("a.csv", "b.csv"):
        (home / name).touch()
    CliRunner().invoke(app_of(["kb"]), ["kb", "import", str(home / "a.csv"), str(home / "b.csv"), "--kb", "soo"])
    assert seen == [True, True]


@pytest.mark.parametrize(
    ("fault", "is_ours"), [(OSError(errno.ENOSPC, ""), False), (PermissionError(), False), (KeyError("x"), True)]
)
def test_where_a_file_is_not_imported_only_a_fault_of_ours_is_traced(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: Exception, is_ours: bool
) -> None:
    """Who reads of a full disk is to read the sentence, not what is above it."""

    def full(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(Knowledge, "import_file", full)
    (home / "faq.csv").touch()
    done = CliRunner().invoke(app_of(["kb"]), ["kb", "import", str(home / "faq.csv"), "--kb", "soo"])
    assert (done.exit_code, "not_imported" in caplog.text) == (1, is_ours)
    assert "faq.csv: " in done.output


def test_a_model_that_nobody_knows_is_not_said_to_be_missing_here(home: Path) -> None:
    refused = refusal(["models", "verify", "nosuch"])
    assert isinstance(refused, ModelMissing)
    assert "「nosuch」というモデルは知りません" in refused.message


@pytest.mark.process
def test_a_command_that_was_killed_leaves_sound_only_where_the_next_one_clears_it(
    home: Path, speech: Callable[..., Path], tmp_path: Path
) -> None:
    sound, scratch = speech("ただいまから会議を始めます。"), tmp_path / "tmp"
    scratch.mkdir()
    arguments = [MADOGUCHI, "transcribe", str(sound), "--out", str(tmp_path), "--format", "txt"]
    environment = os.environ | {"MADOGUCHI_HOME": str(home), "TMPDIR": str(scratch)}
    command = subprocess.Popen(arguments, env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (left := [path for path in home.glob("passing/*/*") if path.name != ".lock"]):
        assert command.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    command.send_signal(signal.SIGKILL)
    command.wait()
    assert left[0].parent.exists()
    run_madoguchi(*map(str, arguments[1:]), home=home, TMPDIR=str(scratch))
    assert list(home.glob("passing/*")) == []
    assert [path.name for path in scratch.rglob("*") if path.is_file()] == []


@pytest.mark.process
@pytest.mark.parametrize("entry", ["server.commands.transcribe", "server.app", "eval.__main__"])
def test_what_hears_speech_does_not_report_to_its_maker(entry: str, tmp_path: Path) -> None:
    program = f"import {entry}; from faster_whisper.vad import get_vad_model; get_vad_model()"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    assert list(tmp_path.rglob(".ses")) == [], "where onnxruntime keeps which machine it reports of"
