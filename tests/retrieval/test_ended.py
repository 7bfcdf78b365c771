"""Promises of entries whose time is over: they weigh in no search, leave the index with the next build, and ask for none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from kb_kit import NOON, Opened

from core.audience import Audience
from retrieval.entry import Entry
from retrieval.knowledge import Knowledge

SILENT = lambda *_: None  # noqa: E731
ASKED = "図書館のおはなし会はありますか"
NOW = Entry(
    id="now",
    question="おはなし会の次の開催日はいつですか",
    answer="次のおはなし会は12月5日(土)10時から、末吉図書館で開きます。申込みは要りません。",
    valid_from=date(2026, 11, 1),
    valid_until=date(2026, 12, 5),
)
TOPICS = "住民票 ごみ 図書館 犬の登録 転入 税金 保育園 水道 年金 選挙".split()
OTHERS = [
    Entry(id=f"{topic}{n}", question=f"{topic}の手続き{n}はどうしますか", answer=f"{topic}は窓口{n}で。")
    for topic in TOPICS
    for n in range(3)
]


def meetings(count: int, of: Callable[[Entry], Entry]) -> list[Entry]:
    """Entries that are all about the same, at other times."""
    asked = (NOW.question, "図書館のおはなし会はいつありますか")
    answer = "次のおはなし会は{}月{}日(土)10時から、末吉図書館で開きます。子どもも大人も入れます。"
    every = (Entry(id=f"e{n}", question=asked[n % 2], answer=answer.format(n % 12 + 1, n % 28 + 1)) for n in range(count))
    return [of(e) for e in every]


def ended(entry: Entry) -> Entry:
    return replace(entry, valid_until=date(2025, 1, 1))


def published(knowledge: Knowledge, entries: list[Entry]) -> None:
    knowledge.repository.save("kb", entries, NOON)
    knowledge.build("kb", SILENT)


@pytest.mark.parametrize("count", [20, 156])
def test_a_valid_entry_is_found_as_surely_as_without_those_that_ended(opened: Opened, count: int) -> None:
    knowledge = opened()
    published(knowledge, [NOW, *OTHERS])
    alone = knowledge.search(ASKED, "kb", audience=Audience.RESIDENT)
    published(knowledge, meetings(count, ended))
    found = knowledge.search(ASKED, "kb", audience=Audience.RESIDENT)
    assert found.hits[0].entry.id == "now"
    assert found.confidence == pytest.approx(alone.confidence)
    assert found.confidence >= found.answer_from


def test_a_valid_entry_is_among_the_hits_however_many_are_still_to_begin(opened: Opened) -> None:
    knowledge = opened()
    published(knowledge, [NOW, *OTHERS, *meetings(156, lambda e: replace(e, valid_from=date(2027, 4, 1)))])
    assert "now" in [h.entry.id for h in knowledge.search(ASKED, "kb", audience=Audience.RESIDENT).hits]


def test_what_has_ended_leaves_with_the_next_build_and_asks_for_none_at_a_start(opened: Opened) -> None:
    clock = [NOON]
    knowledge = opened(lambda: clock[0])
    published(knowledge, [NOW, *OTHERS])
    assert not knowledge.is_untimely("kb")
    clock[0] = datetime(2026, 12, 6, 0, 0, 5, tzinfo=NOON.tzinfo)
    assert knowledge.is_untimely("kb")
    assert not opened(lambda: clock[0]).is_behind("kb")
    knowledge.build("kb", SILENT)
    assert "now" not in {e.id for e in knowledge.version("kb", Audience.RESIDENT).index.entries}
    assert not knowledge.is_untimely("kb")
    assert not knowledge.is_behind("kb")
    published(knowledge, [replace(NOW, valid_until=date(2027, 3, 1))])
    assert knowledge.search(ASKED, "kb", audience=Audience.RESIDENT).hits[0].entry.id == "now", "it was extended"


def test_what_a_clock_that_was_ahead_took_for_ended_comes_back_once_it_is_set_right(opened: Opened) -> None:
    clock = [NOON + timedelta(days=400)]
    knowledge = opened(lambda: clock[0])
    published(knowledge, [NOW, *OTHERS])
    clock[0] = NOON
    assert knowledge.is_untimely("kb"), "a server that runs makes it anew"
    assert opened(lambda: clock[0]).is_behind("kb"), "and so does one that starts"
    knowledge.build("kb", SILENT)
    assert knowledge.search(ASKED, "kb", audience=Audience.RESIDENT).hits[0].entry.id == "now"
    assert not knowledge.is_untimely("kb")
    assert not knowledge.is_behind("kb")


def test_what_was_rolled_back_stays_so_though_an_entry_ended_meanwhile(opened: Opened) -> None:
    clock = [NOON]
    knowledge = opened(lambda: clock[0])
    for answer in ("9時です。", "10時です。"):
        clock[0] += timedelta(seconds=1)
        published(knowledge, [NOW, replace(OTHERS[0], answer=answer), *OTHERS[1:]])
    knowledge.roll_back("kb")
    clock[0] = NOON + timedelta(days=30)
    started = opened(lambda: clock[0])
    assert not started.is_behind("kb")
    assert started.is_rolled_back("kb")
    assert "now" not in [h.entry.id for h in started.search(ASKED, "kb", audience=Audience.RESIDENT).hits]
