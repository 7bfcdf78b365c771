"""Work that is done one at a time: who would wait too long is told so, and the server goes on serving others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from core.errors import Busy
from server.queue import Queue


def test_one_at_a_time_and_no_more_than_may_wait() -> None:
    queue, within, most_within = Queue(3, "混み合っています。"), 0, 0
    entered, go_on = threading.Event(), threading.Event()

    def work() -> None:
        nonlocal within, most_within
        with queue.turn():
            within += 1
            most_within = max(most_within, within)
            entered.set()
            assert go_on.wait(10)
            within -= 1

    with ThreadPoolExecutor(3) as threads:
        three = [threads.submit(work) for _ in range(3)]
        assert entered.wait(10)
        while queue._places._value:  # until the others have their places
            time.sleep(0.01)
        with pytest.raises(Busy, match="混み合っています"), queue.turn():
            raise AssertionError("there was no place")
        go_on.set()
        for one in three:
            one.result(10)
    assert most_within == 1
    with queue.turn():
        pass  # all places are free again


def test_many_who_speak_at_once_keep_nobody_from_reading(public: TestClient, speech: Callable[..., Path]) -> None:
    sound = speech("水道を止めたいときは、どうすればいいですか。").read_bytes()
    recognising = public.app.state.service.recognising

    def speak(_: int) -> int:
        return public.post("/api/ask/audio", files={"audio": ("q.wav", sound)}).status_code

    with ThreadPoolExecutor(20) as many:
        with recognising.turn():  # somebody's long question
            replies = [many.submit(speak, n) for n in range(20)]
            while sum(reply.done() for reply in replies) < 13:
                time.sleep(0.05)
            assert public.get("/api/categories").status_code == 200
        statuses = sorted(reply.result() for reply in replies)
    assert statuses == [200] * 7 + [503] * 13
