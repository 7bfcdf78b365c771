"""`madoguchi worker`: works on the queue of recordings without answering HTTP, until it is told to end."""

from __future__ import annotations

import signal
import threading

from core.jobs import Role
from core.logging import logger, set_up_logging
from core.settings import load_settings
from server.parts import Parts
from server.recorded import open_recorded
from server.service import open_nightly


def worker() -> None:
    """録音の文字起こしだけを行います(画面は開きません)。SIGTERM か Ctrl-C で終わり、途中の録音は次に続けます。"""
    settings = load_settings()
    set_up_logging(settings.log_level)
    parts = Parts(settings)
    whisper = parts.whisper
    recorded = open_recorded(settings, parts.database, parts.blobs, Role.WORKER, parts.recogniser)
    open_nightly(settings, recorded.jobs)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    log = logger("worker")
    recorded.start()
    log.info("worker_started", extra={"model": whisper.name, "device": whisper.device.kind})
    ended.wait()
    recorded.stop()
    log.info("worker_stopped")
