"""Promises of corrections that people make: nothing is lost between two of them, each can be taken back, later meetings learn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from asr.audio import Channels
from asr.corrections import Corrections, Join, Rewrite, Split, Taken, Word
from asr.decision import Decision, decide
from asr.recording import Outcome, Recording
from asr.recordings import Recordings
from asr.transcript import Segment, Turn
from asr.writing import FOR_CLERKS, write
from core.clock import JST
from core.database import open_database
from core.errors import InvalidInput, NotFound, Superseded
from core.settings import Settings

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=JST)
SAID = ("えー相思市の再起です", "はい", "相思市は二十人です")


def said(recordings: Recordings, recording_id: str = "r") -> list[str]:
    return [write(s, FOR_CLERKS).text for s in recordings.segments(recording_id)]


def take_back(corrections: Corrections, recording_id: str = "r") -> Taken:
    """As a page does that shows the last correction."""
    last = corrections.last(recording_id)
    assert last is not None
    return corrections.take_back(recording_id, last.id)


def finished(recordings: Recordings, engine: Engine, recording_id: str = "r", texts: tuple[str, ...] = SAID) -> None:
    recording = Recording(
        id=recording_id,
        blob_id=f"{recording_id}.wav",
        file_name="a.wav",
        size_bytes=1,
        sha256="0",
        channels=Channels.MIXED,
        speakers="off",
        created_at=NOON,
    )
    with engine.begin() as c:
        recordings.add(c, recording)
    segments = [Segment(start_s=i, end_s=i + 1, text=t, heard=t, speaker="話者1") for i, t in enumerate(texts)]
    recordings.replace_part(recording_id, 0, segments)
    recordings.finish(recording_id, Outcome(duration_s=3, elapsed_s=1, model="m", device="cpu"))


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, home: Path) -> Settings:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    return Settings(home=home, database_url=url)


@pytest.fixture
def recordings(engine: Engine) -> Recordings:
    recordings = Recordings(engine)
    finished(recordings, engine)
    return recordings


@pytest.fixture
def corrections(engine: Engine, recordings: Recordings) -> Corrections:
    return Corrections(engine, recordings)


def test_what_is_written_stays_after_a_restart(corrections: Corrections, settings: Settings) -> None:
    wanted = Rewrite(segment=0, was="相思市の再起です。", text="曽於市の\n財政です。", speaker="財政課長")
    assert corrections.rewrite("r", wanted, FOR_CLERKS, NOON).text == "曽於市の財政です。"
    engine = open_database(settings)
    assert said(Recordings(engine)) == ["曽於市の財政です。", "はい", "相思市は20人です。"]
    assert [s.speaker for s in Recordings(engine).segments("r")] == ["財政課長", "話者1", "話者1"]
    engine.dispose()


def test_the_second_of_two_clerks_does_not_write_over_the_first(corrections: Corrections, recordings: Recordings) -> None:
    corrections.rewrite("r", Rewrite(segment=1, was="はい", text="はい。"), FOR_CLERKS, NOON)
    with pytest.raises(Superseded):
        corrections.rewrite("r", Rewrite(segment=1, was="はい", text="拝"), FOR_CLERKS, NOON)
    with pytest.raises(Superseded):
        decide(recordings, "r", Decision(segment=1, change=0, undone=True, was="はい"), FOR_CLERKS)
    assert said(recordings)[1] == "はい。"


def test_a_word_is_corrected_where_it_was_asked_for_and_taken_back_at_once(
    corrections: Corrections, recordings: Recordings
) -> None:
    before = recordings.segments("r")
    assert corrections.replace_word("r", Word(wrong="相思市", right="曽於市"), [0, 1, 2], FOR_CLERKS, NOON) == 2
    assert said(recordings) == ["曽於市の再起です。", "はい", "曽於市は20人です。"]
    assert corrections.count("r") == 1
    assert take_back(corrections) == Taken(back=2, left=0)
    assert recordings.segments("r") == before
    assert corrections.last("r") is None
    with pytest.raises(NotFound):
        corrections.take_back("r", 1)


def test_taking_back_leaves_what_somebody_has_changed_since(corrections: Corrections, recordings: Recordings) -> None:
    corrections.replace_word("r", Word(wrong="相思市", right="曽於市"), [0, 2], FOR_CLERKS, NOON)
    decide(recordings, "r", Decision(segment=2, change=0, undone=True), FOR_CLERKS)
    assert take_back(corrections) == Taken(back=1, left=1)
    assert said(recordings) == ["相思市の再起です。", "はい", "相思市は20人です。"]


def test_nobody_takes_back_the_correction_of_another_that_they_have_not_seen(recordings: Recordings, engine: Engine) -> None:
    mine, theirs = (Corrections(engine, recordings, by) for by in ("市民課", "税務課"))
    mine.rewrite("r", Rewrite(segment=1, was="はい", text="はい。"), FOR_CLERKS, NOON)
    seen = mine.last("r")
    assert seen is not None and seen.by == "市民課"
    theirs.rewrite("r", Rewrite(segment=0, was=SAID[0].replace("えー", "") + "。", text="相思市の財政です。"), FOR_CLERKS, NOON)
    with pytest.raises(Superseded, match="税務課"):
        mine.take_back("r", seen.id)
    assert said(recordings)[:2] == ["相思市の財政です。", "はい。"]
    last = mine.last("r")
    assert last is not None and (last.by, last.at, last.words) == ("税務課", NOON, (("再起", "財政"),))
    mine.take_back("r", last.id)
    with pytest.raises(Superseded, match="取り消されました"):
        theirs.take_back("r", last.id)
    assert mine.take_back("r", seen.id) == Taken(back=1, left=0)


def test_corrections_are_taken_back_one_after_the_other(corrections: Corrections, recordings: Recordings) -> None:
    texts = ["はい。", "はい、どうぞ。", "どうぞ"]
    for was, text in zip(["はい", *texts], texts, strict=False):
        corrections.rewrite("r", Rewrite(segment=1, was=was, text=text), FOR_CLERKS, NOON)
    assert [take_back(corrections) and said(recordings)[1] for _ in texts] == ["はい、どうぞ。", "はい。", "はい"]


def test_what_was_corrected_is_proposed_where_it_still_stands_until_its_recording_is_deleted(
    corrections: Corrections, recordings: Recordings, engine: Engine
) -> None:
    finished(recordings, engine, "next", ("相思市から相思市へ", "再起は"))
    wanted = Rewrite(segment=0, was="相思市の再起です。", text="曽於市の財政です。")
    corrections.rewrite("r", wanted, FOR_CLERKS, NOON)
    assert corrections.proposed(said(recordings, "next")) == [
        Word(wrong="相思市", right="曽於市", places=2),
        Word(wrong="再起", right="財政", places=1),
    ]
    assert corrections.proposed(said(recordings)) == [Word(wrong="相思市", right="曽於市", places=1)]
    with engine.begin() as c:
        recordings.delete(c, "r")
    assert corrections.proposed(said(recordings, "next")) == []


def test_what_can_not_be_written_is_refused(corrections: Corrections, recordings: Recordings) -> None:
    with pytest.raises(InvalidInput):
        corrections.rewrite("r", Rewrite(segment=1, was="はい", text="長" * 2_001), FOR_CLERKS, NOON)
    for number in (3, -1):
        with pytest.raises(NotFound):
            corrections.rewrite("r", Rewrite(segment=number, was="", text="x"), FOR_CLERKS, NOON)
    for wrong, right in ((" ", "x"), ("x", "x")):
        with pytest.raises(InvalidInput):
            Word(wrong=wrong, right=right)
    assert corrections.count("r") == 0
    assert said(recordings)[1] == "はい"


def test_of_two_clerks_who_write_a_word_differently_the_last_one_is_followed(
    corrections: Corrections, recordings: Recordings, engine: Engine
) -> None:
    finished(recordings, engine, "next", ("相思市の財政", "曽於市の財政"))
    for was, text in (("相思市は20人です。", "曽於市は20人です。"), ("曽於市は20人です。", "相思市は20人です。")):
        corrections.rewrite("r", Rewrite(segment=2, was=was, text=text), FOR_CLERKS, NOON)
    assert corrections.proposed(said(recordings, "next")) == [Word(wrong="曽於市", right="相思市", places=1)]


def test_speakers_who_were_made_one_by_mistake_are_two_again(corrections: Corrections, recordings: Recordings) -> None:
    told_apart = [replace(s, speaker=f"話者{i % 2 + 1}") for i, s in enumerate(recordings.segments("r"))]
    recordings.name_speakers(
        "r", told_apart, [Turn(start_s=s.start_s, end_s=s.end_s, speaker=s.speaker or "") for s in told_apart]
    )
    before = recordings.transcript("r")
    corrections.rename_speaker("r", "話者1", "話者2", NOON)
    assert {s.speaker for s in recordings.segments("r")} == {t.speaker for t in recordings.transcript("r").turns} == {"話者2"}
    take_back(corrections)
    assert recordings.transcript("r") == before
    with pytest.raises(NotFound):
        corrections.rename_speaker("r", "部長", "課長", NOON)


def test_who_spoke_when_follows_what_is_parted_joined_and_given_to_others(
    corrections: Corrections, recordings: Recordings
) -> None:
    told_apart = [Turn(start_s=0, end_s=2.1, speaker="話者1"), Turn(start_s=2.1, end_s=3, speaker="話者2")]
    named = [replace(s, speaker="話者2" if s.start_s == 2 else "話者1") for s in recordings.segments("r")]
    recordings.name_speakers("r", named, told_apart)

    def spoke() -> list[tuple[float, float, str]]:
        return [(t.start_s, t.end_s, t.speaker) for t in recordings.transcript("r").turns]

    before = spoke()
    assert before == [(0, 2, "話者1"), (2, 3, "話者2")]
    parted = Split(segment=2, was="相思市は20人です。", first="相思市は", second="20人です。", speaker="課長")
    corrections.split("r", parted, FOR_CLERKS, NOON)
    middle_s = recordings.segments("r")[2].end_s
    assert spoke() == [(0, 2, "話者1"), (2, middle_s, "話者2"), (middle_s, 3, "課長")]
    corrections.join("r", Join(segment=1, was="はい", text="はい", next_was="相思市は"), FOR_CLERKS, NOON)
    assert spoke() == [(0, middle_s, "話者1"), (middle_s, 3, "課長")]
    corrections.rewrite(
        "r", Rewrite(segment=0, was="相思市の再起です。", text="相思市の再起です。", speaker="部長"), FOR_CLERKS, NOON
    )
    assert spoke() == [(0, 1, "部長"), (1, middle_s, "話者1"), (middle_s, 3, "課長")]
    for _ in range(3):
        take_back(corrections)
    assert spoke() == before
