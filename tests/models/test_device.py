"""Promises of the choice of device: a GPU is used where there is one, can be refused, and is never pretended."""

from __future__ import annotations

import ctranslate2
import pytest

from core.errors import ModelError
from models.device import CPU, CUDA, choose_device


@pytest.mark.parametrize(
    ("wanted", "gpus", "chosen"),
    [("auto", 0, CPU), ("auto", 1, CUDA), ("cpu", 0, CPU), ("cpu", 2, CPU), ("cuda", 1, CUDA)],
)
def test_what_is_chosen(wanted: str, gpus: int, chosen: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: gpus)
    assert choose_device(wanted) == chosen


def test_a_forced_gpu_that_is_not_there_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 0)
    with pytest.raises(ModelError, match="GPU が見つかりません"):
        choose_device("cuda")


def test_the_number_formats_are_those_that_were_measured() -> None:
    assert (CPU.compute_type, CUDA.compute_type) == ("int8", "float16")
