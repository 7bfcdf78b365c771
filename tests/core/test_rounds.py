"""Promises of rounds: a failing task keeps no other from running, and is told once until it works again."""

from __future__ import annotations

import logging

import pytest

from core.rounds import Rounds


def test_a_task_that_fails_in_every_round_is_logged_once_and_again_after_it_worked(caplog: pytest.LogCaptureFixture) -> None:
    error: list[Exception | None] = [OSError("a"), OSError("b"), ValueError("c"), None, OSError("d")]
    ran = []

    def fails() -> None:
        if (e := error.pop(0)) is not None:
            raise e

    rounds = Rounds(logging.getLogger("madoguchi.test"), "not_done")
    for _ in range(5):
        rounds.go((fails, lambda: ran.append(1)))
    assert [r.exc_info and r.exc_info[0] for r in caplog.records] == [OSError, ValueError, OSError]
    assert len(ran) == 5
