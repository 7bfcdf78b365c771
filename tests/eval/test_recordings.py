"""Promises of a manifest: recordings are found beside it or a folder above, and one that can't be read ends in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import InvalidInput
from eval.recordings import read_manifest
from tests.conftest import make_home, run_madoguchi


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    folder = tmp_path / "asr"
    folder.mkdir()
    soundfile.write(folder / "one.wav", np.zeros(16_000), 16_000)
    soundfile.write(folder / "two.wav", np.zeros((32_000, 2)), 16_000)
    rows = [
        {"set": "read", "audio": "one.wav", "ref": "はい"},
        {"set": "call", "audio": "asr/two.wav", "ref": "はいもしもし", "ref_channels": ["はい", "もしもし"], "duration": 2},
    ]
    path = folder / "manifest.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


def test_recordings_are_those_of_the_set(manifest: Path) -> None:
    one, two = read_manifest(manifest)
    assert (one.references, one.duration_s, one.separate) == (("はい",), 1.0, False)
    assert (two.references, two.duration_s, two.separate) == (("はい", "もしもし"), 2.0, True)
    assert read_manifest(manifest, "call") == [two]


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"audio": "gone.wav", "ref": "はい"}'])
def test_a_manifest_that_can_not_be_read_is_one_sentence(line: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").write_text(line, "utf-8")
    with pytest.raises(InvalidInput, match="1行に1件"):
        read_manifest(tmp_path / "manifest.jsonl")


def test_the_command_measures_a_manifest_beside_the_peer(manifest: Path, tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    done = run_madoguchi("bench", "asr", "--manifest", str(manifest), "--set", "read", "--batch", "2,4", "--json", home=home)
    figures = json.loads(done.stdout)["figures"]
    assert [(f["set"], f["cer"], f["invented"]) for f in figures] == [("read", 1.0, 0)] * 3
    assert [f["who"].startswith("madoguchi") for f in figures] == [True, True, False]
