"""Structured logs: one JSON object a line, with counts, times and ids, and never what people said or wrote."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

_OWN = "madoguchi"
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonFormatter(logging.Formatter):
    """Message and `extra=` fields as one JSON line. Exceptions give their type and place, not their text:
    the text of an exception may quote what a person said. So may what libraries write below the first line of a message."""

    def format(self, record: logging.LogRecord) -> str:
        row: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage().partition("\n")[0],
        }
        row |= {k: v for k, v in vars(record).items() if k not in _STANDARD}
        if record.exc_info and record.exc_info[0] is not None:
            row["error"] = record.exc_info[0].__name__
            trace = record.exc_info[2]
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            if trace is not None:
                row["where"] = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        return json.dumps(row, ensure_ascii=False, default=str)


def set_up_logging(level: str) -> None:
    """Send every logger's lines to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx", "faster_whisper", "uvicorn.access", "dbos", "faiss.loader"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def logger(name: str) -> logging.Logger:
    return logging.getLogger(f"{_OWN}.{name}")
