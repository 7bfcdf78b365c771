"""Promises of the command line: what it says is Japanese, whole, and tells what to do; scripts can tell its ends apart."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup
from typer.testing import CliRunner

import server.cli
from server.commands.app import VERBS, app_of

ENGLISH = re.compile(r"\b(this|the|is|an?|Usage|Options|Commands|Arguments|Error|required|default)\b")


def every_command(command: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    below = command.commands.items() if isinstance(command, TyperGroup) else ()
    return [path, *(found for name, c in below for found in every_command(c, (*path, name)))]


@pytest.mark.parametrize("path", every_command(typer.main.get_command(app_of())), ids=" ".join)
def test_help_is_japanese_and_not_cut_on_a_narrow_terminal(path: tuple[str, ...]) -> None:
    told = CliRunner().invoke(app_of(path[:1] or VERBS), [*path, "--help"], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
    assert told.exit_code == 0
    assert "書き方: " in told.stdout and "この説明を表示します。" in told.stdout
    assert not ENGLISH.search(told.stdout) and "…" not in told.stdout
    assert not re.search(r"<\w|\b(OPTIONS|COMMAND|ARGS|FILE|FOLDER|DIR|NAME)\b|\[(text|files|names|target)\]", told.stdout)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("serv", "「serv」というコマンドはありません。「serve」ではありませんか。「madoguchi --help」"),
        ("kb imprt", "「imprt」というコマンドはありません。「import」ではありませんか。「madoguchi kb --help」"),
        ("serve --prt 1", "「--prt」という指定はありません。「--port」ではありませんか。「madoguchi serve --help」"),
        ("serve --port", "「--port」のあとに値を書いてください。"),
        ("serve --port abc", "「--port」の値が正しくありません。整数にしてください。"),
        ("serve --port 70000", "「--port」の値が正しくありません。65535 以下にしてください。"),
        ("serve --port -1", "「--port」の値が正しくありません。0 以上にしてください。"),
        ("serve --zone x", "「--zone」の値が正しくありません。'all', 'public', 'staff' のどれかにしてください。"),
        ("kb adapt --kb soo --minutes x", "「--minutes」の値が正しくありません。数にしてください。"),
        ("kb build", "「--kb」を指定してください。「madoguchi kb build --help」"),
        ("backup", "「フォルダ」を指定してください。「madoguchi backup --help」"),
        ("ask 印鑑 登録", "「登録」は余分です。空白のある言葉は、引用符で囲んでください。「madoguchi ask --help」"),
        ("ask --json=1", "「--json」には値を付けられません。"),
    ],
)
def test_what_is_typed_wrong_is_said_in_japanese(
    typed: str, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = run(typed, monkeypatch, capsys)
    assert code == 2
    assert told.startswith(sentence)
    assert not ENGLISH.search(told)


def test_a_file_that_may_not_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MADOGUCHI_HOME", str(tmp_path / "home"))
    code, told = run(f"backup {tmp_path}/file/backup", monkeypatch, capsys)
    assert code == 1
    assert told.strip() == f"{tmp_path}/file/backup.part を読み書きできません。場所と、権限を確かめてください。"


def run(typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    monkeypatch.setattr(sys, "argv", ["madoguchi", *typed.split()])
    with pytest.raises(SystemExit) as end:
        server.cli.main()
    return end.value.code, capsys.readouterr().err


@pytest.mark.process
@pytest.mark.parametrize("verb", ["phone", "models"])
def test_a_verb_is_imported_with_nothing_that_only_others_need(verb: str) -> None:
    """The recorder of calls has to be there again soon after it died."""
    program = f"import sys; from server.commands.app import app_of; app_of([{verb!r}]); print(*sys.modules)"
    imported = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "typer" in imported
    assert not {"faster_whisper", "faiss", "fastapi", "sqlalchemy"} & set(imported)


@pytest.mark.process
@pytest.mark.parametrize("after_s", [0.0, 0.3, 1.0])
def test_ctrl_c_ends_a_command_that_has_just_begun_without_a_word(after_s: float, tmp_path: Path) -> None:
    program = "import server.cli as cli; run = cli._run; cli._run = lambda: print('begins', flush=True) or run(); cli.main()"
    command = [sys.executable, "-c", program, "serve", "--port", "0"]
    environment = os.environ | {"MADOGUCHI_HOME": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "begins\n"
            time.sleep(after_s)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=60)
        finally:
            process.kill()  # where whoever runs the tests ignores SIGINT, it would go on for ever
    assert (process.returncode, told) == (130, "")


@pytest.mark.process
def test_a_server_knows_every_table_before_it_opens_the_database() -> None:
    """What is imported later would have no table in a new installation: its first page was an error."""
    program = """
import importlib, pkgutil, server.service
from core.database import metadata
known = set(metadata.tables)
for name in ("asr", "dialogue", "minutes", "retrieval", "server", "telephony", "voice_skill"):
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        if "forking" not in module.name and "__main__" not in module.name:
            importlib.import_module(module.name)
print(len(known), *(set(metadata.tables) - known))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    count, *unknown = done.stdout.split()
    assert int(count) > 20
    assert unknown == []
