"""What a thread does again and again: each task runs in every round, whatever became of the others and of the last round."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

Task = Callable[[], object]


class Rounds:
    """Logs how a task fails once, not in every round until it succeeds again."""

    def __init__(self, log: logging.Logger, event: str) -> None:
        self._log, self._event = log, event
        self._failing: dict[Task, type[Exception]] = {}

    def go(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            try:
                task()
            except Exception as e:  # noqa: BLE001 - outermost loop: what fails now is tried again at the next round
                if self._failing.get(task) is not type(e):
                    self._log.exception(self._event)
                self._failing[task] = type(e)
            else:
                self._failing.pop(task, None)
