"""Promises of a part: it is built when it is first needed, and once, by whomever."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from server.built_once import BuiltOnce


class House:
    """Has one door."""

    def __init__(self) -> None:
        self.built = 0

    @BuiltOnce
    def door(self) -> object:
        self.built += 1
        time.sleep(0.05)
        return object()


def test_a_part_that_many_need_at_the_same_moment_is_built_once() -> None:
    house, began = House(), threading.Barrier(4)

    def enter() -> object:
        began.wait()
        return house.door

    assert house.built == 0
    with ThreadPoolExecutor(4) as pool:
        doors = {id(done.result()) for done in [pool.submit(enter) for _ in range(4)]}
    assert (house.built, len(doors)) == (1, 1)
    assert House().door is not house.door
