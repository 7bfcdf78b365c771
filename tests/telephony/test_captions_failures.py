"""Promises of the text of calls where something fails: it is told, tried again, and keeps nobody else from hearing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from asr.live import Live
from asr.stream import Wanted
from core.errors import MadoguchiError, ModelError, ModelMissing
from telephony.captions import SPEAKERS, Captions
from telephony.followed import Hearing
from telephony.ongoing import UNREADABLE, Event, Happened
from telephony.said import LiveText
from tests.conftest import Speech
from tests.telephony.captions_kit import LINES, Opens, said, standing, until
from tests.telephony.phone_kit import OTHER, RATE_HZ, begin, legs_of, play


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    return tmp_path / "calls"


def failing(failures: list[MadoguchiError]) -> Callable[[Wanted], str]:
    """Hears 「はい」 once the failures are used up."""

    def hear(wanted: Wanted) -> str:
        if failures:
            raise failures.pop()
        return "はい"

    return hear


def test_a_recogniser_that_fails_is_told_and_tried_again(
    calls: Path, follow: Opens, speech: Speech, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telephony.followed._REST_S", 0.5)
    failures: list[MadoguchiError] = [ModelError("計算装置が止まりました。")] * 2
    call = begin(calls)
    captions = follow(hear=failing(failures))
    play(call, legs_of(speech, LINES[1:2]))
    until(lambda: standing(captions, call).wrong == "計算装置が止まりました。", "nobody is told")
    until(lambda: len(said(captions, call)) == 1, "it is not tried again")
    assert standing(captions, call).wrong is None


def test_what_was_understood_before_a_failure_stands_there_once(
    calls: Path, follow: Opens, speech: Speech, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telephony.followed._REST_S", 0.5)
    failures: list[MadoguchiError] = []
    call = begin(calls)
    captions = follow(hear=failing(failures))
    play(call, legs_of(speech, LINES[1:2]))
    until(lambda: len(said(captions, call)) == 1, "no text")
    failures.append(ModelError("計算装置が止まりました。"))
    play(call, legs_of(speech, LINES[1:2]))
    until(lambda: len(said(captions, call)) > 1, "it is not tried again")
    assert not failures and said(captions, call) == LiveText(call.folder).read()


@pytest.mark.parametrize("is_there", [True, False])
def test_a_call_that_can_t_be_heard_here_is_heard_by_another_that_can(
    calls: Path, follow: Opens, speech: Speech, is_there: bool
) -> None:
    """Whether the recogniser fails or isn't there."""

    def fail(_: Wanted) -> str:
        raise ModelError("計算装置が止まりました。")

    def open_live() -> Live:
        if is_there:
            return Live(fail, most=SPEAKERS, threads=1)
        raise ModelMissing

    call = begin(calls)
    play(call, legs_of(speech, LINES[1:2]))
    sick = Captions(calls, open_live, most=1)
    sick.start()
    until(lambda: standing(sick, call).wrong is not None, "nobody is told")
    follow(hear=lambda _: "そちら")
    until(lambda: len(said(sick, call)) == 1, "nobody hears it")
    until(lambda: standing(sick, call).hearing is Hearing.HEARD, "nobody is told")
    assert standing(sick, call).wrong is None and said(sick, call)[0].text == "そちら"
    sick.stop()


def test_a_missing_model_is_told(calls: Path, speech: Speech) -> None:
    def missing() -> Live:
        raise ModelMissing

    call = begin(calls)
    play(call, legs_of(speech, LINES[1:2]))
    captions = Captions(calls, missing, most=1)
    captions.start()
    until(lambda: standing(captions, call).wrong == ModelMissing.default, "nobody is told")
    captions.stop()


def test_where_the_folder_of_all_calls_can_t_be_read_that_is_told_until_it_can(calls: Path, follow: Opens) -> None:
    calls.write_text("no folder")
    captions = follow()
    until(lambda: captions.wrong == UNREADABLE, "nobody is told")
    assert not captions.has_looked
    calls.unlink()
    until(lambda: captions.has_looked, "it is not looked at again")
    assert captions.wrong is None


def test_a_folder_that_can_t_be_read_stops_no_other(calls: Path, follow: Opens, speech: Speech) -> None:
    broken, call = begin(calls), begin(calls)
    (broken.folder / "call.json").write_text('{"id": 1')
    captions = follow()
    play(call, legs_of(speech, LINES[1:2]))
    until(lambda: len(said(captions, call)) == 1, "the others go on")
    assert captions.standing(broken.folder.name) is None


@pytest.mark.parametrize("name", ["events.jsonl", "live.jsonl", f"{OTHER}-{RATE_HZ}.pcm"])
def test_a_folder_that_can_t_be_read_for_a_moment_is_read_after_it_and_stops_no_other(
    calls: Path, follow: Opens, speech: Speech, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("telephony.captions._REST_S", 0.5)
    sick, call = begin(calls), begin(calls)
    legs = legs_of(speech, LINES[1:2])
    sick.note(Event(kind=Happened.HELD, at_s=0.1))
    play(sick, legs)
    path = sick.folder / name
    kept = path.read_bytes() if path.exists() else None
    path.unlink(missing_ok=True)
    path.symlink_to(name)  # opening it fails with ELOOP
    captions = follow(hear=lambda _: "はい")
    play(call, legs)
    until(lambda: len(said(captions, call)) == 1, "the others don't go on")
    path.unlink()
    if kept is not None:
        path.write_bytes(kept)
    until(lambda: bool(said(captions, sick)), "it is left alone for good")
    assert standing(captions, sick).is_held and len(said(captions, sick)) == 1
