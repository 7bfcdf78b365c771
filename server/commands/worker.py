"""`madoguchi worker`: works on the queue of recordings without answering HTTP, until it is told to end."""

from __future__ import annotations

import signal
import threading

from core.blobs import BlobStore
from core.database import open_database
from core.jobs import Role
from core.logging import logger, set_up_logging
from core.settings import load_settings
from models.whisper import load_whisper
from server.recorded import Recogniser, open_recorded


def worker() -> None:
    """録音の文字起こしだけを行います(画面は開きません)。SIGTERM か Ctrl-C で終わり、途中の録音は次に続けます。"""
    settings = load_settings()
    set_up_logging(settings.log_level)
    database, blobs, whisper = open_database(settings), BlobStore(settings.home / "blobs"), load_whisper(settings)
    recorded = open_recorded(settings, database, blobs, Role.WORKER, Recogniser(whisper=lambda: whisper))
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    log = logger("worker")
    recorded.start()
    log.info("worker_started", extra={"model": whisper.name, "device": whisper.device.kind})
    ended.wait()
    recorded.stop()
    log.info("worker_stopped")
