"""Promises of call records: two voices on two channels in, a dialogue with named sides in the order of time out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from docx import Document
from sqlalchemy.engine import Engine

from asr import workflow
from asr.export import Format
from asr.handover import parted
from asr.keeping.log import Person
from asr.recording import Recording, State
from asr.transcript import Segment, Word
from core.clock import JST
from core.errors import AlreadyTaken, InvalidInput, ModelDamaged, NotFound
from telephony.call import Parties, Side, Spoke, dialogue, parse_started_at
from telephony.calls import Calls
from telephony.repository import Days
from tests.spoken import CALL

AT = datetime(2026, 11, 20, 13, 5, tzinfo=JST)


@pytest.fixture
def recording(speech: Callable[..., Path], tmp_path: Path) -> Path:
    """The caller asks on the right channel, then the city answers on the left one."""
    asks = soundfile.read(speech("ごみの収集日を教えてください。", "jm_kumo"), dtype="float32")[0]
    answers = soundfile.read(speech("はい、月曜日と木曜日です。"), dtype="float32")[0]
    pause = np.zeros(8_000, np.float32)
    right = np.concatenate([asks, pause, np.zeros_like(answers)])
    left = np.concatenate([np.zeros_like(asks), pause, answers])
    soundfile.write(tmp_path / "call.wav", np.stack([left, right], axis=1), 16_000, subtype="PCM_16")
    return tmp_path / "call.wav"


@pytest.mark.parametrize(("our_channel", "lone", "channels"), [(0, False, [0, 1]), (1, False, [1, 0]), (0, True, [0, 1, 0, 1])])
def test_what_is_said_across_a_transfer_is_parted_on_the_channel_of_who_was_transferred(
    our_channel: int, lone: bool, channels: list[int]
) -> None:
    before = (
        Spoke(side=Side.OURS, until_s=7.9, name="市役所（市民課）"),
        Spoke(side=Side.OTHER, until_s=20.0, name="鈴木", number="0986001234"),
    )
    handovers = Parties(our_channel=our_channel, lone=lone, before=before).handovers
    assert [h.channel for h in handovers] == channels and {h.at_s for h in handovers} == {7.9, 20.0}


@pytest.mark.parametrize("told_s", [2.1, 2.35, 3.2])
def test_what_is_parted_at_a_transfer_is_said_by_the_next_though_that_is_told_late(told_s: float) -> None:
    words = tuple(
        Word(start_s=a, end_s=b, text=text)
        for text, a, b in (("おつなぎします。", 1.0, 2.2), ("はい、", 2.5, 2.9), ("税務課です。", 2.9, 3.8))
    )
    text = "".join(word.text for word in words)
    said = Segment(start_s=1.0, end_s=3.8, text=text, heard=text, words=words, channel=0)
    before = (Spoke(side=Side.OURS, until_s=told_s, name="市民課"),)
    lines = dialogue(parted([said], [told_s]), Parties(our_name="税務課", before=before))
    assert [line.segment.speaker for line in lines] == ["市民課", "税務課"]


def test_a_stereo_call_becomes_a_dialogue_of_two_named_sides(
    calls: Calls, recording: Path, finished: Callable[[str], Recording]
) -> None:
    parties = Parties(our_channel=0, our_name="市役所（市民課）", caller_number="0986-00-0000", started_at=AT)
    call = calls.accept([recording.read_bytes()], file_name="電話.wav", parties=parties, imported_by="担当")
    assert finished(call.id).state is State.DONE

    read = calls.records.get(call.id)
    assert (read.parties, read.imported_by, read.recording.file_name) == (parties, "担当", "電話.wav")
    lines = calls.dialogue(read)
    assert [line.side for line in lines] == sorted([line.side for line in lines], key=[Side.OTHER, Side.OURS].index)
    said = {side: "".join(line.segment.text for line in lines if line.side is side) for side in Side}
    assert "ください" in said[Side.OTHER]
    assert "曜日" in said[Side.OURS]
    assert {line.segment.speaker for line in lines} == {"市役所（市民課）", "相手（0986-00-0000）"}
    exported = json.loads(calls.export(call.id, Format.JSON))["segments"]
    assert [s["speaker"] for s in exported] == [line.segment.speaker for line in lines]
    assert "市役所（市民課）" in calls.export(call.id, Format.TXT).decode()
    word = [p.text for p in Document(io.BytesIO(calls.export(call.id, Format.DOCX))).paragraphs]
    assert word[1] == "通話の開始 2026年11月20日13時05分 市役所側 市役所（市民課） 相手側 相手（0986-00-0000）"

    calls.delete(call.id, Person(name="担当"))
    with pytest.raises(NotFound):
        calls.records.get(call.id)
    assert list((calls.transcription.work.parent / "blobs").iterdir()) == []


def test_a_mono_call_is_refused_with_a_sentence_that_says_where_it_can_go(
    calls: Calls, speech: Callable[..., Path], finished: Callable[[str], Recording]
) -> None:
    content = speech("はい、月曜日と木曜日です。").read_bytes()
    call = calls.accept([content], file_name="片側.wav", parties=Parties(), imported_by="担当")
    failed = finished(call.id)
    assert failed.state is State.FAILED
    assert "モノラル" in (failed.message or "")
    assert "議事録" in (failed.message or "")


def test_what_one_side_says_is_not_written_as_the_others_where_it_is_heard_there_too(
    calls: Calls, speech: Callable[..., Path], tmp_path: Path, finished: Callable[[str], Recording]
) -> None:
    asks, answers = (soundfile.read(speech(text, voice))[0] for voice, text in CALL)
    left, right = np.concatenate([0 * asks, answers]), np.concatenate([asks, 0 * answers])
    heard = np.stack([left + 0.1 * right, right + 0.1 * left], axis=1)
    soundfile.write(tmp_path / "call.wav", heard, 16_000, subtype="ULAW")
    call = calls.accept([(tmp_path / "call.wav").read_bytes()], file_name="a.wav", parties=Parties(), imported_by="担当")
    assert finished(call.id).state is State.DONE
    lines = calls.dialogue(call)
    said = {side: "".join(line.segment.text for line in lines if line.side is side) for side in Side}
    assert "教えてください" in said[Side.OTHER]
    assert "オンライン" in said[Side.OURS]
    assert "オンライン" not in said[Side.OTHER]
    assert "教えてください" not in said[Side.OURS]
    assert all(line.segment.start_s > len(asks) / 16_000 - 1 for line in lines if line.side is Side.OURS)


def test_a_file_that_was_taken_in_before_is_said_to_be_that_call(calls: Calls) -> None:
    def take_in(content: bytes, again: bool) -> str:
        return calls.accept([content], file_name="a.wav", parties=parties, imported_by="担当", again=again).id

    parties = Parties(our_name="市民課", caller_number="0986-00-0000")
    first = take_in(b"x", again=False)
    for _ in range(2):
        with pytest.raises(AlreadyTaken, match=r"市民課 と 相手（0986-00-0000）.*a\.wav") as told:
            take_in(b"x", again=False)
        assert told.value.record_id == first
    assert len({first, take_in(b"y", again=False), take_in(b"x", again=True)}) == 3
    assert calls.records.find().total == 3
    calls.delete(first, Person(name="担当"))
    with pytest.raises(AlreadyTaken):
        take_in(b"x", again=False)


def test_a_transcription_that_failed_is_begun_again_once_its_cause_is_gone(
    calls: Calls, recording: Path, finished: Callable[[str], Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    t = calls.transcription
    with monkeypatch.context() as patch:
        patch.setattr(workflow, "recognise", lambda *_, **__: (_ for _ in ()).throw(ModelDamaged))
        call = calls.accept([recording.read_bytes()], file_name="a.wav", parties=Parties(), imported_by="担当")
        assert finished(call.id).message == ModelDamaged.default
    t.retry(call.id)
    assert finished(call.id).state is State.DONE
    assert {line.side for line in calls.dialogue(calls.records.get(call.id))} == set(Side)
    with pytest.raises(InvalidInput, match="文字にできなかった録音だけ"):
        t.retry(call.id)
    with pytest.raises(NotFound):
        t.retry("gone")
    assert calls.dialogue(calls.records.get(call.id))


def test_one_sound_on_both_channels_is_no_call(
    calls: Calls, speech: Callable[..., Path], tmp_path: Path, finished: Callable[[str], Recording]
) -> None:
    voice = soundfile.read(speech("はい、月曜日と木曜日です。"))[0]
    soundfile.write(tmp_path / "both.wav", np.stack([voice, 0.8 * voice], axis=1), 16_000, subtype="ULAW")
    call = calls.accept([(tmp_path / "both.wav").read_bytes()], file_name="a.wav", parties=Parties(), imported_by="担当")
    failed = finished(call.id)
    assert failed.state is State.FAILED
    assert "左右に同じ音" in (failed.message or "")
    assert "議事録" in (failed.message or "")


def test_the_dialogue_is_in_the_order_of_time_with_our_channel_on_our_side() -> None:
    segments = [Segment(start_s=s, end_s=s + 1, text=t, channel=c) for s, t, c in ((4, "う", 0), (0, "あ", 0), (2, "い", 1))]
    for ours in (0, 1):
        lines = dialogue(segments, Parties(our_channel=ours))
        assert [line.segment.text for line in lines] == ["あ", "い", "う"]
        assert [line.side is Side.OURS for line in lines] == [ours == 0, ours == 1, ours == 0]


def test_the_latest_call_comes_first(calls: Calls) -> None:
    for hour in (9, 15, 11):
        parties = Parties(started_at=AT.replace(hour=hour), other_name=f"{hour}時")
        calls.accept([b"x"], file_name="a.wav", parties=parties, imported_by="担当")
    assert [c.parties.other_name for c in calls.records.find().calls] == ["15時", "11時", "9時"]


def test_calls_are_found_by_what_is_known_and_was_said_of_them(calls: Calls) -> None:
    def taken(name: str, number: str | None, said: str, hour: int) -> str:
        parties = Parties(other_name=name, caller_number=number, started_at=AT.replace(hour=hour))
        call = calls.accept([b"x"], file_name=f"録音{hour}.wav", parties=parties, imported_by="担当")
        calls.transcription.recordings.replace_part(call.id, 0, [Segment(start_s=0, end_s=1, text=said, channel=1)])
        return call.id

    move = taken("山田", "0986-76-0001", "転入届を出したい", 9)
    waste = taken("川野", "0986760002", "私の番号は09012345678です", 10)
    percent = taken("相手", None, "100%の方", 11)

    def found(words: str) -> list[str]:
        result = calls.records.find(words)
        assert result.total == len(result.calls)
        return [call.id for call in result.calls]

    assert found("") == found("　 ") == [percent, waste, move]
    assert found("転入届") == found("山田") == found("山田 転入") == [move]
    assert found("0986-76-000") == found("０９８６７６") == [waste, move]
    assert found("090-1234-5678") == found("川野　0002") == found("録音10") == [waste]
    assert found("%") == found("100%") == [percent]
    assert found("_") == found("山田 川野") == found("'; --") == []
    first = calls.records.find(most=2)
    assert ([call.id for call in first.calls], first.total) == ([percent, waste], 3)
    calls.delete(move, Person(name="担当"))
    assert found("転入届") == []


def test_calls_are_found_by_the_days_on_which_they_began(calls: Calls) -> None:
    began = ["2026-11-15T23:59", "2026-11-16T00:00", "2026-11-22T23:59", "2026-11-23T00:00"]
    ids = {}
    for moment in began:
        parties = Parties(started_at=datetime.fromisoformat(moment).replace(tzinfo=JST))
        ids[calls.accept([b"x"], file_name="a.wav", parties=parties, imported_by="担当").id] = moment
    unknown = calls.accept([b"x"], file_name="b.wav", parties=Parties(), imported_by="担当")

    def found(since: str | None, until: str | None) -> list[str]:
        days = Days(since=since and date.fromisoformat(since), until=until and date.fromisoformat(until))
        result = calls.records.find("a.wav", days=days)
        assert result.total == len(result.calls)
        return sorted(ids[call.id] for call in result.calls)

    assert found("2026-11-16", "2026-11-22") == began[1:3]
    assert (found("2026-11-23", None), found(None, "2026-11-15")) == (began[3:], began[:1])
    assert found(None, "9999-12-31") == found("0001-01-01", None) == began
    came_in = unknown.created_at.date()
    assert [c.id for c in calls.records.find("b.wav", days=Days(since=came_in, until=came_in)).calls] == [unknown.id]
    with pytest.raises(InvalidInput, match="終わりの日"):
        found("2026-11-22", "2026-11-16")


@pytest.mark.parametrize("is_old", [False, True])
def test_calls_are_found_however_names_and_numbers_are_written(calls: Calls, engine: Engine, is_old: bool) -> None:
    """On either side, also those that were taken in before there was anything to search them by."""
    ways = {
        "half": ("ﾔﾏﾀﾞ ﾊﾅｺ", "(0986) 76 3333"),
        "wide": ("ＪＡそお鹿児島", "０９８６－７６－４４４４"),
        "hyphens": ("山田‐鈴木", "0986\u201076\u20105555"),
        "as it is dialled": ("Soo City", "0986766666"),
    }
    ids = {}
    for hour, (way, (name, number)) in enumerate(ways.items()):
        parties = Parties(other_name=name, caller_number=number, started_at=AT.replace(hour=hour))
        call = calls.accept([b"x"], file_name=f"ﾛｸｵﾝ{hour}.wav", parties=parties, imported_by="担当")
        said = Segment(start_s=0, end_s=1, text=f"ＡＩと{hour}", channel=1)
        calls.transcription.recordings.replace_part(call.id, 0, [said])
        ids[call.id] = way
        assert call.parties == parties == calls.records.get(call.id).parties, "it is shown as it was written"
    if is_old:
        with engine.begin() as c:
            c.exec_driver_sql("UPDATE calls SET known = NULL")
        calls.records.make_known()

    def found(words: str) -> list[str]:
        return [ids[call.id] for call in calls.records.find(words).calls]

    for words in ("ヤマダ", "ﾔﾏﾀﾞ", "ヤマダ　ﾊﾅｺ", "0986763333", "0986-76-3333", "(0986) 76 3333", "０９８６ー７６ー３３３３"):
        assert found(words) == ["half"], words
    for words in ("JA", "ｊａ", "ＪＡそお", "0986764444", "0986−76−4444"):
        assert found(words) == ["wide"], words
    for words in ("0986765555", "0986\u201176\u20115555", "山田"):
        assert found(words) == ["hyphens"], words
    for words in ("0986-76-6666", "SOO", "ｓｏｏ　city"):
        assert found(words) == ["as it is dialled"], words
    assert len(found("AI")) == len(found("ロクオン")) == len(found("ﾛｸｵﾝ")) == len(found("098676")) == 4
    assert found("ヤマタ") == found("0986763334") == []


def test_what_is_said_of_a_call_is_checked() -> None:
    for wrong in ({"our_channel": 2}, {"our_name": " "}, {"other_name": "長" * 101}, {"caller_number": "0" * 41}):
        with pytest.raises(InvalidInput):
            Parties(**wrong)
    assert parse_started_at("2026-11-20T13:05") == AT
    assert parse_started_at("2026-11-20T04:05Z") == AT
    assert parse_started_at(" ") is None
    with pytest.raises(InvalidInput):
        parse_started_at("昨日の昼")


def test_names_that_would_break_the_lines_of_a_record_are_not_taken_in(calls: Calls) -> None:
    for wrong in ({"our_name": "市民課\n[0:00:00] 相手"}, {"other_name": "山田\u202e"}, {"caller_number": "0986\0"}):
        with pytest.raises(InvalidInput, match="見えない文字"):
            calls.accept([b"x"], file_name="a.wav", parties=Parties(**wrong), imported_by="担当")
    named = Parties(our_name="曽於市　市民課", other_name="\ue000田 \u8fbb\U000e0100")  # a wide space, 外字, a variant
    assert calls.accept([b"x"], file_name="a.wav", parties=named, imported_by="担当").parties == named


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "1026-11-20T13:05", "2026-11-22T13:05", "9999-12-31T23:59+00:00"])
def test_a_call_that_began_at_no_possible_time_is_not_taken_in(calls: Calls, moment: str) -> None:
    calls = replace(calls, clock=lambda: AT)
    with pytest.raises(InvalidInput, match="開始日時"):
        calls.accept([b"x"], file_name="a.wav", parties=Parties(started_at=parse_started_at(moment)), imported_by="担当")
    ahead = Parties(started_at=AT + timedelta(hours=3))  # the recorder's clock is
    assert calls.accept([b"x"], file_name="a.wav", parties=ahead, imported_by="担当").parties == ahead
    assert [c.parties for c in calls.records.find().calls] == [ahead]
