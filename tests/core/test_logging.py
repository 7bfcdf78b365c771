"""Promises of the log: one JSON object a line, with the fields of the event, and never an exception's own text."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from core.logging import JsonFormatter, logger, set_up_logging


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the product's logger writes."""
    stream, handler = io.StringIO(), logging.StreamHandler()
    handler.setStream(stream)
    handler.setFormatter(JsonFormatter())
    log = logging.getLogger("madoguchi")
    log.addHandler(handler)
    before = log.level
    log.setLevel(logging.INFO)  # which makes loggers forget what they thought to be off
    yield stream
    log.removeHandler(handler)
    log.setLevel(before)


def rows(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_event_is_one_line_with_its_fields(out: io.StringIO) -> None:
    logger("asr").info("part done", extra={"part": 3, "seconds": 1.5, "city": "曽於市"})
    (row,) = rows(out)
    assert (row["level"], row["logger"], row["event"]) == ("INFO", "madoguchi.asr", "part done")
    assert (row["part"], row["seconds"], row["city"]) == (3, 1.5, "曽於市")
    assert "曽於市" in out.getvalue()
    assert str(row["at"]).endswith("+00:00")


def test_an_exception_gives_its_kind_and_place_and_not_its_text(out: io.StringIO) -> None:
    try:
        raise ValueError("私の電話番号は")
    except ValueError:
        logger("http").exception("unexpected error")
    (row,) = rows(out)
    assert row["error"] == "ValueError"
    assert "test_logging.py:" in str(row["where"])
    assert "電話番号" not in out.getvalue()


def test_what_a_library_says_of_a_failure_is_its_first_line(out: io.StringIO) -> None:
    async def fail() -> None:
        raise ValueError("私の電話番号は")

    async def forgotten() -> None:
        await asyncio.wait([asyncio.create_task(fail())])

    log = logging.getLogger("asyncio")
    log.addHandler(logging.getLogger("madoguchi").handlers[-1])
    try:
        asyncio.run(forgotten())
        gc.collect()
    finally:
        log.removeHandler(log.handlers[-1])
    (row,) = rows(out)
    assert (row["event"], row["error"]) == ("Task exception was never retrieved", "ValueError")
    assert "電話番号" not in out.getvalue()


def test_a_line_break_in_a_field_does_not_make_a_second_line(out: io.StringIO) -> None:
    logger("http").info("request", extra={"what": 'a\n{"level": "forged"}'})
    assert len(rows(out)) == 1


def test_what_json_does_not_know_is_written_as_text(out: io.StringIO) -> None:
    logger("http").info("request", extra={"what": {1, 2}, "where": io})
    assert len(rows(out)) == 1


def test_setting_up_sends_every_logger_to_standard_error_and_quiets_the_noisy(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    root.handlers[:] = []
    try:
        set_up_logging("INFO")
        logging.getLogger("somebody.else").warning("hello")
        logging.getLogger("httpx").info("GET http://example.test/?q=secret")
        logger("x").debug("detail")
        sys.stderr.flush()
    finally:
        root.handlers[:], root.level = before
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["hello"]
