"""Promises of index versions wherever they are kept, in folders or in PostgreSQL: whole or not at all, switched at once, and no
audience finds another's."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from kb_kit import NOON, ticking

import retrieval.building
import retrieval.postgres.versions
from core.audience import Audience
from core.database import open_database
from core.errors import NotFound, NotReady, SettingsError
from core.settings import Settings
from models.embedder import Embedder
from retrieval.benchmark import read_questions
from retrieval.confidence import Calibrated
from retrieval.entry import Entry
from retrieval.index import Rows
from retrieval.knowledge import Knowledge
from retrieval.postgres.versions import Postgres
from retrieval.version import FORMAT, KEPT, Built, name_after

SILENT = lambda *_: None  # noqa: E731
QUESTIONS = Path(__file__).parents[2] / "eval" / "data" / "soo_questions.csv"

Opened = Callable[[], Knowledge]


@pytest.fixture(params=["folders", "PostgreSQL"])
def opened(request: pytest.FixtureRequest, settings: Settings, embedder: Embedder) -> Iterator[Opened]:
    """opened() -> the knowledge of one home or of one database, as each of several processes would open it."""
    if request.param == "PostgreSQL":
        settings = settings.model_copy(update={"database_url": request.getfixturevalue("postgres_url")})
    engines = []
    clock = ticking()

    def open_knowledge() -> Knowledge:
        engines.append(open_database(settings))
        store = Postgres(engines[-1]) if request.param == "PostgreSQL" else None
        return Knowledge(engines[-1], settings.home / "indexes", embedder, clock=clock, store=store)

    yield open_knowledge
    for engine in engines:
        engine.dispose()


def entries(answer: str, *, audience: Audience = Audience.RESIDENT) -> list[Entry]:
    words = ("図書館", "犬の登録", "住民票", "粗大ごみ", "水道", "保育園")
    return [
        Entry(id=f"{audience}-{i}", question=f"{w}はどこに聞きますか。", answer=answer, paraphrases=(w,), audience=audience)
        for i, w in enumerate(words)
    ]


def publish(knowledge: Knowledge, new: list[Entry], kb: str = "kb") -> None:
    knowledge.repository.save(kb, new, NOON)
    knowledge.build(kb, SILENT)


def answers(knowledge: Knowledge, text: str = "図書館", kb: str = "kb", audience: Audience = Audience.RESIDENT) -> list[str]:
    return [h.entry.answer for h in knowledge.search(text, kb, audience=audience).hits]


def test_the_same_questions_get_the_same_answers_from_postgresql(knowledge: Knowledge, in_postgres: Knowledge) -> None:
    """The sample city, asked by residents. Rows have 11 bits there, so that what is as near as 1 in 1,000 may change places."""
    version, stored = knowledge.version("soo", Audience.RESIDENT), knowledge.repository.load("soo")
    in_postgres.repository.save("soo", [s.entry for s in stored], NOON)
    rows = Rows.embedded(version.index.entries, lambda texts: knowledge.repository.embed(texts, knowledge.models.base, SILENT))
    dated = [(e, NOON.date()) for e in version.index.entries]
    built = Built(
        manifest=version.manifest,
        stored=dated,
        rows=rows,
        terms=version.index.terms,
        calibrated=Calibrated(calibrations=version.calibrations, on=frozenset(version.index.terms.hashes)),
    )
    in_postgres._store.of("soo", Audience.RESIDENT).save(name_after("", NOON), built)
    asked = [q.text for q in read_questions(QUESTIONS)][::8]
    same = first = 0
    for text in asked:
        here, there = (k.search(text, "soo", audience=Audience.RESIDENT) for k in (knowledge, in_postgres))
        scores = {h.entry.id: h.score for h in here.hits}
        assert all(scores.get(h.entry.id, h.score) == pytest.approx(h.score, abs=0.02) for h in there.hits)
        assert there.confidence == pytest.approx(here.confidence, abs=0.02)
        first += here.hits[0].entry.id == there.hits[0].entry.id
        same += len({h.entry.id for h in here.hits} & {h.entry.id for h in there.hits})
    assert first >= len(asked) - 1
    assert same >= 0.98 * 10 * len(asked)


def test_what_confidence_was_calibrated_on_is_kept_with_its_version(opened: Opened) -> None:
    knowledge, new = opened(), entries("9時です。")
    publish(knowledge, new)
    calibrated = knowledge._store.of("kb", Audience.RESIDENT).calibrated()
    assert calibrated is not None
    assert calibrated.on == {e.content_hash for e in new}


def test_a_resident_never_finds_what_staff_alone_may_read(opened: Opened) -> None:
    knowledge = opened()
    publish(knowledge, [*entries("住民向けです。"), *entries("秘密の答えです。", audience=Audience.STAFF)])
    for text in ("秘密の答え", "図書館", "水道はどこに聞きますか。", "x", "ひみつ"):
        assert "秘密の答えです。" not in answers(knowledge, text)
    assert "秘密の答えです。" in answers(knowledge, audience=Audience.STAFF)


def test_an_audience_without_entries_gets_none(opened: Opened) -> None:
    knowledge = opened()
    publish(knowledge, entries("秘密です。", audience=Audience.STAFF))
    assert answers(knowledge) == []


def test_before_the_first_version_nothing_is_ready(opened: Opened) -> None:
    with pytest.raises(NotReady, match="回答の準備ができていません"):
        opened().search("図書館", "kb", audience=Audience.RESIDENT)


def test_another_knowledge_base_is_never_searched(opened: Opened) -> None:
    knowledge = opened()
    publish(knowledge, entries("曽於の答え。"), "soo")
    publish(knowledge, entries("隣の市の答え。"), "next")
    assert set(answers(knowledge, kb="soo")) == {"曽於の答え。"}
    assert set(answers(knowledge, kb="next")) == {"隣の市の答え。"}


def test_nobody_gets_half_of_two_versions(opened: Opened) -> None:
    """Every hit of an answer is of one version, while versions change under those who ask."""
    writer, readers = opened(), [opened(), opened()]
    publish(writer, entries("0"))
    seen: list[list[str]] = []
    ended = threading.Event()

    def ask(reader: Knowledge) -> None:
        index = reader.version("kb", Audience.RESIDENT)
        while not ended.is_set():
            index = reader.version("kb", Audience.RESIDENT)
            vector = reader.models.base.queries(["図書館"])[0]
            hits = index.index.search("図書館", vector, top=10, day=NOON.date())
            seen.append([h.entry.answer for h in hits])

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask, r) for r in readers]
        try:
            for n in range(1, 5):
                publish(writer, entries(str(n)))
                time.sleep(0.1)
        finally:
            ended.set()  # or those who ask would never end
        for a in asking:
            a.result()
    assert all(len(answer) == 6 and len(set(answer)) == 1 for answer in seen)
    assert len({answer[0] for answer in seen}) > 1, "no version changed meanwhile"


def test_a_version_that_takes_long_to_load_keeps_no_question_waiting(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.serving._WAITED_S", 0.1)
    one = opened()
    publish(one, entries("前"))
    assert set(answers(one)) == {"前"}
    publish(opened(), entries("後"))
    turn, load = threading.Event(), one._versions._newest
    monkeypatch.setattr(one._versions, "_newest", lambda reader: (turn.wait(30), load(reader))[1])
    for _ in range(3):
        assert {e.answer for e in one.version("kb", Audience.RESIDENT).index.entries} == {"前"}
    turn.set()
    end = time.monotonic() + 30
    while set(answers(one)) != {"後"}:
        assert time.monotonic() < end


def test_rolling_back_serves_the_version_before(opened: Opened) -> None:
    writer, reader = opened(), opened()
    for text in ("古い", "新しい"):
        publish(writer, entries(text))
    before = reader.version("kb", Audience.RESIDENT).manifest.digest
    writer.roll_back("kb")
    version = reader.version("kb", Audience.RESIDENT)
    assert (version.manifest.digest != before, {e.answer for e in version.index.entries}) == (True, {"古い"})
    with pytest.raises(NotFound, match="戻せる前の索引がありません"):
        writer.roll_back("kb")


def test_nobody_is_brought_back_to_what_was_rolled_back_from(opened: Opened) -> None:
    one, other = opened(), opened()
    publish(one, entries("前"))
    publish(one, entries("誤り"))
    one.roll_back("kb")
    assert set(answers(other)) == {"前"}
    publish(one, entries("直し"))
    assert set(answers(other)) == {"直し"}
    one.roll_back("kb")
    assert {e.answer for e in other.version("kb", Audience.RESIDENT).index.entries} == {"前"}
    publish(one, entries("また直し"))
    assert set(answers(other)) == {"また直し"}


def test_old_versions_go_and_the_one_that_serves_stays(opened: Opened) -> None:
    knowledge = opened()
    for n in range(KEPT + 3):
        publish(knowledge, entries(str(n)))
    versions = knowledge._store.of("kb", Audience.RESIDENT)
    assert len(versions.names()) == KEPT
    assert versions.current() == versions.names()[-1]
    assert set(answers(knowledge)) == {str(KEPT + 2)}


def test_a_version_of_another_release_takes_nothing_from_those_who_answer_and_is_built_anew(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering = opened()
    publish(answering, entries("前"))
    assert set(answers(answering)) == {"前"}
    assert not answering.is_behind("kb")
    with monkeypatch.context() as patch:
        patch.setattr(retrieval.building, "FORMAT", FORMAT + 1)
        patch.setattr(retrieval.building, "release", lambda: "the next")
        publish(opened(), entries("後"))
    assert set(answers(answering)) == {"前"}
    started = opened()
    assert started.is_behind("kb")
    with pytest.raises(NotReady, match="madoguchi kb build"):
        answers(started)
    started.build("kb", SILENT)
    assert set(answers(started)) == set(answers(answering)) == {"後"}


def test_a_clock_that_was_set_back_leaves_the_newest_version_the_newest(opened: Opened) -> None:
    knowledge = opened()
    publish(knowledge, entries("前の答え"))
    knowledge._clock = lambda: NOON - timedelta(days=400)
    publish(knowledge, entries("新しい答え"))
    assert set(answers(knowledge)) == {"新しい答え"}
    assert not knowledge.is_rolled_back("kb")
    assert not knowledge.is_behind("kb")
    knowledge.roll_back("kb")
    assert set(answers(knowledge)) == {"前の答え"}


def test_one_process_builds_at_a_time(opened: Opened) -> None:
    one, other = opened(), opened()
    order: list[str] = []

    def second() -> None:
        with other._store.alone("kb"):
            order.append("second")

    with ThreadPoolExecutor(1) as pool:
        with one._store.alone("kb"):
            waiting = pool.submit(second)
            with other._store.alone("another kb"):
                time.sleep(0.5)
            order.append("first")
        waiting.result(timeout=10)
    assert order == ["first", "second"]


def test_who_builds_is_known_to_all_until_it_ends_or_dies(opened: Opened) -> None:
    one, other = opened(), opened()
    assert not other.is_being_built("kb")
    with one._store.working("kb"), other._store.working("kb"):
        assert one.is_being_built("kb")
        assert other.is_being_built("kb")
        assert not other.is_being_built("another")
    assert not one.is_being_built("kb")
    seen = []
    one.repository.save("kb", entries("本文"), NOON)
    one.build("kb", lambda *_: seen.append(other.is_being_built("kb")))
    assert all(seen)
    assert seen
    assert not other.is_being_built("kb")


@pytest.fixture
def in_postgres(postgres_url: str, settings: Settings, embedder: Embedder) -> Iterator[Knowledge]:
    engine = open_database(settings.model_copy(update={"database_url": postgres_url}))
    yield Knowledge(engine, settings.home / "indexes", embedder, clock=ticking(), store=Postgres(engine))
    engine.dispose()


def rows(knowledge: Knowledge, statement: str) -> list[tuple[object, ...]]:
    with knowledge.repository._engine.connect() as c:
        return [tuple(r) for r in c.exec_driver_sql(statement)]


def test_a_build_that_broke_off_is_never_seen_and_swept_away(in_postgres: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(in_postgres, entries("前"))

    class PowerLoss(BaseException):
        pass

    def cut(*_: object) -> None:
        raise PowerLoss

    with monkeypatch.context() as patch:
        patch.setattr(retrieval.postgres.versions, "EXACT_ROWS", 0)
        patch.setattr(retrieval.postgres.versions, "build_graph", cut)
        with pytest.raises(PowerLoss):
            publish(in_postgres, entries("後"))
    assert len(rows(in_postgres, "SELECT FROM index_versions WHERE NOT is_whole")) == 1
    assert {e.answer for e in in_postgres.version("kb", Audience.RESIDENT).index.entries} == {"前"}
    publish(in_postgres, entries("その次"))
    assert set(answers(in_postgres)) == {"その次"}
    assert rows(in_postgres, "SELECT FROM index_versions WHERE NOT is_whole") == []
    left = "SELECT version FROM passages EXCEPT SELECT id FROM index_versions"
    assert rows(in_postgres, left) == []


def test_versions_with_graphs_answer_and_leave_nothing_behind(in_postgres: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieval.postgres.versions, "EXACT_ROWS", 0)
    for n in range(KEPT + 2):
        publish(in_postgres, [replace(e, answer=str(n)) for e in entries("")])
    assert set(answers(in_postgres)) == {str(KEPT + 2 - 1)}
    ((graphs,),) = rows(in_postgres, "SELECT count(*) FROM pg_class WHERE relname LIKE 'near\\_%%'")
    assert graphs == len(Audience) * 2 * KEPT
    assert len(rows(in_postgres, "SELECT DISTINCT version FROM passages_resident")) == KEPT
    assert rows(in_postgres, "SELECT FROM passages_resident WHERE audience <> 'resident'") == []


def test_questions_are_answered_after_postgresql_was_started_again(in_postgres: Knowledge, postgres_url: str) -> None:
    publish(in_postgres, entries("続けて答えます。"))
    assert set(answers(in_postgres)) == {"続けて答えます。"}
    admin = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as c:
        mine = "datname = current_database() AND pid <> pg_backend_pid()"
        ended = c.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}").all()
    admin.dispose()
    assert ended
    assert set(answers(in_postgres)) == {"続けて答えます。"}


def test_without_postgresql_the_setting_is_refused(settings: Settings) -> None:
    engine = open_database(settings)
    with pytest.raises(SettingsError, match="database_url"):
        Postgres(engine)
    engine.dispose()


def test_a_machine_that_cannot_read_newer_versions_says_so_once_its_own_is_gone(in_postgres: Knowledge) -> None:
    publish(in_postgres, entries("前"))
    assert set(answers(in_postgres)) == {"前"}
    with in_postgres.repository._engine.begin() as c:
        c.exec_driver_sql("DELETE FROM passages")  # as the third build after it does
    with pytest.raises(NotReady, match="新しい索引を読めません"):
        answers(in_postgres, "図書館の休み")  # what was just found is still known


def test_two_who_replace_a_table_at_once_replace_it_one_after_the_other(in_postgres: Knowledge) -> None:
    repository = in_postgres.repository
    tables = [[{"surface": f"{n}", "reading": f"{i}"} for i in range(20)] for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        for saved in [pool.submit(repository.save_table, "kb", "readings", table, NOON) for table in tables]:
            saved.result()
    assert repository.load_table("kb", "readings") in tables
