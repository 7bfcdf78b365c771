"""Promises of parting and joining utterances: both say what the person saw, at the times of their words, and can be undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from asr.audio import Channels
from asr.corrections import Corrections, Join, Rewrite, Split, Taken
from asr.decision import Decision, decide
from asr.edits import Edits
from asr.export import Format, render
from asr.fillers import Level
from asr.parting import joined, split
from asr.recording import Outcome, accepted
from asr.recordings import Recordings
from asr.steps import Manner
from asr.transcript import Reason, Segment, Word
from asr.writing import FOR_CLERKS, Style, write, write_all
from core.blobs import Blob
from core.clock import JST
from core.errors import InvalidInput, NotFound, Superseded
from core.settings import Settings

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=JST)
VERBATIM = Style(level=Level.VERBATIM)


def spoken(*texts: str, start_s: float = 0.0, channel: int | None = None) -> Segment:
    """A word a second."""
    words = tuple(Word(start_s=start_s + i, end_s=start_s + i + 1, text=t, confidence=0.9) for i, t in enumerate(texts))
    heard = "".join(texts)
    return Segment(
        start_s=start_s,
        end_s=start_s + len(texts),
        text=heard,
        heard=heard,
        words=words,
        speaker="話者1",
        channel=channel,
        confidence=0.9,
    )


def text(segment: Segment, style: Style = FOR_CLERKS) -> str:
    return write(segment, style).text


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, home: Path) -> Settings:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    return Settings(home=home, database_url=url)


@pytest.fixture
def recordings(engine: Engine) -> Recordings:
    recordings = Recordings(engine)
    blob = Blob(id="r.wav", size_bytes=1, sha256="0")
    with engine.begin() as c:
        recordings.add(c, accepted(blob, file_name="a.wav", channels=Channels.MIXED, speakers="off", at=NOON))
    said = [spoken("予算は", "いくらですか", "二十万円です"), spoken("来月の", "会議", start_s=4), spoken("です", start_s=6)]
    recordings.replace_part("r", 0, said)
    recordings.finish("r", Outcome(duration_s=9, elapsed_s=1, model="m", device="cpu"))
    return recordings


@pytest.fixture
def corrections(engine: Engine, recordings: Recordings) -> Corrections:
    return Corrections(engine, recordings)


def take_back(corrections: Corrections) -> Taken:
    last = corrections.last("r")
    assert last is not None
    return corrections.take_back("r", last.id)


def said(recordings: Recordings) -> list[tuple[str | None, str]]:
    return [(s.speaker, text(s)) for s in recordings.segments("r")]


HALVES = Split(
    segment=0, was="予算はいくらですか。20万円です。", first="予算はいくらですか。", second="20万円です。", speaker="財政課長"
)


def test_halves_have_the_times_of_their_words_and_go_on_following_the_style() -> None:
    whole = spoken("えー", "予算は", "いくらですか", "えー", "二十万円です")
    first, second = split(whole, text(whole).index("20"), FOR_CLERKS)
    assert (text(first), text(second)) == ("予算はいくらですか。", "20万円です。")
    assert (first.start_s, first.end_s, second.start_s, second.end_s) == (0, 3, 3, 5)
    assert (first.heard, second.heard) == ("えー予算はいくらですか", "えー二十万円です")
    assert text(second, VERBATIM).startswith("えー")
    assert (len(first.changes), len(second.changes)) == (0, 0)


@pytest.mark.parametrize("at", range(1, 9))
def test_halves_say_what_stood_on_either_side_wherever_the_cursor_is(at: int) -> None:
    whole = spoken("二十五人", "と", "三十人", "です")
    shown = text(whole)
    assert shown == "25人と30人です。"
    first, second = split(whole, at, FOR_CLERKS)
    assert (text(first).rstrip("。"), text(second).rstrip("。")) == (shown[:at], shown[at:].rstrip("。"))
    assert first.heard + second.heard == whole.heard
    assert whole.start_s == first.start_s < first.end_s <= second.start_s < second.end_s == whole.end_s


def test_what_a_person_wrote_is_parted_where_they_say(corrections: Corrections, recordings: Recordings) -> None:
    written = "市長の答弁でございます。では次の質問をお願いします。"
    corrections.rewrite("r", Rewrite(segment=2, was="です。", text=written), FOR_CLERKS, NOON)
    wanted = Split(segment=2, was=written, first=written[:12], second=written[12:])
    corrections.split("r", wanted, FOR_CLERKS, NOON)
    assert [t for _, t in said(recordings)[2:]] == [written[:12], written[12:]]


def test_two_segments_become_one_that_the_rules_read_as_one() -> None:
    one = joined(spoken("会議は", "二"), spoken("十人", "です", start_s=2))
    assert (text(one), one.start_s, one.end_s) == ("会議は20人です。", 0, 4)
    assert [w.start_s for w in one.words] == [0, 1, 2, 3]
    corrected = Edits.of(spoken("再起")).replace(0, 2, "財政", Reason.VOCABULARY).applied_to(spoken("再起"))
    assert joined(spoken("市の"), corrected).text == "市の財政"
    assert joined(spoken("市の"), Segment(start_s=2, end_s=3, text="財政", speaker="話者2")).words == ()


def test_what_was_parted_and_joined_again_is_as_it_was() -> None:
    whole = spoken("予算は", "いくらですか", "二十万円です")
    assert replace(joined(*split(whole, 10, FOR_CLERKS)), confidence=0.9) == whole


@pytest.mark.parametrize("at", [0, 14, 15, 99])
def test_nothing_is_parted_from_nothing(at: int) -> None:
    whole = spoken("予算は", "いくらですか", "二十万円です")
    with pytest.raises(InvalidInput):
        split(replace(whole, text="予算はいくらですか20万円です。"), 99 if at == 15 else at if at < 14 else 99, FOR_CLERKS)


def test_the_second_half_is_of_another_speaker_in_every_file_until_it_is_taken_back(
    corrections: Corrections, recordings: Recordings
) -> None:
    before = recordings.segments("r")
    number = corrections.split("r", HALVES, FOR_CLERKS, NOON)
    assert said(recordings)[:2] == [("話者1", "予算はいくらですか。"), ("財政課長", "20万円です。")]
    assert recordings.segments("r")[1].number == number
    exported = replace(recordings.transcript("r"), segments=write_all(recordings.segments("r"), FOR_CLERKS))
    assert "[0:00:02] 財政課長: 20万円です。" in render(exported, Format.TXT, title="x").decode()
    assert "00:00:02,000 --> 00:00:03,000" in render(exported, Format.SRT, title="x").decode()
    assert take_back(corrections) == Taken(back=2, left=0)
    assert recordings.segments("r") == before


def test_an_utterance_keeps_its_number_whatever_is_parted_before_it(corrections: Corrections, recordings: Recordings) -> None:
    corrections.split("r", HALVES, FOR_CLERKS, NOON)
    corrections.rewrite("r", Rewrite(segment=2, was="です。", text="です。以上。"), FOR_CLERKS, NOON)
    assert [t for _, t in said(recordings)][-1] == "です。以上。"


def test_an_utterance_is_joined_with_the_next_and_parted_again(corrections: Corrections, recordings: Recordings) -> None:
    before = recordings.segments("r")
    corrections.join("r", Join(segment=1, was="来月の会議", text="再来月の会議", next_was="です。"), FOR_CLERKS, NOON)
    assert [t for _, t in said(recordings)][1:] == ["再来月の会議です。"]
    with pytest.raises(NotFound):
        corrections.join("r", Join(segment=1, was="再来月の会議です。", text="", next_was=""), FOR_CLERKS, NOON)
    take_back(corrections)
    assert recordings.segments("r") == before


def test_nothing_is_joined_that_could_not_be_corrected_and_parted_again(corrections: Corrections, recordings: Recordings) -> None:
    corrections.rewrite("r", Rewrite(segment=1, was="来月の会議", text="あ" * 1_997), FOR_CLERKS, NOON)
    corrections.rewrite("r", Rewrite(segment=2, was="です。", text="いいい。"), FOR_CLERKS, NOON)
    before = recordings.segments("r")
    with pytest.raises(InvalidInput, match="2,000文字"):
        corrections.join("r", Join(segment=1, was="あ" * 1_997, text="あ" * 1_997, next_was="いいい。"), FOR_CLERKS, NOON)
    assert recordings.segments("r") == before
    corrections.join("r", Join(segment=1, was="あ" * 1_997, text="あ" * 1_996, next_was="いいい。"), FOR_CLERKS, NOON)
    assert [len(t) for _, t in said(recordings)][1:] == [2_000]


def test_what_nobody_heard_is_never_looked_through(corrections: Corrections) -> None:
    number = corrections.split("r", HALVES, FOR_CLERKS, NOON)
    corrections.looked.add("r", [number, 1])
    whole = Join(segment=0, was="予算はいくらですか。", text="予算はいくらですか。", next_was="20万円です。")
    corrections.join("r", whole, FOR_CLERKS, NOON)
    assert corrections.looked.of("r") == [1]
    month = Join(segment=1, was="来月の会議", text="来月の会議", next_was="です。")
    corrections.join("r", month, FOR_CLERKS, NOON)
    assert corrections.looked.of("r") == []
    halves = Split(segment=1, was="来月の会議です。", first="来月の", second="会議です。")
    assert corrections.split("r", halves, FOR_CLERKS, NOON) == 2
    corrections.looked.add("r", [1])
    take_back(corrections)
    assert corrections.looked.of("r") == []


def test_what_was_heard_on_both_sides_stays_looked_through_when_joined(corrections: Corrections) -> None:
    corrections.looked.add("r", [0, 1, 2])
    month = Join(segment=1, was="来月の会議", text="来月の会議", next_was="です。")
    corrections.join("r", month, FOR_CLERKS, NOON)
    assert corrections.looked.of("r") == [0, 1]


def test_two_clerks_do_not_part_or_join_what_the_other_one_changed(corrections: Corrections, recordings: Recordings) -> None:
    corrections.split("r", HALVES, FOR_CLERKS, NOON)
    with pytest.raises(Superseded):
        corrections.split("r", HALVES, FOR_CLERKS, NOON)
    with pytest.raises(Superseded):
        corrections.join("r", Join(segment=1, was="来月の会議", text="来月の会議", next_was="ではない"), FOR_CLERKS, NOON)
    assert corrections.count("r") == 1


def test_halves_that_somebody_changed_since_stay_parted(corrections: Corrections, recordings: Recordings) -> None:
    number = corrections.split("r", HALVES, FOR_CLERKS, NOON)
    decide(recordings, "r", Decision(segment=number, change=0, undone=True), FOR_CLERKS)
    assert take_back(corrections) == Taken(back=0, left=2)
    assert [t for _, t in said(recordings)[:2]] == ["予算はいくらですか。", "二十万円です。"]


def test_sides_of_a_call_are_joined_each_with_its_own(engine: Engine, corrections: Corrections, recordings: Recordings) -> None:
    call = [spoken("転入届を", channel=0), spoken("はい", start_s=0.5, channel=1), spoken("出したい", start_s=1, channel=0)]
    recordings.replace_part("r", 0, call)
    recordings.finish("r", Outcome(duration_s=9, elapsed_s=1, model="m", device="cpu"))
    corrections.join("r", Join(segment=0, was="転入届を", text="転入届を", next_was="出したい"), FOR_CLERKS, NOON)
    assert [t for _, t in said(recordings)] == ["転入届を出したい", "はい"]


def test_of_every_change_a_page_is_brought_what_it_changed_and_no_more(corrections: Corrections, recordings: Recordings) -> None:
    """What a page that asks now and then has is what is kept."""
    page, at = {s.number: s for s in recordings.segments("r")}, recordings.revision("r")

    def brought(numbers: set[int]) -> None:
        nonlocal page, at
        fresh = recordings.fresh("r", at)
        assert {s.number for s in fresh.segments} == numbers
        assert fresh.revision > at or not numbers
        news = page | {s.number: s for s in fresh.segments}
        who = {n: name for name, numbers in fresh.speakers.items() for n in numbers}
        page, at = {n: replace(news[n], speaker=who.get(n)) for n in fresh.numbers}, fresh.revision
        assert tuple(page.values()) == recordings.segments("r")

    brought(set())
    corrections.split("r", HALVES, FOR_CLERKS, NOON)
    brought({0, 3})
    decide(recordings, "r", Decision(segment=3, change=0, undone=True), FOR_CLERKS)
    brought({3})
    corrections.rename_speaker("r", "話者1", "部長", NOON)
    brought(set())  # their names alone
    take_back(corrections)
    brought(set())
    was, next_was = (text for _, text in said(recordings)[:2])
    corrections.join("r", Join(segment=0, was=was, text="一つ。", next_was=next_was), FOR_CLERKS, NOON)
    brought({0})
    assert recordings.fresh("r", at + 5).segments == recordings.segments("r"), "of a recording that a backup brought back, all"


def test_it_is_told_what_would_be_taken_back(corrections: Corrections, recordings: Recordings) -> None:
    def told() -> tuple[Manner, tuple[tuple[str, str], ...]]:
        made = corrections.last("r")
        assert made
        return made.manner, made.words

    corrections.split("r", HALVES, FOR_CLERKS, NOON)
    assert told() == (Manner.PARTED, ())
    first, second = (text for _, text in said(recordings)[:2])
    corrections.join("r", Join(segment=0, was=first, text=first, next_was=second), FOR_CLERKS, NOON)
    assert told() == (Manner.JOINED, ())
    corrections.rename_speaker("r", "話者1", "部長", NOON)
    assert told() == (Manner.NAMED, (("話者1", "部長"),))
    whole = said(recordings)[0][1]
    corrections.rewrite("r", Rewrite(segment=0, was=whole, text=whole.replace("予算", "決算")), FOR_CLERKS, NOON)
    assert told() == (Manner.WRITTEN, (("予算", "決算"),))
