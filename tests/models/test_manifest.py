"""Promises of the manifest: each model says what it is, whose it is and what every byte must be."""

from __future__ import annotations

import re

import pytest

from models.manifest import Kind, ModelSpec, manifest

SPECS = list(manifest().values())
DEFAULT = [s for s in SPECS if s.default]


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_each_model_says_what_it_is_for_and_under_which_licence(spec: ModelSpec) -> None:
    assert re.search("[ぁ-んァ-ヶ一-龠]", spec.purpose)
    assert spec.licence in {"MIT", "Apache-2.0", "CC-BY-SA-4.0", "Gemma Terms of Use"}
    assert spec.source
    assert spec.version


@pytest.mark.parametrize("spec", DEFAULT, ids=lambda s: s.name)
def test_each_default_model_comes_from_packages_with_a_hash_for_each_file(spec: ModelSpec) -> None:
    assert spec.hub is None
    assert spec.files
    assert all(re.fullmatch(r"[\w.-]+==[\d.]+", p) for p in spec.packages)
    for file in spec.files:
        assert re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert file.size_bytes > 0
        assert file.parts
        assert "/" not in file.path
    assert spec.size_bytes == sum(f.size_bytes for f in spec.files)


def test_the_default_install_hears_searches_speaks_and_tells_voices_and_words_apart() -> None:
    assert {s.kind for s in DEFAULT} == set(Kind)
    assert {s.kind for s in DEFAULT if not s.needed} == {Kind.LANGUAGE}
    assert "whisper-base" in manifest()


def test_larger_models_are_known_by_the_name_of_their_hub() -> None:
    larger = {s.name: s.hub for s in SPECS if not s.default}
    assert {"large-v3-turbo", "ruri-v3-310m"} <= set(larger)
    assert all(hub and "/" in hub for hub in larger.values())


def test_no_two_models_share_a_folder() -> None:
    folders = [s.directory for s in SPECS]
    assert len(folders) == len(set(folders))
