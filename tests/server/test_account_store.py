"""Promises of accounts as they are kept: ids in one form, passwords that nobody can read back, and every change with a name."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from core.database import open_database
from core.errors import InvalidInput, NotFound, Refused, Superseded, Unauthorised
from core.settings import Settings
from server.accounts import password as passwords
from server.accounts.account import ALL, Account, Right
from server.accounts.accounts import Accounts

HANAKO = Account(id="101", name="田中 花子", department="市民課", rights=ALL)
TARO = Account(id="102", name="前田 太郎", rights=frozenset({Right.CALLS}))
OWN = "さくらの木の下で待つ"


EVERYWHERE = pytest.mark.parametrize("accounts", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def accounts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Accounts]:
    is_postgres = getattr(request, "param", "") == "postgres"
    engine = open_database(Settings(home=tmp_path, database_url=request.getfixturevalue("postgres_url") if is_postgres else ""))
    yield Accounts(engine)
    engine.dispose()


def test_a_first_password_lets_in_and_is_nowhere_to_be_read(accounts: Accounts, tmp_path: Path) -> None:
    password = accounts.add(HANAKO, by="管理者")
    entered = accounts.enter("101", password)
    assert (entered.title, entered.rights, entered.has_initial_password) == ("市民課 田中 花子", ALL, True)
    with sqlite3.connect(tmp_path / "madoguchi.db") as c:
        c.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    files = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
    assert files and not any(password.encode() in content for content in files)


@pytest.mark.parametrize("written", ["１０１", " 101 ", "101\n"])
def test_a_number_is_the_same_however_the_keyboard_was_set(accounts: Accounts, written: str) -> None:
    password = accounts.add(HANAKO, by="管理者")
    assert accounts.enter(written, password).id == "101"
    with pytest.raises(InvalidInput, match="もうあります"):
        accounts.add(replace(TARO, id=written), by="管理者")


@pytest.mark.parametrize("written", ["", "田中", "a b", "../x", "-1", "a" * 41, "a\0b"])
def test_what_is_no_number_makes_no_account(accounts: Accounts, written: str) -> None:
    with pytest.raises(InvalidInput, match="職員番号"):
        accounts.add(replace(HANAKO, id=written), by="管理者")
    assert accounts.all() == []


@pytest.mark.parametrize("given", ["", "x", OWN + "x", "a" * 100_000, "\0", "\ud800"])
def test_a_wrong_password_an_unknown_number_and_a_stopped_one_are_told_the_same(accounts: Accounts, given: str) -> None:
    accounts.add(HANAKO, by="管理者")
    stopped = accounts.add(TARO, by="管理者")
    accounts.stop("102", by="管理者")
    for number, password in (("101", given), ("999", given), ("102", stopped), ("", given)):
        with pytest.raises(Unauthorised, match="職員番号かパスワードが違います"):
            accounts.enter(number, password)


def test_one_s_own_password_takes_the_place_of_the_first(accounts: Accounts) -> None:
    first = accounts.add(HANAKO, by="管理者")
    for now, chosen, why in (
        ("x", OWN, "今のパスワードが違います"),
        (first, first, "今と違う"),
        (first, "短い", "10文字以上"),
        (first, "a" * 201, "200文字まで"),
        (first, "aaaaaaaaaaaab", "推測"),
    ):
        with pytest.raises(InvalidInput, match=why):
            accounts.choose_password("101", now, chosen)
    assert not accounts.choose_password("101", first, OWN).has_initial_password
    assert accounts.enter("101", OWN).id == "101"
    with pytest.raises(Unauthorised):
        accounts.enter("101", first)
    again = accounts.give_password("101", by="情報係")
    with pytest.raises(Unauthorised):
        accounts.enter("101", OWN)
    assert accounts.enter("101", again).has_initial_password


def test_a_password_may_not_hold_the_number_that_it_belongs_to(accounts: Accounts) -> None:
    first = accounts.add(replace(HANAKO, id="tanaka01"), by="管理者")
    with pytest.raises(InvalidInput, match="推測"):
        accounts.choose_password("tanaka01", first, "Tanaka01desuyo")


@EVERYWHERE
def test_every_change_is_kept_with_who_made_it(accounts: Accounts) -> None:
    first = accounts.add(TARO, by="田中 花子")
    accounts.change(replace(TARO, department="福祉課", rights=frozenset({Right.CALLS, Right.MINUTES})), by="田中 花子")
    accounts.change(accounts.get("102"), by="だれか")  # nothing changed
    accounts.choose_password("102", first, OWN)
    accounts.stop("102", by="上村")
    accounts.stop("102", by="だれか")
    accounts.resume("102", by="上村")
    told = [(c.by, c.what) for c in reversed(accounts.changes("102"))]
    assert told == [
        ("田中 花子", "作成（前田 太郎、通話記録）"),
        ("田中 花子", "変更（前田 太郎、通話記録 → 福祉課 前田 太郎、議事録・通話記録）"),
        ("前田 太郎（102）", "本人がパスワードを変更"),
        ("上村", "停止"),
        ("上村", "再開"),
    ]
    assert accounts.changes("101") == []


@EVERYWHERE
def test_the_last_who_manages_accounts_can_neither_be_stopped_nor_lose_the_right(accounts: Accounts) -> None:
    accounts.add(HANAKO, by="管理者")
    accounts.add(TARO, by="管理者")
    for attempt in (
        lambda: accounts.stop("101", by="x"),
        lambda: accounts.change(replace(HANAKO, rights=frozenset()), by="x"),
    ):
        with pytest.raises(Refused, match="管理できる人がいなくなる"):
            attempt()
    assert accounts.get("101").rights == ALL and len(accounts.changes("101")) == 1
    accounts.change(replace(TARO, rights=ALL), by="x")
    accounts.stop("101", by="x")
    assert [a.id for a in accounts.all()] == ["102", "101"]


def test_a_form_that_was_opened_before_another_s_change_gives_no_right_back(accounts: Accounts) -> None:
    accounts.add(TARO, by="管理者")
    seen = accounts.get("102").seal
    accounts.change(replace(TARO, rights=frozenset()), by="上村", seen=seen)
    with pytest.raises(Superseded, match="ほかの管理者"):
        accounts.change(replace(TARO, department="福祉課"), by="田中", seen=seen)
    assert (accounts.get("102").rights, accounts.get("102").department) == (frozenset(), "")


@EVERYWHERE
@pytest.mark.parametrize("quicker", ["give_password", "stop"])
def test_a_password_that_is_chosen_while_another_is_given_or_the_account_is_stopped_changes_nothing(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch, quicker: str
) -> None:
    first = accounts.add(TARO, by="管理者")
    given: list[object] = []

    def meanwhile(password: str, *, unlike: str) -> str:
        given.append(getattr(accounts, quicker)(unlike, by="管理者"))
        return password

    monkeypatch.setattr(passwords, "fit", meanwhile)
    with pytest.raises(InvalidInput, match="今のパスワードが違います"):
        accounts.choose_password("102", first, OWN)
    assert (accounts.get("102").stopped_at is not None) is (quicker == "stop")
    if quicker == "give_password":
        assert accounts.enter("102", str(given[0])).has_initial_password


def test_what_waited_for_another_s_change_does_not_undo_it(accounts: Accounts, tmp_path: Path) -> None:
    """A stop and a change of rights that begin while the database is busy: both hold in the end."""
    accounts.add(replace(HANAKO, id="103"), by="管理者")
    accounts.add(TARO, by="管理者")
    blocker = sqlite3.connect(tmp_path / "madoguchi.db", check_same_thread=False)
    blocker.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(2) as pool:
        waiting = [
            pool.submit(accounts.stop, "102", by="上村"),
            pool.submit(accounts.change, replace(TARO, name="前田 次郎"), by="田中"),
        ]
        time.sleep(0.5)
        blocker.rollback()
        for one in waiting:
            one.result()
    blocker.close()
    account = accounts.get("102")
    assert account.stopped_at is not None and account.name == "前田 次郎"


@EVERYWHERE
@pytest.mark.parametrize("number", ["a\0b", "102\0", "x" * 1_000, "'; --", "１０２"])
def test_what_can_be_no_number_is_not_looked_for(accounts: Accounts, number: str) -> None:
    accounts.add(TARO, by="管理者")
    assert accounts.find(number) is None


@EVERYWHERE
def test_of_two_who_take_the_right_from_each_other_at_once_one_keeps_it(accounts: Accounts) -> None:
    accounts.add(HANAKO, by="管理者")
    accounts.add(replace(TARO, rights=ALL), by="管理者")

    def stop(number: str) -> bool:
        try:
            accounts.stop(number, by="x")
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(stop, ("101", "102"))) == [False, True]
    assert accounts.exist()


def test_nothing_is_done_to_an_account_that_is_not_there(accounts: Accounts) -> None:
    for attempt in (
        lambda: accounts.get("9"),
        lambda: accounts.change(replace(HANAKO, id="9"), by="x"),
        lambda: accounts.give_password("9", by="x"),
        lambda: accounts.stop("9", by="x"),
        lambda: accounts.resume("9", by="x"),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert not accounts.exist() and accounts.changes("9") == []


def test_a_made_up_password_has_no_letter_that_is_read_as_another_and_never_comes_twice() -> None:
    made = {passwords.made_up() for _ in range(200)}
    assert len(made) == 200
    assert not set("".join(made)) & set("01ilo")
    assert all(passwords.fit(password, unlike="101") for password in made)
