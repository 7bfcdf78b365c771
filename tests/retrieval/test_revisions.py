"""Promises of an entry's life: only approved versions answer, every version is kept, and hours are kept to the minute."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import process_time

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kb_kit import COLUMNS, NOON, ROWS, Opened, write_csv
from sqlalchemy.engine import Engine

from core.audience import Audience
from core.database import open_database
from core.errors import InvalidInput, NotFound, Superseded
from core.settings import Settings
from retrieval.entry import Entry
from retrieval.given import Options
from retrieval.repository import Repository
from retrieval.revisions import Revisions, State
from retrieval.schema import revisions as rows
from retrieval.sending import Sendings

KB = "test"
ENTRY = Entry(id="e-1", question="犬の登録は。", answer="環境課です。")


@pytest.fixture
def life(engine: Engine) -> Revisions:
    return Revisions(engine)


@pytest.fixture
def repository(engine: Engine) -> Repository:
    return Repository(engine)


def served(repository: Repository) -> list[Entry]:
    return [s.entry for s in repository.load(KB)]


@pytest.mark.timed
def test_the_last_versions_of_thousands_of_entries_are_found_in_a_moment(life: Revisions, repository: Repository) -> None:
    many = [Entry(id=f"doc:規則集第{n // 50}巻.txt:第{n}条", question="q", answer="a") for n in range(6_000)]
    repository.save(KB, many, NOON, state=State.DRAFT)
    ids = [e.id for e in many]
    life.last(KB, ids[:1])
    start = process_time()
    assert len(life.last(KB, ids)) == len(ids)
    as_list = process_time() - start
    start = process_time()
    life.last(KB, set(ids))
    assert as_list < 2 * (process_time() - start) + 0.2


def test_an_entry_answers_only_once_it_is_approved(life: Revisions, repository: Repository) -> None:
    life.draft(KB, ENTRY, by="田中", at=NOON)
    assert served(repository) == []
    life.submit(KB, "e-1", by="田中", at=NOON)
    assert served(repository) == []
    life.approve(KB, "e-1", by="佐藤", at=NOON)
    assert served(repository) == [ENTRY]
    life.retire(KB, "e-1", by="佐藤", at=NOON)
    assert served(repository) == []


def test_a_draft_of_what_answers_leaves_the_answer(life: Revisions, repository: Repository) -> None:
    repository.save(KB, [ENTRY], NOON)
    life.draft(KB, replace(ENTRY, answer="保健課です。"), by="田中", at=NOON)
    assert served(repository) == [ENTRY]
    life.approve(KB, "e-1", by="佐藤", at=NOON)
    assert served(repository)[0].answer == "保健課です。"


def test_every_version_is_kept_with_who_and_when(life: Revisions, repository: Repository) -> None:
    repository.save(KB, [ENTRY], NOON)
    later = NOON + timedelta(hours=1)
    life.draft(KB, replace(ENTRY, answer="保健課です。"), by="田中", at=later)
    life.approve(KB, "e-1", by="佐藤", at=later)
    told = [(r.number, r.state, r.by, r.entry.answer, r.at.replace(tzinfo=None)) for r in life.history(KB, "e-1")]
    first, second = NOON.replace(tzinfo=None), later.replace(tzinfo=None)
    assert told == [
        (1, State.APPROVED, "import", "環境課です。", first),
        (2, State.DRAFT, "田中", "保健課です。", second),
        (3, State.APPROVED, "佐藤", "保健課です。", second),
    ]


def test_steps_that_make_no_sense_are_refused_and_change_nothing(life: Revisions) -> None:
    with pytest.raises(NotFound, match="e-1"):
        life.approve(KB, "e-1", by="x", at=NOON)
    life.draft(KB, ENTRY, by="x", at=NOON)
    with pytest.raises(InvalidInput, match="下書き"):
        life.return_to_draft(KB, "e-1", by="x", at=NOON)
    life.approve(KB, "e-1", by="x", at=NOON)
    for step in (life.approve, life.submit):
        with pytest.raises(InvalidInput, match="承認済み"):
            step(KB, "e-1", by="x", at=NOON)
    assert len(life.history(KB, "e-1")) == 2


def test_a_draft_that_never_answered_can_be_discarded_and_stays_so(life: Revisions, repository: Repository) -> None:
    repository.save(KB, [ENTRY], NOON, state=State.DRAFT)
    life.retire(KB, "e-1", by="佐藤", at=NOON)
    assert repository.save(KB, [ENTRY], NOON, state=State.DRAFT).unchanged == 1
    assert life.waiting(KB) == []
    assert served(repository) == []


def test_entries_of_an_older_database_get_their_first_version(home: Path) -> None:
    """A database that was written before versions were kept has entries and no such table."""
    old = open_database(Settings(home=home))
    Repository(old).save(KB, [ENTRY], NOON)
    with old.begin() as c:
        rows.drop(c)
    old.dispose()
    engine = open_database(Settings(home=home))
    (version,) = Revisions(engine).history(KB, "e-1")
    assert (version.number, version.state, version.entry) == (1, State.APPROVED, ENTRY)
    Revisions(engine).retire(KB, "e-1", by="佐藤", at=NOON)
    with engine.connect() as c:
        assert c.execute(sa.select(sa.func.count()).select_from(rows)).scalar() == 2
    engine.dispose()


def test_what_was_retired_does_not_come_back_with_its_old_file(life: Revisions, repository: Repository) -> None:
    repository.save(KB, [ENTRY], NOON)
    life.retire(KB, "e-1", by="佐藤", at=NOON)
    assert repository.save(KB, [ENTRY], NOON).unchanged == 1
    assert served(repository) == []
    assert repository.save(KB, [replace(ENTRY, answer="新しい")], NOON).added == 1
    assert [e.answer for e in served(repository)] == ["新しい"]


def test_a_correction_by_a_person_outlives_the_file_that_it_corrects(life: Revisions, repository: Repository) -> None:
    repository.save(KB, [ENTRY], NOON)
    corrected = replace(ENTRY, answer="直した")
    life.draft(KB, corrected, by="佐藤", at=NOON)
    assert repository.save(KB, [ENTRY], NOON).unchanged == 1
    assert life.history(KB, "e-1")[-1].entry == corrected, "what waits for approval is not buried either"
    life.approve(KB, "e-1", by="田中", at=NOON)
    assert repository.save(KB, [ENTRY], NOON).unchanged == 1
    newer = replace(ENTRY, answer="ファイルで直した")
    report = repository.save(KB, [newer], NOON)
    assert (report.kept, report.changed) == (("e-1",), ())
    assert [e.answer for e in served(repository)] == ["直した"]
    assert repository.save(KB, [newer], NOON, overwrite=True).changed == ("e-1",)
    assert [e.answer for e in served(repository)] == ["ファイルで直した"]


def test_a_correction_does_not_keep_shown_what_a_file_now_keeps_for_staff(life: Revisions, repository: Repository) -> None:
    repository.save(KB, [replace(ENTRY, audience=Audience.RESIDENT)], NOON)
    life.draft(KB, replace(ENTRY, audience=Audience.RESIDENT, answer="直した"), by="佐藤", at=NOON)
    life.approve(KB, "e-1", by="田中", at=NOON)
    assert repository.save(KB, [replace(ENTRY, audience=Audience.STAFF)], NOON).changed == ("e-1",)
    assert [e.audience for e in served(repository)] == [Audience.STAFF]


def test_what_a_person_approved_as_it_came_changes_with_its_file(life: Revisions, repository: Repository) -> None:
    repository.save(KB, [ENTRY], NOON, state=State.DRAFT)
    life.approve(KB, "e-1", by="田中", at=NOON)
    assert repository.save(KB, [replace(ENTRY, answer="新しい")], NOON).changed == ("e-1",)


def test_an_import_of_drafts_answers_nothing(opened: Opened, tmp_path: Path, life: Revisions) -> None:
    knowledge = opened()
    report = knowledge.import_file(write_csv(tmp_path / "a.csv"), KB, options=Options(state=State.DRAFT)).report
    assert (report.added, report.unchanged) == (3, 0)
    assert knowledge.import_file(tmp_path / "a.csv", KB, options=Options(state=State.DRAFT)).report.unchanged == 3
    knowledge.build(KB, lambda *_: None)
    assert knowledge.search("犬の登録", KB, audience=Audience.STAFF).hits == ()
    assert {s.name(NOON) for s in life.standings(KB)} == {"下書き"}
    assert [s.last.entry.id for s in life.standings(KB, "公印")] == ["a-3"]


def test_an_entry_comes_and_goes_at_its_hour_without_a_new_index(opened: Opened, tmp_path: Path) -> None:
    clock = [NOON]
    knowledge = opened(lambda: clock[0])
    timed = (*ROWS[1][:7], "2026-11-22 09:00", "2026-11-22 17:00")
    knowledge.import_file(write_csv(tmp_path / "faq.csv", [ROWS[0], timed]), KB)
    knowledge.build(KB, lambda *_: None)

    def found(hour: int, minute: int, day: int = 22) -> bool:
        clock[0] = datetime(2026, 11, day, hour, minute, tzinfo=NOON.tzinfo)
        hits = knowledge.search("犬の登録はどうしますか。", KB, audience=Audience.RESIDENT, top=1).hits
        assert len(hits) == 1
        return hits[0].entry.id == "a-2"

    assert [found(8, 59), found(9, 0), found(16, 59), found(17, 0)] == [False, True, True, False]
    assert not found(12, 0, day=21)
    assert not found(12, 0, day=23)


def test_hours_survive_the_way_through_the_database() -> None:
    entry = Entry(id="a", question="q", answer="a", valid_until=date(2026, 11, 22), until_time=time(17, 0))
    assert Entry.from_json(entry.to_json()) == entry
    assert "until_time" not in ENTRY.to_json()
    assert entry.has_ended(NOON.replace(hour=17))
    assert not entry.has_ended(NOON.replace(hour=16, minute=59))


def test_entries_that_answer_the_same_question_differently_are_pointed_out(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    columns = COLUMNS[:6]
    first = ("tax-1", "固定資産税の納期限はいつですか。", "5月31日です。", "固定資産税の期限", "税", "税務課")
    other = ("kaikei-1", "固定資産税の納期限は、いつですか？", "6月30日です。", "", "税", "会計課")
    same = ("guide-1", "資産税はいつまで", "5月31日です。", "固定資産税の期限", "税", "総合案内")
    apart = ("dog-1", "犬の登録はどうしますか。", "環境課です。", "", "暮らし", "環境課")
    done = knowledge.import_file(write_csv(tmp_path / "f.csv", [first, other, same, apart], columns=columns), KB)
    overlaps = knowledge.overlaps(KB, done.entries, lambda _: True)
    found = {frozenset({o.entry.id, o.other.id}): o.contradicts for o in overlaps}
    contradicting = {frozenset({"tax-1", "kaikei-1"}): True, frozenset({"guide-1", "kaikei-1"}): True}
    assert found == {**contradicting, frozenset({"tax-1", "guide-1"}): False}
    text = overlaps[0].text
    assert "回答が違います" in text
    assert "会計課" in text or "税務課" in text


STEPS = st.lists(st.sampled_from(["draft", "submit", "return", "approve", "retire", "import"]), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_only_the_last_approved_version_answers(
    life: Revisions, repository: Repository, steps: list[str]
) -> None:
    kb = uuid.uuid4().hex
    for n, step in enumerate(steps):
        entry = replace(ENTRY, answer=f"答え{n}")
        moves = {"submit": life.submit, "return": life.return_to_draft, "approve": life.approve, "retire": life.retire}
        try:
            if step == "draft":
                life.draft(kb, entry, by="x", at=NOON)
            elif step == "import":
                repository.save(kb, [entry], NOON)
            else:
                moves[step](kb, "e-1", by="x", at=NOON)
        except (InvalidInput, NotFound):
            continue
    standings = life.standings(kb)
    history = life.history(kb, "e-1") if standings else []
    lasting = [r for r in history if r.state in (State.APPROVED, State.RETIRED)]
    answers = [lasting[-1].entry] if lasting and lasting[-1].state is State.APPROVED else []
    assert [s.entry for s in repository.load(kb)] == answers
    assert [r.number for r in history] == list(range(1, len(history) + 1))


def test_what_was_retired_stays_so_though_a_draft_of_it_was_waiting(life: Revisions, repository: Repository) -> None:
    repository.save(KB, [ENTRY], NOON)
    life.draft(KB, replace(ENTRY, answer="保健課です。"), by="田中", at=NOON)
    life.retire(KB, "e-1", by="佐藤", at=NOON)
    assert repository.save(KB, [ENTRY], NOON).unchanged == 1
    assert served(repository) == []
    life.approve(KB, "e-1", by="佐藤", at=NOON)
    assert served(repository) == [ENTRY], "what is served again is what was, not a draft that nobody approved"


def test_nobody_approves_a_version_that_came_after_the_one_that_was_read(life: Revisions, repository: Repository) -> None:
    life.draft(KB, ENTRY, by="田中", at=NOON)
    life.draft(KB, replace(ENTRY, answer="書きかけ"), by="鈴木", at=NOON)
    with pytest.raises(InvalidInput, match="新しい版が保存されました"):
        life.approve(KB, "e-1", by="佐藤", at=NOON, seen=1)
    assert served(repository) == []
    life.approve(KB, "e-1", by="佐藤", at=NOON, seen=2)
    assert served(repository)[0].answer == "書きかけ"


@pytest.mark.parametrize("kept_in", ["SQLite", "PostgreSQL"])
def test_many_who_write_at_once_get_a_version_each(request: pytest.FixtureRequest, home: Path, kept_in: str) -> None:
    url = request.getfixturevalue("postgres_url") if kept_in == "PostgreSQL" else ""
    engine = open_database(Settings(home=home, database_url=url))
    with ThreadPoolExecutor(8) as pool:
        writes = [
            *(pool.submit(Revisions(engine).draft, KB, replace(ENTRY, answer=f"{n}"), by=f"{n}", at=NOON) for n in range(16)),
            *(
                pool.submit(Repository(engine).save, KB, [replace(ENTRY, answer=f"{n}")], NOON, overwrite=True)
                for n in range(16, 32)
            ),
        ]
        for write in writes:
            write.result()
    history = Revisions(engine).history(KB, "e-1")
    engine.dispose()
    assert [r.number for r in history] == list(range(1, 33))
    assert {r.entry.answer for r in history} == {f"{n}" for n in range(32)}


def test_an_old_version_comes_back_as_a_draft_and_answers_nobody_yet(life: Revisions, repository: Repository) -> None:
    repository.save(KB, [ENTRY], NOON)
    life.draft(KB, replace(ENTRY, answer="保健課です。"), by="田中", at=NOON)
    life.approve(KB, "e-1", by="佐藤", at=NOON)
    life.restore(KB, "e-1", 1, by="鈴木", at=NOON, seen=3)
    last = life.history(KB, "e-1")[-1]
    assert (last.number, last.state, last.by, last.entry) == (4, State.DRAFT, "鈴木", ENTRY)
    assert served(repository)[0].answer == "保健課です。"
    with pytest.raises(InvalidInput, match="同じ内容"):
        life.restore(KB, "e-1", 1, by="鈴木", at=NOON)
    with pytest.raises(NotFound):
        life.restore(KB, "e-1", 9, by="鈴木", at=NOON)
    with pytest.raises(Superseded):
        life.restore(KB, "e-1", 2, by="鈴木", at=NOON, seen=3)


def test_a_draft_made_from_an_older_version_buries_nothing(life: Revisions) -> None:
    theirs, mine = replace(ENTRY, answer="鈴木の答え"), replace(ENTRY, answer="田中の答え")
    life.draft(KB, ENTRY, by="田中", at=NOON, over="")
    life.draft(KB, theirs, by="鈴木", at=NOON, over=ENTRY.content_hash)
    for over in (ENTRY.content_hash, ""):
        with pytest.raises(Superseded):
            life.draft(KB, mine, by="田中", at=NOON, over=over)
    life.draft(KB, theirs, by="田中", at=NOON, over=ENTRY.content_hash)
    assert len(life.history(KB, "e-1")) == 2, "the same text buries nothing, and is no new version"
    life.draft(KB, mine, by="田中", at=NOON, over=theirs.content_hash)
    assert life.history(KB, "e-1")[-1].entry == mine


def test_nobody_goes_by_the_name_of_a_file(life: Revisions, repository: Repository) -> None:
    repository.save(KB, [ENTRY], NOON)
    moves = (
        lambda: life.draft(KB, replace(ENTRY, answer="別"), by="import", at=NOON),
        lambda: life.retire(KB, "e-1", by="import", at=NOON),
        lambda: life.restore(KB, "e-1", 1, by="import", at=NOON),
    )
    for move in moves:
        with pytest.raises(InvalidInput, match="お名前を入力"):
            move()
    assert len(life.history(KB, "e-1")) == 1


def test_approving_together_buries_no_draft_that_comes_meanwhile(
    life: Revisions, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    life.draft(KB, ENTRY, by="田中", at=NOON)
    theirs = replace(ENTRY, answer="保健課です。")
    with ThreadPoolExecutor(1) as pool:

        def meanwhile(*of: object) -> int:
            draft = pool.submit(life.draft, KB, theirs, by="鈴木", at=NOON)
            wait([draft], timeout=0.5)
            return 0

        monkeypatch.setattr("retrieval.sending.next_position", meanwhile)
        Sendings(engine).approve(KB, {"e-1": 1}, by="佐藤", at=NOON)
    last = life.history(KB, "e-1")[-1]
    assert (last.entry, last.state) == (theirs, State.DRAFT)
