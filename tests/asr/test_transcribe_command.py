"""`madoguchi transcribe` as its user starts it."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
import soundfile
from docx import Document

from asr.export import Format
from asr.pipeline import Options
from models.priors import MEETING
from server.commands.transcribe import targets

Speech = Callable[..., Path]
Encode = Callable[..., Path]
SENTENCE = "転入届は、市民課の窓口で受け付けています。"
COMMAND = Path(sys.executable).with_name("madoguchi")
KINDS = ["wav", "mp3", "m4a", "flac", "ogg", "opus", "webm", "live.webm", "mp4"]


@pytest.fixture
def madoguchi(home: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, "transcribe", *map(str, arguments)],
            env={**os.environ, "MADOGUCHI_HOME": str(home)},
            check=False,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


@pytest.fixture
def spoken(speech: Speech) -> np.ndarray:
    samples, _ = soundfile.read(speech(SENTENCE), dtype="float32")
    return samples


def likeness(text: str) -> float:
    return SequenceMatcher(None, text, SENTENCE).ratio()


@pytest.mark.process
def test_every_common_input_is_transcribed_in_one_call(madoguchi, spoken: np.ndarray, encode: Encode, tmp_path: Path) -> None:
    sources = [
        encode(spoken if i % 2 else np.stack([spoken, spoken], axis=1), 16_000, k, name=f"r{i}") for i, k in enumerate(KINDS)
    ]
    done = madoguchi(*sources, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert len(done.stderr.splitlines()) == len(KINDS)
    for source in sources:
        record = json.loads((tmp_path / "out" / f"{source.stem}.json").read_text("utf-8"))
        assert likeness(record["text"]) > 0.7, source.name
        assert record["duration_s"] == pytest.approx(len(spoken) / 16_000, abs=0.1)


@pytest.mark.process
@pytest.mark.parametrize("form", ["txt", "srt", "vtt", "docx"])
def test_every_format_is_written_to_the_current_folder(form: str, madoguchi, speech: Speech, tmp_path: Path) -> None:
    source = speech(SENTENCE)
    done = madoguchi(source, "--format", form)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    content = (tmp_path / f"{source.stem}.{form}").read_bytes()
    text = Document(io.BytesIO(content)).paragraphs[-1].text if form == "docx" else content.decode().splitlines()[-1]
    assert likeness(text) > 0.5
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")] == []


@pytest.mark.process
def test_bad_files_cost_a_sentence_each_and_good_ones_are_done(
    madoguchi, spoken: np.ndarray, encode: Encode, tmp_path: Path
) -> None:
    good = encode(spoken, 16_000, "mp3", name="good")
    cut = encode(spoken, 16_000, "m4a", name="cut")
    cut.write_bytes(cut.read_bytes()[:-3000])
    letter, empty, nothing = tmp_path / "letter.mp3", tmp_path / "empty.wav", tmp_path / "nothing.wav"
    letter.write_text("拝啓 新緑の候")
    empty.write_bytes(b"")
    soundfile.write(nothing, np.zeros(0, np.int16), 16_000)
    bad = {
        letter: "音声として読み取れない",
        empty: "空です",
        cut: "途中で切れて",
        nothing: "0秒",
        tmp_path / "gone.wav": "見つかりません",
    }
    done = madoguchi(*list(bad)[:3], good, *list(bad)[3:], "--out", tmp_path / "out", "--format", "txt")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == 6
    for source, sentence in bad.items():
        (line,) = [row for row in lines if row.startswith(source.name)]
        assert sentence in line
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["good.txt"]
    assert likeness((tmp_path / "out" / "good.txt").read_text("utf-8")) > 0.5


@pytest.mark.process
def test_the_sides_of_a_call_and_a_vocabulary(madoguchi, spoken: np.ndarray, tmp_path: Path) -> None:
    source, words = tmp_path / "call.wav", tmp_path / "words.csv"
    soundfile.write(source, np.stack([np.zeros_like(spoken), spoken], axis=1), 16_000)
    words.write_bytes("term,reading,kind\n転入届,てんにゅうとどけ,届出\n".encode("cp932"))
    done = madoguchi(source, "--channels", "separate", "--vocabulary", words)
    assert done.returncode == 0, done.stderr
    segments = json.loads((tmp_path / "call.json").read_text("utf-8"))["segments"]
    assert segments
    assert {s["channel"] for s in segments} == {1}


@pytest.mark.process
def test_misheard_words_are_put_right_when_asked_for(madoguchi, speech: Speech, tmp_path: Path) -> None:
    said = speech("寄附は景気に左右されますから、慎重に判断してください。")
    done = madoguchi(said, "--out", tmp_path / "out", "--thorough")
    assert done.returncode == 0, done.stderr
    found = json.loads(next((tmp_path / "out").glob("*.json")).read_text("utf-8"))
    assert "景気に左右されますから" in found["text"]
    assert any("sound" in change["reasons"] for segment in found["segments"] for change in segment["changes"])


def test_misheard_words_are_not_looked_for_unless_asked_for() -> None:
    assert (Options().expected.about, Options(thorough=True).expected.about) == ("", MEETING)


@pytest.mark.process
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--speakers", "many"], "--speakers"),
        (["--speakers", "0"], "--speakers"),
        (["--vocabulary", "none.csv"], "none.csv"),
        (["--model", "no-such-model"], "no-such-model"),
        (["--speakers", "2", "--channels", "separate"], "どちらか一方"),
        (["--out", "/dev/null/x"], "--out"),
    ],
)
def test_a_wrong_option_is_one_sentence(arguments: list[str], sentence: str, madoguchi) -> None:
    done = madoguchi("a.wav", *arguments)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert sentence in line


@pytest.mark.process
def test_a_terminal_shows_the_time_left(home: Path, speech: Speech, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    env = {**os.environ, "MADOGUCHI_HOME": str(home), "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen([COMMAND, "transcribe", str(speech(SENTENCE))], env=env, cwd=tmp_path, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while block := os.read(ours, 4096):
            shown += block
    except OSError:  # Linux says EIO where the last writer has gone
        pass
    os.close(ours)
    assert process.wait(120) == 0
    assert "残り" in shown.decode()
    assert "100%" in shown.decode()


def test_two_recordings_of_one_stem_do_not_overwrite_each_other() -> None:
    sources = [Path("a/x.wav"), Path("x.mp3"), Path("b/x.wav"), Path("y.wav")]
    names = [target.name for _, target in targets(sources, Path("out"), Format.TXT)]
    assert names == ["x.wav.txt", "x.mp3.txt", "x.wav-2.txt", "y.txt"]
