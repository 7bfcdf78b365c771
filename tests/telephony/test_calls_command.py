"""Promises of `madoguchi calls`: what is imported is listed and shown; what can't be is said, and the rest still done."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from asr.audio import Channels
from asr.recording import State, accepted
from asr.recordings import Recordings
from core.blobs import Blob
from core.clock import now
from core.database import open_database
from core.errors import InvalidInput
from core.settings import CHECKOUT, Settings
from server.commands.calls import calls
from telephony.call import CallRecord, Parties, Remark, Side
from telephony.repository import CallRecords


@pytest.fixture
def recording(speech: Callable[..., Path], tmp_path: Path) -> Path:
    answers = soundfile.read(speech("はい、月曜日と木曜日です。"), dtype="float32")[0]
    asks = soundfile.read(speech("ごみの収集日を教えてください。", "jm_kumo"), dtype="float32")[0]
    left, right = np.concatenate([np.zeros_like(asks), answers]), np.concatenate([asks, np.zeros_like(answers)])
    soundfile.write(tmp_path / "電話.wav", np.stack([left, right], axis=1), 16_000, subtype="PCM_16")
    return tmp_path / "電話.wav"


def test_a_call_is_shown_with_holds_and_what_never_came(home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_HOME", str(home))
    engine = open_database(settings)
    blob = Blob(id="call", size_bytes=1, sha256="0")
    recording = accepted(blob, file_name="電話.wav", channels=Channels.SEPARATE, speakers="off", at=now())
    happened = (Remark(at_s=62.5, text="保留", side=Side.OTHER), Remark(at_s=3, text="音声欠落 2.3秒"))
    records = CallRecords(engine, Recordings(engine))
    with engine.begin() as c:
        Recordings(engine).add(c, recording)
        records.add(c, CallRecord(recording=recording, parties=Parties(), imported_by="x", remarks=happened))
    shown = CliRunner().invoke(calls, ["show", "call"]).output.splitlines()
    assert shown[1:] == ["[00:00:03] 音声欠落 2.3秒", "[00:01:02] 保留（相手）"]


def test_calls_are_imported_listed_and_shown(
    home: Path, recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_HOME", str(home))
    (tmp_path / "覚書.txt").write_text("録音ではありません")
    run = CliRunner().invoke
    names = ["--our-name", "市役所（環境課）", "--number", "0986-00-0000", "--started-at", "2026-11-20T13:05"]
    files = [str(tmp_path / name) for name in ("ない.wav", "覚書.txt", "電話.wav")]

    imported = run(calls, ["import", *files, *names])
    assert imported.exit_code == 1, imported.output
    assert "ない.wav: ファイルが見つかりません" in imported.output
    assert "覚書.txt: 音声として読み取れない" in imported.output
    found = re.search(r"電話\.wav: 通話記録 (\w+) に取り込みました", imported.output)
    assert found

    listed = run(calls, ["list"])
    assert listed.exit_code == 0
    assert all(
        text in listed.output for text in (found[1], "2026-11-20 13:05", "市役所（環境課）", "相手（0986-00-0000）", "完了")
    )

    shown = run(calls, ["show", found[1]])
    assert shown.exit_code == 0
    assert [line.partition("] ")[2].partition(":")[0] for line in shown.output.splitlines()[1:]] == [
        "相手（0986-00-0000）",
        "市役所（環境課）",
    ]


def test_two_files_are_imported_as_one_call_and_the_same_again_only_when_asked(
    home: Path, speech: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_HOME", str(home))
    ours, other = speech("はい、月曜日と木曜日です。"), speech("ごみの収集日を教えてください。", "jm_kumo")
    command = ["import", "--ours", str(ours), "--other", str(other)]
    run = CliRunner().invoke
    imported = run(calls, command)
    assert imported.exit_code == 0, imported.output
    found = re.search(rf"{ours.stem}＋{other.stem}\.wav: 通話記録 (\w+) に取り込みました", imported.output)
    assert found
    shown = run(calls, ["show", found[1]]).output
    assert {"市役所", "相手"} == {line.partition("] ")[2].partition(":")[0] for line in shown.splitlines()[1:]}

    again = run(calls, command)
    assert again.exit_code == 0, again.output
    assert "もう取り込まれています" in again.output
    assert found[1] in again.output
    assert len(run(calls, ["list"]).output.split(ours.stem)) == 2
    for wrong in (["import"], ["import", "--ours", str(ours)], [*command, str(ours)]):
        refused = run(calls, wrong)
        assert isinstance(refused.exception, InvalidInput)


def test_a_call_is_held_listed_and_lifted_and_one_that_is_done_is_not_begun_again(
    home: Path, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_HOME", str(home))
    run = CliRunner().invoke
    found = re.search(r"通話記録 (\w+) に", run(calls, ["import", str(recording)]).output)
    assert found
    assert found[1] not in run(calls, ["list", "--held"]).output
    assert run(calls, ["hold", found[1], "--reason", "開示請求", "--until", "2126-11-22"]).exit_code == 0
    held = run(calls, ["list", "--held"]).output
    assert found[1] in held
    assert "保全中(2126-11-22)" in held
    unseen = run(calls, ["hold", found[1], "--reason", "照会", "--until", "2126-10-31"])
    assert isinstance(unseen.exception, InvalidInput)
    assert "開示請求" in unseen.exception.message
    assert run(calls, ["hold", found[1], "--reason", "訴訟", "--instead"]).exit_code == 0
    assert "訴訟" in run(calls, ["lift", found[1]]).output
    assert "保全していません" in run(calls, ["lift", found[1]]).output
    assert found[1] not in run(calls, ["list", "--held"]).output
    refused = run(calls, ["retry", found[1]])
    assert isinstance(refused.exception, InvalidInput)
    assert "完了" in run(calls, ["show", found[1]]).output


@pytest.mark.process
def test_a_worker_finishes_an_import_that_was_cut_off_and_ends_when_told_to(home: Path, recording: Path, engine: Engine) -> None:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "MADOGUCHI_HOME": str(home)}
    program = [sys.executable, "-c", "from server.cli import main; main()"]
    records = CallRecords(engine, Recordings(engine))
    command = subprocess.Popen([*program, "calls", "import", str(recording)], env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not records.find().calls and time.monotonic() < deadline:
        time.sleep(0.02)
    command.send_signal(signal.SIGKILL)
    command.wait()
    (call,) = records.find().calls

    worker = subprocess.Popen([*program, "worker"], env=environment, stderr=subprocess.PIPE)
    try:
        while call.recording.state is not State.DONE:
            assert time.monotonic() < deadline + 60
            time.sleep(0.1)
            call = records.get(call.id)
        at = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        _, log = worker.communicate(timeout=30)
        assert time.monotonic() - at < 15
    finally:
        worker.kill()
        worker.wait()
    assert worker.returncode == 0
    assert b"worker_stopped" in log
    assert all(line.startswith(b"{") for line in log.splitlines()), "the log is JSON"
